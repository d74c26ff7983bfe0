package onair

import (
	"slices"
	"time"

	"vod2live/metrics"
	"vod2live/playlist"
)

// Play is one play of an item of a channel.
type Play struct {
	Start, End time.Time
	Item
	Notices []playlist.Notice // of the item
}

// plays are those of a channel between two instants, at most so many.
func (e *era) plays(from, to time.Time, most int) (all []Play) {
	if len(e.cast) == 0 {
		return nil
	}
	line := e.live.Timeline
	number := line.Begin(0)
	if w, err := line.Window(0, from); err == nil {
		r := line.Run(0, w.End-1)
		number = r.First - int64(r.From)
	}
	for len(all) < most {
		r := line.Run(0, number)
		if r.Len() <= 0 || !r.Zero.Before(to) || len(all) > 0 && !r.Zero.After(all[len(all)-1].Start) {
			break
		}
		one := e.cast[r.Item.ID]
		all = append(all, Play{
			Start: r.Zero, End: r.Zero.Add(r.Item.Length()), Item: Item{one.wish, e.guide(one.wish)},
			Notices: append(one.program.Notices, one.notices...),
		})
		number += r.Len()
	}
	return all
}

// guide is what viewers are told of an item.
func (e *era) guide(wish Clip) Guide {
	for _, p := range slices.Backward(e.placed) {
		for _, i := range slices.Concat(p.of.Play, p.of.Loop) {
			if i.Clip == wish {
				return i.Guide
			}
		}
	}
	return Guide{}
}

// items is what the metrics say of a channel's items.
func (p *playout) items(st *Stream, now time.Time) *metrics.ItemState {
	on := st.newest.Load()
	plays := on.plays(now, now.Add(farAhead), 1)
	if len(plays) == 0 {
		return nil
	}
	return &metrics.ItemState{Number: on.number(plays[0].Start), Next: max(plays[0].End.Sub(now), 0), Unavailable: int(p.lacking.Load())}
}

// number is that of the item in its era, of play and loop, that begins at an instant.
func (e *era) number(start time.Time) int {
	last := len(e.placed) - 1
	for n := last; n >= 0; n-- {
		begins := e.placed[n].At
		if n == last {
			begins = e.live.Begins()
		}
		if !begins.After(start) {
			return e.placed[n].of.index(start.Sub(begins), e.length)
		}
	}
	return 0
}

// length is that of an item as it plays now.
func (e *era) length(i Item) time.Duration {
	for _, one := range slices.Backward(e.cast) {
		if one.wish == i.Clip {
			return one.item.Length()
		}
	}
	return time.Second
}

// index is the number of the item, of play and loop, that begins so long after the era.
func (e Era) index(o time.Duration, length func(Item) time.Duration) int {
	rest := e.from(o, length)
	if len(rest.Play) > 0 {
		return len(e.Play) - len(rest.Play)
	}
	for x, i := range e.Loop {
		if len(rest.Loop) > 0 && i == rest.Loop[0] {
			return len(e.Play) + x
		}
	}
	return 0
}
