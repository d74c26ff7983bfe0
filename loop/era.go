package loop

import "time"

// numbers are those of a rendition's first segment in an era.
type numbers struct {
	media, discontinuity int64
	begins               bool // it was left out before
}

// first are the numbers that a rendition begins with.
func (s *Stream) first(rendition int) numbers {
	if s.numbers == nil {
		return numbers{}
	}
	return s.numbers[rendition]
}

// Follow lays another VOD out, with the same renditions, and returns the stream
// that plays it from the first end of a loop after t on. Media sequence and
// discontinuity sequence go on, and its first segment carries a discontinuity;
// nothing of s is numbered anew (6.2.1, 6.2.2). Its target duration is not
// shorter than that of s, which must not change otherwise (4.4.3.1). s must be
// in force at t. The error is a *Refusal.
//
// No more than two eras are ever in a window: the next begins when the window
// holds s alone.
func (s *Stream) Follow(renditions []Rendition, window time.Duration, t time.Time) (*Stream, error) {
	if len(renditions) != len(s.VOD.Tracks) {
		return nil, refuse(CodeRenditionsChanged, -1, "there are %d renditions, and there were %d", len(renditions), len(s.VOD.Tracks))
	}
	vod, err := layFrom(s.VOD.TargetDuration, renditions, window)
	if err != nil {
		return nil, err
	}
	old := s.VOD
	loops := max(t.Sub(s.Epoch), old.ready, old.Window)/old.Length + 1
	next := &Stream{VOD: vod, Epoch: s.Epoch.Add(loops * old.Length), earlier: s.begun(), numbers: make([]numbers, len(renditions))}
	for n := range next.numbers {
		if next.numbers[n], err = s.continued(n, int64(loops), &vod.Tracks[n]); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// continued are a rendition's numbers after so many loops. One that was left out
// so far is counted as if it had been there. One that is shown can't be left out:
// players have chosen it.
func (s *Stream) continued(rendition int, loops int64, next *Track) (numbers, error) {
	begin := s.Segment(s.VOD.Reference, loops*int64(s.VOD.Tracks[s.VOD.Reference].Len()))
	old := &s.VOD.Tracks[rendition]
	switch {
	case old.LeftOut != nil:
		return numbers{s.first(rendition).media + loops*int64(next.Len()), begin.DiscontinuitySequence, true}, nil
	case next.LeftOut != nil:
		return numbers{}, next.LeftOut
	}
	return numbers{s.first(rendition).media + loops*int64(old.Len()), begin.DiscontinuitySequence, false}, nil
}

// At is the era in force at an instant: s or, before its epoch, the one that it
// follows.
func (s *Stream) At(t time.Time) *Stream {
	if s.earlier != nil && t.Before(s.Epoch) {
		return s.earlier.At(t)
	}
	return s
}

// Part is a span of the segments of one era.
type Part struct {
	*Stream
	Span
}

// Parts are what a window of the stream shows, in order; none is empty.
func (s *Stream) Parts(w Window) (parts []Part) {
	if w.Earlier.Len() > 0 {
		parts = append(parts, Part{s.earlier, w.Earlier})
	}
	if w.Len() > 0 {
		parts = append(parts, Part{s, w.Span})
	}
	return parts
}

// begun is the stream once it is in force: of the era before it needs no more
// than that one alone.
func (s *Stream) begun() *Stream {
	begun := *s
	if s.earlier != nil {
		begun.earlier = s.earlier.Alone()
	}
	return &begun
}

// Alone is the stream without the era before it, which no window shows any more
// from [Stream.Settled] on.
func (s *Stream) Alone() *Stream {
	alone := *s
	alone.earlier = nil
	return &alone
}

// Settled is the instant from which on no window shows the era before.
func (s *Stream) Settled() time.Time {
	reference := &s.VOD.Tracks[s.VOD.Reference]
	return s.Epoch.Add(reference.nextEnd(s.VOD.Window-1, s.VOD.Length))
}
