package config

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vod2live/playlist/mask"
	"vod2live/proxy/origin"
	"vod2live/proxy/schedule"
)

func (r *reader) channelKeys(c *Channel, loop *schedule.Era) keys {
	return keys{
		"loop":            {"The VODs that are played one after the other, without end.", r.itemsSchema(), r.items(&loop.Loop)},
		"schedule":        {"What is played from when on, in the order of time; in place of loop. Or where that is written: ORIGIN/PATH of an object, or ./NAME.json beside this file.", scheduleSchema(r), func(n *yaml.Node) { r.schedule(n, c) }},
		"origins":         {"Whose VODs a schedule object may name, beside those of its own origin.", listOf(schema{"type": "string"}), func(n *yaml.Node) { r.list(n, func(n *yaml.Node) { r.allowed(n, c) }) }},
		"slate":           {"The VOD that stands in for an item of a locked schedule that can't be loaded.", schema{"type": "string"}, func(n *yaml.Node) { c.Slate = &schedule.Item{}; r.vod(n, c.Slate) }},
		"filler":          {"What repeats in an era without a loop of its own.", r.itemsSchema(), r.items(&c.Filler)},
		"model":           {"The VOD whose renditions viewers see, as ORIGIN/PATH of its playlist: the first item, unless it is given.", schema{"type": "string"}, func(n *yaml.Node) { r.model(n, c) }},
		"target_duration": r.value("The target duration of all that will ever play: that of the VODs of the first era, unless it is given.", TargetDuration(&c.Target)),
		"breaks":          {"Breaks of all items except the filler: their positions, their slate, and their marks in playlists. false: none.", r.breaksSchema(), func(n *yaml.Node) { r.breaks(n, &c.Breaks) }},
		"programmes":      r.value("Whether playlists announce the items: daterange, an EXT-X-DATERANGE for each.", OneOf(&c.Programmes, DateRanges)),
		"title":           r.value("Name for guides.", Line(&c.Title)),
		"logo":            r.value("Address of a picture for guides.", Line(&c.Logo)),
		"number":          r.value("Number for guides.", Line(&c.Number)),
		"group":           r.value("Group for guides.", Line(&c.Group)),
		"guide":           r.value("Whether the guide has the channel: true unless it is given.", listed(&c.Unlisted)),
		"window":          r.value("As live.window, for this channel.", Window(&c.Live.Window)),
		"dvr":             r.value("As live.dvr, for this channel.", OwnDVR(&c.Live.DVR)),
		"timestamps":      r.value("As live.timestamps, for this channel.", OneOf(&c.Live.Timestamps, Restart, Continuous)),
		"epoch":           r.value("As live.epoch, for this channel.", Epoch(&c.Live.Epoch)),
	}
}

func (r *reader) channel(key, value *yaml.Node) {
	r.name(key)
	c, loop := Channel{Name: key.Value}, schedule.Era{}
	before, used := len(r.wrong), len(r.uses)
	r.mapping(value, r.channelKeys(&c, &loop))
	r.plays(key, value, &c, loop)
	if c.Object == nil && len(r.wrong) == before {
		r.checkChannel(key, &c)
	}
	for n := range r.uses[used:] {
		r.uses[used+n].moved = c.Live.Timestamps == Continuous
	}
	r.file.Channels = append(r.file.Channels, c)
}

// plays takes what a channel plays: a loop, or a schedule.
func (r *reader) plays(key, value *yaml.Node, c *Channel, loop schedule.Era) {
	switch {
	case missing(value, "loop") && missing(value, "schedule"):
		r.mistake(key, "the channel %q needs a loop, such as [ vod/movie/master.m3u8 ], or a schedule", c.Name)
	case !missing(value, "loop") && !missing(value, "schedule"):
		r.mistake(key, "the channel %q has a loop and a schedule: only one can be played", c.Name)
	case !missing(value, "loop"):
		c.Eras = []schedule.Era{loop}
		if len(c.Filler) > 0 {
			r.mistake(key, "the channel %q has a filler, which repeats in eras without a loop: a loop never ends", c.Name)
		}
	}
	if c.Object == nil && (c.Slate != nil || len(c.Origins) > 0) {
		r.mistake(key, "the channel %q has a slate or origins, which belong to a schedule object: schedule: ORIGIN/PATH.json, or ./NAME.json", c.Name)
	}
}

// vod reads ORIGIN/PATH. Whether the origin exists, and which names it takes for
// playlists, is checked when all keys are read.
func (r *reader) vod(n *yaml.Node, i *schedule.Item) {
	text, ok := r.text(n)
	if !ok {
		return
	}
	switch err := i.SetVOD(text); {
	case errors.Is(err, schedule.ErrFolder):
		r.mistake(n, "%q is a folder; a channel needs the playlist in it, such as %smaster.m3u8", written(n), written(n))
		return
	case err != nil:
		r.notVOD(n)
		return
	}
	r.uses = append(r.uses, use{node: n, item: *i})
}

func (r *reader) notVOD(n *yaml.Node) {
	if strings.Contains(written(n), "://") {
		r.mistake(n, "%q is an address: name its host under origins, and give ORIGIN/PATH, such as vod/movie/master.m3u8", mask.Text(written(n)))
		return
	}
	r.mistake(n, "%q is not a VOD: give ORIGIN/PATH of a playlist (.m3u8, or a name that matches playlists: of the origin), escaped as in an address", mask.Text(written(n)))
}

// use is where a channel names a VOD.
type use struct {
	node *yaml.Node
	item schedule.Item

	moved  bool // with continuous timestamps
	object bool // it is no VOD but a schedule
}

func (r *reader) checkLoops() {
	for _, u := range r.uses {
		i := slices.IndexFunc(r.file.Origins, func(o Origin) bool { return o.Name == u.item.Origin })
		switch {
		case i < 0:
			r.originMistake(u.node)
		case u.object:
		case !namesPlaylist(u.item, r.file.Origins[i].Playlists):
			r.notVOD(u.node)
		case u.item.Query != "" && r.file.Origins[i].Region != "":
			r.mistake(u.node, "%q has a query: requests to an s3 origin have none", mask.Text(written(u.node)))
		case u.moved && r.file.Origins[i].Direct:
			r.mistake(u.node, "the origin %q has segments: direct, and continuous timestamps need segments that pass through here", u.item.Origin)
		}
	}
}

// originMistake reports an item whose origin is not configured.
func (r *reader) originMistake(node *yaml.Node) {
	item := written(node)
	name, _, _ := strings.Cut(item, "/")
	if name == "" {
		r.mistake(node, "%q begins with a slash: give ORIGIN/PATH, such as %s", mask.Text(item), mask.Text(strings.TrimLeft(item, "/")))
		return
	}
	r.mistake(node, "origin %q not found%s", name, didYouMean("", name, r.originNames()))
}

func (r *reader) originNames() (names []string) {
	for _, o := range r.file.Origins {
		names = append(names, o.Name)
	}
	slices.Sort(names)
	return names
}

// namesPlaylist goes by the name. Only of one that a pattern names, the query is a part.
func namesPlaylist(i schedule.Item, names origin.Names) bool {
	lower := strings.ToLower(i.Path)
	return names.Match(i.Path) || i.Query == "" && (strings.HasSuffix(lower, ".m3u8") || strings.HasSuffix(lower, ".m3u"))
}
