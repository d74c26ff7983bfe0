package onair

import (
	"cmp"
	"slices"
	"time"
)

// Era of a channel: what it plays from about an instant on, see loop.Plan.
type Era struct {
	At         time.Time
	Wait       time.Duration
	Play, Loop []Item   // no loop: the channel ends after play
	Written    *Written // nil: starts and numbers are counted

	joins bool // it begins at the end of the item that is on air
}

// repeatsOne reports whether the loop of the era is one whole VOD.
func (e Era) repeatsOne() bool { return len(e.Loop) == 1 && e.Loop[0].whole() }

// Item of a channel.
type Item struct {
	Clip
	Guide
}

// Clip is a VOD at an origin, or a part of it.
type Clip struct {
	Origin, Path, Query string
	In, Out             time.Duration // from the VOD's beginning; Out is 0 at its end

	breaks breaksRef
	bare   bool   // it is played without its own markers of breaks
	lock   string // identifies what a schedule has recorded of it; empty: nothing
}

// Guide is the guide data of an item.
type Guide struct{ Title, Subtitle, Desc, Category, Episode, Date, Icon string }

func (c Clip) title() title { return title{origin: c.Origin, path: c.Path, query: c.Query} }

// plain is the clip without what depends on its place.
func (c Clip) plain() Clip {
	c.lock = ""
	return c
}

// whole reports whether it is a whole VOD without breaks.
func (c Clip) whole() bool {
	b, _ := c.Breaks()
	return c.In == 0 && c.Out == 0 && !b.plays()
}

// clips are all of some eras, with the slates in their breaks, each once, in the
// order of their VODs: channels that play the same VODs need them at the same time.
func clips(eras []Era) []Clip {
	var all []Clip
	known := map[Clip]bool{{}: true}
	add := func(c Clip) {
		if !known[c] {
			all, known[c] = append(all, c), true
		}
	}
	for _, e := range eras {
		for _, i := range slices.Concat(e.Play, e.Loop) {
			b, _ := i.Breaks()
			add(i.Clip)
			add(b.Slate)
		}
	}
	slices.SortStableFunc(all, Clip.compare)
	return all
}

// compare orders them by their VODs.
func (c Clip) compare(b Clip) int {
	return cmp.Or(cmp.Compare(c.Origin, b.Origin), cmp.Compare(c.Path, b.Path), cmp.Compare(c.Query, b.Query), cmp.Compare(c.In, b.In), cmp.Compare(c.Out, b.Out), cmp.Compare(c.lock, b.lock))
}
