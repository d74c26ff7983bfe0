package onair

import (
	"vod2live/loop"
	"vod2live/proxy/measure"
	"vod2live/proxy/schedule"
)

// role is what is known of an item's plays in an era, by what is written down of that and
// of the next one: what stands in for it plays the same.
type role struct {
	cut   loop.Stretch // what comes before the next era, if that cuts it; zero: it does not
	plays int64        // that share a discontinuity; 0: each has its own
}

// roleOf is that of an item of an era. next is the era that follows, if that is known.
func (c counts) roleOf(i Clip, e Era, next *Era) (r role) {
	if e.Written == nil || next != nil && next.Written == nil {
		return r
	}
	plays := c.written(e)
	if c.channel.goesOn() && e.repeatsOne() && e.Loop[0].Clip == i {
		r.plays = sharing(&plays, next)
	}
	if next == nil {
		return r
	}
	if item, before := plays.CutBy(next.Written.Starts, next.Written.Numbers.Media); item != nil && item.Path == i.lock {
		r.cut = before
	}
	return r
}

// written is the recorded form of an era, which identifies items by path.
func (c *ledger) written(e Era) schedule.Era {
	list := func(items []Item) (all []schedule.Item) {
		for _, i := range items {
			all = append(all, schedule.Item{Path: i.lock, Stretches: c.counted[i.lock].Stretches})
		}
		return all
	}
	return schedule.Era{Starts: e.Written.Starts, Numbers: &e.Written.Numbers, Play: list(e.Play), Loop: list(e.Loop)}
}

// sharing is the number of plays of the one item in the loop of an era that share a
// discontinuity, if timestamps may be continuous; 0: each has its own. Without a next
// era with numbers they are taken to be continuous: then the discontinuity sequence
// number never falls.
func sharing(e *schedule.Era, next *Era) int64 {
	stretches := e.Loop[0].Stretches
	if len(stretches) != 1 {
		return 0
	}
	length := stretches[0].Length
	share := measure.Share(length)
	if next == nil {
		return share
	}
	left, tags := next.Written.Starts.Sub(e.Starts), next.Written.Numbers.Discontinuity-e.Numbers.Discontinuity
	for n := range e.Play {
		for _, s := range e.Play[n].Stretches {
			left, tags = left-s.Length, tags-1
		}
	}
	if plays := (left + length - 1) / length; tags == int64(max(plays, 0)) {
		return 0
	}
	return share
}
