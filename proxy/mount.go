package proxy

import (
	"errors"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
)

// Channel is a stream with a name of its own: /{Name}/master.m3u8. It is loaded
// at once and stays loaded.
type Channel struct {
	Name    string // as that of an origin, and of none
	Origin  string
	Path    string // of its VOD beneath the origin, escaped
	Query   string // of its VOD, where that is a part of the name; not that of viewers
	Options playlist.Options
}

// channelPath is the path of a channel's stream beneath its mount.
const channelPath = "master.m3u8"

// mount is what the first element of an address names.
type mount struct {
	origin  *origin.Origin
	client  *origin.Client // of that origin
	options playlist.Options
	same    string                 // tells it from origins whose segments are others
	channel string                 // the path of a channel's VOD; empty: all of the origin
	query   string                 // of a channel's VOD
	retries budget                 // of segments
	slots   *semaphore.Weighted    // of loads
	offAir  atomic.Pointer[string] // the code for which a channel is not on air; nil: it is, or has not been tried

	watched  prometheus.Counter // seconds
	failures prometheus.Counter // of a channel's segments; nil: this is no channel
}

// maxLoads is how many streams of one mount are loaded at once: an origin that
// is slow takes no slots of another.
const maxLoads = 32

func newMount(o *origin.Origin, client *origin.Client, options playlist.Options) *mount {
	options.Strict = o.Strict
	return &mount{origin: o, client: client.Of(o), same: o.Identity(), options: options, retries: budget{tokens: retryBurst}, slots: semaphore.NewWeighted(maxLoads)}
}

// named is where a channel's addresses are noted, nil for other streams.
func (m *mount) named() named {
	if m.channel == "" {
		return nil
	}
	return named{}
}

func mounts(config Config, client *origin.Client) map[string]*mount {
	all := map[string]*mount{}
	for _, o := range config.Origins {
		all[o.Name] = newMount(o, client, config.Options)
	}
	for _, c := range config.Channels {
		m := newMount(client.Mounted(c.Origin), client, c.Options)
		m.channel, m.query = c.Path, c.Query
		m.failures = config.Metrics.SegmentFailures(c.Name)
		all[c.Name] = m
	}
	for name, m := range all {
		m.watched = config.Metrics.Watched(name)
	}
	return all
}

// serves says whether the mount has what an address names: a channel has
// nothing but its stream.
func (m *mount) serves(t target) bool {
	return m.channel == "" || t.kind != kindResource && t.path == channelPath
}

// address is that of a stream's VOD at the origin.
func (m *mount) address(k key) (*url.URL, error) { return m.origin.URL(m.vod(k.path), m.vodQuery(k)) }

// vodQuery is the query that a stream's VOD is asked for with.
func (m *mount) vodQuery(k key) string {
	if m.channel != "" {
		return m.query
	}
	return k.query
}

// vod is the path of a stream's VOD beneath the origin.
func (m *mount) vod(path string) string {
	if m.channel != "" {
		return m.channel
	}
	return path
}

// key is that of the stream that an address is in.
func (m *mount) key(t target, query string) key {
	return key{t.mount, t.path, m.identity(query), m.byPattern(t.path)}
}

// byPattern says whether a pattern of the origin makes a path one of playlists.
func (m *mount) byPattern(path string) bool {
	return m.channel == "" && m.origin.Playlists.Match(path)
}

// identity is what of a viewer's query belongs to a stream. A channel has one
// stream, and a signed origin gets no query.
func (m *mount) identity(query string) string {
	if m.channel != "" || query == "" || m.origin.Signed() {
		return ""
	}
	return identity(m.origin.WithoutParams(query), m.origin.Query)
}

// revalidateEvery and goneAfter are the origin's own, where it has them.
func (s *Server) revalidateEvery(k key) time.Duration {
	if own := s.mounts[k.mount].origin.Revalidate; own > 0 {
		return own
	}
	return s.config.Revalidate
}

func (s *Server) goneAfter(k key) time.Duration {
	if own := s.mounts[k.mount].origin.GoneAfter; own > 0 {
		return own
	}
	return s.config.GoneAfter
}

// keepLoaded loads a channel and tries again until that works. tried is called
// after the first attempt.
func (s *Server) keepLoaded(k key, tried func()) {
	if !s.begin() {
		tried()
		return
	}
	go func() {
		defer s.work.Done()
		defer panics.Survive(s.config.Log)
		pause := leastPause
		for {
			_, err := s.loadOnce(k)
			tried()
			wait := jitter(pause)
			if held, is := errors.AsType[*held](err); is {
				wait = max(wait, held.left) // as the origin asks
			}
			if err == nil || !s.pause(wait) || s.next.Load() != nil {
				return
			}
			pause = min(2*pause, mostOutage)
		}
	}()
}
