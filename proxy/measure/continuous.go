package measure

import (
	"fmt"
	"strings"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/media"
	"vod2live/proxy/problem"
)

// Continuity describes how the timestamps of a VOD continue over its loops.
// It is immutable.
type Continuity struct {
	Start     int64         // first timestamp of the reference
	Timescale uint32        // of Start
	Length    time.Duration // of a loop
	Loops     int64         // number of loops until the timestamps restart; at least 1
}

// Text is the part that the text of a VOD needs; nil: timestamps restart in each
// loop.
func (c *Continuity) Text() *playlist.Continuity {
	if c == nil || c.Loops <= 1 {
		return nil
	}
	return &playlist.Continuity{Loops: c.Loops, Mark: fmt.Sprintf("%d/%d", c.Start, c.Timescale)}
}

// Offset is that of loop k, counted from 0.
func (c *Continuity) Offset(k int64) media.Offset {
	return media.Offset{Place: time.Duration(k%c.Loops) * c.Length, Start: c.Start, Timescale: c.Timescale}
}

// Tagged is the reason why each loop of a VOD has to carry EXT-X-DISCONTINUITY.
type Tagged struct {
	Code      string // names the reason
	Rendition int
	Detail    string
}

// Error is the reason.
func (t *Tagged) Error() string {
	return fmt.Sprintf("the timestamps of rendition %d can't be continuous: %s: %s", t.Rendition, t.Code, t.Detail)
}

// Problem is the reason for an operator.
func (t *Tagged) Problem() problem.Problem {
	return problem.New(problem.Warning, t.Code, "its timestamps can't be continuous, so each loop begins with EXT-X-DISCONTINUITY: "+t.Detail).In(t.Rendition)
}

// The codes of Tagged. What ends earlier or later than the loop leaves a hole or an overlap at each loop point.
const (
	CodeUnmeasured     = "media-unmeasured" // the media was not read: it is encrypted as a whole, has discontinuities, …
	CodeSegmentQuery   = "segment-query"    // a rewritten address would bypass the token in the query
	CodeTimesInSamples = "times-in-samples" // TTML has its own times
	CodeHeaderSplit    = "pes-header-split" // of MPEG-TS, in two packets
	CodeTimescale      = "timescale"        // a timestamp would not fit its field
	CodeMediaLonger    = "media-longer"
	CodeMediaShorter   = "media-shorter"
)

const (
	anew = 12 * time.Hour         // timestamps restart after at most this time
	near = 100 * time.Millisecond // of the loop's end, at which all media and all EXTINFs must end
)

// Share is the number of loops of this length that share a discontinuity, with continuous
// timestamps.
func Share(length time.Duration) int64 { return max(1, int64(anew/length)) }

// Continue determines how the timestamps of a VOD continue over loops of this length, or
// returns a *[Tagged]. A rendition that is left out has no measurement: nil.
func Continue(all []*Rendition, lists []*playlist.Media, reference int, length time.Duration) (*Continuity, error) {
	c := &Continuity{Length: length, Loops: Share(length)}
	if r := all[reference]; r != nil && r.First != nil {
		c.Start, c.Timescale = start(r)
	}
	for n, r := range all {
		if r == nil {
			continue
		}
		if code, detail := c.reason(r, lists[n]); code != "" {
			return nil, &Tagged{code, n, detail}
		}
	}
	if c.Timescale == 0 {
		return nil, &Tagged{CodeUnmeasured, reference, "the reference has no timestamp"}
	}
	return c, nil
}

// start is the first timestamp of a rendition, that of video if it has some.
func start(r *Rendition) (int64, uint32) {
	t := r.First.Track(media.Video)
	if t == nil {
		t = &r.First.Tracks[0]
	}
	if r.Format == media.MP4 {
		return t.Begin, t.Timescale
	}
	return t.Shown & (media.Wrap - 1), t.Timescale
}

// reason is why a rendition can't continue; empty: it can.
func (c *Continuity) reason(r *Rendition, list *playlist.Media) (code, detail string) {
	for _, s := range list.Segments {
		if strings.Contains(s.URI, "?") {
			return CodeSegmentQuery, "the addresses of its segments have a query"
		}
	}
	switch {
	case r.Unknown != nil:
		return CodeUnmeasured, r.Unknown.Error()
	case !hasOneInit(list.Segments):
		return CodeUnmeasured, "it has several initialization sections"
	case r.Init != nil && r.Init.TimesInside():
		return CodeTimesInSamples, "its subtitles are TTML"
	case r.Format == media.WebVTT:
		return "", ""
	case r.First.Split || r.Last.Split:
		return CodeHeaderSplit, "PES headers are in two packets each"
	}
	if !list.IFramesOnly() { // these are shown one by one
		if code, detail := c.lengths(r); code != "" {
			return code, detail
		}
	}
	return c.unfit(r)
}

// hasOneInit reports whether all segments have the initialization section that was read, or
// none.
func hasOneInit(segments []playlist.Segment) bool {
	first := segments[0].Map
	for _, s := range segments {
		if s.Map != first && (s.Map == nil || !sameResource(first, s.Map)) {
			return false
		}
	}
	return true
}

// lengths compares what a rendition lasts with the loop, by EXTINF and by its media.
func (c *Continuity) lengths(r *Rendition) (code, detail string) {
	if code, detail := c.apart(r.Playlist, "its EXTINFs are"); code != "" {
		return code, detail
	}
	for _, kind := range []media.Kind{media.Video, media.Audio} {
		if measured, known := r.Length(kind); known {
			if code, detail := c.apart(measured, "its "+kind.String()+" is"); code != "" {
				return code, detail
			}
		}
	}
	return "", ""
}

// apart compares a length with the loop.
func (c *Continuity) apart(length time.Duration, what string) (code, detail string) {
	switch off := length - c.Length; {
	case off > near:
		return CodeMediaLonger, fmt.Sprintf("%s %s longer than the loop", what, off)
	case off < -near:
		return CodeMediaShorter, fmt.Sprintf("%s %s shorter than the loop", what, -off)
	}
	return "", ""
}

// unfit returns a track whose timestamps don't fit their fields in all loops.
func (c *Continuity) unfit(r *Rendition) (code, detail string) {
	last := media.Offset{Place: time.Duration(c.Loops) * c.Length, Start: c.Start, Timescale: c.Timescale}
	for i := range r.First.Tracks {
		t := r.First.Tracks[i]
		if later := r.Last.Track(t.Kind); later != nil {
			t.Narrow = t.Narrow || later.Narrow
		}
		if c.Timescale > 0 && !last.Fits(&t, r.Format) {
			return CodeTimescale, fmt.Sprintf("timestamps of %d ticks a second from %d on do not fit their field for %s", t.Timescale, t.Begin, anew)
		}
	}
	return "", ""
}
