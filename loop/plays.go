package loop

import (
	"iter"
	"time"
)

// Play is one play of an item: past, on air or to come.
type Play struct {
	Item       *Item
	Start, End time.Time
	Era        int   // index of its era in the timeline
	Turn       int64 // how often the era's loop has been played before

	place place
}

// Plays are the plays of a timeline, in their order and without gaps, from the one on
// air at an instant. A stream that never ends has no last one.
func (t *Timeline) Plays(from time.Time) iter.Seq[Play] {
	return func(yield func(Play) bool) {
		for e := max(from.Sub(t.epoch), t.eras[0].start); ; {
			n := search(len(t.eras)-1, func(n int) bool { return t.eras[n+1].start > e })
			p := t.eras[n].at(e - t.eras[n].start)
			end := p.end()
			if end <= e || !yield(Play{p.item(), t.epoch.Add(p.start), t.epoch.Add(end), n, p.turn, p}) {
				return
			}
			e = end
		}
	}
}

// Renditions is how many there are, those that are left out among them.
func (p *Play) Renditions() int { return len(p.place.era.first) }

// MediaSequence is the media sequence number of its first segment in a rendition; -1:
// the rendition is left out.
func (p *Play) MediaSequence(rendition int) int64 {
	if !p.place.era.shows(rendition) {
		return -1
	}
	return p.place.media(rendition)
}

// DiscontinuitySequence is the discontinuity sequence number of its first segment, its
// own tag counted.
func (p *Play) DiscontinuitySequence() int64 {
	dsn, _ := p.place.sequence()
	return dsn
}

// As returns the item as an entry of a list.
func (it *Item) As(entry int) *Item {
	one := *it
	one.Entry = entry
	return &one
}

// Named returns the item under another name for its VOD.
func (it *Item) Named(id int) *Item {
	one := *it
	one.ID = id
	return &one
}
