package onair

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy/measure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/route"
	"vod2live/proxy/sniff"
	"vod2live/proxy/vod"
)

// Inspection is a VOD as a Server loads it, and all that stood in the way.
type Inspection struct {
	Source       string                 // its address at the origin, masked; empty: it can have none
	Misnamed     bool                   // its path is not named like a playlist
	Multivariant *playlist.Multivariant // nil: the VOD is one media playlist, or could not be read
	Media        []*playlist.Media      // of each rendition; nil where it could not be had
	LeftOut      []*loop.Refusal        // why a rendition is left out; nil where it is not
	Live         *playlist.Live         // nil if the VOD can't be a live stream
	Continuous   bool                   // timestamps are continuous over its loops
	Tagged       *measure.Tagged        // why they don't; nil: they do, or need not
	Errors       map[int]error          // why it can't be a live stream: by rendition, -1 for the VOD as a whole
	Now          time.Time              // the instant that it is judged at
}

// Address is that of a VOD: a mount and the escaped path below it.
type Address struct{ Mount, Path, Query string }

// Err is the reason why the address can't be a stream, whatever the origin has
// there: other paths are passed through.
func (a Address) Err(o *origin.Origin) error {
	if route.IsPlaylist(a.Path, o.Playlists) {
		return nil
	}
	return &loop.Refusal{Code: playlist.CodeNotPlaylist, Rendition: -1, Detail: "a stream's path must end in .m3u8 or .m3u, or match a pattern of playlists: under its origin"}
}

// misnamed is the error of an address that is not named like a playlist: another
// one if it is a playlist all the same.
func (a Address) misnamed(ctx context.Context, client *origin.Client, o *origin.Origin, address *url.URL) error {
	err := a.Err(o)
	if err == nil {
		return nil
	}
	resp, failed := client.Do(ctx, http.MethodGet, address, http.Header{"Accept-Encoding": origin.Identity})
	if failed != nil {
		return err
	}
	defer resp.Body.Close()
	return cmp.Or(sniff.Refuse(o, a.Path, resp), err)
}

// Inspect loads a VOD as a Server would. It continues where a Server would
// stop, so that all reasons are reported.
func Inspect(ctx context.Context, client *origin.Client, options playlist.Options, at Address) *Inspection {
	in := &Inspection{Errors: map[int]error{}}
	o := client.Mounted(at.Mount)
	address, err := o.URL(at.Path, at.Query)
	if err != nil {
		in.Errors[-1] = err
		return in
	}
	in.Source = mask.Text(address.String())
	if err := at.misnamed(ctx, client.Of(o), o, address); err != nil {
		in.Misnamed, in.Errors[-1] = true, err
		return in
	}
	client, options.Strict = client.Of(o), o.Strict
	v := &vod.VOD{Client: client}
	if err = v.Fetch(ctx, address); err == nil {
		err = v.Measure(ctx, o, options.Continuous)
	}
	if err == nil {
		in.Live, err = liveOf(v, client, options, at)
	}
	in.know(v, in.Live)
	if err == nil {
		return in
	}
	in.tellAll(ctx, v, err)
	return in
}

// know notes the renditions of the VOD, and those that are left out; and the
// live stream, if there is one.
func (in *Inspection) know(v *vod.VOD, live *playlist.Live) {
	in.Multivariant, in.Live = v.Multivariant, live
	in.Continuous, in.Tagged = v.Continuity != nil, v.Tagged
	if len(v.Sources) > 0 {
		in.Source = mask.Text(v.Sources[0].Address)
	}
	in.Media, in.LeftOut = make([]*playlist.Media, len(v.Media)), make([]*loop.Refusal, len(v.Media))
	for n, m := range v.Media {
		switch {
		case live != nil:
			in.LeftOut[n] = live.LeftOut(n)
		case m != nil:
			in.LeftOut[n] = m.Refusal()
		}
		if m != nil && m.Refusal() == nil {
			in.Media[n] = m
		}
	}
}

// asked is a query with its question mark.
func asked(query string) string {
	if query == "" {
		return ""
	}
	return "?" + query
}

// liveOf makes the VOD ready as it would be for viewers at an address.
func liveOf(v *vod.VOD, client *origin.Client, options playlist.Options, at Address) (live *playlist.Live, err error) {
	defer panics.Catch(&err)
	a := &addresses{client: client, own: at.Mount, mount: at.Mount, path: at.Path, query: asked(at.Query), single: v.Multivariant == nil, variables: v.HasVariables()}
	return a.check(playlist.NewLive(v.Multivariant, v.Media, a, options))
}

// tellAll requests each rendition on its own, so that no failure hides
// another.
func (in *Inspection) tellAll(ctx context.Context, v *vod.VOD, err error) {
	in.Errors = v.Failures(ctx)
	in.know(v, nil)
	if len(in.Errors) == 0 {
		in.Errors[-1] = err
	}
}
