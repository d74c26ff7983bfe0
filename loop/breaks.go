package loop

import (
	"slices"
	"time"
)

// Break is a break for ads, seen from an item: one inside it, or the one that the item
// is played in.
type Break struct {
	At     time.Duration // from the item's beginning to that of the break; not above 0 in items that are played in it
	Length time.Duration // 0: the break is a mark at an instant, nothing is played in it
	ID     int           // the caller's name for the marks of this break
}

// Rule says where an item should have breaks. Times are from the start of the item.
type Rule struct {
	Every   time.Duration // 0: not by this
	At      []time.Duration
	Between bool // one at the item's end
}

// Breaks are where the breaks of one item are placed.
type Breaks struct {
	Inside  []Placed        // in their order, at least the shortest part apart
	AtEnd   bool            // one at the item's end
	ToEnd   []time.Duration // requested instants that this break covers
	Moved   []time.Duration
	Outside []time.Duration // requested instants after the item's end: these breaks are left out
}

// Placed is a break inside an item.
type Placed struct {
	Entry
	Wish time.Duration // from the item's beginning
}

// Any reports whether the rule requests any break.
func (r Rule) Any() bool { return r.Every > 0 || len(r.At) > 0 || r.Between }

// After is the delay of a break after its requested instant. Both instants are from the
// start of an item between two instants of its VOD.
func (b *Breaks) After(in, end, wish time.Duration) time.Duration {
	for _, p := range b.Inside {
		if p.Wish == wish {
			return p.At - in - wish
		}
	}
	return end - in - wish
}

// shortestPart is the least length of a part of an item.
func (v *VOD) shortestPart() time.Duration { return max(MinLength, v.TargetDuration) }

// maxBreaks of an item are placed by Every.
const maxBreaks = 1000

// wishes are the instants that the rule requests in an item of this length,
// ascending. Every requests none in the last quarter of its interval before the
// item's end.
func (r Rule) wishes(length time.Duration) []time.Duration {
	all := slices.Clone(r.At)
	for at := r.Every; r.Every > 0 && length-at >= r.Every/4 && at/r.Every <= maxBreaks; at += r.Every {
		all = append(all, at)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Place places breaks in the item that begins at an entry and ends before end (from the
// beginning of the VOD). Each break is at the first entry not before its requested
// instant. A break that would leave too short a part after it moves to the item's end.
// The renditions are those from which the VOD was laid out.
func (v *VOD) Place(rule Rule, renditions []Rendition, in Entry, end time.Duration) (b Breaks) {
	b.AtEnd = rule.Between
	before := in
	for _, wish := range rule.wishes(end - in.At) {
		if in.At+wish > end {
			b.Outside = append(b.Outside, wish)
			continue
		}
		at, found := v.partEnd(renditions, before, max(in.At+wish, before.At+v.shortestPart()))
		if !found || at.At > end-v.shortestPart() {
			at.At, b.AtEnd, b.ToEnd = end, true, append(b.ToEnd, wish)
		} else {
			before = at
			b.Inside = append(b.Inside, Placed{at, wish})
		}
		if at.At-in.At-wish > v.TargetDuration {
			b.Moved = append(b.Moved, wish)
		}
	}
	return b
}

// partEnd is the first entry not before the requested instant at which a part ends in
// all renditions within the tolerance, if that part begins at another entry.
func (v *VOD) partEnd(renditions []Rendition, from Entry, wish time.Duration) (to Entry, found bool) {
	for {
		to, err := v.In(renditions, wish)
		if err != nil {
			return to, false
		}
		if v.parted(from, to) {
			return to, true
		}
		wish = to.At + 1
	}
}

// parted reports whether the part between two entries can be laid out without loss and
// padding: it is about equally long in all renditions, and the last segment of each one
// begins before the end of all.
func (v *VOD) parted(from, to Entry) bool {
	least, begins := to.At-from.At, time.Duration(0)
	for r := range v.Tracks {
		a, b := from.First[r], to.First[r]
		if a < 0 || b < 0 {
			continue
		}
		edges := v.Tracks[r].edges
		length := edges[b] - edges[a]
		if (length - (to.At - from.At)).Abs() > tolerance-measured {
			return false
		}
		least, begins = min(least, length), max(begins, edges[b-1]-edges[a])
	}
	return begins < least-sliver
}

// With returns the item with breaks. Joined: it continues the item before, so that no
// era begins between the two unless that item is cut.
func (it *Item) With(breaks []Break, joined bool) *Item {
	with := *it
	with.Breaks, with.Joined = breaks, joined
	return &with
}

// Fill returns the plays of the slate that fill a break of about this length: as many
// whole ones as fit, and then one that is cut at the first boundary not before the end.
func (it *Item) Fill(length time.Duration, id int) (plays []*Item) {
	var at time.Duration
	for at < length {
		play := it
		if left := max(length-at, it.VOD.shortestPart()); left < it.length {
			play = it.Cut(left)
		}
		at += play.length
		plays = append(plays, play)
	}
	total := at
	at = 0
	for n, play := range plays {
		plays[n] = play.With([]Break{{-at, total, id}}, n > 0)
		at += play.length
	}
	return plays
}

// Filled is the break that the item is played in.
func (it *Item) Filled() (b Break, is bool) {
	if len(it.Breaks) > 0 && it.Breaks[0].Length > 0 {
		return it.Breaks[0], true
	}
	return b, false
}
