package onair

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/route"
)

// ErrAddress means that an address names neither a VOD nor a stream.
var ErrAddress = errors.New("not the address of a playlist at an origin, nor of viewers: /MOUNT/PATH, such as /live/movie/master.m3u8")

// Found is the VOD that an address names, and how it is loaded.
type Found struct {
	Address        // where it is
	Viewers string // the path of its stream for viewers; empty: it can have none
	Channel string // the channel of this address, if it plays lists of VODs: the VOD is its model; else empty
	Client  *origin.Client
	Options playlist.Options
}

// site is what addresses lead to.
type site struct {
	client *origin.Client
	mounts map[string]*mount
	hidden
}

// Find finds the VOD of an address: its own at an origin, or that of viewers with
// or without scheme and host. It loads nothing. The error is ErrAddress.
func Find(c *Config, address string) (*Found, error) { return newSite(c).Find(address) }

func newSite(c *Config) site {
	client := origin.NewClient(c.Transport, c.Metrics, c.Origins...)
	return site{client, mounts(c, client), hiddenOf(c.Channels, client)}
}

// Find is the same as the function.
func (s site) Find(address string) (*Found, error) {
	viewers, at, err := s.forViewers(address)
	if err != nil {
		return nil, err
	}
	k, m, err := s.locate(viewers)
	switch {
	case at != nil && err == nil:
		return &Found{Address: *at, Viewers: k.address(), Client: s.client, Options: m.options}, nil
	case at != nil:
		return &Found{Address: *at, Client: s.client, Options: s.mounts[at.Mount].options}, nil
	case err != nil:
		return nil, err
	}
	found := &Found{Address: Address{Mount: m.origin.Name, Path: m.vod(k.Path), Query: m.vodQuery(k)}, Viewers: k.address(), Client: s.client, Options: m.options}
	if m.lists {
		found.Channel = k.Mount
	}
	return found, nil
}

// forViewers is what viewers request for an address; at is where it lies if it is
// the VOD's own at an origin, else nil.
func (s site) forViewers(address string) (viewers *url.URL, at *Address, err error) {
	u, err := playlist.Resolve(&url.URL{}, strings.TrimSpace(address))
	if err != nil {
		return nil, nil, ErrAddress
	}
	u.User = nil
	o, path, within := s.client.Locate(u, "")
	if !within || path == "" {
		return &url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}, nil, nil
	}
	query := o.WithoutParams(u.RawQuery)
	at = &Address{Mount: o.Name, Path: path, Query: query}
	if viewers, err = url.Parse("/" + o.Name + "/" + path); err != nil {
		return nil, nil, ErrAddress
	}
	viewers.RawQuery = query
	return viewers, at, nil
}

// locate finds the stream that a viewers' address names.
func (s site) locate(u *url.URL) (Key, *mount, error) {
	if origin.OddPath(u) {
		return Key{}, nil, fmt.Errorf("%w: %w", ErrAddress, origin.ErrOddPath)
	}
	t, m, ok := s.find(u.EscapedPath())
	switch {
	case m == nil:
		return Key{}, nil, fmt.Errorf("%w; the mounts are %s", ErrAddress, strings.Join(slices.Sorted(maps.Keys(s.mounts)), ", "))
	case !ok || t.Kind != route.Stream && t.Kind != route.Rendition:
		return Key{}, nil, ErrAddress
	}
	return m.key(t, u.RawQuery), m, nil
}

// Target finds what an escaped path names.
func (s site) Target(path string) (t route.Target, ok bool) {
	t, _, ok = s.find(path)
	return t, ok
}

// Unknown describes, for the log, what is wrong with an escaped path that Target does
// not find.
func (s site) Unknown(path string) string {
	name, _, below := route.SplitMount(path)
	m := s.mounts[name]
	switch {
	case m == nil:
		return "no origin or channel has the name of the first path element"
	case m.channel != "":
		return name + " is a channel: its address is /" + name + "/" + channelPath
	case below:
		return "viewers can't read a channel's schedule object"
	}
	return "a folder; a stream has the address of a playlist, such as /" + name + "/movie/master.m3u8"
}

// find finds what an escaped path names, and the mount that it is of.
func (s site) find(path string) (t route.Target, m *mount, ok bool) {
	name, rest, ok := route.SplitMount(path)
	m = s.mounts[name]
	if !ok || m == nil {
		return t, m, false
	}
	t = route.Parse(name, rest, m.origin.Playlists)
	return t, m, m.serves(t) && !s.hides(m, t)
}

// KeyOf is that of the stream which an address and a query are of.
func (s site) KeyOf(t route.Target, query string) Key { return s.mounts[t.Mount].key(t, query) }
