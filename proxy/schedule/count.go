package schedule

import (
	"time"

	"vod2live/loop"
)

// CheckNumbers checks the starts and the numbers that are written down against one
// another, by the stretches of what plays between: where an item is cut, what plays of
// its last stretch is known by its bounds only.
func (o *Object) CheckNumbers() error {
	first, last := -1, 0
	for n := range o.Eras {
		e := &o.Eras[n]
		if e.Numbers == nil {
			continue
		}
		if err := e.checkStretches(); err != nil {
			return err
		}
		if e.At.Sub(e.Starts) >= o.Target {
			return refuse(CodeNumbersDiffer, "the era at %s starts at %s: an era never starts a target duration early", e.At.Format(time.RFC3339), e.Starts.Format(time.RFC3339Nano))
		}
		if first < 0 {
			first = n
		}
		last = n
		if n+1 == len(o.Eras) || o.Eras[n+1].Numbers == nil {
			continue
		}
		if err := e.checkNext(&o.Eras[n+1]); err != nil {
			return err
		}
	}
	for n := max(first, 0); n < last; n++ {
		if o.Eras[n].Numbers == nil {
			return refuse(CodeNumbersNeeded, "the era at %s has no numbers, and a later one has", o.Eras[n].At.Format(time.RFC3339))
		}
	}
	if first > 0 {
		return refuse(CodeNumbersNeeded, "the first era has no numbers, and a later one has")
	}
	return nil
}

// checkStretches checks that all renditions have a sound number of segments in all
// stretches of an era, in sum few enough to be laid out.
func (e *Era) checkStretches() error {
	for i := range e.each() {
		if err := i.checkStretches(e.Numbers.Media); err != nil {
			return err
		}
	}
	return nil
}

// checkStretches checks those of an item in an era with numbers for some renditions.
func (i *Item) checkStretches(media []int64) error {
	segments := int64(0)
	for k := range i.Stretches {
		for r, count := range i.Stretches[k].Segments {
			if r >= len(media) || (count == Absent) != (media[r] == Absent) || count == 0 {
				return refuse(CodeNumbersDiffer, "%s has a stretch with %d segments of rendition %d", i.Name(), max(count, 0), r)
			}
			if segments += max(count, 0); count > loop.MaxSegments || segments > loop.MaxSegments {
				return refuse(CodeNumbersDiffer, "%s has more than %d segments", i.Name(), loop.MaxSegments)
			}
		}
	}
	return nil
}

// sum is what some plays count for.
type sum struct {
	length time.Duration
	tags   int64
	media  []int64
}

func newSum(like []int64) *sum { return &sum{media: make([]int64, len(like))} }

func (s *sum) add(t *Stretch) {
	s.length += t.Length
	s.tags++
	for r, n := range t.Segments {
		s.media[r] += max(n, 0)
	}
}

func sumOf(items []Item, like []int64) *sum {
	all := newSum(like)
	for n := range items {
		for k := range items[n].Stretches {
			all.add(&items[n].Stretches[k])
		}
	}
	return all
}

func (s *sum) times(n int64, of *sum) {
	s.length += time.Duration(n) * of.length
	s.tags += n * of.tags
	for r := range s.media {
		s.media[r] += n * of.media[r]
	}
}

// checkNext checks what an era counts for until the next one.
func (e *Era) checkNext(next *Era) error {
	like := e.Numbers.Media
	if len(next.Numbers.Media) != len(like) {
		return refuse(CodeNumbersDiffer, "the era at %s has numbers of %d renditions, the previous one of %d", next.At.Format(time.RFC3339), len(next.Numbers.Media), len(like))
	}
	left := next.Starts.Sub(e.Starts)
	if left <= 0 {
		return refuse(CodeNumbersDiffer, "the era at %s starts at %s, before the previous one", next.At.Format(time.RFC3339), next.Starts.Format(time.RFC3339Nano))
	}
	played, items := newSum(like), e.Play
	if once := sumOf(e.Play, like); left >= once.length && len(e.Loop) > 0 {
		round := sumOf(e.Loop, like)
		played, items = once, e.Loop
		played.times(int64((left-once.length)/round.length), round)
	}
	partial := newSum(like)
	for n := range items {
		for k := range items[n].Stretches {
			s := &items[n].Stretches[k]
			if rest := left - played.length; rest < s.Length {
				if rest > 0 {
					partial.add(s)
				}
				return e.compare(next, played, partial)
			}
			played.add(s)
		}
	}
	if left > played.length {
		return refuse(CodeNumbersDiffer, "the era at %s starts at %s, after the end of what plays before it", next.At.Format(time.RFC3339), next.Starts.Format(time.RFC3339Nano))
	}
	return e.compare(next, played, partial)
}

// compare compares numbers with what has been played whole, and in part.
func (e *Era) compare(next *Era, played, partial *sum) error {
	tags := next.Numbers.Discontinuity - e.Numbers.Discontinuity
	most := played.tags + partial.tags
	least := most
	if len(e.Loop) == 1 && len(e.Loop[0].Stretches) == 1 {
		least = 1 // where timestamps continue, plays share a discontinuity
	}
	if tags < least || tags > most {
		return refuse(CodeNumbersDiffer, "the era at %s has the discontinuity sequence %d: %d would follow from what plays before it", next.At.Format(time.RFC3339), next.Numbers.Discontinuity, e.Numbers.Discontinuity+most)
	}
	for r, number := range next.Numbers.Media {
		if number == Absent || e.Numbers.Media[r] == Absent {
			continue
		}
		least := e.Numbers.Media[r] + played.media[r]
		if most := least + partial.media[r]; number < least || number > most {
			return refuse(CodeNumbersDiffer, "the era at %s has the media sequence %d in rendition %d: from %d to %d would follow from what plays before it", next.At.Format(time.RFC3339), number, r, least, most)
		}
	}
	return nil
}
