package loop

import (
	"iter"
	"math"
	"time"
)

// Aired is a break with its instant.
type Aired struct {
	Start  time.Time
	Length time.Duration // as planned, even if an era cuts it: attributes of a published range never change (RFC 8216bis, 4.4.5.1); 0: the break is a mark at an instant
	End    time.Time     // as far as known: an era can cut the break
	ID     int
}

// Breaks are those that end after an instant, marks those at it or later, that begin
// before another, in their order.
func (t *Timeline) Breaks(from, to time.Time) iter.Seq[Aired] {
	return func(yield func(Aired) bool) {
		var on Aired // a break that the next play may continue; zero: none
		more := true
		next := func(b Aired) {
			if more && !on.Start.IsZero() {
				more = yield(on)
			}
			on = b
		}
		for p := range t.places(from.Sub(t.epoch)-1, math.MaxInt64) {
			filled, is := p.item().Filled()
			if is && on.Start.Equal(t.epoch.Add(p.start+filled.At)) {
				on.End = t.epoch.Add(p.end())
				continue
			}
			if next(Aired{}); !more || !t.epoch.Add(p.start).Before(to) {
				return
			}
			for _, b := range t.airedIn(p, from, to) {
				next(b)
			}
		}
		next(Aired{})
	}
}

// NextBreak is the first of the next breaks; not ok: there is none.
func (t *Timeline) NextBreak(from, to time.Time) (b Aired, ok bool) {
	for b := range t.Breaks(from, to) {
		return b, true
	}
	return b, false
}

// airedIn are the breaks of one place. No break spans two eras: a process may not know
// what played before the later one.
func (t *Timeline) airedIn(p place, from, to time.Time) (all []Aired) {
	for _, b := range p.item().Breaks {
		one := Aired{Start: t.epoch.Add(p.start + b.At), Length: b.Length, ID: b.ID}
		if one.End = one.Start; b.Length > 0 {
			one.End = t.epoch.Add(p.end())
		}
		over := b.Length > 0 && !one.End.After(from) || one.Start.Add(b.Length).Before(from)
		if !over && one.Start.Before(to) && t.reaches(p, b.At) {
			all = append(all, one)
		}
	}
	return all
}

// reaches reports whether a place's era has an instant of its item.
func (t *Timeline) reaches(p place, at time.Duration) bool {
	return at < p.item().length || at == p.item().length && t.at(p.end()).era == p.era
}

// Programme is an item with what continues it, outside of breaks.
type Programme struct {
	Start time.Time
	ID    int // of the item that it begins with
}

// Programmes are those that begin before an instant, from the one on that is played at
// another, or was played last before it.
func (t *Timeline) Programmes(from, to time.Time) (all []Programme) {
	for p := range t.places(from.Sub(t.epoch), to.Sub(t.epoch)) {
		if len(all) == 0 {
			p = t.programme(p)
		}
		if _, filled := p.item().Filled(); !filled && !p.item().Joined {
			all = append(all, Programme{t.epoch.Add(p.start), p.item().ID})
		}
	}
	return all
}

// programme is the place where the programme begins that is played at a place, or was
// played before its break.
func (t *Timeline) programme(p place) place {
	for p.start > t.eras[0].start {
		if _, filled := p.item().Filled(); !filled && !p.item().Joined {
			break
		}
		p = t.at(p.start - 1)
	}
	return p
}

// places are those on air from an instant on that begin before another.
func (t *Timeline) places(from, to time.Duration) iter.Seq[place] {
	return func(yield func(place) bool) {
		p := t.at(max(from, t.eras[0].start))
		for p.start < to && yield(p) {
			next := t.at(p.end())
			if next.start <= p.start {
				return // the stream has ended
			}
			p = next
		}
	}
}

// first is the place where the item begins that the one here continues.
func (p place) first() place {
	for p.item().Joined && p.x > 0 {
		p.x--
		p.start -= p.item().length
	}
	return p
}

// last is the place where the item ends that is played here.
func (p place) last() place {
	for p.x < p.block.last() && p.block.item(p.x+1).Joined {
		p.start += p.item().length
		p.x++
	}
	return p
}
