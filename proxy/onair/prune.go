package onair

import (
	"slices"
	"time"

	"vod2live/loop"
)

// prune forgets eras that end before an instant, of which nothing is shown any more, and
// all items that only they had, and why others failed. The others have other IDs then.
func prune(c *cast, eras []placed, before time.Time) []placed {
	first := 0
	for n := range eras {
		if e := &eras[n]; e.of.Written != nil && !e.of.At.After(before) && !e.edit {
			first = n
		}
	}
	if first == 0 {
		return eras
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r := renaming{from: c.all, ids: map[int]int{}}
	kept := slices.Clone(eras[first:])
	for n := range kept {
		kept[n].Play, kept[n].Loop = r.items(kept[n].Play), r.items(kept[n].Loop)
	}
	r.parts()
	newest := map[Clip]*play{}
	for wish, one := range c.newest {
		if _, used := r.ids[one.item.ID]; used {
			newest[wish] = r.to[r.id(one.item.ID)]
		}
	}
	c.all, c.newest, c.failed = r.to, newest, map[Clip]error{}
	return kept
}

// renaming gives new IDs to the plays in use.
type renaming struct {
	from, to []*play
	ids      map[int]int // by the ID before
}

func (r *renaming) items(all []*loop.Item) []*loop.Item {
	named := make([]*loop.Item, len(all))
	for n, it := range all {
		named[n] = it.Named(r.id(it.ID))
	}
	return named
}

// parts are the new ones of all plays.
func (r *renaming) parts() {
	for n := 0; n < len(r.to); n++ {
		parts := slices.Clone(r.to[n].parts)
		for k, part := range parts {
			parts[k] = r.to[r.id(part.item.ID)]
		}
		r.to[n].parts = parts
	}
}

// id is the new ID of a play.
func (r *renaming) id(old int) int {
	id, known := r.ids[old]
	if !known {
		id = len(r.to)
		one := *r.from[old]
		one.item = one.item.Named(id)
		r.to, r.ids[old] = append(r.to, &one), id
	}
	return id
}
