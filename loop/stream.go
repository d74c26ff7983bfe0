package loop

import (
	"errors"
	"slices"
	"time"
)

// ErrNotYet says that three target durations of media may not have been published
// yet since the epoch; [Stream.Ready] says when they will have been.
var ErrNotYet = errors.New("the stream has not begun")

// ErrLeftOut says that the rendition is not served, see [Track.LeftOut].
var ErrLeftOut = errors.New("the rendition is left out")

// Stream is a VOD that repeats for ever from an instant on: an era. It may go on
// where another ended, see [Stream.Follow]. It is immutable and safe for
// concurrent use.
type Stream struct {
	VOD   *VOD
	Epoch time.Time // when the first loop begins

	earlier *Stream   // the era before, whose last segments may be shown yet; nil: none
	numbers []numbers // of each rendition's first segment; nil: this is the first era
}

// Span is a range of endless indices: segments First to End-1 of one era.
type Span struct{ First, End int64 }

// Len is the number of segments in the span.
func (s Span) Len() int64 { return s.End - s.First }

// Window is what one rendition shows at an instant: of the era before, if one
// is still shown, and then of the stream's own. It is the same for all instants
// in [Changed, Next).
type Window struct {
	Earlier               Span
	Span                        // of the era that is on
	MediaSequence         int64 // EXT-X-MEDIA-SEQUENCE, the number of the first segment (4.4.3.2)
	DiscontinuitySequence int64 // EXT-X-DISCONTINUITY-SEQUENCE (4.4.3.3)
	Changed, Next         time.Time
}

// Placed is one segment on the endless time line.
type Placed struct {
	Index                 int       // i: its place in the VOD
	Loop                  int64     // k: how often the VOD has been played before
	Start                 time.Time // EXT-X-PROGRAM-DATE-TIME
	MediaSequence         int64
	Discontinuity         bool  // EXT-X-DISCONTINUITY stands before it
	DiscontinuitySequence int64 // of the segment, its own tag counted
}

// Ready is the instant from which on windows can be had.
func (s *Stream) Ready() time.Time { return s.Epoch.Add(s.VOD.ready) }

// Window returns what a rendition shows at the instant t, or ErrNotYet, or
// ErrLeftOut. Before its epoch a stream that follows another has no windows of its own: they are
// those of [Stream.At].
func (s *Stream) Window(rendition int, t time.Time) (Window, error) {
	v, e := s.VOD, t.Sub(s.Epoch)
	if v.Tracks[rendition].LeftOut != nil {
		return Window{}, ErrLeftOut
	}
	if e < 0 || e < v.ready && (s.numbers == nil || s.numbers[rendition].begins) {
		return Window{}, ErrNotYet
	}
	track, reference := &v.Tracks[rendition], &v.Tracks[v.Reference]
	w := Window{
		Changed: s.Epoch.Add(max(track.newestEnd(e, v.Length), reference.newestEnd(e, v.Length))),
		Next:    s.Epoch.Add(min(track.nextEnd(e, v.Length), reference.nextEnd(e, v.Length))),
	}
	w.End = track.published(e, v.Length)
	from := s.windowFrom(e)
	switch {
	case from >= 0 || s.earlier == nil:
		w.First = v.head(rendition, from)
	case !s.numbers[rendition].begins:
		old := s.earlier
		w.Earlier = Span{old.VOD.head(rendition, from+s.Epoch.Sub(old.Epoch)), int64(s.Epoch.Sub(old.Epoch)/old.VOD.Length) * int64(old.VOD.Tracks[rendition].Len())}
	}
	head := s.head(rendition, w)
	w.MediaSequence, w.DiscontinuitySequence = head.MediaSequence, head.DiscontinuitySequence
	if head.Discontinuity {
		w.DiscontinuitySequence-- // the tag still stands at the head and counts itself (6.2.1)
	}
	return w, nil
}

// head is the first segment of a window.
func (s *Stream) head(rendition int, w Window) Placed {
	if w.Earlier.Len() > 0 {
		return s.earlier.Segment(rendition, w.Earlier.First)
	}
	return s.Segment(rendition, w.First)
}

// Segment places segment g of the endless sequence.
func (s *Stream) Segment(rendition int, g int64) Placed {
	t := &s.VOD.Tracks[rendition]
	loop, i := g/int64(t.Len()), int(g%int64(t.Len()))
	passed, marked := slices.BinarySearch(t.marks, i)
	if marked {
		passed++
	}
	first := s.first(rendition)
	return Placed{
		Index: i, Loop: loop,
		Start:                 s.Epoch.Add(time.Duration(loop)*s.VOD.Length + t.edges[i]),
		MediaSequence:         first.media + g,
		Discontinuity:         i == 0 && (g > 0 || s.numbers != nil) || marked,
		DiscontinuitySequence: first.discontinuity + loop*int64(len(t.marks)+1) + int64(passed),
	}
}

// windowFrom is W before the newest end of the reference at e. A target duration
// that has risen makes no window longer than it was.
func (s *Stream) windowFrom(e time.Duration) time.Duration {
	reference := &s.VOD.Tracks[s.VOD.Reference]
	newest := reference.newestEnd(e, s.VOD.Length)
	if s.earlier == nil {
		return newest - s.VOD.Window
	}
	old := s.earlier.VOD
	if newest == 0 {
		last := &old.Tracks[old.Reference]
		newest = last.edges[last.Len()] - old.Length
	}
	if s.VOD.TargetDuration > old.TargetDuration {
		return max(newest-s.VOD.Window, -old.Window)
	}
	return newest - s.VOD.Window
}

// head is the first segment of a window that reaches back to an instant: all
// renditions begin where the reference does, give or take the tolerance. Players
// (video.js) don't start where audio begins a segment before video because its
// boundary is some milliseconds later.
func (v *VOD) head(rendition int, from time.Duration) int64 {
	if from < 0 {
		return 0
	}
	reference := &v.Tracks[v.Reference]
	loop, n := reference.at(from, v.Length)
	return v.Tracks[rendition].published(loop*v.Length+reference.edges[n]+tolerance, v.Length)
}

// at splits an instant into the loop it falls in and the number of segments
// published in that loop so far.
func (t *Track) at(e, length time.Duration) (loop time.Duration, n int) {
	n, found := slices.BinarySearch(t.edges[1:], e%length)
	if found {
		n++
	}
	return e / length, n
}

// published counts the segments that have ended by e after the epoch.
func (t *Track) published(e, length time.Duration) int64 {
	if e < 0 {
		return 0
	}
	loop, n := t.at(e, length)
	return int64(loop)*int64(t.Len()) + int64(n)
}

// newestEnd is when the segment published last was published, for e ≥ 0; 0
// before the first.
func (t *Track) newestEnd(e, length time.Duration) time.Duration {
	loop, n := t.at(e, length)
	if n == 0 && loop > 0 {
		return (loop-1)*length + t.edges[t.Len()]
	}
	return loop*length + t.edges[n]
}

// nextEnd is when the next segment after e will be published, for e ≥ 0.
func (t *Track) nextEnd(e, length time.Duration) time.Duration {
	loop, n := t.at(e, length)
	if n == t.Len() {
		return (loop+1)*length + t.edges[1]
	}
	return loop*length + t.edges[n+1]
}
