package origin

import (
	"net/netip"
	"net/url"
	"strings"
)

// Beside is for an address that does not pass through us though it lies on the
// host of a configured origin, because of its path or its user: where players may
// get it. public is empty if the origin has no public URL for it. hidden: the
// host must not be shown to viewers.
func (c *Client) Beside(u *url.URL) (public string, hidden bool) {
	slashless := u.Opaque != "" && (u.Scheme == "http" || u.Scheme == "https") // http:\\host: browsers read slashes
	for _, o := range c.origins {
		for _, p := range o.places {
			if hostOf(u) != p.host && !slashless {
				continue
			}
			if rest, beneath := strings.CutPrefix(u.Scheme+"://"+u.Host+u.EscapedPath(), p.base); beneath && o.public != "" {
				return o.Public(rest, u.RawQuery), true
			}
			hidden = hidden || o.Hidden()
		}
	}
	return "", hidden
}

// Hidden reports whether viewers must not see the address of the origin: it is in
// a private network, players have another address for it, or it needs credentials
// that players don't have.
func (o *Origin) Hidden() bool {
	for _, p := range o.places {
		if p.header != nil || p.internal {
			return true
		}
	}
	return o.public != "" || o.s3 != nil || len(o.Header) > 0 || len(o.params.names) > 0
}

// internalNames are the last parts of names that the Internet does not have
// (RFC 6761, RFC 6762, RFC 8375, ICANN's .internal, Kubernetes).
var internalNames = []string{".internal", ".local", ".localhost", ".localdomain", ".home.arpa", ".lan", ".svc"}

// shared is the address space of carriers (RFC 6598), which overlay networks use.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// Internal reports whether a host can't be reached from elsewhere.
func Internal(name string) bool {
	name = plainHost(name)
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || shared.Contains(ip)
	}
	for _, end := range internalNames {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return !strings.Contains(name, ".") // a container's, or localhost
}
