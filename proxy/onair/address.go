package onair

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vod2live/loop"
	"vod2live/proxy/origin"
	"vod2live/proxy/route"
)

// addresses writes what the playlists of one stream point at, relative to where
// viewers see them: a prefix that something in front of us adds or strips does
// no harm.
type addresses struct {
	client *origin.Client
	own    string // the origin that the VOD is at
	mount  string
	path   string // of the stream below its mount, escaped
	query  string // at the end of addresses of ours: with its question mark, or the place for it
	single bool   // the VOD is one media playlist, at the stream's own address

	variables bool // addresses may contain values of variables

	refused *loop.Refusal   // of an address that viewers must not see and can't do without; nil: none
	origins map[string]bool // that addresses were found in
	named   named           // what they name there; nil: not noted
	listed  named           // what they name, with and without query, if it is only passed on
}

// reached are the origins that the playlists of a stream point at.
func (a *addresses) reached() []string { return slices.Sorted(maps.Keys(a.origins)) }

// Rendition implements playlist.Addresses.
func (a *addresses) Rendition(n int) string {
	_, last := route.CutLast(a.path)
	return dotted(last+"/"+strconv.Itoa(n)+".m3u8") + a.query
}

// Resource implements playlist.Addresses. What is outside the origins, or has
// an address that we don't serve, is left to the viewer.
func (a *addresses) Resource(n int, address *url.URL) string {
	o, rest, within := a.client.Locate(address, a.own)
	if !within {
		return a.beside(n, address)
	}
	if a.origins == nil {
		a.origins = map[string]bool{}
	}
	a.origins[o.Name] = true
	a.named.add(o.Name, rest)
	query := o.WithoutParams(address.RawQuery)
	a.list(o, rest, query)
	if o.Direct {
		if o.NeedsParams() {
			a.refuse(CodeParamsDirect, n, address)
		}
		return o.Public(rest, query)
	}
	base := a.mount + "/" + a.path
	if n < 0 || a.single {
		base, _ = route.CutLast(base)
	}
	out := relative(base+"/", o.Name+"/"+rest)
	if query != "" {
		out += "?" + query
	}
	return out
}

// NotesEach implements playlist.Addresses.
func (a *addresses) NotesEach() bool { return a.named != nil || a.listed != nil }

// list notes an address of an origin where only what a VOD lists is passed on.
func (a *addresses) list(o *origin.Origin, rest, query string) {
	if !o.Listed {
		return
	}
	if a.listed == nil {
		a.listed = named{}
	}
	a.listed[listedHash(o.Name, rest, "")] = struct{}{}
	a.listed[listedHash(o.Name, rest, origin.EscapeQuery(query))] = struct{}{}
}

// Absolute implements playlist.Addresses: where the origin is for players, if
// that is known to be elsewhere than for us.
func (a *addresses) Absolute(address *url.URL) string {
	o, rest, within := a.client.Locate(address, a.own)
	if !within {
		return a.beside(-1, address)
	}
	public := o.Public(rest, address.RawQuery)
	if own, err := o.URL(rest, address.RawQuery); err != nil || own.String() != public {
		return public
	}
	switch {
	case o.NeedsParams():
		a.refuse(CodeParamsDirect, -1, address)
	case o.Hidden():
		a.refuse(CodePrivateAddress, -1, address)
	}
	return address.String()
}

// relative is the way from one folder, which ends in a slash, to a path.
func relative(folder, path string) string {
	common := 0
	for i := 0; i < len(folder) && i < len(path) && folder[i] == path[i]; i++ {
		if folder[i] == '/' {
			common = i + 1
		}
	}
	return dotted(strings.Repeat("../", strings.Count(folder[common:], "/")) + path[common:])
}

// dotted keeps a colon in the first element from looking like a scheme.
func dotted(ref string) string {
	first, _, _ := strings.Cut(ref, "/")
	if strings.Contains(first, ":") {
		return "./" + ref
	}
	return ref
}
