package config

import (
	"time"

	"go.yaml.in/yaml/v3"

	"vod2live/proxy/schedule"
)

// TargetDuration is whole seconds.
func TargetDuration(to *time.Duration) Value {
	v := Duration(to, time.Second, schedule.MaxTarget)
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
	return listOf(schema{"anyOf": []schema{{"type": "string"}, r.itemKeys(&schedule.Item{}).schema()}})
}

// items reads a list of items.
func (r *reader) items(to *[]schedule.Item) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r.list(n, func(n *yaml.Node) {
			var i schedule.Item
			if resolve(n).Kind == yaml.MappingNode {
				r.itemMapping(n, &i)
			} else {
				r.vod(n, &i)
			}
			*to = append(*to, i)
		})
	}
}

func (r *reader) itemKeys(i *schedule.Item) keys {
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
		"breaks":   {"Breaks of this item. Keys that are not given are taken from the breaks of the channel. false: none.", r.breaksSchema(), func(n *yaml.Node) { r.breaks(n, &i.Breaks) }},
	}
}

func (r *reader) itemMapping(n *yaml.Node, i *schedule.Item) {
	r.mapping(n, r.itemKeys(i))
	switch {
	case missing(n, "vod"):
		r.mistake(n, "an item needs a vod, such as { vod: vod/film/master.m3u8, in: 12s }")
	case i.Out > 0 && i.Out <= i.In:
		r.mistake(n, "out (%s) is not after in (%s)", shortly(i.Out), shortly(i.In))
	}
}

func (r *reader) model(n *yaml.Node, c *Channel) {
	c.Model = &schedule.Item{}
	r.vod(n, c.Model)
}

func (r *reader) eraKeys(e *schedule.Era) keys {
	return keys{
		"at":   r.value("When the era begins, about: an instant with its time zone.", Instant(&e.At)),
		"play": {"The VODs that are played once.", r.itemsSchema(), r.items(&e.Play)},
		"loop": {"The VODs that repeat after these, until the next era.", r.itemsSchema(), r.items(&e.Loop)},
		"wait": r.value("The longest wait for the end of the item on air.", Duration(&e.Wait, 0, schedule.MaxWait)),
		"end":  r.value("Whether the channel ends after play; only in the last era.", Switch(&e.End)),
	}
}

// era reads one era of a schedule.
func (r *reader) era(n *yaml.Node, c *Channel) {
	if resolve(n).Kind != yaml.MappingNode {
		r.mistake(n, "schedule is a list of eras, such as { at: 2026-12-24T18:00:00Z, loop: [ vod/a/master.m3u8 ] }")
		return
	}
	var e schedule.Era
	r.mapping(n, r.eraKeys(&e))
	if missing(n, "at") {
		r.mistake(n, "an era needs at, the instant when it begins, such as 2026-12-24T18:00:00Z")
	}
	r.eras = append(r.eras, n)
	c.Eras = append(c.Eras, e)
}

// checkChannel checks what concerns several keys of a channel. key is its name.
func (r *reader) checkChannel(key *yaml.Node, c *Channel) {
	if text := c.TooMany(); text != "" {
		r.mistake(key, "the channel %q: %s", c.Name, text)
	}
	for _, f := range c.Faults() {
		if f.Era < 0 || c.Eras[f.Era].At.IsZero() {
			r.mistake(key, "the channel %q: %s", c.Name, f.Text)
		} else {
			r.mistake(r.eras[len(r.eras)-len(c.Eras)+f.Era], "%s", f.Text)
		}
	}
	c.Fill()
}
