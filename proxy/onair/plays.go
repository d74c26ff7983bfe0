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
	Notices []playlist.Notice // of the item

	MediaSequence         []int64 // of the first segment, by rendition; -1 where one is left out
	DiscontinuitySequence int64   // of the same, its own tag counted
}

// plays are those of a channel between two instants, at most so many.
func (e *era) plays(c *Channel, from, to time.Time, most int) (all []Play) {
	for p := range e.live.Timeline.Plays(from) {
		if len(all) == most || !p.Start.Before(to) {
			break
		}
		one := Play{Start: p.Start, End: p.End, Item: e.item(c, &p), Entry: p.Item.Entry, DiscontinuitySequence: p.DiscontinuitySequence()}
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
	for on := range st.newest.Load().live.Timeline.Plays(now) {
		return &metrics.ItemState{Number: on.Item.Entry, Next: max(on.End.Sub(now), 0), Unavailable: int(p.lacking.Load())}
	}
	return nil
}
