package onair

import (
	"slices"
	"time"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/playlist"
)

// Play is one play of an item of a channel.
type Play struct {
	Start, End time.Time
	Item
	Entry   int               // of its era's lists: those of play first, then those of loop
	Filler  bool              // it is on the channel's filler list
	Joined  bool              // it continues the item before, or is a break inside that
	Break   *loop.Aired       // that it is; the item is what is played in it; nil: it is none
	Notices []playlist.Notice // of the item

	MediaSequence         []int64 // of the first segment, by rendition; -1 where one is left out
	DiscontinuitySequence int64   // of the same, its own tag counted
}

// plays are those of a channel between two instants, at most so many. What is played in
// a break is one.
func (e *era) plays(c *Channel, from, to time.Time, most int) (all []Play) {
	for p := range e.live.Timeline.Plays(e.whole(from)) {
		if n := len(all) - 1; n >= 0 && sameBreak(all[n].Break, &p) {
			all[n].End, all[n].Break.End = p.End, p.End
			continue
		}
		if len(all) == most || !p.Start.Before(to) {
			break
		}
		one := Play{Start: p.Start, End: p.End, Item: e.item(c, &p), Entry: p.Item.Entry, Joined: p.Item.Joined, DiscontinuitySequence: p.DiscontinuitySequence()}
		if b, is := aired(&p); is {
			one.Item, one.Break = Item{Clip: e.cast[p.Item.ID].wish}, &b
		}
		one.Filler = slices.Contains(c.Filler, one.Clip)
		for r := range p.Renditions() {
			one.MediaSequence = append(one.MediaSequence, p.MediaSequence(r))
		}
		if len(e.cast) > 0 {
			of := e.cast[p.Item.ID]
			one.Notices = slices.Concat(of.program.Notices, of.notices)
		}
		all = append(all, one)
	}
	return all
}

// whole is when the break began that is on air at an instant, else the instant.
func (e *era) whole(at time.Time) time.Time {
	for p := range e.live.Timeline.Plays(at) {
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
func (e *era) item(c *Channel, p *loop.Play) Item {
	if len(e.cast) == 0 {
		return Item{Clip{Origin: c.Origin, Path: c.Path, Query: c.Query}, c.Only}
	}
	return e.placed[p.Era].of.item(p.Item.Entry)
}

// item is an entry of the lists of an era.
func (e *Era) item(entry int) Item {
	if entry < len(e.Play) {
		return e.Play[entry]
	}
	return e.Loop[entry-len(e.Play)]
}

// items is what the metrics say of a channel's items.
func (p *playout) items(st *Stream, now time.Time) *metrics.ItemState {
	var state *metrics.ItemState
	for on := range st.newest.Load().live.Timeline.Plays(now) {
		_, filled := on.Item.Filled()
		if state != nil && !filled && !on.Item.Joined {
			break
		}
		if state == nil {
			state = &metrics.ItemState{Number: on.Item.Entry, Unavailable: int(p.lacking.Load())}
		}
		state.Next = max(on.End.Sub(now), 0)
	}
	return state
}
