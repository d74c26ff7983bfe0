package schedule

import (
	"cmp"
	"errors"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of breaks.
const (
	// MinEvery is the least time from one break of a rule to the next.
	MinEvery = time.Minute
	// MaxFor is the longest break in which a slate is played.
	MaxFor = time.Hour
	// MaxAt instants of breaks may be given for one item.
	MaxAt = 100
)

// Breaks are those of an item: where they are, what is played in them, and how
// playlists mark them. A key that is not given is that of the channel.
type Breaks struct {
	Off bool // the item has none

	Every   time.Duration   // of the item's time; 0: not by this
	At      []time.Duration // from the item's beginning
	Between bool            // one at the item's end

	Slate         *Item         // what is played; nil: nothing
	For           time.Duration // for how long, at least; 0: not given
	Mark          []string      // MarkDateRange, MarkCue, MarkInterstitial; nil: not given
	Assets        string        // address of an interstitial's list of assets
	SourceMarkers string        // KeepMarkers or DropMarkers; empty: not given
}

// What playlists can have of a break.
const (
	MarkDateRange    = "daterange"
	MarkCue          = "cue"
	MarkInterstitial = "interstitial"
)

// What becomes of a VOD's own markers of breaks.
const (
	KeepMarkers = "keep"
	DropMarkers = "drop"
)

// Has says whether playlists have a mark.
func (b *Breaks) Has(mark string) bool { return slices.Contains(b.Mark, mark) }

// placed says whether it is given where breaks are.
func (b *Breaks) placed() bool { return b.Every > 0 || len(b.At) > 0 || b.Between }

// under are the breaks with what they do not say from those of the channel: a rule as a
// whole, all else by key.
func (b *Breaks) under(channel *Breaks) *Breaks {
	switch {
	case b == nil:
		return channel
	case b.Off || channel == nil || channel.Off:
		return b
	}
	all := *b
	if !all.placed() {
		all.Every, all.At, all.Between = channel.Every, channel.At, channel.Between
	}
	if all.Slate == nil {
		all.Slate = channel.Slate
	}
	if all.Mark == nil {
		all.Mark = channel.Mark
	}
	all.For = cmp.Or(all.For, channel.For)
	all.Assets = cmp.Or(all.Assets, channel.Assets)
	all.SourceMarkers = cmp.Or(all.SourceMarkers, channel.SourceMarkers)
	return &all
}

// Fault is what is wrong with breaks whose keys have all been given; empty: nothing.
func (b *Breaks) Fault() string {
	switch {
	case b == nil || b.Off:
		return ""
	case !b.placed():
		return "breaks need every, at or between: where they are"
	case (b.Slate == nil) != (b.For == 0):
		return "breaks have a slate and for, which is how long it is played, or neither"
	case b.Slate == nil && (b.Has(MarkDateRange) || b.Has(MarkCue)):
		return "breaks without a slate have no length: their mark can be interstitial only"
	case b.Has(MarkInterstitial) && b.Assets == "":
		return "breaks with mark: interstitial need assets, the address of a list of assets"
	case b.Slate == nil && !b.Has(MarkInterstitial):
		return "breaks need mark: interstitial and assets, or in a channel a slate and for"
	}
	return ""
}

// Plays says whether something is played in the breaks.
func (b *Breaks) Plays() bool { return b != nil && !b.Off && b.Slate != nil }

// breaksFaults are what is wrong with the breaks of a channel and of its items, each
// once.
func (c *Channel) breaksFaults() (all []string) {
	seen := map[string]bool{"": true}
	note := func(text string) {
		if !seen[text] {
			all, seen[text] = append(all, text), true
		}
	}
	if c.Breaks != nil && !c.itemsHaveAll() {
		note(c.Breaks.Fault())
	}
	for i := range c.broken() {
		text := i.Breaks.under(c.Breaks).Fault()
		if !seen[text] && i.Breaks != nil && i.Breaks != c.Breaks {
			text = i.Name() + ": " + text
		}
		note(text)
	}
	return all
}

// itemsHaveAll says whether every item has breaks of its own, so that those of the
// channel only complete them.
func (c *Channel) itemsHaveAll() bool {
	for i := range c.broken() {
		if i.Breaks == nil {
			return false
		}
	}
	return true
}

// broken are the items that have the channel's breaks: all but the filler.
func (c *Channel) broken() iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for _, e := range c.Eras {
			for i := range e.each() {
				if len(c.Filler) > 0 && i == &c.Filler[0] {
					break // see Fill
				}
				if !yield(i) {
					return
				}
			}
		}
	}
}

// each are the items of an era, those of play first.
func (e *Era) each() iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for _, items := range [][]Item{e.Play, e.Loop} {
			for n := range items {
				if !yield(&items[n]) {
					return
				}
			}
		}
	}
}

// each are the items of all eras.
func (c *Channel) each() iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for n := range c.Eras {
			for i := range c.Eras[n].each() {
				if !yield(i) {
					return
				}
			}
		}
	}
}

// fillBreaks gives each item its breaks.
func (c *Channel) fillBreaks() {
	for i := range c.broken() {
		i.Breaks = i.Breaks.under(c.Breaks)
	}
}

// DefaultBreaks gives a channel without breaks those of all streams.
func (c *Channel) DefaultBreaks(b *Breaks) {
	if c.Breaks == nil {
		c.Breaks = b
		c.fillBreaks()
	}
}

// maxAssets is how long the address of a list of assets may be.
const maxAssets = 2048

// CheckAssets says what is wrong with the address of a list of assets: players request
// it by http or https; {id} and {channel} in it are replaced.
func CheckAssets(text string) error {
	plain := strings.NewReplacer("{id}", "id", "{channel}", "channel").Replace(text)
	u, err := url.Parse(plain)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("not an address such as https://ads.example.com/list?break={id}&channel={channel}")
	case u.User != nil:
		return errors.New("a user and password in it would be shown to viewers")
	case strings.ContainsAny(plain, "{}\"<>\\^`| ") || strings.ContainsFunc(plain, unprintable):
		return errors.New("only {id} and {channel} are replaced; other special characters have to be escaped")
	case len(text) > maxAssets:
		return errors.New("too long: at most " + strconv.Itoa(maxAssets) + " bytes")
	}
	return nil
}

func unprintable(c rune) bool { return c <= ' ' || c >= 0x7f }
