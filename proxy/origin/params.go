package origin

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// params are query parameters of every request to an origin, such as a token or
// a signature for the whole origin. Nobody else sees them: viewers neither get
// nor send parameters of these names.
type params struct {
	names   map[string]bool
	encoded string
}

// SetParams adds query parameters to every request to the origin. Values are
// plain or escaped, as in an address. Call it before the first request, and
// not for a signed origin.
func (o *Origin) SetParams(values map[string]string) {
	o.params = params{names: map[string]bool{}}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		o.params.names[name] = true
		pairs = append(pairs, url.QueryEscape(name)+"="+escapeValue(values[name]))
	}
	o.params.encoded = strings.Join(pairs, "&")
}

// escapeValue escapes unescaped characters.
func escapeValue(value string) string {
	var b strings.Builder
	for rest := value; rest != ""; {
		if len(rest) > 2 && rest[0] == '%' && unescape(rest[:3]) != rest[:3] {
			b.WriteString(rest[:3])
			rest = rest[3:]
			continue
		}
		b.WriteString(url.QueryEscape(rest[:1]))
		rest = rest[1:]
	}
	return b.String()
}

// WithoutParams is a query without the parameters that only the origin gets.
func (o *Origin) WithoutParams(query string) string {
	if query == "" || len(o.params.names) == 0 {
		return query
	}
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil || !o.params.names[plain] {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

// withoutParams is an address without them: viewers see what is derived from it,
// such as the variables of a playlist.
func (o *Origin) withoutParams(address *url.URL) *url.URL {
	if len(o.params.names) == 0 {
		return address
	}
	bare := *address
	bare.RawQuery = o.WithoutParams(address.RawQuery)
	return &bare
}

// withParams is a query as it is sent.
func (o *Origin) withParams(query string) string {
	query = o.WithoutParams(query)
	if query == "" || o.params.encoded == "" {
		return query + o.params.encoded
	}
	return query + "&" + o.params.encoded
}

// NeedsParams reports whether an address that players request directly lacks
// the parameters.
func (o *Origin) NeedsParams() bool { return len(o.params.names) > 0 && o.public == "" }
