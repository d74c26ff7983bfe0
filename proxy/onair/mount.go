package onair

import (
	"cmp"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/room"
	"vod2live/proxy/route"
	"vod2live/proxy/timeshift"
)

// mount is what the first element of an address names.
type mount struct {
	name       string // in addresses
	origin     *origin.Origin
	client     *origin.Client // of that origin
	options    playlist.Options
	dvr        time.Duration          // how far back addresses may go; 0: they may not
	channel    string                 // the path of a channel's VOD; empty: all of the origin
	query      string                 // of a channel's VOD
	lists      bool                   // a channel that plays lists of VODs: the VOD is its model
	slots      *room.Slots            // of loads
	revalidate time.Duration          // revalidation interval of watched streams
	goneAfter  time.Duration          // a VOD ends after being absent for this long
	playout    *playout               // of a channel that plays lists; nil for others
	offAir     atomic.Pointer[string] // the code for which a channel is not on air; nil: it is, or has not been tried

	watched  prometheus.Counter // seconds
	failures prometheus.Counter // of a channel's segments; nil: this is no channel
}

// maxLoads is how many streams of one mount are loaded at once: an origin that
// is slow takes no slots of another. The others wait, in turn by folder.
const maxLoads = 32

// maxQueued is how many more wait.
const maxQueued = 1024

func (c *Config) mount(o *origin.Origin, client *origin.Client, options playlist.Options, dvr time.Duration) *mount {
	options.Strict, options.Memory = o.Strict, c.CacheBytes/mostOfAll
	return &mount{
		origin: o, client: client.Of(o), options: options, dvr: dvr, slots: room.NewSlots(maxLoads, maxQueued),
		revalidate: cmp.Or(o.Revalidate, c.Revalidate), goneAfter: cmp.Or(o.GoneAfter, c.GoneAfter),
	}
}

// named is where a channel's addresses are noted, nil for other streams.
func (m *mount) named() named {
	if m.channel == "" {
		return nil
	}
	return named{}
}

func mounts(config *Config, client *origin.Client) map[string]*mount {
	all := map[string]*mount{}
	for _, o := range config.Origins {
		all[o.Name] = config.mount(o, client, config.Options, config.DVR)
	}
	for _, c := range config.Channels {
		c.Options.Name = c.Name
		m := config.mount(client.Mounted(c.Origin), client, c.Options, c.DVR)
		m.channel, m.query, m.lists = c.Path, c.Query, c.Lists()
		m.failures = config.Metrics.SegmentFailures(c.Name)
		all[c.Name] = m
	}
	for name, m := range all {
		m.name, m.watched = name, config.Metrics.Watched(name)
	}
	return all
}

// serves reports whether the mount has the resource of an address: a channel
// has only its stream.
func (m *mount) serves(t route.Target) bool {
	return m.channel == "" || t.Kind != route.Resource && t.Path == channelPath
}

// address is that of a stream's VOD at the origin.
func (m *mount) address(k Key) (*url.URL, error) { return m.origin.URL(m.vod(k.Path), m.vodQuery(k)) }

// optionsOf are those of a stream. Its name in lists of assets is that of the channel,
// else its address without the query.
func (m *mount) optionsOf(k Key) playlist.Options {
	o := m.options
	o.Name = cmp.Or(o.Name, k.Mount+"/"+k.Path)
	return o
}

// vodQuery is the query for requests of a stream's VOD.
func (m *mount) vodQuery(k Key) string {
	if m.channel != "" {
		return m.query
	}
	return k.Query
}

// vod is the path of a stream's VOD below the origin.
func (m *mount) vod(path string) string {
	if m.channel != "" {
		return m.channel
	}
	return path
}

// key is that of the stream that an address is in.
func (m *mount) key(t route.Target, query string) Key {
	return Key{m.name, t.Path, m.identity(query), m.byPattern(t.Path)}
}

// byPattern reports whether a pattern of the origin makes a path that of a
// playlist.
func (m *mount) byPattern(path string) bool {
	return m.channel == "" && m.origin.Playlists.Match(path)
}

// identity is the part of a viewer's query that belongs to a stream. A
// channel has one stream, and a signed origin gets no query.
func (m *mount) identity(query string) string {
	if m.channel != "" || query == "" || m.origin.Signed() {
		return ""
	}
	query = m.origin.WithoutParams(query)
	if m.dvr > 0 {
		_, query = timeshift.Split(query, m.origin.Query.Names)
	}
	return identity(query, m.origin.Query)
}

// identity is the part of a viewer's query that belongs to the stream,
// without players' own parameters.
func identity(query string, policy origin.Query) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if pair != "" && name != "CMCD" && !strings.HasPrefix(name, "_HLS_") && policy.Forwards(name) {
			kept = append(kept, pair)
		}
	}
	return origin.EscapeQuery(strings.Join(kept, "&"))
}
