package config

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// maxEntries of all lists of a channel.
const maxEntries = 1000

// maxTarget is the longest target duration: a segment may be no longer.
const maxTarget = 120 * time.Second

// TargetDuration is whole seconds.
func TargetDuration(to *time.Duration) Value {
	v := Duration(to, time.Second, maxTarget)
	parse := v.set
	v.set = func(text string) error {
		before := *to
		if err := parse(text); err != nil {
			return err
		}
		if *to%time.Second != 0 {
			*to = before
			return &invalid{text: "not whole seconds: EXT-X-TARGETDURATION has no fractions"}
		}
		return nil
	}
	return v
}

func (r *reader) itemsSchema() schema {
	return listOf(schema{"anyOf": []schema{{"type": "string"}, r.itemKeys(&Item{}).schema()}})
}

// items reads a list of items.
func (r *reader) items(to *[]Item) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r.list(n, func(n *yaml.Node) {
			var i Item
			if resolve(n).Kind == yaml.MappingNode {
				r.itemMapping(n, &i)
			} else {
				r.vod(n, &i)
			}
			*to = append(*to, i)
		})
	}
}

func (r *reader) itemKeys(i *Item) keys {
	return keys{
		"vod":      {"ORIGIN/PATH of the VOD's playlist.", schema{"type": "string"}, func(n *yaml.Node) { r.vod(n, i) }},
		"in":       r.value("Where the item begins, from the VOD's beginning: at the next boundary that all renditions share.", Duration(&i.In, 0, 0)),
		"out":      r.value("Where it ends, from the VOD's beginning, likewise; at the VOD's end unless it is given.", Duration(&i.Out, time.Second, 0)),
		"title":    r.value("Title for guides.", Line(&i.Title)),
		"subtitle": r.value("Subtitle for guides.", Line(&i.Subtitle)),
		"desc":     r.value("Description for guides.", Line(&i.Desc)),
		"category": r.value("Category for guides.", Line(&i.Category)),
		"episode":  r.value("Season and episode for guides, such as S01E02.", Line(&i.Episode)),
		"date":     r.value("When it was made, for guides, such as 2024 or 2024-05-01.", Line(&i.Date)),
		"icon":     r.value("Address of a picture for guides.", Line(&i.Icon)),
	}
}

func (r *reader) itemMapping(n *yaml.Node, i *Item) {
	r.mapping(n, r.itemKeys(i))
	switch {
	case missing(n, "vod"):
		r.mistake(n, "an item needs a vod, such as { vod: vod/film/master.m3u8, in: 12s }")
	case i.Out > 0 && i.Out <= i.In:
		r.mistake(n, "out (%s) is not after in (%s)", shortly(i.Out), shortly(i.In))
	}
}

func (r *reader) model(n *yaml.Node, c *Channel) {
	c.Model = &Item{}
	r.vod(n, c.Model)
}

func (r *reader) eraKeys(e *Era, end *bool) keys {
	return keys{
		"at":   r.value("When the era begins, about: an instant with its time zone.", Instant(&e.At)),
		"play": {"The VODs that are played once.", r.itemsSchema(), r.items(&e.Play)},
		"loop": {"The VODs that repeat after these, until the next era.", r.itemsSchema(), r.items(&e.Loop)},
		"wait": r.value("The longest wait for the end of the item on air.", Duration(&e.Wait, 0, 24*time.Hour)),
		"end":  r.value("Whether the channel ends after play; only in the last era.", Switch(end)),
	}
}

// era reads one era of a schedule.
func (r *reader) era(n *yaml.Node, c *Channel) {
	if resolve(n).Kind != yaml.MappingNode {
		r.mistake(n, "schedule is a list of eras, such as { at: 2026-12-24T18:00:00Z, loop: [ vod/a/master.m3u8 ] }")
		return
	}
	var e Era
	end := false
	r.mapping(n, r.eraKeys(&e, &end))
	switch {
	case missing(n, "at"):
		r.mistake(n, "an era needs at, the instant when it begins, such as 2026-12-24T18:00:00Z")
	case len(e.Play)+len(e.Loop) == 0:
		r.mistake(n, "an era needs play or loop")
	case end && len(e.Loop) > 0:
		r.mistake(n, "an era that ends the channel (end: true) has no loop")
	}
	r.eras = append(r.eras, eraUse{n, end})
	c.Eras = append(c.Eras, e)
}

// eraUse is where an era stands in the file.
type eraUse struct {
	node *yaml.Node
	end  bool
}

// checkChannel checks what concerns several keys of a channel. key is its name.
func (r *reader) checkChannel(key *yaml.Node, c *Channel) {
	entries := 0
	for n := range c.Eras {
		e := &c.Eras[n]
		entries += len(e.Play) + len(e.Loop)
		if !e.At.IsZero() {
			r.checkEra(c, n)
		}
	}
	if entries > maxEntries {
		r.mistake(key, "the channel %q has %d items; at most %d are counted", c.Name, entries, maxEntries)
	}
	if len(c.Eras) > 1 && (c.Target == 0 || c.Model == nil) {
		r.mistake(key, "a schedule of several eras needs target_duration and model: what all that will ever play is like, such as target_duration: 6s, model: vod/a/master.m3u8")
	}
}

// checkEra checks an era of a schedule among its neighbours.
func (r *reader) checkEra(c *Channel, n int) {
	e, at := &c.Eras[n], r.eras[len(r.eras)-len(c.Eras)+n]
	last := n == len(c.Eras)-1
	switch {
	case at.end && !last:
		r.mistake(at.node, "only the last era can end the channel")
	case !at.end && len(e.Loop) == 0 && len(r.filler) == 0:
		r.mistake(at.node, "nothing is left to play after this era: give it a loop, the channel a filler, or the era end: true (nothing-to-fill)")
	case !at.end && len(e.Loop) == 0:
		e.Loop = r.filler
	}
	if n == 0 {
		if e.At.Year() < 1970 {
			r.mistake(at.node, "too early: the first era begins in 1970 at the earliest")
		}
		return
	}
	before := c.Eras[n-1]
	least := max(c.Target, before.Wait) + 3*c.Target
	switch gap := e.At.Sub(before.At); {
	case gap <= 0:
		r.mistake(at.node, "the eras are not in the order of time: this one begins at %s, the one before at %s (eras-unordered)", e.At.Format(time.RFC3339), before.At.Format(time.RFC3339))
	case gap < least:
		r.mistake(at.node, "the era before is too short: %s, at least %s are needed (era-too-short)", shortly(gap), shortly(least))
	}
}
