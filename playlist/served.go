package playlist

import (
	"slices"
	"strconv"
	"time"

	"vod2live/loop"
)

// served returns the segments of a rendition as served: the kept ones of the VOD,
// and gaps; or slices.
func (r *renderer) served(n int, m *Media) ([]Segment, error) {
	track := &r.vod.Tracks[n]
	if track.Sliced {
		return r.slices(n, m)
	}
	last, d := &Segment{}, time.Duration(0)
	if track.Kept > 0 { // else the rendition is absent
		last, d = &m.Segments[track.Kept-1], track.Duration(track.Kept-1)
	}
	if d == last.Duration && track.Gaps == 0 {
		return m.Segments[:track.Kept], nil
	}
	segments := slices.Clone(m.Segments[:track.Kept])
	if d != last.Duration {
		segments[track.Kept-1].info = info(d, last.title()) // it ended after the loop
	}
	for i := track.Kept; i < track.Len(); i++ {
		segments = append(segments, Segment{
			ours: true, URI: beneath(r.addresses, n, gapName), info: info(track.Duration(i), ""), Gap: true,
			Keys: last.Keys, Map: last.Map, bitrate: last.bitrate,
		})
	}
	return segments, nil
}

// gapName is the last element of the address of a gap.
const gapName = "gap"

func info(d time.Duration, title string) string {
	return string(appendSeconds([]byte(tagInf+":"), d)) + "," + title
}

// slices returns the slices at the boundaries of the reference; the lines of a
// segment move to the slice in which it begins.
func (r *renderer) slices(n int, m *Media) ([]Segment, error) {
	if why := m.unsliceable(); why != nil {
		return nil, &loop.Refusal{Code: why.Code, Rendition: n, Detail: why.Detail}
	}
	track := &r.vod.Tracks[n]
	segments, sum := make([]Segment, track.Len()), r.sumOf(n)
	for i := range segments {
		segments[i] = Segment{ours: true, URI: beneath(r.addresses, n, SliceName(sum, i)), info: info(track.Duration(i), "")}
	}
	served := m.servedAt(track)
	for i, s := range m.Segments {
		if at, ok := served(i); ok {
			segments[at].before = append(segments[at].before, s.before...)
			segments[at].between = append(segments[at].between, s.between...)
		}
	}
	return segments, nil
}

// unsliceable is the reason why WebVTT can't be sliced; nil: it can.
func (m *Media) unsliceable() *loop.Refusal {
	for i := range m.Segments {
		switch s := &m.Segments[i]; {
		case len(s.Keys) > 0:
			return refuse(CodeWebVTTEncrypted, "WebVTT that must be re-sliced is encrypted")
		case s.ByteRange != "":
			return refuse(CodeWebVTTByteRange, "WebVTT that must be re-sliced is a byte range of a file")
		}
	}
	return m.Unsliceable
}

// SliceName is the last element of the address of a slice.
func SliceName(sum string, i int) string { return sum + "-" + strconv.Itoa(i) + ".vtt" }

// servedAt returns a function from a segment of the VOD to the served segment in
// which it begins.
func (m *Media) servedAt(track *loop.Track) func(i int) (int, bool) {
	if !track.Sliced {
		return func(i int) (int, bool) { return i, i < track.Kept }
	}
	starts := m.starts()
	return func(i int) (int, bool) { return track.Find(starts[i]) }
}
