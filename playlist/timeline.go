package playlist

import (
	"cmp"
	"slices"
	"time"
)

// starts tells when each segment begins, from the VOD's beginning.
func (m *Media) starts() []time.Duration {
	starts := make([]time.Duration, len(m.Segments))
	for i := 1; i < len(starts); i++ {
		starts[i] = starts[i-1] + m.Segments[i-1].Duration
	}
	return starts
}

// run is a stretch of segments whose dates follow each other to the nanosecond:
// what is placed by them doesn't drift where EXTINF and dates do.
type run struct {
	from time.Time
	zero time.Time // the loop's beginning, in these dates
}

// runs of the VOD's dates, by date; none if it has no dates.
func (m *Media) runs() (runs []run) {
	starts := m.starts()
	for i, date := range m.dates() {
		zero := date.Add(-starts[i])
		if n := len(runs); n == 0 || !zero.Equal(runs[n-1].zero) {
			runs = append(runs, run{date, zero})
		}
	}
	slices.SortStableFunc(runs, func(a, b run) int { return a.from.Compare(b.from) })
	return runs
}

// zeroOf is the loop's beginning in the dates of a range: by the run that its
// start falls in, else by the nearest before it; without dates its segment's
// beginning is the range's.
func zeroOf(start time.Time, at time.Duration, runs []run) time.Time {
	if len(runs) == 0 {
		return start.Add(-at)
	}
	n, _ := slices.BinarySearchFunc(runs, start, func(r run, t time.Time) int { return cmp.Or(r.from.Compare(t), -1) })
	return runs[max(n-1, 0)].zero
}

// dates gives every segment its date: its own or, from the nearest one that
// has, counted on or back. None if no segment has one.
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
