package playlist

import (
	"cmp"
	"slices"
	"time"
)

// starts returns when each segment begins, from the beginning of the VOD or the clip.
func (m *Media) starts() []time.Duration {
	starts, at := make([]time.Duration, len(m.Segments)), m.lead
	for i := range starts {
		starts[i] = at
		at += m.Segments[i].Duration
	}
	return starts
}

// run is a series of consecutive segments whose dates follow each other to the
// nanosecond: ranges placed by it don't drift if EXTINF and dates do.
type run struct {
	from, until time.Time // until the next one begins, if its dates are later
	zero        time.Time // the loop's beginning, in these dates
	segment     int       // the first
}

// runs of the VOD, in its order; none without dates.
func (m *Media) runs() (runs []run) {
	starts := m.starts()
	for i, date := range m.dates() {
		zero := date.Add(-starts[i])
		if n := len(runs); n == 0 || !zero.Equal(runs[n-1].zero) {
			if n > 0 && date.After(runs[n-1].from) && date.Before(runs[n-1].until) {
				runs[n-1].until = date
			}
			runs = append(runs, run{from: date, zero: zero, segment: i})
		}
		runs[len(runs)-1].until = date.Add(m.Segments[i].Duration)
	}
	return runs
}

// timeline places dates by runs.
type timeline struct {
	runs   []run // in the VOD's order
	byDate []run
}

func (m *Media) timeline() timeline {
	t := timeline{runs: m.runs()}
	t.byDate = slices.Clone(t.runs)
	slices.SortStableFunc(t.byDate, func(a, b run) int { return a.from.Compare(b.from) })
	return t
}

// zeroOf is the start of the loop in the dates of a range whose tag is at a segment
// that begins at an offset: by the segment's run if that contains the range's
// start, else by the run that contains it, else by the nearest run before it.
// Without dates, the range starts with its segment.
func (t *timeline) zeroOf(start time.Time, segment int, at time.Duration) time.Time {
	if len(t.runs) == 0 {
		return start.Add(-at)
	}
	n, _ := slices.BinarySearchFunc(t.runs, segment+1, func(r run, segment int) int { return r.segment - segment })
	if own := t.runs[n-1]; !start.Before(own.from) && start.Before(own.until) {
		return own.zero
	}
	n, _ = slices.BinarySearchFunc(t.byDate, start, func(r run, t time.Time) int { return cmp.Or(r.from.Compare(t), -1) })
	return t.byDate[max(n-1, 0)].zero
}

// dates returns the date of every segment: its own, or computed from the nearest
// segment with a date. None if no segment has one.
func (m *Media) dates() []time.Time {
	first := 0
	for first < len(m.Segments) && m.Segments[first].Date.IsZero() {
		first++
	}
	if first == len(m.Segments) {
		return nil
	}
	dates := make([]time.Time, len(m.Segments))
	dates[first] = m.Segments[first].Date
	for i := first - 1; i >= 0; i-- {
		dates[i] = dates[i+1].Add(-m.Segments[i].Duration)
	}
	for i := first + 1; i < len(dates); i++ {
		if dates[i] = m.Segments[i].Date; dates[i].IsZero() {
			dates[i] = dates[i-1].Add(m.Segments[i-1].Duration)
		}
	}
	return dates
}
