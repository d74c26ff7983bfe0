package loop

import (
	"slices"
	"time"
)

// The bounds of what can be a live stream, and the tolerances of laying it out.
const (
	MinLength  = time.Second       // a loop is at least this long
	MaxSegment = 120 * time.Second // a segment is at most this long
	MaxWindow  = 20_000            // segments of one rendition in a window

	MaxSegments = 1_000_000             // of all renditions in one loop; a day of ten with segments of one second
	MinInterval = 50 * time.Millisecond // between changes of a playlist, on the average over a window

	sliver    = 100 * time.Millisecond // a last segment with no more than this before L is left out
	tolerance = 500 * time.Millisecond // instants and ends this close are one
	minimum   = 6                      // segments in every window
	shorter   = 500 * time.Millisecond // audio may end this much before the reference and still determine L
	longer    = 25 * time.Millisecond  // … and this much after it: a frame of AAC that encoders put before the sound
	measured  = 40 * time.Millisecond  // … if the length was measured: the last frame counts fully, too. At 43 ms Shaka and hls.js jump over a hole in the picture
)

// Segment is what the arithmetic needs of one media segment of the VOD.
type Segment struct {
	Duration      time.Duration // of its EXTINF, exactly
	Discontinuity bool          // it carries EXT-X-DISCONTINUITY
}

// Rendition is one media playlist of the VOD.
type Rendition struct {
	Segments []Segment
	// Leads: the rendition may be the reference: a variant stream with video or,
	// if there is none, any variant stream.
	Leads bool
	// Audio: this is an audio rendition. The first essential one, else the
	// reference's own audio if that was measured, determines the length of the loop,
	// if it ends about where the reference does.
	Audio bool
	// Sound is the measured length of the audio in the rendition's media; 0: not
	// measured. For the rendition whose audio determines the length of the loop it
	// replaces the sum of the segments, whose durations err by milliseconds.
	Sound time.Duration
	// Optional renditions do not affect the layout of the others, and are left out
	// where they don't fit. All others are essential: where one doesn't fit, the
	// VOD is refused.
	Optional bool
	// Sliceable: the media of an optional rendition can be sliced at the
	// reference's boundaries, as WebVTT can, where its own don't fit.
	Sliceable bool
	// Absent: an optional rendition that the VOD does not have. Empty slices
	// stand in for it if it is Sliceable, else gaps.
	Absent bool
	// Refused is the reason why the rendition can't be served, whatever its
	// segments; nil: it can.
	Refused *Refusal
}

// VOD is a VOD laid out for looping. It is immutable and safe for concurrent use.
type VOD struct {
	Length         time.Duration // L: of one loop, in all renditions
	TargetDuration time.Duration // whole seconds, the same in all renditions
	Window         time.Duration // W: what a window spans back from the live edge
	Reference      int           // the rendition that determines the length and the live edge
	Tracks         []Track       // one for each rendition, in the order given
}

// Segments is their number in one loop of all renditions.
func (v *VOD) Segments() (n int) {
	for i := range v.Tracks {
		n += v.Tracks[i].Len()
	}
	return n
}

// Track is one rendition as it is served: its first Kept segments, then Gaps
// segments that pad it to the loop's length.
type Track struct {
	Kept   int  // segments of the VOD that are served; 0 if Sliced
	Gaps   int  // EXT-X-GAP segments after them
	Sliced bool // at the boundaries of the reference

	LeftOut *Refusal // why an optional rendition is not served: it has no segments; nil: it is served

	edges []time.Duration // N+1 of them: segment i begins at edges[i] and is published at edges[i+1]
	marks []int           // ascending: segments, 0 never, with a discontinuity before them
}

// Len is N, the number of segments in one loop.
func (t *Track) Len() int { return max(len(t.edges)-1, 0) }

// Start is s(i): when segment i begins, from the beginning of the loop.
func (t *Track) Start(i int) time.Duration { return t.edges[i] }

// Duration of segment i as served: the VOD's own, but a last segment that would
// end after the loop is shortened.
func (t *Track) Duration(i int) time.Duration { return t.edges[i+1] - t.edges[i] }

// Marked reports whether the VOD has a discontinuity before segment i > 0.
func (t *Track) Marked(i int) bool {
	_, marked := slices.BinarySearch(t.marks, i)
	return marked
}

// Find returns the segment that contains an instant of the loop, if there is one.
func (t *Track) Find(at time.Duration) (i int, ok bool) {
	i, begins := slices.BinarySearch(t.edges, at)
	if !begins {
		i--
	}
	return i, i >= 0 && i < t.Len()
}

// Discontinuities is D, their number within one loop; the loop point's own is
// not counted.
func (t *Track) Discontinuities() int { return len(t.marks) }
