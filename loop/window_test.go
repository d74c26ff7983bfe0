package loop

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func windowAt(t interface{ Fatalf(string, ...any) }, line *Timeline, rendition int, at time.Time) Window {
	w, err := line.Window(rendition, at)
	if err != nil {
		t.Fatalf("Window(%d, %s): %v", rendition, at, err)
	}
	return w
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
		line := looped(vod)
		for in := vod.Window; in < vod.Window+2*vod.Length; in += 50 * ms {
			at := epoch.Add(in)
			if v, a := windowAt(t, line, 0, at), windowAt(t, line, 1, at); v.First != a.First {
				t.Fatalf("asked for %s, at %s: video begins with %d, audio with %d", asked, in, v.First, a.First)
			}
		}
	}
}

// TestWindow_MatchingSegmentsHaveMatchingDiscontinuitySequences is RFC 8216bis
// 6.2.4: at any instant of the VOD all renditions are in the same discontinuity.
func TestWindow_MatchingSegmentsHaveMatchingDiscontinuitySequences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vod, line := loops(t)
		at := instants(t, vod)
		for n := range vod.Tracks {
			if vod.Tracks[n].LeftOut != nil {
				continue
			}
			if a, b := vod.Tracks[n].Discontinuities(), vod.Tracks[0].Discontinuities(); a != b {
				t.Fatalf("rendition %d has %d discontinuities, rendition 0 has %d", n, a, b)
			}
			for c, i := range vod.Tracks[n].marks {
				j := vod.Tracks[0].marks[c]
				if d := vod.Tracks[n].Start(i) - vod.Tracks[0].Start(j); d.Abs() > max(2*tolerance, vod.TargetDuration) {
					t.Fatalf("discontinuity %d of rendition %d is %s from that of rendition 0", c, n, d)
				}
			}
			r := line.Run(n, windowAt(t, line, n, at).End-1)
			loop := int64(r.Zero.Sub(epoch) / vod.Length)
			want := loop * int64(len(vod.Tracks[n].marks)+1)
			for _, mark := range vod.Tracks[n].marks {
				if mark <= r.From {
					want++
				}
			}
			if got := r.DiscontinuitySequence(n, r.From); got != want {
				t.Fatalf("segment %d of loop %d has the discontinuity sequence number %d, want %d", r.From, loop, got, want)
			}
		}
	})
}

func TestWindow_NothingBeforeFourTargetDurationsAndASecond(t *testing.T) {
	line := looped(lay(t, rendition(4*second, 4*second, 4*second, 4*second)))
	for _, before := range []time.Duration{-time.Hour, 0, 17*second - 1} {
		if _, err := line.Window(0, epoch.Add(before)); !errors.Is(err, ErrNotYet) {
			t.Errorf("Window(%s): %v, want ErrNotYet", before, err)
		}
	}
	if w := windowAt(t, line, 0, epoch.Add(17*second)); w.First != 0 || w.End != 4 {
		t.Errorf("Window(17s) = %+v, want segments 0 to 3", w)
	}
}

func TestWindow_TagAtTheHeadIsCountedWhenItLeaves(t *testing.T) {
	vod := lay(t, rendition(4*second, 4*second, 4*second, 4*second))
	line := looped(vod)
	if vod.Window != 30*second+500*ms {
		t.Fatalf("W = %s, want 30.5s", vod.Window)
	}
	for _, c := range []struct {
		at         time.Duration
		first, dsn int64
	}{{44 * second, 3, 0}, {48 * second, 4, 0}, {52 * second, 5, 1}, {64 * second, 8, 1}, {68 * second, 9, 2}} {
		if w := windowAt(t, line, 0, epoch.Add(c.at)); w.First != c.first || w.DiscontinuitySequence != c.dsn {
			t.Errorf("Window(%s) begins with %d after %d discontinuities, want %d after %d", c.at, w.First, w.DiscontinuitySequence, c.first, c.dsn)
		}
	}
}

func longest(v *VOD) (most time.Duration) {
	for n := range v.Tracks {
		for i := range v.Tracks[n].Len() {
			most = max(most, v.Tracks[n].Duration(i))
		}
	}
	return most
}

// TestWindow_TheStreamEndsWithItsItem, not with the last segment of the reference:
// audio may be some milliseconds longer.
func TestWindow_TheStreamEndsWithItsItem(t *testing.T) {
	audio := evenly(10, 4*second, false)
	audio.Audio, audio.Segments[9].Duration = true, 4020*ms
	vod := lay(t, evenly(10, 4*second, false), others(audio)[0])
	line, err := NewTimeline(epoch, 0, Plan{At: epoch, Play: []*Item{NewItem(vod, 0)}})
	if err != nil {
		t.Fatal(err)
	}
	end := epoch.Add(40020 * ms)
	if w := windowAt(t, line, 0, end.Add(-1)); w.Ended || w.End != 10 || !w.Next.Equal(end) {
		t.Errorf("just before its end: %+v", w)
	}
	if w := windowAt(t, line, 0, end.Add(time.Hour)); !w.Ended || w.End != 10 || !w.Changed.Equal(end) {
		t.Errorf("an hour after its end: %+v, want the change at %s", w, end)
	}
}
