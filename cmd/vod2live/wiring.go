package main

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"time"

	"go.uber.org/zap"

	"vod2live/cmd/vod2live/builtin"
	"vod2live/cmd/vod2live/config"
	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/preflight"
)

// The mount of the origin that the command line gives.
const liveMount = "live"

// goneAfter is how long a VOD must be absent before its stream ends.
const goneAfter = 10 * time.Minute

// proxyConfig is what the settings make of the viewers' handler.
func (o *options) proxyConfig(log *zap.Logger, m *metrics.Metrics) (proxy.Config, error) {
	origins, transport, err := o.vods()
	var cors proxy.CORS
	if o.file != nil {
		cors = proxy.CORS(o.file.CORS)
	}
	streams := onair.Config{
		Origins: origins, Channels: o.channels(), Transport: transport, Now: time.Now, Log: log, Metrics: m,
		Options: playlist.Options{Window: o.window, Epoch: o.epoch.UTC(), Continuous: o.timestampsOf("") == config.Continuous, Breaks: o.breaks()}, DVR: o.dvr,
		Revalidate: o.revalidate, GoneAfter: goneAfter, Timeout: o.longestTimeout(origins), CacheBytes: (o.memory - o.segmentCache) / 4 * 3, LoadBytes: o.memory / 8, Examine: preflight.Examine,
	}
	return proxy.Config{Config: streams, CORS: cors, Guide: o.guide(), NoAccessLog: o.accessLog == "off"}, err
}

// guide is nil where none is configured.
func (o *options) guide() *proxy.Guide {
	if o.file == nil || o.file.Guide == nil {
		return nil
	}
	return &proxy.Guide{Address: o.publicAddress, Days: o.file.Guide.Days}
}

// vods are the configured origins, or the built-in VOD.
func (o *options) vods() (origins []*origin.Origin, transport http.RoundTripper, err error) {
	if o.builtIn() {
		return builtIn(o.timeout)
	}
	if o.file != nil {
		for _, f := range o.file.Origins {
			if f.Name == liveMount && o.origin != "" {
				continue // the flag wins
			}
			one, err := o.fromFile(f)
			if err != nil {
				return nil, nil, fmt.Errorf("origin %q: %w", f.Name, err)
			}
			origins = append(origins, one)
		}
	}
	if o.origin != "" {
		one, err := origin.New(liveMount, o.origin, o.timeout)
		if err != nil {
			return nil, nil, fmt.Errorf("-origin: %w", err)
		}
		one.Measure = origin.MeasureShort
		origins = append(origins, one)
	}
	return origins, proxy.NewTransport(o.longestTimeout(origins)), nil
}

// measures are the values of measure: by name; auto is the default.
var measures = map[string]origin.Measure{"": origin.MeasureShort, "auto": origin.MeasureShort, "on": origin.MeasureAll, "off": origin.MeasureNone}

func builtIn(timeout time.Duration) ([]*origin.Origin, http.RoundTripper, error) {
	if err := mime.AddExtensionType(".ts", "video/mp2t"); err != nil {
		return nil, nil, err
	}
	vods, err := origin.New(liveMount, "http://built-in.invalid/", timeout)
	if err == nil {
		vods.Measure = origin.MeasureShort
	}
	return []*origin.Origin{vods}, http.NewFileTransportFS(builtin.Files()), err
}

// fromFile makes an origin from the file's settings.
func (o *options) fromFile(f config.Origin) (*origin.Origin, error) {
	one, err := origin.New(f.Name, f.URLs[0], cmp.Or(f.Timeout, o.timeout))
	if err != nil {
		return nil, err
	}
	for _, other := range f.URLs[1:] {
		if err := one.AddURL(other); err != nil {
			return nil, err
		}
	}
	if len(f.Headers) > 0 {
		one.Header = http.Header{}
		for name, value := range f.Headers {
			one.Header.Set(name, value)
		}
	}
	if len(f.Params) > 0 {
		one.SetParams(f.Params)
	}
	one.Query = origin.Query{Ignore: f.Query.Ignore, Names: f.Query.Names}
	one.Playlists = f.Playlists
	one.Revalidate, one.GoneAfter, one.Direct, one.Listed = f.Revalidate, f.GoneAfter, f.Direct, f.Listed
	one.Strict, one.Measure = f.Strict, measures[f.Measure]
	if f.PublicURL != "" {
		if err := one.SetPublic(f.PublicURL); err != nil {
			return nil, err
		}
	}
	if f.Region == "" {
		return one, nil
	}
	return one, one.SignS3(origin.S3{Region: f.Region, Credentials: origin.DefaultCredentials(f.Region)})
}

func (o *options) longestTimeout(origins []*origin.Origin) time.Duration {
	longest := time.Duration(0)
	for _, one := range origins {
		longest = max(longest, one.Timeout)
	}
	return cmp.Or(longest, o.timeout)
}

func (o *options) channels() (channels []onair.Channel) {
	if o.file == nil {
		return nil
	}
	for _, c := range o.file.Channels {
		channels = append(channels, o.channel(&c))
	}
	return channels
}

func (o *options) channel(c *config.Channel) onair.Channel {
	epoch := o.epoch
	if !c.Live.Epoch.IsZero() {
		epoch = c.Live.Epoch
	}
	made := onair.Channel{
		Name: c.Name, Options: playlist.Options{Window: cmp.Or(c.Live.Window, o.window), Epoch: epoch.UTC(), Continuous: o.timestampsOf(c.Live.Timestamps) == config.Continuous}, DVR: o.dvrOf(c),
		Title: c.Title, Logo: c.Logo, Number: c.Number, Group: c.Group, Unlisted: c.Unlisted, Programmes: c.Programmes == config.DateRanges,
	}
	for _, i := range c.Filler {
		made.Filler = append(made.Filler, onair.ClipOf(i))
	}
	if c.Object != nil {
		o.fromObject(&made, c)
		return made
	}
	model, alone := c.Alone()
	made.Only = onair.ItemOf(model).Guide
	if alone {
		made.Options.Breaks = marksOf(model.Breaks)
	} else {
		model = *c.ModelItem()
		made.Target, made.Eras = c.Target, onair.ErasOf(c.Eras, epoch.UTC())
	}
	if made.Programmes && alone {
		made.Options.Programme = cmp.Or(model.Title, c.Title, model.Path)
	}
	made.Origin, made.Path, made.Query = model.Origin, model.Path, model.Query
	return made
}

// dvrOf is how far back the addresses of a channel may go.
func (o *options) dvrOf(c *config.Channel) time.Duration {
	if c.Live.DVR != nil {
		return *c.Live.DVR
	}
	return o.dvr
}
