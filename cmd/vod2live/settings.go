package main

import (
	"cmp"
	"slices"

	"vod2live/cmd/vod2live/config"
	"vod2live/playlist/mask"
	"vod2live/proxy/admin"
	"vod2live/proxy/wire"
)

// settings are what the operator is shown: all but secrets.
func (o *options) settings() *admin.Settings {
	s := &admin.Settings{
		Listen: o.listen, PublicAddress: o.publicAddress, Admin: o.admin, WebConfig: o.webConfig, TLSCert: o.tlsCert, TLSKey: o.tlsKey, Connections: o.limits().connections, Config: o.configPath,
		Window: wire.Seconds(o.window), Epoch: wire.Instant(o.epoch), DVR: wire.Seconds(o.dvr), Timestamps: o.timestampsOf(""), Revalidate: wire.Seconds(o.revalidate),
		Timeout: wire.Seconds(o.timeout), SegmentCache: o.segmentCache, Memory: o.memory, Drain: wire.Seconds(o.drain), LogLevel: o.logLevel,
		LogFormat: o.logFormat, AccessLog: o.accessLog,
		Sources: o.given.Sources(), Origins: []admin.OriginSettings{}, Channels: []admin.ChannelSettings{},
	}
	if o.file != nil {
		s.CORS = admin.CORSSettings(o.file.CORS)
		if g := o.file.Guide; g != nil {
			s.Guide = &admin.GuideSettings{Days: g.Days}
		}
		for _, f := range o.file.Origins {
			if f.Name != liveMount || o.origin == "" {
				s.Origins = append(s.Origins, o.originSettings(f))
			}
		}
		for _, c := range o.file.Channels {
			s.Channels = append(s.Channels, o.channelSettings(c))
		}
	}
	if o.origin != "" {
		s.Origins = append(s.Origins, o.originSettings(config.Origin{Name: liveMount, URLs: []string{o.origin}}))
	}
	return s
}

func (o *options) originSettings(f config.Origin) admin.OriginSettings {
	s := admin.OriginSettings{
		Name: f.Name, Region: f.Region, Headers: map[string]string{}, Params: map[string]string{}, Query: f.Query.Names, Playlists: append([]string{}, f.Playlists...),
		Timeout: wire.Seconds(cmp.Or(f.Timeout, o.timeout)), Revalidate: wire.Seconds(cmp.Or(f.Revalidate, o.revalidate)),
		GoneAfter: wire.Seconds(cmp.Or(f.GoneAfter, goneAfter)), Segments: "proxy", SegmentQuery: "forward", Strict: f.Strict, Measure: cmp.Or(f.Measure, "auto"),
	}
	for _, url := range f.URLs {
		s.URLs = append(s.URLs, mask.Text(url))
	}
	for name := range f.Headers {
		s.Headers[name] = mask.Secret
	}
	for name := range f.Params {
		s.Params[name] = mask.Secret
	}
	if f.Query.Ignore {
		s.Query = []string{}
	}
	if f.Direct {
		s.Segments = "direct"
	}
	if f.Listed {
		s.SegmentQuery = "listed"
	}
	if f.PublicURL != "" {
		s.PublicURL = mask.Text(f.PublicURL)
	}
	return s
}

func (o *options) channelSettings(c config.Channel) admin.ChannelSettings {
	s := admin.ChannelSettings{Name: c.Name, Guide: !c.Unlisted, Window: wire.Seconds(cmp.Or(c.Live.Window, o.window)), Epoch: wire.Instant(cmp.Or(c.Live.Epoch, o.epoch)), DVR: wire.Seconds(o.dvrOf(&c)), Timestamps: o.timestampsOf(c.Live.Timestamps)}
	for _, e := range c.Eras {
		for _, item := range slices.Concat(e.Play, e.Loop) {
			if name := item.Origin + "/" + item.Path; !slices.Contains(s.Loop, name) {
				s.Loop = append(s.Loop, name)
			}
		}
	}
	return s
}
