package origin

import (
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// place is one of the addresses of an origin.
type place struct {
	origin   *Origin
	base     string      // scheme, host and escaped path prefix, with a slash at the end
	scheme   string      // http or https
	host     string      // lower case, without the scheme's own port
	written  string      // the host as it is in base
	internal bool        // players elsewhere can't reach it
	elements []string    // of the path prefix, not escaped
	header   http.Header // of the user and password in the URL; nil: it had none
	health   health
}

// AddURL gives the origin one more address, which is used when the previous
// ones fail. The error is ErrURL.
func (o *Origin) AddURL(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil || !usable(u) {
		return ErrURL // no error repeats what may hold a password or a token
	}
	p := &place{origin: o, health: health{queue: &o.queue}, scheme: u.Scheme, host: hostOf(u), written: u.Host, internal: Internal(u.Hostname()), base: u.Scheme + "://" + u.Host + "/"}
	if password, has := u.User.Password(); has || u.User.Username() != "" {
		token := base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))
		p.header = http.Header{"Authorization": {"Basic " + token}}
	}
	if prefix := strings.Trim(u.EscapedPath(), "/"); prefix != "" {
		p.base += prefix + "/"
		for element := range strings.SplitSeq(prefix, "/") {
			plain, _ := url.PathUnescape(element) // u was parsed
			p.elements = append(p.elements, plain)
		}
	}
	p.health.changed = func(c Change) {
		if c.URL = p.base; o.Changed != nil {
			o.Changed(c)
		}
	}
	o.places = append(o.places, p)
	return nil
}

// usable reports whether a URL can be an origin's.
func usable(u *url.URL) bool {
	web := (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && validPort(u.Port())
	bare := u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
	return web && bare && SafePath(strings.TrimRight(u.EscapedPath(), "/")+"/x")
}

// validPort reports whether a port can be connected to; empty is the default one.
func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// hostOf is a URL's host and port in the one form that is compared.
func hostOf(u *url.URL) string {
	port := strings.TrimLeft(u.Port(), "0")
	if u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		port = ""
	}
	if port != "" {
		port = ":" + port
	}
	return plainHost(u.Hostname()) + port
}

// plainHost is a host in the one form of all that a resolver takes for the same.
func plainHost(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().String()
	}
	return name
}

// rest is what follows the origin's prefix in an address within it, escaped,
// and how many elements that prefix has.
func (o *Origin) rest(u *url.URL) (path string, depth int, ok bool) {
	for _, p := range o.places {
		if path, ok := p.rest(u); ok {
			return path, len(p.elements), true
		}
	}
	return "", 0, false
}

func (p *place) rest(u *url.URL) (path string, ok bool) {
	if u.Scheme != p.scheme || u.User != nil || u.Host != p.written && hostOf(u) != p.host {
		return "", false
	}
	whole := u.EscapedPath()
	path, ok = strings.CutPrefix(whole, "/")
	if !ok {
		return "", false
	}
	for _, element := range p.elements {
		first, rest, more := strings.Cut(path, "/")
		if plain, err := url.PathUnescape(first); err != nil || plain != element || !more {
			return "", false
		}
		path = rest
	}
	return path, SafePath(whole[len(whole)-len(path)-1:]) // with the slash before it
}

// Places are where an escaped path of the origin is, not escaped: two paths of the same
// thing have one in common. The scheme does not count.
func (o *Origin) Places(path string) []string {
	for range maxEscapes {
		path = unescape(path)
	}
	all := make([]string, len(o.places))
	for n, p := range o.places {
		all[n] = p.host + "/" + strings.Join(append(slices.Clip(p.elements), path), "/")
	}
	return all
}

// inOrder are the places, the preferred one first; nil: unchanged.
func (o *Origin) inOrder(first *place) []*place {
	i := slices.Index(o.places, first)
	if i <= 0 {
		return o.places
	}
	return slices.Concat(o.places[i:i+1], o.places[:i], o.places[i+1:])
}

// placeOf is the place that an address lies in, nil if in none.
func (c *Client) placeOf(u *url.URL) *place {
	for _, o := range c.origins {
		for _, p := range o.places {
			if _, within := p.rest(u); within {
				return p
			}
		}
	}
	return nil
}

// request requests an object from this place.
func (p *place) request(ctx context.Context, method string, o object, header http.Header) (*http.Request, error) {
	at, err := url.Parse(p.base + o.path)
	if err != nil {
		return nil, ErrOutside
	}
	at.RawQuery = EscapeQuery(p.origin.withParams(o.query))
	req, err := http.NewRequestWithContext(ctx, method, at.String(), nil)
	if err != nil {
		return nil, ErrOutside
	}
	req.Header = header
	maps.Copy(req.Header, p.header)
	return req, nil
}
