package onair

import (
	"net/url"
	"strings"

	"vod2live/proxy/origin"
	"vod2live/proxy/route"
)

// hidden are the schedule objects of channels, by host and path: viewers get 404.
// These objects reveal future programmes, and are large.
type hidden map[string]bool

func hiddenOf(channels []Channel, client *origin.Client) hidden {
	all := hidden{}
	for _, c := range channels {
		if c.Object == nil || c.Object.File != "" {
			continue
		}
		if o := client.Mounted(c.Object.Origin); o != nil {
			all[placeOf(o, c.Object.Path)] = true
		}
	}
	return all
}

// hides reports whether an origin's path is that of a schedule object, however it is
// escaped: some origins take an escaped slash for a slash.
func (h hidden) hides(m *mount, t route.Target) bool {
	return len(h) > 0 && m.channel == "" && h[placeOf(m.origin, t.Path)]
}

// placeOf is where a path of an origin is, plainly.
func placeOf(o *origin.Origin, path string) string {
	address, err := o.URL(path, "")
	if err != nil {
		return ""
	}
	plain, err := url.PathUnescape(address.EscapedPath())
	if err != nil {
		return ""
	}
	return strings.ToLower(address.Host) + plain
}
