package loop

import (
	"slices"
	"time"
)

// Item is one play of a laid-out VOD, whole or cut. It is immutable and safe
// for concurrent use.
type Item struct {
	VOD *VOD
	ID  int // the caller's name for the VOD; a cut item keeps it

	Entry int // the caller's name for the entry of a list that it is, see [Item.As]; a cut item keeps it

	// Breaks are those inside the item and at its end, in their order; or the one that it
	// is played in. Joined: it continues the item before. See [Item.With].
	Breaks []Break
	Joined bool

	length time.Duration
	ends   []end // cut position of each rendition; nil: the item is whole
	marks  int   // discontinuities inside the item
}

// end is where a rendition of a cut item ends: after its first segments, and
// gaps of the target duration that pad it.
type end struct{ kept, gaps int }

// NewItem returns a VOD as an item that plays whole.
func NewItem(vod *VOD, id int) *Item {
	return &Item{VOD: vod, ID: id, length: vod.Length, marks: len(vod.Tracks[vod.Reference].marks)}
}

// Length of the play.
func (it *Item) Length() time.Duration { return it.length }

// Whole reports whether the item plays to the end of its VOD.
func (it *Item) Whole() bool { return it.ends == nil }

// Cut returns the item, ended at a boundary c of the reference: the first one not
// before the requested instant before which all renditions have the same
// discontinuities. It returns the item itself if there is no such boundary before
// its end. Segments published before c do not change: a cut item keeps the layout
// and the marks of its VOD.
func (it *Item) Cut(wish time.Duration) *Item {
	reference := &it.VOD.Tracks[it.VOD.Reference]
	n, _ := slices.BinarySearch(reference.edges, wish)
	for n = max(n, 1); n < reference.Len() && reference.edges[n] < it.length; n++ {
		if it.VOD.keepsMarks(reference.edges[n]) {
			return it.VOD.cutItem(it.ID, reference.edges[n]).As(it.Entry).With(it.Breaks, it.Joined)
		}
	}
	return it
}

// keepsMarks reports whether each discontinuity that the reference has before c
// has begun in every rendition, with more than a sliver before c.
func (v *VOD) keepsMarks(c time.Duration) bool {
	m := v.marksBefore(c)
	if m == 0 {
		return true
	}
	for n := range v.Tracks {
		if t := &v.Tracks[n]; t.LeftOut == nil && t.edges[t.marks[m-1]] >= c-sliver {
			return false
		}
	}
	return true
}

// marksBefore counts the discontinuities that the reference has before c.
func (v *VOD) marksBefore(c time.Duration) int {
	t := &v.Tracks[v.Reference]
	n, _ := slices.BinarySearchFunc(t.marks, c, func(segment int, c time.Duration) int { return int(t.edges[segment] - c) })
	return n
}

func (v *VOD) cutItem(id int, c time.Duration) *Item {
	it := &Item{VOD: v, ID: id, length: c, ends: make([]end, len(v.Tracks)), marks: v.marksBefore(c)}
	for n := range v.Tracks {
		it.ends[n] = v.Tracks[n].endAt(c, it.marks, v.TargetDuration)
	}
	return it
}

// endAt leaves out segments that begin at or after c, those from the first
// discontinuity on that is no longer played, and a last segment that ends after c
// with no more than a sliver before it. A track that ends more than the tolerance
// before c is padded.
func (t *Track) endAt(c time.Duration, marks int, target time.Duration) end {
	if t.LeftOut != nil {
		return end{}
	}
	kept, _ := slices.BinarySearch(t.edges[:t.Len()], c)
	if marks < len(t.marks) {
		kept = min(kept, t.marks[marks])
	}
	if kept > 1 && t.edges[kept] > c && c-t.edges[kept-1] <= sliver {
		kept--
	}
	if missing := c - t.edges[kept]; missing > tolerance {
		return end{kept, int((missing + target - 1) / target)}
	}
	return end{kept, 0}
}

// track is the number of a rendition, or that of the item's reference.
func (it *Item) track(rendition int) int {
	if rendition == reference {
		return it.VOD.Reference
	}
	return rendition
}

// reference selects the rendition that is an item's own reference.
const reference = -1

// Len is the number of segments of a rendition.
func (it *Item) Len(rendition int) int {
	if it.Whole() {
		return it.VOD.Tracks[rendition].Len()
	}
	return it.ends[rendition].kept + it.ends[rendition].gaps
}

// Kept is the number of segments of a rendition that belong to the VOD's layout,
// its gaps included; the gaps behind them pad the cut item.
func (it *Item) Kept(rendition int) int {
	if it.Whole() {
		return it.VOD.Tracks[rendition].Len()
	}
	return it.ends[rendition].kept
}

// Overhang is how much of a rendition's last segment the end of a cut item takes
// away.
func (it *Item) Overhang(rendition int) time.Duration {
	if it.Whole() {
		return 0
	}
	return max(it.VOD.Tracks[rendition].edges[it.ends[rendition].kept]-it.length, 0)
}

// Start is when segment i begins, from the beginning of the item; for i =
// [Item.Len] it is when the last segment ends.
func (it *Item) Start(rendition, i int) time.Duration {
	edges := it.VOD.Tracks[rendition].edges
	if it.Whole() {
		return edges[i]
	}
	kept := it.ends[rendition].kept
	if i <= kept {
		return min(edges[i], it.length)
	}
	return min(edges[kept]+time.Duration(i-kept)*it.VOD.TargetDuration, it.length)
}

// published counts the segments of a rendition that have ended when the item
// has played for o.
func (it *Item) published(rendition int, o time.Duration) int {
	if o >= it.length {
		return it.Len(rendition)
	}
	edges, kept := it.VOD.Tracks[rendition].edges, it.Kept(rendition)
	n := search(kept, func(i int) bool { return edges[i+1] > o })
	if n == kept && kept < it.Len(rendition) {
		n += int((o - edges[kept]) / it.VOD.TargetDuration)
	}
	return n
}

// boundary is the newest boundary of the reference when the item has played
// for o.
func (it *Item) boundary(o time.Duration) time.Duration {
	return it.Start(it.VOD.Reference, it.published(it.VOD.Reference, o))
}

// boundaryFrom is the reference's first boundary at or after o > 0 from the
// start of the item; the item's end if there is none.
func (it *Item) boundaryFrom(o time.Duration) time.Duration {
	r := it.VOD.Reference
	n := search(it.Len(r), func(i int) bool { return it.Start(r, i+1) >= o })
	if n == it.Len(r) {
		return it.length
	}
	return it.Start(r, n+1)
}

// started counts the segments of a rendition that begin before the item has
// played for o.
func (it *Item) started(rendition int, o time.Duration) int {
	return search(it.Len(rendition), func(i int) bool { return it.Start(rendition, i) >= o })
}

// search returns the first i of 0 to n-1 for which above is true, or n; above
// must be true for all following i.
func search(n int, above func(int) bool) int {
	low, high := 0, n
	for low < high {
		if middle := int(uint(low+high) >> 1); above(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}
