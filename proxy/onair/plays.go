package onair

import (
	"time"

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
			Start: r.Zero, End: r.Zero.Add(r.Item.Length()), Item: Item{one.wish, e.guides[one.wish]},
			Notices: append(one.program.Notices, one.notices...),
		})
		number += r.Len()
	}
	return all
}

// guidesOf are what viewers are told of the items of some eras.
func guidesOf(eras []placed) map[Clip]Guide {
	all := map[Clip]Guide{}
	for _, e := range eras {
		for _, i := range append(e.of.Play, e.of.Loop...) {
			all[i.Clip] = i.Guide
		}
	}
	return all
}
