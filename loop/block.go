package loop

import "time"

// list is a sequence of items with prefix sums, each of one element more than
// there are items.
type list struct {
	items  []*Item
	starts []time.Duration
	tags   []int64   // one for an item's start, one for each discontinuity inside it
	counts [][]int64 // segments, by rendition
}

func newList(renditions int, items []*Item) *list {
	l := &list{items: items, starts: make([]time.Duration, len(items)+1), tags: make([]int64, len(items)+1), counts: make([][]int64, renditions)}
	for r := range l.counts {
		l.counts[r] = make([]int64, len(items)+1)
	}
	for x, it := range items {
		l.starts[x+1] = l.starts[x] + it.length
		l.tags[x+1] = l.tags[x] + it.tags()
		for r := range l.counts {
			l.counts[r][x+1] = l.counts[r][x] + int64(it.Len(r))
		}
	}
	return l
}

// tags of one play of the item.
func (it *Item) tags() int64 { return int64(it.marks) + 1 }

// block is the beginning of a list: its first items, and then the item that the
// next era cuts, if any. The zero value has no item.
type block struct {
	*list
	whole int
	cut   *Item
}

func (l *list) all() block { return block{list: l, whole: len(l.items)} }

// until is the list up to item x, and then that item cut, unless cut is nil.
func (l *list) until(x int, cut *Item) block { return block{l, x, cut} }

func (b *block) length() time.Duration {
	switch {
	case b.list == nil:
		return 0
	case b.cut != nil:
		return b.starts[b.whole] + b.cut.length
	}
	return b.starts[b.whole]
}

func (b *block) tagged() int64 {
	switch {
	case b.list == nil:
		return 0
	case b.cut != nil:
		return b.tags[b.whole] + b.cut.tags()
	}
	return b.tags[b.whole]
}

func (b *block) count(rendition int) int64 {
	switch {
	case b.list == nil:
		return 0
	case b.cut != nil:
		return b.counts[rendition][b.whole] + int64(b.cut.Len(rendition))
	}
	return b.counts[rendition][b.whole]
}

// last is the index of the block's last item; -1: the block is empty.
func (b *block) last() int {
	if b.cut != nil {
		return b.whole
	}
	return b.whole - 1
}

func (b *block) item(x int) *Item {
	if x == b.whole {
		return b.cut
	}
	return b.items[x]
}

// at is the index of the item that plays at o, the last one after the block's
// end.
func (b *block) at(o time.Duration) int {
	return search(b.last(), func(x int) bool { return b.starts[x+1] > o })
}

// of is the index of the item with segment j of a rendition.
func (b *block) of(rendition int, j int64) int {
	counts := b.counts[rendition]
	return search(b.last(), func(x int) bool { return counts[x+1] > j })
}
