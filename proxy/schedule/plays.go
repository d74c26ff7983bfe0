package schedule

import (
	"iter"
	"slices"
	"time"

	"vod2live/loop"
)

// Play is one play of an item, as it is written down.
type Play struct {
	Item  *Item
	Start time.Time
	End   time.Time // … of the whole item, or where the next era cuts it
	Media []int64   // media sequence numbers of its first segments, by rendition; Absent where one is left out
}

// Plays are those of the eras whose numbers are written down, in their order, from the
// one on air at an instant.
func (o *Object) Plays(from time.Time) iter.Seq[Play] {
	return func(yield func(Play) bool) {
		for n := range o.Eras {
			e := &o.Eras[n]
			if e.Numbers == nil {
				return
			}
			var until time.Time // zero: no other era follows
			if n+1 < len(o.Eras) {
				if until = o.Eras[n+1].begins(); !until.After(from) {
					continue
				}
			}
			if !e.walk(from, until, yield) {
				return
			}
		}
	}
}

// walk yields the plays of an era from an instant until another, zero: without end.
func (e *Era) walk(from, until time.Time, yield func(Play) bool) bool {
	at, round := newSum(e.Numbers.Media), sumOf(e.Loop, e.Numbers.Media)
	more := e.walkList(e.Play, at, from, until, yield)
	if skip := from.Sub(e.Starts) - at.length; round.length > 0 && skip > 0 {
		at.times(int64(skip/round.length), round)
	}
	for more == yes && round.length > 0 {
		more = e.walkList(e.Loop, at, from, until, yield)
	}
	return more != stopped
}

// outcome of a walk.
type outcome int

const (
	yes     outcome = iota // more may follow
	ended                  // the next era begins
	stopped                // nobody wants more
)

// walkList yields the plays of one of the era's lists.
func (e *Era) walkList(items []Item, at *sum, from, until time.Time, yield func(Play) bool) outcome {
	for n := range items {
		p := e.play(&items[n], at)
		if !until.IsZero() && !p.Start.Before(until) {
			return ended
		}
		if !until.IsZero() && p.End.After(until) {
			p.End = until
		}
		if p.End.After(from) && !yield(p) {
			return stopped
		}
		for k := range items[n].Stretches {
			at.add(&items[n].Stretches[k])
		}
	}
	return yes
}

// play is that of an item after what has been played.
func (e *Era) play(i *Item, before *sum) Play {
	p := Play{Item: i, Start: e.Starts.Add(before.length), Media: slices.Clone(e.Numbers.Media)}
	for r := range p.Media {
		if p.Media[r] != Absent {
			p.Media[r] += before.media[r]
		}
	}
	p.End = p.Start.Add(sumOf([]Item{*i}, before.media).length)
	return p
}

// CutBy is the item of the era on air where the next one starts, under its numbers, and
// what of it plays before; nil: none is cut.
func (e *Era) CutBy(starts time.Time, media []int64) (item *Item, before Stretch) {
	e.walk(starts.Add(-1), time.Time{}, func(p Play) bool {
		if !p.Start.Before(starts) || !p.End.After(starts) || len(media) != len(p.Media) {
			return false
		}
		item, before = p.Item, loop.Stretch{Length: starts.Sub(p.Start), Segments: slices.Clone(media)}
		for r := range before.Segments {
			if media[r] != Absent {
				before.Segments[r] -= max(p.Media[r], 0)
			}
		}
		return false
	})
	return item, before
}
