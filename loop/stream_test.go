package loop

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// instants draws an instant of a stream at most a million loops after its epoch.
func instants(t *rapid.T, s *Stream) time.Time {
	loop := rapid.SampledFrom([]int64{0, 1, 2, 1000, 1_000_000}).Draw(t, "loop")
	in := rapid.Int64Range(0, int64(3*s.VOD.Length)).Draw(t, "in")
	at := s.Epoch.Add(time.Duration(loop)*s.VOD.Length + time.Duration(in))
	if at.Before(s.Ready()) {
		return s.Ready()
	}
	return at
}

func window(t interface{ Fatalf(string, ...any) }, s *Stream, rendition int, at time.Time) Window {
	w, err := s.Window(rendition, at)
	if err != nil {
		t.Fatalf("Window(%d, %s): %v", rendition, at, err)
	}
	return w
}

func (s *Stream) end(rendition int, g int64) time.Time {
	p := s.Segment(rendition, g)
	return p.Start.Add(s.VOD.Tracks[rendition].Duration(p.Index))
}

// TestWindow_EqualsThePlainCount compares with a count of all segments since
// the epoch, one by one.
func TestWindow_EqualsThePlainCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := streams().Draw(t, "stream")
		at := s.Ready().Add(time.Duration(rapid.Int64Range(0, int64(4*s.VOD.Length)).Draw(t, "in")))
		edge, head := s.Epoch, s.Epoch
		for g := int64(0); !s.end(s.VOD.Reference, g).After(at); g++ {
			edge = s.end(s.VOD.Reference, g)
		}
		from := edge.Add(-s.VOD.Window)
		for g := int64(0); !s.end(s.VOD.Reference, g).After(from); g++ {
			head = s.end(s.VOD.Reference, g)
			if next := s.Segment(s.VOD.Reference, g+1); next.Index == 0 && !next.Start.After(from) {
				head = next.Start // a loop may begin a little after the last segment has ended
			}
		}
		for n := range s.VOD.Tracks {
			var first, end, tags int64
			for !s.end(n, end).After(at) {
				end++
			}
			for ; !from.Before(s.Epoch) && !s.end(n, first).After(head.Add(tolerance)); first++ {
				if s.Segment(n, first).Discontinuity {
					tags++
				}
			}
			got := window(t, s, n, at)
			if got.First != first || got.End != end || got.MediaSequence != first || got.DiscontinuitySequence != tags {
				t.Fatalf("Window(%d, %s) = %+v, want segments %d to %d after %d discontinuities", n, at.Sub(s.Epoch), got, first, end, tags)
			}
		}
	})
}

// TestWindow_RenditionsWithTheSameBoundariesBeginTogether is what video.js
// needs: audio whose boundaries are some milliseconds off begins with the same
// segment as video.
func TestWindow_RenditionsWithTheSameBoundariesBeginTogether(t *testing.T) {
	video := rendition(2*second, 2*second, 2*second, 2*second)
	audio := rendition(2005*ms, 1984*ms, 2005*ms, 2006*ms)
	audio.Leads = false
	for _, asked := range []time.Duration{0, 10 * second, 11 * second, 12 * second, 60 * second} {
		vod, err := Lay([]Rendition{video, audio}, asked)
		if err != nil {
			t.Fatal(err)
		}
		s := &Stream{VOD: vod, Epoch: epoch}
		for in := vod.Window; in < vod.Window+2*vod.Length; in += 50 * ms {
			at := epoch.Add(in)
			if v, a := window(t, s, 0, at), window(t, s, 1, at); v.First != a.First {
				t.Fatalf("asked for %s, at %s: video begins with %d, audio with %d", asked, in, v.First, a.First)
			}
		}
	}
}

func TestWindow_HoldsFromItsChangeToItsNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := streams().Draw(t, "stream")
		at := instants(t, s)
		for n := range s.VOD.Tracks {
			w := window(t, s, n, at)
			if at.Before(w.Changed) || !at.Before(w.Next) {
				t.Fatalf("Window(%s) holds from %s to %s", at, w.Changed, w.Next)
			}
			if w.Changed.Before(s.Ready()) {
				continue
			}
			for _, same := range []time.Time{w.Changed, w.Next.Add(-1)} {
				if got := window(t, s, n, same); got != w {
					t.Fatalf("Window(%s) = %+v, but Window(%s) = %+v", same, got, at, w)
				}
			}
			if next := window(t, s, n, w.Next); n == s.VOD.Reference && next.End != w.End+1 {
				t.Fatalf("at Next %+v follows %+v", next, w)
			}
		}
	})
}

func TestWindow_NumbersNeverFallAndCountWhatLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := streams().Draw(t, "stream")
		n := rapid.IntRange(0, len(s.VOD.Tracks)-1).Draw(t, "rendition")
		w := window(t, s, n, instants(t, s))
		for range 4 * s.VOD.Tracks[n].Len() {
			next := window(t, s, n, w.Next)
			if next.First < w.First || next.End < w.End {
				t.Fatalf("the window fell from %+v to %+v", w, next)
			}
			left := w.DiscontinuitySequence
			for g := w.First; g < next.First; g++ {
				if s.Segment(n, g).Discontinuity {
					left++
				}
			}
			if next.DiscontinuitySequence != left {
				t.Fatalf("DiscontinuitySequence = %d after %+v, want %d", next.DiscontinuitySequence, w, left)
			}
			w = next
		}
	})
}

func TestWindow_RenditionsKeepInStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := streams().Draw(t, "stream")
		at := instants(t, s)
		slack := longest(s.VOD) + tolerance
		edge := window(t, s, s.VOD.Reference, at)
		begin, end := s.Segment(s.VOD.Reference, edge.First).Start, s.end(s.VOD.Reference, edge.End-1)
		for n := range s.VOD.Tracks {
			w := window(t, s, n, at)
			b, e := s.Segment(n, w.First).Start, s.end(n, w.End-1)
			if b.Sub(begin).Abs() > slack || e.Sub(end).Abs() > slack {
				t.Fatalf("rendition %d shows %s to %s, the reference %s to %s", n, b, e, begin, end)
			}
			if e.After(at) || at.Sub(e) > slack {
				t.Fatalf("rendition %d: the edge at %s is %s", n, at, e)
			}
			if at.Sub(s.Epoch) < s.VOD.Window+s.VOD.Length {
				continue
			}
			if w.End-w.First < 6 || e.Sub(b) < 3*s.VOD.TargetDuration {
				t.Fatalf("rendition %d shows %d segments, %s in all", n, w.End-w.First, e.Sub(b))
			}
		}
	})
}

func longest(v *VOD) (most time.Duration) {
	for n := range v.Tracks {
		for i := range v.Tracks[n].Len() {
			most = max(most, v.Tracks[n].Duration(i))
		}
	}
	return most
}

// TestWindow_MatchingSegmentsHaveMatchingDiscontinuitySequences is RFC 8216bis
// 6.2.4: at any instant of the VOD all renditions are in the same discontinuity.
func TestWindow_MatchingSegmentsHaveMatchingDiscontinuitySequences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := streams().Draw(t, "stream")
		at := instants(t, s)
		for n := range s.VOD.Tracks {
			if a, b := s.VOD.Tracks[n].Discontinuities(), s.VOD.Tracks[0].Discontinuities(); a != b {
				t.Fatalf("rendition %d has %d discontinuities, rendition 0 has %d", n, a, b)
			}
			for c, i := range s.VOD.Tracks[n].marks {
				j := s.VOD.Tracks[0].marks[c]
				if d := s.VOD.Tracks[n].Start(i) - s.VOD.Tracks[0].Start(j); d.Abs() > max(2*tolerance, s.VOD.TargetDuration) {
					t.Fatalf("discontinuity %d of rendition %d is %s from that of rendition 0", c, n, d)
				}
			}
			w := window(t, s, n, at)
			if p := s.Segment(n, w.End-1); p.DiscontinuitySequence != int64(len(s.VOD.Tracks[n].marks)+1)*p.Loop+passed(s.VOD, n, p.Index) {
				t.Fatalf("segment %d has the discontinuity sequence %d", w.End-1, p.DiscontinuitySequence)
			}
		}
	})
}

func passed(v *VOD, rendition, index int) (count int64) {
	for _, m := range v.Tracks[rendition].marks {
		if m <= index {
			count++
		}
	}
	return count
}

func TestSegment_DatesAdvanceExactlyAfterAMillionLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := streams().Draw(t, "stream")
		n := rapid.IntRange(0, len(s.VOD.Tracks)-1).Draw(t, "rendition")
		track := &s.VOD.Tracks[n]
		g := rapid.Int64Range(0, int64(3*track.Len())).Draw(t, "g")
		const loops = 1_000_000
		near, far := s.Segment(n, g), s.Segment(n, g+int64(loops*track.Len()))
		if d := far.Start.Sub(near.Start); d != loops*s.VOD.Length {
			t.Fatalf("%d loops of %s lasted %s", loops, s.VOD.Length, d)
		}
		next := s.Segment(n, g+1)
		if next.Index != 0 && next.Start.Sub(near.Start) != track.Duration(near.Index) {
			t.Fatalf("segment %d lasts %s, the next begins %s later", g, track.Duration(near.Index), next.Start.Sub(near.Start))
		}
		if want := s.Epoch.Add(time.Duration(next.Loop) * s.VOD.Length); next.Index == 0 && !next.Start.Equal(want) {
			t.Fatalf("loop %d begins at %s, want %s", next.Loop, next.Start, want)
		}
	})
}

func TestWindow_NothingBeforeThreeTargetDurations(t *testing.T) {
	vod, err := Lay([]Rendition{rendition(4*second, 4*second, 4*second, 4*second)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stream{VOD: vod, Epoch: epoch}
	for _, before := range []time.Duration{-time.Hour, 0, 12 * second, 17*second - 1} {
		if _, err := s.Window(0, epoch.Add(before)); !errors.Is(err, ErrNotYet) {
			t.Errorf("Window(%s): %v, want ErrNotYet", before, err)
		}
	}
	if w := window(t, s, 0, epoch.Add(17*second)); w.First != 0 || w.End != 4 {
		t.Errorf("Window(17s) = %+v, want segments 0 to 3", w)
	}
}

func TestWindow_TagAtTheHeadIsCountedWhenItLeaves(t *testing.T) {
	vod, err := Lay([]Rendition{rendition(4*second, 4*second, 4*second, 4*second)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stream{VOD: vod, Epoch: epoch}
	if vod.Window != 30*second+500*ms {
		t.Fatalf("W = %s, want 30.5s", vod.Window)
	}
	for _, c := range []struct {
		at         time.Duration
		first, dsn int64
	}{{44 * second, 3, 0}, {48 * second, 4, 0}, {52 * second, 5, 1}, {64 * second, 8, 1}, {68 * second, 9, 2}} {
		if w := window(t, s, 0, epoch.Add(c.at)); w.First != c.first || w.DiscontinuitySequence != c.dsn {
			t.Errorf("Window(%s) begins with %d after %d discontinuities, want %d after %d", c.at, w.First, w.DiscontinuitySequence, c.first, c.dsn)
		}
	}
}

func BenchmarkWindow(b *testing.B) {
	r := Rendition{Leads: true}
	for range 1200 {
		r.Segments = append(r.Segments, Segment{Duration: 6 * second})
	}
	vod, err := Lay([]Rendition{r}, time.Minute)
	if err != nil {
		b.Fatal(err)
	}
	s := &Stream{VOD: vod, Epoch: epoch}
	at := epoch.Add(123456789 * time.Second)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Window(0, at)
	}
}
