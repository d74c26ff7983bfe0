package playlist

import (
	"slices"
	"time"
)

// placedRange is an EXT-X-DATERANGE of a VOD with its place in that.
type placedRange struct {
	dateRange
	segment      int           // that its tag precedes
	begins, ends time.Duration // in the VOD: of an update as of the first tag with its ID
}

// withoutRanges is the playlist without its ranges, and these, in their order.
func (m *Media) withoutRanges() (bare *Media, all []placedRange) {
	if m == nil || !slices.ContainsFunc(m.Segments, func(s Segment) bool { return len(s.ranges) > 0 }) {
		return m, nil
	}
	without := *m
	without.Segments = slices.Clone(m.Segments)
	starts, dates, first := m.starts(), m.timeline(), map[string]int{}
	for i := range without.Segments {
		for _, r := range without.Segments[i].ranges {
			n, update := first[r.id]
			switch {
			case update:
				all = append(all, placedRange{r, i, all[n].begins, 0})
			case !r.start.IsZero():
				first[r.id] = len(all)
				all = append(all, placedRange{r, i, between(dates.zeroOf(r.start, i, starts[i]), r.start), 0})
			}
		}
		without.Segments[i].ranges = nil
	}
	setEnds(all, first)
	return &without, all
}

// setEnds finds the ends of ranges by the latest tag of each ID; of one that ends with
// the next of its class, by that.
func setEnds(all []placedRange, first map[string]int) {
	next := map[string][]time.Duration{}
	for _, r := range all {
		next[r.class] = append(next[r.class], r.begins)
	}
	for _, begins := range next {
		slices.Sort(begins)
	}
	for n := range all {
		r, of := &all[n], &all[first[all[n].id]]
		r.ends = r.begins + max(r.duration, between(of.start, r.end))
		if begins := next[r.class]; r.onNext {
			r.ends = forever
			if n, _ := slices.BinarySearch(begins, r.begins+1); n < len(begins) {
				r.ends = begins[n]
			}
		}
		of.ends = max(of.ends, r.ends)
	}
	for n := range all {
		all[n].ends = all[first[all[n].id]].ends
	}
}

// nearPart is how far from the beginning of a part its renditions may begin it.
const nearPart = 500 * time.Millisecond

// partOf returns the ranges that begin in the part of an item between two instants. Each
// range is in one part only, or an interstitial would play again after each break. The
// first part also has the ranges that began before the item and have not ended.
func partOf(all []placedRange, from, to time.Duration, first bool) (own []placedRange) {
	for _, r := range all {
		if r.begins < to-nearPart && (r.begins >= from-nearPart || first && (from == 0 || r.ends >= from)) {
			own = append(own, r)
		}
	}
	return own
}

// with is the playlist, which may be a part of a VOD's, with ranges of that.
func (m *Media) with(ranges []placedRange) *Media {
	if len(ranges) == 0 || len(m.Segments) == 0 {
		return m
	}
	all := *m
	all.Segments = slices.Clone(m.Segments)
	for _, r := range ranges {
		s := &all.Segments[min(max(r.segment-m.skipped, 0), len(all.Segments)-1)]
		s.ranges = append(s.ranges, r.dateRange)
	}
	return &all
}
