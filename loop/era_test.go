package loop

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// edited draws a stream whose VOD is edited again and again: all eras, in their
// order. Each edit is seen at a random instant of the era before.
func edited(t *rapid.T) []*Stream {
	s := streams().Draw(t, "stream")
	eras := []*Stream{s}
	for range rapid.IntRange(1, 3).Draw(t, "edits") {
		v := s.VOD
		seen := s.Epoch.Add(time.Duration(rapid.Int64Range(0, int64(v.Window+3*v.Length)).Draw(t, "seen")))
		if rapid.IntRange(0, 4).Draw(t, "late") == 0 {
			seen = seen.Add(100_000 * v.Length)
		}
		next, err := s.Follow(edit(t, len(v.Tracks)), eras[0].VOD.Window, seen)
		if err != nil {
			t.Fatalf("Follow: %v", err)
		}
		if !next.Epoch.After(seen) {
			t.Fatalf("an era seen at %s begins at %s", seen, next.Epoch)
		}
		eras, s = append(eras, next), next
	}
	return eras
}

// edit draws a VOD of so many renditions.
func edit(t *rapid.T, renditions int) []Rendition {
	reference := leading(t)
	all := []Rendition{reference}
	for len(all) < renditions {
		all = append(all, following(t, reference))
	}
	return all
}

// inForce is the era of an instant, as a process has it that knows an edit from
// half a loop before it takes over.
func inForce(eras []*Stream, at time.Time) *Stream {
	for i, s := range slices.Backward(eras) {
		if i > 0 && !at.Before(s.Epoch.Add(-eras[i-1].VOD.Length/2)) {
			return s.At(at)
		}
	}
	return eras[0]
}

// shown are the segments of a window, in their order.
func shown(s *Stream, rendition int, w Window) (all []Placed) {
	for g := w.Earlier.First; g < w.Earlier.End; g++ {
		all = append(all, s.earlier.Segment(rendition, g))
	}
	for g := w.First; g < w.End; g++ {
		all = append(all, s.Segment(rendition, g))
	}
	return all
}

// around are instants about the beginnings of eras: each change of a rendition.
func around(t *rapid.T, eras []*Stream, rendition int, f func(s *Stream, at time.Time, w Window)) {
	at := eras[0].Ready()
	for _, era := range eras[1:] {
		if near := era.Epoch.Add(-3 * second); at.Before(near) {
			at = near
		}
		for !at.After(era.Settled().Add(era.VOD.Length)) {
			s := inForce(eras, at)
			w := window(t, s, rendition, at)
			f(s, at, w)
			at = w.Next
		}
	}
}

func TestFollow_ANumberMeansTheSameSegmentForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eras := edited(t)
		n := rapid.IntRange(0, len(eras[0].VOD.Tracks)-1).Draw(t, "rendition")
		known, last := map[int64]Placed{}, Window{}
		around(t, eras, n, func(s *Stream, at time.Time, w Window) {
			for i, p := range shown(s, n, w) {
				if p.MediaSequence != w.MediaSequence+int64(i) {
					t.Fatalf("at %s segment %d of the window from %d is %d", at, i, w.MediaSequence, p.MediaSequence)
				}
				if before, seen := known[p.MediaSequence]; seen && before != p {
					t.Fatalf("at %s segment %d is %+v, it was %+v", at, p.MediaSequence, p, before)
				}
				known[p.MediaSequence] = p
			}
			if w.MediaSequence < last.MediaSequence || w.DiscontinuitySequence < last.DiscontinuitySequence {
				t.Fatalf("at %s %+v follows %+v", at, w, last)
			}
			last = w
		})
	})
}

func TestFollow_DiscontinuitySequenceRisesWhenATagLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eras := edited(t)
		n := rapid.IntRange(0, len(eras[0].VOD.Tracks)-1).Draw(t, "rendition")
		var before []Placed
		var last Window
		around(t, eras, n, func(s *Stream, at time.Time, w Window) {
			left := last.DiscontinuitySequence
			for _, p := range before {
				if p.MediaSequence < w.MediaSequence && p.Discontinuity {
					left++
				}
			}
			now := shown(s, n, w)
			together := len(before) > 0 && w.MediaSequence <= before[len(before)-1].MediaSequence+1
			if together && w.DiscontinuitySequence != left {
				t.Fatalf("at %s EXT-X-DISCONTINUITY-SEQUENCE is %d, want %d", at, w.DiscontinuitySequence, left)
			}
			for i, p := range now[1:] {
				if tags := p.DiscontinuitySequence - now[i].DiscontinuitySequence; tags != 0 && tags != 1 || p.Discontinuity != (tags == 1) {
					t.Fatalf("at %s %+v follows %+v", at, p, now[i])
				}
				if begins := p.Index == 0; begins && !p.Discontinuity {
					t.Fatalf("at %s no discontinuity before %+v", at, p)
				}
			}
			before, last = now, w
		})
	})
}

func TestFollow_WindowsHoldEnoughAndKeepInStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eras := edited(t)
		reference := eras[0].VOD.Reference
		around(t, eras, reference, func(s *Stream, at time.Time, w Window) {
			if at.Sub(eras[0].Epoch) < eras[0].VOD.Window+eras[0].VOD.Length {
				return
			}
			old := s.At(s.Epoch.Add(-1)).VOD
			slack := tolerance + max(longest(s.VOD), longest(old))
			span := 3 * s.VOD.TargetDuration
			if w.Earlier.Len() > 0 { // a target duration that has grown is held when it has come so far
				span = min(span, 3*old.TargetDuration+at.Sub(s.Epoch))
			}
			edge := shown(s, reference, w)
			for n := range s.VOD.Tracks {
				all := shown(s, n, window(t, s, n, at))
				head, tail := all[0], all[len(all)-1]
				if head.Start.Sub(edge[0].Start).Abs() > slack || tail.Start.Sub(edge[len(edge)-1].Start).Abs() > 2*slack {
					t.Fatalf("at %s rendition %d shows %s to %s, the reference %s to %s", at, n, head.Start, tail.Start, edge[0].Start, edge[len(edge)-1].Start)
				}
				if len(all) < minimum || at.Sub(head.Start) < span {
					t.Fatalf("at %s rendition %d shows %d segments from %s, want %s", at, n, len(all), head.Start, span)
				}
				if since := at.Sub(tail.Start); since < 0 || since > 2*slack {
					t.Fatalf("at %s the edge of rendition %d is %s", at, n, tail.Start)
				}
			}
		})
	})
}

func TestFollow_BeginsWhereALoopEndsAndTheWindowIsOfOneEra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eras := edited(t)
		for i, s := range eras[1:] {
			old := eras[i]
			if in := s.Epoch.Sub(old.Epoch); in%old.VOD.Length != 0 || in < old.VOD.Window {
				t.Fatalf("an era begins %s after the one before, whose loop is %s and window %s", in, old.VOD.Length, old.VOD.Window)
			}
			if s.VOD.TargetDuration < old.VOD.TargetDuration {
				t.Fatalf("the target duration fell from %s to %s", old.VOD.TargetDuration, s.VOD.TargetDuration)
			}
			reference := s.VOD.Reference
			if w := window(t, s, reference, s.Settled()); w.Earlier.Len() != 0 || w != window(t, s.Alone(), reference, s.Settled()) {
				t.Fatalf("settled at %s: %+v", s.Settled(), w)
			}
			if w := window(t, s, reference, s.Settled().Add(-1)); w.Earlier.Len() == 0 {
				t.Fatalf("before it is settled at %s: %+v", s.Settled(), w)
			}
			if at := s.Epoch.Add(-1); s.At(at).VOD != old.VOD || s.At(s.Epoch) != s {
				t.Fatal("the era in force is another")
			}
		}
	})
}

func TestFollow_OtherRenditionsAreRefused(t *testing.T) {
	s := &Stream{VOD: lay(t, rendition(4*second, 4*second)), Epoch: epoch}
	_, err := s.Follow([]Rendition{rendition(4 * second), rendition(4 * second)}, 0, epoch)
	if refusal, is := errors.AsType[*Refusal](err); !is || refusal.Code != CodeRenditionsChanged {
		t.Errorf("Follow: %v", err)
	}
}
