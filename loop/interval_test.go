package loop

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// between answers an interval from a walk: the numbers whose segments end after
// its first boundary, give or take the tolerance, and begin before its last.
func (m *model) between(rendition int, from, to time.Duration) (first, end int64, complete time.Duration) {
	from += time.Millisecond - 1
	at := m.era(from)
	begin, over := at.start, m.all[len(m.all)-1].start+m.all[len(m.all)-1].length
	for _, s := range m.reference(at) {
		if s.end <= from {
			begin = max(begin, s.end)
		}
	}
	for _, p := range m.all {
		if p.start >= to {
			over = min(over, p.start)
		}
		for _, s := range m.reference(p)[1:] { // that a play's last segment ends early is no boundary
			if s.start >= to {
				over = min(over, s.start)
			}
		}
		if last := m.reference(p); last[len(last)-1].end == p.start+p.length && p.start+p.length >= to {
			over = min(over, p.start+p.length)
		}
	}
	for n := range m.numbers {
		for _, s := range m.of(n) {
			if s.start < over-500*ms {
				complete = max(complete, s.end)
			}
		}
	}
	first = m.count(rendition, begin+500*ms)
	for _, s := range m.of(rendition) {
		if s.start < over-500*ms {
			end++
		}
	}
	return first, end, complete
}

func TestBetween_ShowsTheSegmentsOfTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, plans := timelines(t)
		m := &model{walk(epoch, plans, horizon(line)+30*second), line.least}
		start := line.eras[0].start
		from := start + time.Duration(rapid.Int64Range(0, int64(horizon(line)-start-12*second)).Draw(t, "from"))
		to := from + max(line.eras[0].target, 10*second) + time.Duration(rapid.Int64Range(0, int64(60*second)).Draw(t, "length"))
		if to > horizon(line) {
			return
		}
		n := rapid.IntRange(0, len(m.numbers)-1).Draw(t, "rendition")
		first, end, complete := m.between(n, from, to)
		over := false
		for r := range m.numbers {
			first, end, _ := m.between(r, from, to)
			over = over || end <= first
		}
		for range 5 {
			at := from + time.Duration(rapid.Int64Range(0, int64(to-from+20*second)).Draw(t, "at"))
			w, err := line.Between(n, epoch.Add(from), epoch.Add(to), epoch.Add(at))
			if over != errors.Is(err, ErrOver) {
				t.Fatalf("interval %s to %s at %s: %v; a rendition has nothing of it: %v", from, to, at, err, over)
			}
			if over || errors.Is(err, ErrNotYet) {
				continue
			}
			if want := min(end, m.count(n, at)); w.First != first || w.End != want || w.Ended != (at >= complete) {
				t.Fatalf("interval %s to %s at %s is %+v, want [%d, %d), complete at %s", from, to, at, w, first, want, complete)
			}
			head := m.of(n)[first]
			if head.tagged {
				head.dsn--
			}
			if w.DiscontinuitySequence != head.dsn {
				t.Fatalf("EXT-X-DISCONTINUITY-SEQUENCE of %s to %s is %d, want %d", from, to, w.DiscontinuitySequence, head.dsn)
			}
			for _, same := range []time.Time{w.Changed, w.Next.Add(-1)} {
				if w.Ended && same != w.Changed {
					continue
				}
				if got, err := line.Between(n, epoch.Add(from), epoch.Add(to), same); err == nil && got != w {
					t.Fatalf("interval at %s is %+v, at %s %+v", at, w, same, got)
				}
			}
		}
	})
}

// TestBetween_GrowsToTheLiveEdge: an interval without an end.
func TestBetween_GrowsToTheLiveEdge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, _ := timelines(t)
		from := line.eras[0].start + time.Duration(rapid.Int64Range(0, int64(horizon(line))).Draw(t, "from"))
		if _, ends := line.end(); ends {
			return
		}
		at := epoch.Add(from).Add(time.Duration(rapid.Int64Range(int64(30*second), int64(300*second)).Draw(t, "later")))
		for n := range line.eras[0].first {
			w, err := line.Between(n, epoch.Add(from), time.Time{}, at)
			if errors.Is(err, ErrNotYet) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			live := windowAt(t, line, n, maxTime(at, line.Ready()))
			if at.Before(line.Ready()) {
				continue
			}
			if w.End != live.End || w.Ended {
				t.Fatalf("the interval at %s is %+v, live is %+v", at, w, live)
			}
		}
	})
}

// TestBetween_TheEraIsThatOfItsLastSegment, however short that is.
func TestBetween_TheEraIsThatOfItsLastSegment(t *testing.T) {
	old, next := NewItem(lay(t, rendition(4*second, 4*second)), 0), NewItem(lay(t, rendition(1, 4*second, 4*second)), 1)
	line, err := NewTimeline(epoch, 0, Plan{At: epoch, Loop: []*Item{old}}, Plan{At: epoch.Add(80 * second), Loop: []*Item{next}})
	if err != nil {
		t.Fatal(err)
	}
	for to, want := range map[time.Duration]*Item{80 * second: old, 80*second + 1: next} {
		w, err := line.Between(0, epoch.Add(40*second), epoch.Add(to), epoch.Add(time.Hour))
		if err != nil || !w.Ended || w.Era != want {
			t.Errorf("up to %s: %+v, %v, want the era of item %d", to, w, err, want.ID)
		}
	}
}
