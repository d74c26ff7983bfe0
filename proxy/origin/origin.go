// Package origin is the client of the configured VOD origins. It sends requests
// to them only: an address outside them is rejected, whether it is in a
// playlist, in a request or in a redirect. What it reads is bounded in size and
// time.
package origin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Origin is one place where VODs are.
type Origin struct {
	Name    string        // its mount: the first element of the addresses that viewers use
	Timeout time.Duration // until headers; for a playlist until its last byte; for a segment the longest stall
	Header  http.Header   // sent with every request, including Host; nil: none

	Query      Query         // the forwarded part of a viewer's query
	Revalidate time.Duration // revalidation interval of loaded VODs; 0: as for the server
	GoneAfter  time.Duration // a VOD ends after being absent for this long; 0: as for the server
	Direct     bool          // players get segments from the origin itself
	Playlists  Names         // of playlists, beside *.m3u8 and *.m3u; of such a one the query is a part of the name
	Listed     bool          // of a segment's query only what a VOD lists goes along
	Strict     bool          // refuse a VOD rather than leave an optional rendition out
	Measure    Measure       // which VODs are measured

	PlaylistConnections, SegmentConnections int64 // in use at once; 0: not bounded

	Changed func(Change) // called when a place starts to fail or recovers; nil: not called

	places []*place // its addresses; the next is used when one fails
	public string   // where it is for players; empty: the first place
	s3     *signing // nil: requests are not signed
	params params   // of every request
	queue  queue    // of the requests that wait for a paused place
}

// Measure selects the VODs whose media is measured when they are loaded: their first
// and last segments are read for the length of the audio.
type Measure int

// Whose media is measured.
const (
	MeasureNone  Measure = iota
	MeasureShort         // of loops of less than 15 minutes, unless players get segments from the origin itself
	MeasureAll
)

// ErrURL means that an origin's URL can't be used.
var ErrURL = errors.New("an origin's URL is http(s)://host[:port][/prefix], without query and fragment")

// New makes an origin of its URL. A user and password in it become an
// Authorization header.
func New(name, rawURL string, timeout time.Duration) (*Origin, error) {
	o := &Origin{Name: name, Timeout: timeout}
	return o, o.AddURL(rawURL)
}

// URL is the address of an escaped path below the origin. ErrOutside: the
// path would leave it.
func (o *Origin) URL(path, query string) (*url.URL, error) {
	if !SafePath("/" + path) {
		return nil, ErrOutside
	}
	u, err := url.Parse(o.places[0].base + path)
	if err != nil {
		return nil, ErrOutside
	}
	u.RawQuery = query
	return u, nil
}

// maxEscapes of one path, one around the other, are looked behind.
const maxEscapes = 4

// SafePath reports whether an escaped path names one resource, however often a
// server unescapes it: no element is empty, "." or "..", there is no control
// character, and it does not end in a slash. An escaped slash is an ordinary part
// of its element, unless it separates such elements. Two slashes in a row must be
// those of an address within the path: https%3A%2F%2Fcdn.example.com.
func SafePath(path string) bool {
	for level := range maxEscapes {
		if !plainPath(path, level > 0) {
			return false
		}
		next := unescape(path)
		if next == path {
			return true
		}
		path = next
	}
	return false
}

// unescape leaves invalid escapes unchanged, as some servers do;
// url.PathUnescape would give up at one stray percent sign.
func unescape(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	b := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && i+2 < len(path) {
			if c, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(c))
				i += 2
				continue
			}
		}
		b = append(b, path[i])
	}
	return string(b)
}

// plainPath is SafePath for a path without further unescaping. An unescaped
// path may have two slashes after a scheme.
func plainPath(path string, unescaped bool) bool {
	if !strings.HasPrefix(path, "/") || hasControl(path) {
		return false
	}
	from := 1 // where the element begins
	for i := 1; i < len(path); i++ {
		if path[i] != '/' && path[i] != '\\' {
			continue
		}
		afterScheme := unescaped && strings.HasSuffix(path[:from-1], ":")
		if i == from && !afterScheme || climbs(path[from:i]) {
			return false
		}
		from = i + 1
	}
	return from < len(path) && !climbs(path[from:])
}

func hasControl(path string) bool {
	for i := range len(path) {
		if path[i] < ' ' || path[i] == 0x7f {
			return true
		}
	}
	return false
}

// climbs reports whether an element of a path is "." or "..". Servlet containers drop what
// follows a semicolon, and then climb.
func climbs(element string) bool {
	if element == "" || element[0] != '.' {
		return false
	}
	name, _, _ := strings.Cut(element, ";")
	return name == "." || name == ".."
}

// ErrOddPath is of an address with an OddPath.
var ErrOddPath = errors.New("its path has an empty element, . or .. (escaped or not) or a control character, or ends in a slash: such an address is never requested")

// OddPath reports whether an address is outside all origins only because of its
// path: a path that servers may understand in different ways is never requested.
func OddPath(u *url.URL) bool {
	path := u.EscapedPath()
	return len(path) > 1 && !SafePath(path)
}
