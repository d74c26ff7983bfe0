package onair

import (
	"slices"

	"vod2live/proxy/origin"
	"vod2live/proxy/route"
)

// hidden are the schedule objects of channels, by their places: viewers get 404.
// These objects reveal future programmes, and are large.
type hidden map[string]bool

func hiddenOf(channels []Channel, client *origin.Client) hidden {
	all := hidden{}
	for _, c := range channels {
		if c.Object == nil || c.Object.File != "" {
			continue
		}
		if o := client.Mounted(c.Object.Origin); o != nil {
			for _, place := range o.Places(c.Object.Path) {
				all[place] = true
			}
		}
	}
	return all
}

// hides reports whether an origin's path is that of a schedule object, however it is
// escaped: some origins take an escaped slash for a slash.
func (h hidden) hides(m *mount, t route.Target) bool {
	return len(h) > 0 && m.channel == "" && slices.ContainsFunc(m.origin.Places(t.Path), func(place string) bool { return h[place] })
}
