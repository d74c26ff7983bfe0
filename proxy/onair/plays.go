package onair

import (
	"time"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/problem"
)

// Play is one play of an item of a channel.
type Play struct {
	Start, End time.Time
	Item
	Entry   int               // of its era's lists: those of play first, then those of loop
	Filler  bool              // it is on the channel's filler list
	Joined  bool              // it continues the item before, or is a break inside that
	Break   *loop.Aired       // the break that it fills; the item is the slate; nil: not a break
	Notices []playlist.Notice // of the item
	Odd     []problem.Problem // what plays in its place, or that it has changed

	MediaSequence         []int64 // of the first segment, by rendition; -1 where one is left out
	DiscontinuitySequence int64   // of the same, its own tag counted
}

// items are the metrics of a channel's items.
func (p *playout) items(st *Stream, now time.Time) *metrics.ItemState {
	var state *metrics.ItemState
	for on := range st.newest.Load().live.Timeline.Plays(now) {
		_, filled := on.Item.Filled()
		if state != nil && !filled && !on.Item.Joined {
			break
		}
		if state == nil {
			state = &metrics.ItemState{Number: on.Item.Entry, Unavailable: int(p.lacking.Load()), Missing: st.ahead.Load().missing(now), StandIns: st.newest.Load().standIns, Left: p.agenda.left(now)}
		}
		state.Next = max(on.End.Sub(now), 0)
	}
	return state
}
