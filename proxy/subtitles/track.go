package subtitles

import (
	"math"
	"sort"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/vod"
)

// Track is the WebVTT of a rendition that is cut into new segments. It is
// immutable.
type Track struct {
	files    []file
	segments *loop.Track // that it is cut for
	length   time.Duration
	text     [8]byte // of the version of the VOD
}

// file is a WebVTT file of such a rendition. All its times are from the start
// of the loop.
type file struct {
	address    string
	start, end time.Duration // that it is for
	period     time.Duration // when the period between discontinuities begins that it is in
	periodEnd  time.Duration // when that ends
	quoted     string        // the address with variables, as written in the playlist; empty: no variables
}

// Tracks are those of the renditions of a VOD that need them, by rendition; nil for
// others. text is equal for versions of equal text.
func Tracks(vod *loop.VOD, text [8]byte, media []*playlist.Media) []*Track {
	all := make([]*Track, len(media))
	for n, m := range media {
		if track := &vod.Tracks[n]; track.Sliced && m != nil {
			all[n] = &Track{cueFilesOf(m, track), track, vod.Length, text}
		}
	}
	return all
}

func cueFilesOf(m *playlist.Media, track *loop.Track) (all []file) {
	if len(m.Segments) == 0 {
		return nil // the VOD has no such rendition
	}
	periods := append(periodsOf(m, track), math.MaxInt64)
	for _, f := range m.Files() {
		begin, end := periods[f.Period], periods[f.Period+1]
		all = append(all, file{f.Address.String(), max(f.Start, begin), min(f.End, end), begin, end, vod.Quoted(f.Shown)})
	}
	return all
}

// periodsOf returns where timestamps may restart: at the item's discontinuities if
// the rendition has as many of its own, whose boundaries fit less well. Those
// before a clip are the rendition's own.
func periodsOf(m *playlist.Media, track *loop.Track) []time.Duration {
	periods := m.Periods()
	begun := sort.Search(len(periods), func(i int) bool { return periods[i] > 0 })
	var served []time.Duration
	for i := range track.Len() {
		if track.Marked(i) {
			served = append(served, track.Start(i))
		}
	}
	if len(periods)-begun == len(served) {
		return append(periods[:begun:begun], served...)
	}
	return periods
}

// Segments is how many slices it has.
func (t *Track) Segments() int { return t.segments.Len() }

// Size is the approximate memory.
func (t *Track) Size() (size int) {
	for _, f := range t.files {
		size += 64 + len(f.address)
	}
	return size
}
