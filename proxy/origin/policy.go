package origin

import (
	"fmt"
	"slices"
)

// Query says what of a viewer's query an origin gets with a playlist's address.
// The zero value lets all through. With other addresses all goes along, to an
// origin that is not signed: the VOD's playlists may have it there.
type Query struct {
	Ignore bool     // nothing
	Names  []string // only these, as they stand in a query; nil: all
}

// Forwards says whether a parameter goes to the origin.
func (q Query) Forwards(name string) bool {
	return !q.Ignore && (q.Names == nil || slices.Contains(q.Names, name))
}

// EscapeQuery escapes what can't stand in the line of a request, nor in an
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

// SetPublic says where the origin is for players, if elsewhere than for us. The
// error is ErrURL.
func (o *Origin) SetPublic(rawURL string) error {
	public, err := New(o.Name, rawURL, o.Timeout)
	if err != nil {
		return err
	}
	o.public = public.places[0].base
	return nil
}

// Public is where players get what is at an escaped path, if not from us.
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

// Same says whether what was loaded from another origin is as good as loaded
// from this one.
func (o *Origin) Same(other *Origin) bool { return o.Identity() == other.Identity() }

// Identity is equal for origins that are the same.
func (o *Origin) Identity() string {
	bases := make([]string, len(o.places))
	for i, p := range o.places {
		bases[i] = p.base
	}
	return fmt.Sprintf("%q %q %q %t %t %t %t %q", o.Name, bases, o.public, o.Direct, o.Listed, o.Query.Ignore, o.Query.Names == nil, o.Query.Names)
}
