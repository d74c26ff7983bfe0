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
	Play, Loop []Item // no loop: the channel ends after play

	joins bool // it begins at the end of the item that is on air
}

// repeatsOne says whether the loop of the era is of one whole VOD.
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
}

// Guide is what viewers are told of an item.
type Guide struct{ Title, Subtitle, Desc, Category, Episode, Date, Icon string }

func (c Clip) title() title { return title{origin: c.Origin, path: c.Path, query: c.Query} }

// whole says whether it is all of its VOD.
func (c Clip) whole() bool { return c.In == 0 && c.Out == 0 }

// clips are all of some eras, each once, in the order of their VODs: channels that
// play the same VODs want them at the same time.
func clips(eras []Era) []Clip {
	var all []Clip
	for _, e := range eras {
		for _, i := range slices.Concat(e.Play, e.Loop) {
			all = append(all, i.Clip)
		}
	}
	slices.SortFunc(all, func(a, b Clip) int {
		return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Query, b.Query), cmp.Compare(a.In, b.In), cmp.Compare(a.Out, b.Out))
	})
	return slices.Compact(all)
}
