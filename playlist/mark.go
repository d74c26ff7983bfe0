package playlist

import (
	"slices"
	"strings"

	"vod2live/playlist/mask"
)

// Mark is a tag at a segment of the loop.
type Mark struct {
	Segment int
	Tag     string // without #
}

// cueTags are prefixes of tags for ad insertion other than EXT-X-DATERANGE.
var cueTags = []string{"#EXT-X-CUE", "#EXT-OATCLS-SCTE35", "#EXT-X-SCTE35", "#EXT-X-SPLICEPOINT"}

// Gaps are the segments of a rendition without media, ascending.
func (l *version) Gaps(rendition int) (segments []int) {
	l.tags(rendition, func(segment int, tag string) {
		if tag == tagGap {
			segments = append(segments, segment)
		}
	})
	return segments
}

// RangesCut reports whether some EXT-X-DATERANGE of a rendition leave the window
// before they end.
func (l *version) RangesCut(rendition int) bool { return l.media[rendition].cut }

// Cues are the tags of a rendition for ads and other ranges, by segment.
func (l *version) Cues(rendition int) (marks []Mark) {
	l.tags(rendition, func(segment int, tag string) {
		if slices.ContainsFunc(cueTags, func(cue string) bool { return strings.HasPrefix(tag, cue) }) {
			marks = append(marks, Mark{segment, tag[1:]})
		}
	})
	for _, r := range l.media[rendition].ranges {
		marks = append(marks, Mark{r.segment, tagDateRange[1:]})
	}
	slices.SortStableFunc(marks, func(a, b Mark) int { return a.Segment - b.Segment })
	return marks
}

// tags calls f for each tag at a segment. It takes time in proportion to the
// rendition's text.
func (l *version) tags(rendition int, f func(segment int, tag string)) {
	if l.VOD.Tracks[rendition].LeftOut != nil {
		return
	}
	t, room := &l.media[rendition], newScratch()
	r := t.segments.from(0, room)
	for i := range l.VOD.Tracks[rendition].Len() {
		p := r.pattern()
		text := p.head + p.info + string(r.appendRest(room.rests[i%2][:0]))
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "#EXT") {
				tag, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
				f(i, mask.Shorten(tag, mostDescribed))
			}
		}
	}
}
