package proxy

import (
	"math"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
)

// cueTrack is the WebVTT of a rendition that is cut anew. It is immutable.
type cueTrack struct {
	files    []cueFile
	segments *loop.Track // that it is cut for
	length   time.Duration
	text     [8]byte // of the version of the VOD
}

// cueFile is a WebVTT file of a rendition that is cut anew. All its times are from
// the loop's beginning.
type cueFile struct {
	address    string
	start, end time.Duration // that it is for
	period     time.Duration // when the period between discontinuities begins that it is in
	periodEnd  time.Duration // when that ends
	quoted     string        // the address with variables, as it stands in the playlist; empty: it has none
}

// cueTracks are those of the renditions that need them, by rendition; nil for others.
func cueTracks(live *playlist.Live, media []*playlist.Media) []*cueTrack {
	all := make([]*cueTrack, len(media))
	for n, m := range media {
		if track := &live.VOD.Tracks[n]; track.Sliced {
			all[n] = &cueTrack{cueFilesOf(m, track), track, live.VOD.Length, live.Text}
		}
	}
	return all
}

func cueFilesOf(m *playlist.Media, track *loop.Track) (all []cueFile) {
	periods := append(periodsOf(m, track), math.MaxInt64)
	for _, f := range m.Files() {
		begin, end := periods[f.Period], periods[f.Period+1]
		all = append(all, cueFile{f.Address.String(), max(f.Start, begin), min(f.End, end), begin, end, quoted(f.Shown)})
	}
	return all
}

// periodsOf tells when timestamps may start again: at the loop's discontinuities
// where the rendition has as many of its own, whose boundaries fit less well.
func periodsOf(m *playlist.Media, track *loop.Track) []time.Duration {
	own, served := m.Periods(), []time.Duration{0}
	for i := range track.Len() {
		if track.Marked(i) {
			served = append(served, track.Start(i))
		}
	}
	if len(own) == len(served) {
		return served
	}
	return own
}

// size is about what it takes of memory.
func (t *cueTrack) size() (size int) {
	for _, f := range t.files {
		size += 64 + len(f.address)
	}
	return size
}
