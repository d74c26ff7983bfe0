// Package schedule has what a channel plays, as people and tools write it: lists of VODs,
// eras with their instants, what guides show. It knows all rules that can be checked
// without loading a VOD, for the configuration file and for schedule objects (JSON), and
// does no I/O.
package schedule

import (
	"time"

	"vod2live/loop"
)

// Bounds of what a channel may have.
const (
	// MaxCounted items are counted without written numbers.
	MaxCounted = 1000
	// MaxTarget is the longest target duration: a segment may be no longer.
	MaxTarget = 120 * time.Second
	// MaxWait is the longest wait for the end of the item on air.
	MaxWait = 24 * time.Hour
)

// Channel is what a channel plays.
type Channel struct {
	Title, Logo, Number, Group string        // for guides
	Target                     time.Duration // TD of all that will ever play; 0: that of the VODs of the first era
	Model                      *Item         // whose renditions viewers see; nil: those of the first item
	Filler                     []Item        // repeats in an era without a loop
	Breaks                     *Breaks       // of items, but not of the filler; nil: none
	Eras                       []Era         // one at least
}

// ModelItem is an item of the VOD whose renditions viewers see.
func (c *Channel) ModelItem() *Item {
	if c.Model != nil {
		return c.Model
	}
	for i := range c.each() {
		return i
	}
	return &Item{} // there is no channel without an item
}

// Era is what a channel plays from about an instant on: Play once, then Loop. Without
// a loop the channel ends.
type Era struct {
	At         time.Time     // zero: the epoch
	Wait       time.Duration // the longest wait for the end of the item on air
	Play, Loop []Item
	End        bool // the channel ends after Play

	Starts  time.Time // when it really begins, as written down; zero: not written
	Numbers *Numbers  // nil: they are counted
}

// Numbers are those of an era's first segments, as written down.
type Numbers struct {
	Media         []int64 // media sequence numbers, by rendition; Absent where one is left out
	Discontinuity int64   // discontinuity sequence number, the era's own tag counted
}

// Absent stands for a rendition that is left out.
const Absent = loop.Absent

// Item is a VOD of a channel, or a part of it.
type Item struct {
	Origin, Path, Query string
	In, Out             time.Duration // from the VOD's beginning; Out is 0 at its end

	Title, Subtitle, Desc, Category, Episode, Date, Icon string // for guides

	Breaks *Breaks // nil: those of the channel

	Sum       string    // of its playlists, as written down; empty: not written
	Stretches []Stretch // between its discontinuities, as written down
}

// Stretch is a part of an item between discontinuities, as laid out for its channel.
type Stretch = loop.Stretch

// Alone returns the VOD of a channel that plays one whole VOD in a loop; not ok if it
// plays anything else, be it in breaks.
func (c *Channel) Alone() (i Item, ok bool) {
	if len(c.Eras) != 1 || !c.Eras[0].At.IsZero() || c.Model != nil || c.Target > 0 || len(c.Eras[0].Play) > 0 || len(c.Eras[0].Loop) != 1 {
		return i, false
	}
	i = c.Eras[0].Loop[0]
	return i, i.In == 0 && i.Out == 0 && !i.Breaks.under(c.Breaks).Plays()
}

// Fill gives items the breaks of the channel, and lets the filler repeat in eras that
// have no loop and do not end the channel.
func (c *Channel) Fill() {
	c.fillBreaks()
	for n := range c.Eras {
		if e := &c.Eras[n]; e.repeatsFiller() {
			e.Loop = c.Filler
		}
	}
}

// repeatsFiller reports whether the filler is the loop of an era.
func (e *Era) repeatsFiller() bool { return !e.End && len(e.Loop) == 0 }
