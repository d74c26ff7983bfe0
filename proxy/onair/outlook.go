package onair

import (
	"iter"
	"slices"
	"time"

	"vod2live/loop"
)

// outlook is what a channel has played and will play, as far as that is known. It is
// immutable.
type outlook struct {
	on    *era
	line  *loop.Timeline
	eras  []Era     // of the line; none: the channel plays one VOD
	ahead *prospect // nil: no more is known than of the era on air
}

// prospect is what follows the eras that a channel has on its timeline.
type prospect struct {
	eras    []placed
	lacking []time.Time // when those begin that are left out because items can't be loaded
	cast    []*play     // by the ID of their items
	until   time.Time   // start of the next era, which is not among them; zero: there is none
}

// missing is how many eras of the next 24 hours have items that can't be loaded.
func (a *prospect) missing(now time.Time) (n int) {
	if a == nil {
		return 0
	}
	for _, at := range a.lacking {
		if at.After(now) && at.Before(now.Add(24*time.Hour)) {
			n++
		}
	}
	return n
}

// outlook adds what follows to a timeline: the same arithmetic will place it there.
func (e *era) outlook(a *prospect) *outlook {
	o := &outlook{on: e, line: e.live.Timeline, ahead: a}
	for _, p := range e.placed {
		o.eras = append(o.eras, p.of)
	}
	if a == nil {
		return o
	}
	for _, p := range a.eras {
		if !p.At.After(e.placed[len(e.placed)-1].At) {
			continue // it has been placed since
		}
		if p.of.joins {
			p.At = o.line.Free(p.At)
		}
		if longer, err := o.line.Then(p.Plan); err == nil {
			o.line, o.eras = longer, append(o.eras, p.of)
		}
	}
	return o
}

// known is an instant, or until when the outlook is sure if that is earlier: the next
// configured era begins then that is not in it.
func (o *outlook) known(c *Channel, now, to time.Time) time.Time {
	var until time.Time
	if o.ahead != nil {
		until = o.ahead.until
	} else if len(o.eras) > 0 {
		last := o.eras[len(o.eras)-1].At
		n := slices.IndexFunc(c.Eras, func(e Era) bool { return e.At.After(last) && e.At.After(now) }) // else it has been left out
		if n >= 0 {
			until = c.Eras[n].At
		}
	}
	if !until.IsZero() && until.Before(to) {
		return until
	}
	return to
}

// outlook is the newest. What is ahead is read first: what has been placed meanwhile is in
// both.
func (st *Stream) outlook() *outlook {
	ahead := st.ahead.Load()
	return st.newest.Load().outlook(ahead)
}

// plays are those of a channel between two instants, at most this many. The plays of a
// slate in a break count as one.
func (o *outlook) plays(c *Channel, from, to time.Time, most int) (all []Play) {
	for p := range o.line.Plays(o.whole(from)) {
		if n := len(all) - 1; n >= 0 && sameBreak(all[n].Break, &p) {
			all[n].End, all[n].Break.End = p.End, p.End
			continue
		}
		if len(all) == most || !p.Start.Before(to) {
			break
		}
		one := o.play(c, &p)
		if cast := o.castOf(&p); len(cast) > 0 {
			of := cast[p.Item.ID]
			one.Notices, one.Odd = slices.Concat(of.program.Notices, of.notices), of.problems()
		}
		one.DiscontinuitySequence = p.DiscontinuitySequence()
		for r := range p.Renditions() {
			one.MediaSequence = append(one.MediaSequence, p.MediaSequence(r))
		}
		all = append(all, one)
	}
	return all
}

// programmes are the plays between two instants, without notices and numbers: from the
// beginning of the programme on that is on air at the first.
func (o *outlook) programmes(c *Channel, from, to time.Time) iter.Seq[Play] {
	for _, p := range o.line.Programmes(from, from.Add(1)) {
		from = p.Start
	}
	return func(yield func(Play) bool) {
		for p := range o.line.Plays(from) {
			if !p.Start.Before(to) || !yield(o.play(c, &p)) {
				return
			}
		}
	}
}

// play is a play without notices and numbers.
func (o *outlook) play(c *Channel, p *loop.Play) Play {
	one := Play{Start: p.Start, End: p.End, Item: o.item(c, p), Entry: p.Item.Entry, Joined: p.Item.Joined}
	if b, is := aired(p); is {
		one.Item, one.Break = Item{Clip: o.castOf(p)[p.Item.ID].wish}, &b
	}
	one.Filler = slices.Contains(c.Filler, one.plain()) || slices.Contains(o.on.filler, one.plain())
	return one
}

// whole is when the break began that is on air at an instant, else the instant.
func (o *outlook) whole(at time.Time) time.Time {
	for p := range o.line.Plays(at) {
		if b, is := aired(&p); is {
			at = b.Start
		}
		return at
	}
	return at
}

// aired is the break that a play is part of.
func aired(p *loop.Play) (b loop.Aired, is bool) {
	of, is := p.Item.Filled()
	return loop.Aired{Start: p.Start.Add(of.At), Length: of.Length, End: p.End, ID: of.ID}, is
}

// sameBreak reports whether a play is part of a break.
func sameBreak(b *loop.Aired, p *loop.Play) bool {
	of, is := aired(p)
	return b != nil && is && of.Start.Equal(b.Start)
}

// item is the entry of the channel's lists that is played; of a channel without lists,
// its VOD.
func (o *outlook) item(c *Channel, p *loop.Play) Item {
	if len(o.eras) == 0 {
		return Item{Clip{Origin: c.Origin, Path: c.Path, Query: c.Query}, c.Only}
	}
	return o.eras[p.Era].item(p.Item.Entry)
}

// item is an entry of the lists of an era.
func (e *Era) item(entry int) Item {
	if entry < len(e.Play) {
		return e.Play[entry]
	}
	return e.Loop[entry-len(e.Play)]
}

// castOf are the items of a play's era, by their ID; none: the channel plays one VOD.
func (o *outlook) castOf(p *loop.Play) []*play {
	if o.ahead != nil && p.Era >= len(o.on.placed) {
		return o.ahead.cast
	}
	return o.on.cast
}
