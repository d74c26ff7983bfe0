package loop

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestView_IsTheWindowOfTheRuleWithALargerW, and later by the delay.
func TestView_IsTheWindowOfTheRuleWithALargerW(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, plans := timelines(t)
		v := View{Span: time.Duration(rapid.Int64Range(0, 10).Draw(t, "minutes")) * time.Minute, Delay: time.Duration(rapid.Int64Range(0, 30).Draw(t, "tens")) * 10 * second}
		m := &model{walk(epoch, plans, horizon(line)), max(line.least, v.Span)}
		n := rapid.IntRange(0, len(m.numbers)-1).Draw(t, "rendition")
		for range 5 {
			then := line.Ready().Add(time.Duration(rapid.Int64Range(0, int64(horizon(line)-line.Ready().Sub(epoch))).Draw(t, "in")))
			at := then.Add(v.Delay)
			w, err := line.View(n, v, at)
			if err != nil {
				t.Fatal(err)
			}
			live := windowAt(t, line, n, then)
			if first := m.head(n, then.Sub(epoch)); w.First != first || w.End != live.End || w.Ended != live.Ended || w.Era != live.Era {
				t.Fatalf("%+v at %s is %+v, want the first number %d and the end of %+v", v, at, w, first, live)
			}
			head := m.of(n)[w.First]
			if head.tagged {
				head.dsn--
			}
			if w.DiscontinuitySequence != head.dsn {
				t.Fatalf("EXT-X-DISCONTINUITY-SEQUENCE is %d, want %d", w.DiscontinuitySequence, head.dsn)
			}
			holds := []time.Time{w.Changed, w.Next.Add(-1)}
			if w.Ended {
				holds = []time.Time{w.Changed, w.Changed.Add(time.Hour)}
			}
			for _, same := range holds {
				if same.Before(line.Ready().Add(v.Delay)) {
					continue
				}
				if got, err := line.View(n, v, same); err != nil || got != w {
					t.Fatalf("%+v at %s is %+v, %v, at %s it is %+v", v, same, got, err, at, w)
				}
			}
		}
	})
}

// TestView_AGrowingIntervalKeepsItsHeadAndEndsAtOnce: at the stream's end, in all
// renditions at one instant, and nothing changes after it.
func TestView_AGrowingIntervalKeepsItsHeadAndEndsAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, _ := timelines(t)
		end, ends := line.end()
		if !ends {
			return
		}
		from := line.eras[0].start + time.Duration(rapid.Int64Range(0, int64(end-line.eras[0].start-second)).Draw(t, "from"))
		var complete time.Time
		for n := range line.eras[0].first {
			first, at := int64(-1), epoch.Add(from)
			for {
				w, err := line.View(n, View{From: epoch.Add(from)}, at)
				if errors.Is(err, ErrNotYet) {
					if at = at.Add(100 * ms); at.After(epoch.Add(end + time.Minute)) {
						return // nothing begins after from
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if first >= 0 && w.First != first {
					t.Fatalf("the head moved from %d to %d", first, w.First)
				}
				if first = w.First; w.Ended {
					if !complete.IsZero() && w.Changed != complete {
						t.Fatalf("rendition %d ends at %s, others at %s", n, w.Changed, complete)
					}
					if later, err := line.View(n, View{From: epoch.Add(from)}, at.Add(time.Hour)); err != nil || later != w {
						t.Fatalf("after its end it changed from %+v to %+v, %v", w, later, err)
					}
					complete = w.Changed
					break
				}
				if !w.Next.After(at) {
					t.Fatalf("at %s the next change is at %s", at, w.Next)
				}
				at = w.Next
			}
		}
	})
}

// TestView_AGrowingIntervalNeverExceedsItsBounds, in any rendition, and reaches one of
// them.
func TestView_AGrowingIntervalNeverExceedsItsBounds(t *testing.T) {
	stopped := 0
	rapid.Check(t, func(t *rapid.T) {
		line, _ := timelines(t)
		if _, ends := line.end(); ends {
			return
		}
		from := epoch.Add(line.eras[0].start + time.Duration(rapid.Int64Range(0, int64(horizon(line))).Draw(t, "from")))
		near, complete := false, time.Time{}
		for n := range line.eras[0].first {
			w, err := line.View(n, View{From: from}, from.Add(26*time.Hour))
			if err != nil || !w.Ended {
				t.Fatalf("%+v, %v, want an end", w, err)
			}
			if !complete.IsZero() && w.Changed != complete {
				t.Fatalf("rendition %d ends at %s, others at %s", n, w.Changed, complete)
			}
			complete = w.Changed
			tags := line.dsn(n, w.End-1) - w.DiscontinuitySequence
			if w.Len() > MaxWindow || tags > MaxTags {
				t.Fatalf("rendition %d has %d segments and %d discontinuities", n, w.Len(), tags)
			}
			near = near || w.Len() > MaxWindow-100 || tags > MaxTags-100
		}
		if near {
			stopped++
		} else if length := complete.Sub(from); length < MaxInterval-3*time.Minute {
			t.Fatalf("it stops after %s at no bound", length)
		}
	})
	if stopped == 0 {
		t.Error("none stopped before a day")
	}
}

func endless(t *testing.T, renditions ...Rendition) *Timeline {
	t.Helper()
	line, err := NewTimeline(epoch, 0, Plan{At: epoch, Loop: []*Item{NewItem(lay(t, renditions...), 0)}})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// TestView_AGrowingIntervalStops after a day, after 20,000 segments of any rendition,
// and before the 2,001st discontinuity.
func TestView_AGrowingIntervalStops(t *testing.T) {
	six, two := rendition(6*second, 6*second, 6*second, 6*second, 6*second), rendition(2*second, 2*second, 2*second)
	fine := Rendition{Audio: true}
	for range 30 {
		fine.Segments = append(fine.Segments, Segment{Duration: second})
	}
	many := rendition()
	for range 600 {
		many.Segments = append(many.Segments, Segment{Duration: second})
	}
	for _, test := range []struct {
		name string
		line *Timeline
		want time.Duration // length
	}{
		{"a day", endless(t, rendition(repeat(120, 12*second)...)), 24 * time.Hour},
		{"20,000 segments", endless(t, many), 20_000 * second},
		{"2,000 discontinuities", endless(t, two), 2000*6*second + 2*second},
		{"2,000 discontinuities, or 20,000 segments of the audio", endless(t, six, fine), 20_000/30*30*second + 18*second},
	} {
		// at an instant in mid-loop, an hour after the beginning
		from := epoch.Add(time.Hour + test.line.eras[0].item().Start(0, 2))
		v := View{From: from}
		for n := range test.line.eras[0].first {
			w, err := test.line.View(n, v, from.Add(48*time.Hour))
			if err != nil || !w.Ended {
				t.Fatalf("%s: %+v, %v, want an end", test.name, w, err)
			}
			length := test.line.endOf(n, w.End-1) - from.Sub(epoch)
			if length != test.want || w.Changed != from.Add(length) {
				t.Errorf("%s: rendition %d ends after %s, at %s, want %s", test.name, n, length, w.Changed.Sub(from), test.want)
			}
			before, err := test.line.View(n, v, w.Changed.Add(-1))
			if err != nil || before.Ended || before.Next != w.Changed {
				t.Errorf("%s: before its end it is %+v, %v", test.name, before, err)
			}
		}
	}
}

func repeat(n int, d time.Duration) (all []time.Duration) {
	for range n {
		all = append(all, d)
	}
	return all
}

func TestView_OutsideItsBounds(t *testing.T) {
	line := endless(t, rendition(2*second, 2*second, 2*second))
	now := epoch.Add(100 * time.Hour)
	for _, test := range []struct {
		view View
		want error
	}{
		{View{From: epoch.Add(-1)}, ErrTooOld},
		{View{Delay: 101 * time.Hour}, ErrTooOld},
		{View{Delay: 100 * time.Hour}, ErrNotYet},
		{View{From: now}, ErrNotYet},
		{View{From: epoch.Add(time.Hour), To: epoch.Add(25 * time.Hour)}, ErrTooLong},
		{View{Span: 48 * time.Hour}, ErrTooLong},
		{View{From: epoch.Add(time.Hour), To: epoch.Add(2 * time.Hour)}, nil},
		{View{Span: time.Hour, Delay: time.Hour}, nil},
	} {
		if _, err := line.View(0, test.view, now); !errors.Is(err, test.want) {
			t.Errorf("%+v: %v, want %v", test.view, err, test.want)
		}
	}
}

// TestView_AfterTheEndIsOver: also where less than a segment is left, before that is
// published.
func TestView_AfterTheEndIsOver(t *testing.T) {
	short := NewItem(lay(t, rendition(4*second, 4*second, 300*ms)), 0)
	line, err := NewTimeline(epoch, 0, Plan{At: epoch, Play: []*Item{short}})
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[time.Duration]error{7 * second: nil, 8 * second: ErrOver, 8300 * ms: ErrOver, time.Hour: ErrOver} {
		for _, to := range []time.Time{{}, epoch.Add(from + 10*second)} {
			if _, err := line.View(0, View{From: epoch.Add(from), To: to}, epoch.Add(max(from, 8*second))); !errors.Is(err, want) {
				t.Errorf("from %s to %s: %v, want %v", from, to, err, want)
			}
		}
	}
}

// TestView_ARenditionThatIsLeftOutHoldsNobodyUp.
func TestView_ARenditionThatIsLeftOutHoldsNobodyUp(t *testing.T) {
	line := endless(t, rendition(2*second, 2*second, 2*second), Rendition{Optional: true, Refused: refuse(CodeSegmentTooLong, 1, "a test")})
	v, now := View{From: epoch.Add(time.Minute)}, epoch.Add(time.Hour)
	if w, err := line.View(0, v, now); err != nil || w.Len() == 0 {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := line.View(1, v, now); !errors.Is(err, ErrLeftOut) {
		t.Errorf("the rendition that is left out: %v", err)
	}
}
