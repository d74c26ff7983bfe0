package loop

import (
	"slices"
	"time"
)

// Stretch is a part of an item between discontinuities.
type Stretch struct {
	Length   time.Duration // of the reference
	Segments []int64       // by rendition; Absent where one is left out
}

// Equal reports whether two are the same.
func (s Stretch) Equal(other Stretch) bool {
	return s.Length == other.Length && slices.Equal(s.Segments, other.Segments)
}

// Absent is the value for a rendition that is left out.
const Absent = -1

// Stretches are the parts of an item, one at least. What an item counts for on a
// timeline is in them.
func (it *Item) Stretches() []Stretch {
	all := make([]Stretch, it.marks+1)
	for k := range all {
		all[k].Segments = make([]int64, len(it.VOD.Tracks))
		for r := range it.VOD.Tracks {
			all[k].Segments[r] = it.segmentsOf(r, k)
		}
		all[k].Length = it.begin(k+1) - it.begin(k)
	}
	return all
}

// begin is when stretch k begins, the item's end for the one after the last.
func (it *Item) begin(k int) time.Duration {
	switch {
	case k == 0:
		return 0
	case k > it.marks:
		return it.length
	}
	reference := &it.VOD.Tracks[it.VOD.Reference]
	return reference.edges[reference.marks[k-1]]
}

// segmentsOf counts the segments of a rendition in stretch k.
func (it *Item) segmentsOf(rendition, k int) int64 {
	if it.VOD.Tracks[rendition].LeftOut != nil {
		return Absent
	}
	return int64(it.first(rendition, k+1) - it.first(rendition, k))
}

// first is the first segment of a rendition in stretch k, that after the item's last for
// the one after the last.
func (it *Item) first(rendition, k int) int {
	switch {
	case k == 0:
		return 0
	case k > it.marks:
		return it.Len(rendition)
	}
	return it.VOD.Tracks[rendition].marks[k-1]
}

// Begin is where an era begins, and the numbers of its first segments.
type Begin struct {
	At time.Time
	Numbers
}

// Eras are the beginnings of all eras, in their order.
func (t *Timeline) Eras() []Begin {
	all := make([]Begin, len(t.eras))
	for n, e := range t.eras {
		all[n] = Begin{t.epoch.Add(e.start), Numbers{make([]int64, len(e.first)), e.tags + 1}}
		for r := range e.first {
			if all[n].Media[r] = Absent; e.shows(r) {
				all[n].Media[r] = e.first[r]
			}
		}
	}
	return all
}
