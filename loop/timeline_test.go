package loop

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// horizon is some rounds after the last era has begun.
func horizon(line *Timeline) time.Duration {
	last := line.eras[len(line.eras)-1]
	return last.start + last.play.length() + 5*last.loop.length() + 3*last.window
}

// TestTimeline_EqualsAWalkWithCounters: from numbers and instants to items,
// segments, dates, tags and discontinuity sequence numbers.
func TestTimeline_EqualsAWalkWithCounters(t *testing.T) {
	segments := 0
	rapid.Check(t, func(t *rapid.T) {
		line, plans := timelines(t)
		for _, p := range walk(epoch, plans, 12*horizon(line)).all {
			for n, spots := range p.renditions {
				for i, want := range spots {
					segments++
					r := line.Run(n, want.number)
					got := spot{r.First, r.Start(n, r.From).Sub(epoch), r.Start(n, r.From+1).Sub(epoch), r.DiscontinuitySequence(n, r.From), r.Discontinuity(n, r.From)}
					if got != want || r.From != i || r.To != len(spots) || r.Zero.Sub(epoch) != p.start || r.Sequence != p.dsn {
						t.Fatalf("segment %d of rendition %d is %+v in %+v, want %+v, segment %d of %d of the item at %s", want.number, n, got, r, want, i, len(spots), p.start)
					}
				}
			}
		}
	})
	t.Logf("%d segments", segments)
	if segments < 100_000 {
		t.Error("fewer than 100000 segments were compared")
	}
}

// model answers windows from a walk: with counts of all segments.
type model struct {
	*walker
	window time.Duration
}

func (m *model) era(e time.Duration) (on walked) {
	for _, p := range m.all {
		if p.start <= e {
			on = p
		}
	}
	return on
}

func (m *model) target(era int) time.Duration { return m.plans[era].target(m.plans[:era]) }

func (m *model) width(era int) time.Duration {
	return max(m.window, 6*(m.target(era)+second)+500*ms)
}

func (m *model) reference(p walked) []spot {
	return p.renditions[m.referenceOf(p)]
}

func (m *model) referenceOf(p walked) int {
	for _, items := range [][]*Item{m.plans[p.era].Play, m.plans[p.era].Loop} {
		for _, it := range items {
			return it.VOD.Reference
		}
	}
	return 0
}

// head is the first number of a window by the rule of DESIGN: B, B - W, and the
// reference's boundary there.
func (m *model) head(rendition int, e time.Duration) int64 {
	newest := m.all[0].start
	for _, p := range m.all {
		for _, s := range m.reference(p) {
			if s.end <= e {
				newest = max(newest, s.end)
			}
		}
	}
	on := m.era(e)
	from := newest - m.width(on.era)
	for era := 1; era <= on.era; era++ {
		if m.target(era) > m.target(era-1) {
			from = max(from, m.begins(era)-m.width(era-1))
		}
	}
	if from < m.all[0].start {
		return 0
	}
	at := m.era(from)
	boundary := at.start
	for _, s := range m.reference(at) {
		if s.end <= from {
			boundary = max(boundary, s.end)
		}
	}
	return m.count(rendition, boundary+500*ms)
}

func (m *model) begins(era int) time.Duration {
	for _, p := range m.all {
		if p.era == era {
			return p.start
		}
	}
	return 1 << 62
}

func (m *model) count(rendition int, e time.Duration) (n int64) {
	for _, s := range m.of(rendition) {
		if s.end <= e {
			n++
		}
	}
	return n
}

func TestTimeline_WindowsAreThoseOfTheRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, plans := timelines(t)
		m := &model{walk(epoch, plans, horizon(line)), line.least}
		n := rapid.IntRange(0, len(m.numbers)-1).Draw(t, "rendition")
		for range 10 {
			at := line.Ready().Add(time.Duration(rapid.Int64Range(0, int64(horizon(line)-line.Ready().Sub(epoch))).Draw(t, "in")))
			w := windowAt(t, line, n, at)
			first, end := m.head(n, at.Sub(epoch)), m.count(n, at.Sub(epoch))
			if w.First != first || w.End != end {
				t.Fatalf("window of rendition %d at %s is [%d, %d), want [%d, %d)", n, at.Sub(epoch), w.First, w.End, first, end)
			}
			if ended := len(plans[len(plans)-1].Loop) == 0 && at.Sub(epoch) >= m.at; w.Ended != ended || w.Ended != w.Next.IsZero() || ended && w.Changed.Sub(epoch) != m.at {
				t.Fatalf("window of rendition %d at %s is %+v, the stream ends at %s: %t", n, at.Sub(epoch), w, m.at, ended)
			}
			tags := m.of(n)[first].dsn
			if m.of(n)[first].tagged {
				tags--
			}
			if w.DiscontinuitySequence != tags {
				t.Fatalf("EXT-X-DISCONTINUITY-SEQUENCE at %s is %d, want %d", at.Sub(epoch), w.DiscontinuitySequence, tags)
			}
		}
	})
}

// changes calls f with each window of a rendition, one after the other.
func changes(t *rapid.T, line *Timeline, rendition int, f func(at time.Time, w Window)) {
	end := epoch.Add(horizon(line))
	for at := line.Ready(); at.Before(end); {
		w := windowAt(t, line, rendition, at)
		f(at, w)
		if w.Ended {
			return
		}
		if !w.Next.After(at) {
			t.Fatalf("at %s the next change is at %s", at, w.Next)
		}
		at = w.Next
	}
}

func TestTimeline_NumbersNeverFallAndTheSequenceRisesWhenATagLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, _ := timelines(t)
		n := rapid.IntRange(0, len(line.eras[0].first)-1).Draw(t, "rendition")
		last := Window{First: -1}
		changes(t, line, n, func(at time.Time, w Window) {
			if w.First < last.First || w.End < last.End || w.Len() < 1 {
				t.Fatalf("at %s %+v follows %+v", at, w, last)
			}
			for number := max(last.First, 0); last.First >= 0 && number < w.First; number++ {
				if r := line.Run(n, number); r.Discontinuity(n, r.From) {
					last.DiscontinuitySequence++
				}
			}
			if last.First >= 0 && w.DiscontinuitySequence != last.DiscontinuitySequence {
				t.Fatalf("at %s EXT-X-DISCONTINUITY-SEQUENCE is %d, want %d", at, w.DiscontinuitySequence, last.DiscontinuitySequence)
			}
			last = w
		})
	})
}

func TestTimeline_AWindowHoldsFromItsChangeToItsNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, _ := timelines(t)
		n := rapid.IntRange(0, len(line.eras[0].first)-1).Draw(t, "rendition")
		changes(t, line, n, func(at time.Time, w Window) {
			for _, same := range []time.Time{w.Changed, w.Next.Add(-1), w.Changed.Add(w.Next.Sub(w.Changed) / 2)} {
				if w.Ended || same.Before(line.Ready()) {
					continue
				}
				if got := windowAt(t, line, n, same); got != w {
					t.Fatalf("at %s %+v, but at %s %+v", at, w, same, got)
				}
			}
		})
	})
}

func TestTimeline_WindowsHoldEnoughAndKeepInStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, _ := timelines(t)
		changes(t, line, 0, func(at time.Time, w Window) {
			e := at.Sub(epoch)
			on := line.at(e).era
			if e < line.eras[0].start+on.window+3*on.target || on.ended(e) {
				return
			}
			begin, end := spanOf(line, 0, w)
			for n := range on.first {
				other := windowAt(t, line, n, at)
				b, last := spanOf(line, n, other)
				slack := on.target + second
				if b.Sub(begin).Abs() > slack || last.Sub(end).Abs() > slack || at.Sub(last) > slack || last.After(at) {
					t.Fatalf("at %s rendition %d shows %s to %s, rendition 0 %s to %s", at, n, b, last, begin, end)
				}
				held := on.target
				if on.floor > e-on.window-2*on.target { // it has been raised a short while ago
					held = line.eras[0].target
				}
				if other.Len() < minimum && held == on.target || last.Sub(b) < 3*held {
					t.Fatalf("at %s rendition %d shows %d segments, %s in all, TD %s", at, n, other.Len(), last.Sub(b), on.target)
				}
			}
		})
	})
}

func spanOf(line *Timeline, rendition int, w Window) (begin, end time.Time) {
	first, last := line.Run(rendition, w.First), line.Run(rendition, w.End-1)
	return first.Start(rendition, first.From), last.Start(rendition, last.From+1)
}

// TestTimeline_SinceAnswersAlike: a process that knows only the later eras.
func TestTimeline_SinceAnswersAlike(t *testing.T) {
	dropped := 0
	rapid.Check(t, func(t *rapid.T) {
		line, plans := timelines(t)
		last := epoch.Add(line.eras[len(line.eras)-1].start)
		begin := maxTime(line.Ready(), last).Add(time.Duration(rapid.Int64Range(0, int64(horizon(line))).Draw(t, "since")))
		since := line.Since(begin)
		dropped += len(line.eras) - len(since.eras)
		if first := len(line.eras) - len(since.eras); first > 0 {
			since = anew(t, line, plans, first, begin)
		}
		for n := range line.eras[0].first {
			for range 5 {
				at := begin.Add(time.Duration(rapid.Int64Range(0, int64(horizon(line))).Draw(t, "in")))
				got, want := windowAt(t, since, n, at), windowAt(t, line, n, at)
				if got != want || since.Run(n, got.First) != line.Run(n, want.First) && len(plans) == 1 {
					t.Fatalf("at %s %+v, but with all eras %+v", at, got, want)
				}
			}
		}
	})
	if dropped == 0 {
		t.Error("no era was ever dropped")
	}
}

// anew makes the timeline of the later eras from their plans and the numbers of
// the first of them, where no target duration rises; else it is cut short.
func anew(t *rapid.T, line *Timeline, plans []Plan, first int, begin time.Time) *Timeline {
	if line.eras[len(line.eras)-1].target > line.eras[0].target {
		return line.Since(begin)
	}
	later := append([]Plan{}, plans[first:]...)
	e := line.eras[first]
	later[0].At = epoch.Add(e.start)
	later[0].Numbers = &Numbers{e.first, e.tags + 1}
	next, err := NewTimeline(epoch, line.least, later...)
	if err != nil {
		t.Skip("the start of the first era is too near to the next wish")
	}
	return next
}

// TestTimeline_AnEditChangesNothingBefore: up to a target duration before the
// wish of an era everything published is as it was.
func TestTimeline_AnEditChangesNothingBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, plans := timelines(t)
		if len(plans) == 1 {
			return
		}
		before, err := NewTimeline(epoch, line.least, plans[:len(plans)-1]...)
		if err != nil {
			t.Fatal(err)
		}
		e := line.eras[len(line.eras)-1]
		last := epoch.Add(e.wish - line.eras[len(line.eras)-2].target)
		for n := range e.first {
			w := windowAt(t, line, n, maxTime(last, line.Ready()))
			if last.Before(line.Ready()) {
				continue
			}
			if was := windowAt(t, before, n, last); was.First != w.First || was.End != w.End || was.DiscontinuitySequence != w.DiscontinuitySequence || !was.Changed.Equal(w.Changed) {
				t.Fatalf("at %s %+v, before the edit %+v", last, w, was)
			}
			for number := w.First; number < w.End; number++ {
				a, b := line.Run(n, number), before.Run(n, number)
				if a.From != b.From || !a.Start(n, a.From).Equal(b.Start(n, b.From)) || !a.Start(n, a.From+1).Equal(b.Start(n, b.From+1)) ||
					a.DiscontinuitySequence(n, a.From) != b.DiscontinuitySequence(n, b.From) || a.Discontinuity(n, a.From) != b.Discontinuity(n, b.From) {
					t.Fatalf("segment %d is %+v, before the edit %+v", number, a, b)
				}
			}
		}
	})
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func TestTimeline_ErasOutOfOrderAreRefused(t *testing.T) {
	vod := lay(t, rendition(4*second, 4*second))
	loop := []*Item{NewItem(vod, 0)}
	for name, c := range map[string]struct {
		second Plan
		code   Code
	}{
		"at the same instant":        {Plan{At: epoch, Loop: loop}, CodeErasUnordered},
		"earlier":                    {Plan{At: epoch.Add(-time.Hour), Loop: loop}, CodeErasUnordered},
		"before it can be told from": {Plan{At: epoch.Add(16*second - 1), Loop: loop}, CodeEraTooShort},
		"just late enough":           {Plan{At: epoch.Add(16 * second), Loop: loop}, ""},
	} {
		if _, err := NewTimeline(epoch, 0, Plan{At: epoch, Loop: loop}, c.second); codeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	if _, err := NewTimeline(epoch, 0, Plan{At: epoch, Play: loop}, Plan{At: epoch.Add(time.Hour), Loop: loop}); codeOf(err) != CodeErasUnordered {
		t.Errorf("after the end of the stream: %v", err)
	}
}

// TestTimeline_FollowBeginsAtAnEndOfTheLoop that is not before the instant, and no nearer
// to the era before than can be told apart.
func TestTimeline_FollowBeginsAtAnEndOfTheLoop(t *testing.T) {
	old, edited := lay(t, rendition(4*second, 4*second)), lay(t, rendition(3*second, 3*second))
	line, err := NewTimeline(epoch, 0, Plan{At: epoch, Loop: []*Item{NewItem(old, 0)}})
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Duration]time.Duration{
		-time.Hour: 16 * second, 0: 16 * second, 16 * second: 16 * second, 16*second + 1: 24 * second, 24 * second: 24 * second,
		8_000_000 * second: 8_000_000 * second, 8_000_000*second - 1: 8_000_000 * second,
	} {
		next, err := line.Follow(NewItem(edited, 1), epoch.Add(at), 0)
		if err != nil {
			t.Fatalf("Follow(%s): %v", at, err)
		}
		if got := next.eras[1].start; got != want {
			t.Errorf("an edit seen at %s begins at %s, want %s", at, got, want)
		}
		r := next.Run(0, int64(want/(4*second)))
		if r.Item.VOD != edited || !r.Tagged || r.From != 0 || r.Sequence != int64(want/(8*second)) {
			t.Errorf("the era at %s begins with %+v", want, r)
		}
	}
}

// TestTimeline_IsExactAfterAMillionLoops: in 20 years of a loop of ten minutes.
func TestTimeline_IsExactAfterAMillionLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, _ := timelines(t)
		last := line.eras[len(line.eras)-1]
		if !last.endless {
			return
		}
		const loops = 1_000_000
		for r := range last.first {
			number := last.first[r] + last.play.count(r) + rapid.Int64Range(0, last.loop.count(r)-1).Draw(t, "in")
			near, far := line.Run(r, number), line.Run(r, number+loops*last.loop.count(r))
			if d := far.Zero.Sub(near.Zero); d != loops*last.loop.length() || near.From != far.From || near.Item != far.Item {
				t.Fatalf("%d loops later %+v is %+v", loops, near, far)
			}
			// The loop that is seen first is number 0 of the era, which carries a reset.
			if got, want := far.Sequence-near.Sequence, loops/last.reset*last.loop.tagged(); got != want {
				t.Fatalf("%d loops have %d discontinuities, want %d", loops, got, want)
			}
			at := far.Start(r, far.From+1)
			if w := windowAt(t, line, r, at); w.End <= far.First || line.Run(r, w.End-1).Start(r, 0).After(at) {
				t.Fatalf("at %s, the end of segment %d, the window is %+v", at, far.First, w)
			}
		}
	})
}
