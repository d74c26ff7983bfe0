package origin

import (
	"fmt"
	"slices"
)

// Query selects the part of a viewer's query that an origin gets with a
// playlist's address. The zero value forwards all. With other addresses the
// whole query is forwarded, unless the origin is signed: the VOD's playlists
// may contain it.
type Query struct {
	Ignore bool     // nothing
	Names  []string // only these, as written in a query; nil: all
}

// Forwards reports whether a parameter is forwarded to the origin.
func (q Query) Forwards(name string) bool {
	return !q.Ignore && (q.Names == nil || slices.Contains(q.Names, name))
}

// EscapeQuery escapes what is not allowed in a request line or in an
// attribute of a playlist: HTTP/2 lets viewers send nearly anything.
func EscapeQuery(query string) string {
	odd := func(c byte) bool { return c <= ' ' || c >= 0x7f || c == '"' || c == '#' }
	first := 0
	for first < len(query) && !odd(query[first]) {
		first++
	}
	if first == len(query) {
		return query
	}
	b := []byte(query[:first])
	for _, c := range []byte(query[first:]) {
		if odd(c) {
			b = fmt.Appendf(b, "%%%02X", c)
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// SetPublic sets where the origin is for players, if not at its own address.
// The error is ErrURL.
func (o *Origin) SetPublic(rawURL string) error {
	public, err := New(o.Name, rawURL, o.Timeout)
	if err != nil {
		return err
	}
	o.public = public.places[0].base
	return nil
}

// Public is the address from which players get an escaped path directly.
func (o *Origin) Public(path, query string) string {
	base := o.public
	if base == "" {
		base = o.places[0].base
	}
	if query = o.WithoutParams(query); query != "" {
		path += "?" + query
	}
	return base + path
}

// Same reports whether content loaded from another origin is as good as
// loaded from this one.
func (o *Origin) Same(other *Origin) bool { return o.Identity() == other.Identity() }

// Identity is equal for origins that are the same.
func (o *Origin) Identity() string {
	bases := make([]string, len(o.places))
	for i, p := range o.places {
		bases[i] = p.base
	}
	return fmt.Sprintf("%q %q %q %t %t %t %t %q", o.Name, bases, o.public, o.Direct, o.Listed, o.Query.Ignore, o.Query.Names == nil, o.Query.Names)
}
