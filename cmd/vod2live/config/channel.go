package config

import (
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vod2live/playlist/mask"
	"vod2live/proxy/origin"
)

func (r *reader) channelKeys(c *Channel) keys {
	return keys{
		"loop":   {"The VOD that is played, as ORIGIN/PATH of its playlist.", listOf(schema{"type": "string"}), func(n *yaml.Node) { r.list(n, func(n *yaml.Node) { r.item(n, &c.Loop) }) }},
		"window": r.value("As live.window, for this channel.", Window(&c.Live.Window)),
		"epoch":  r.value("As live.epoch, for this channel.", Epoch(&c.Live.Epoch)),
	}
}

func (r *reader) channel(key, value *yaml.Node) {
	r.name(key)
	c := Channel{Name: key.Value}
	r.mapping(value, r.channelKeys(&c))
	switch {
	case missing(value, "loop"):
		r.mistake(key, "the channel %q needs a loop of one VOD, such as [ vod/movie/master.m3u8 ]", c.Name)
	case len(c.Loop) > 1:
		r.mistake(key, "the channel %q has a loop of several VODs; one is possible", c.Name)
	}
	r.file.Channels = append(r.file.Channels, c)
}

// item reads ORIGIN/PATH; whether there is such an origin, and what it takes for a
// playlist, is seen when all are read.
func (r *reader) item(n *yaml.Node, items *[]Item) {
	text, ok := r.text(n)
	if !ok {
		return
	}
	if strings.HasSuffix(text, "/") {
		r.mistake(n, "%q is a folder; a loop needs the playlist in it, such as %smaster.m3u8", written(n), written(n))
		return
	}
	var i Item
	i.Origin, i.Path, _ = strings.Cut(text, "/")
	i.Path, i.Query, _ = strings.Cut(i.Path, "?")
	if _, err := url.PathUnescape(i.Path); err != nil || strings.Contains(text, "#") || origin.EscapeQuery(i.Query) != i.Query || !origin.SafePath("/"+i.Path) {
		r.notVOD(n)
		return
	}
	*items = append(*items, i)
	r.uses = append(r.uses, use{n, i})
}

func (r *reader) notVOD(n *yaml.Node) {
	r.mistake(n, "%q is not a VOD: give ORIGIN/PATH of a playlist (.m3u8, or a name that matches playlists: of the origin), escaped as in an address", mask.Text(written(n)))
}

// use is where a channel names a VOD.
type use struct {
	node *yaml.Node
	item Item
}

func (r *reader) checkLoops() {
	for _, u := range r.uses {
		i := slices.IndexFunc(r.file.Origins, func(o Origin) bool { return o.Name == u.item.Origin })
		switch {
		case i < 0:
			name, _, _ := strings.Cut(written(u.node), "/")
			r.mistake(u.node, "origin %q not found%s", name, didYouMean("", name, r.originNames()))
		case !u.item.isPlaylist(r.file.Origins[i].Playlists):
			r.notVOD(u.node)
		case u.item.Query != "" && r.file.Origins[i].Region != "":
			r.mistake(u.node, "%q has a query, and an s3 origin gets none", mask.Text(written(u.node)))
		}
	}
}

func (r *reader) originNames() (names []string) {
	for _, o := range r.file.Origins {
		names = append(names, o.Name)
	}
	slices.Sort(names)
	return names
}

// isPlaylist goes by the name. Only of one that a pattern names, the query is a part.
func (i Item) isPlaylist(names origin.Names) bool {
	lower := strings.ToLower(i.Path)
	return names.Match(i.Path) || i.Query == "" && (strings.HasSuffix(lower, ".m3u8") || strings.HasSuffix(lower, ".m3u"))
}
