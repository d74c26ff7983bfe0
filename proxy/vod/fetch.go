// Package vod has a VOD as it is at its origin. It fetches and decodes its
// playlists, leaves out optional renditions, and compares the VOD with later
// versions.
package vod

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/measure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
)

const (
	maxVOD  = 64 << 20 // bytes of all playlists of one VOD
	fetches = 8        // of one VOD at once
)

// VOD is a VOD as its origin has it. All playlists are counted before any is
// decoded: one of too many segments is refused at the cost of its text.
type VOD struct {
	Client       *origin.Client
	Multivariant *playlist.Multivariant // nil: the VOD is one media playlist
	Media        []*playlist.Media      // by rendition
	Sources      Sources
	Measured     []*measure.Rendition // by rendition; nil: none was, or not this one
	Continuity   *measure.Continuity  // how timestamps continue over loops; nil: they don't
	Tagged       *measure.Tagged      // why not; nil: they continue, or need not
	first        *origin.Playlist     // its own
	bytes        atomic.Int64
	segments     atomic.Int64
}

// New makes a VOD of which nothing has been fetched. It is to be closed once it has
// been made ready.
func New(client *origin.Client) *VOD { return &VOD{Client: client} }

// Close gives back the room that the VOD takes while it is loaded.
func (v *VOD) Close() { v.Client.Share().Close() }

// Fetch fetches and decodes all playlists of the VOD at an address. The error is a
// loop.Refusal or a loadError.
func (v *VOD) Fetch(ctx context.Context, address *url.URL) error {
	if err := v.Open(ctx, address, origin.Validators{}); err != nil {
		return err
	}
	return v.Rest(ctx)
}

// Open fetches the playlist at the VOD's address. With validators that are still
// valid, the result is Unchanged. It decodes the playlist if the sum of its text
// depends on that.
func (v *VOD) Open(ctx context.Context, address *url.URL, have origin.Validators) (err error) {
	defer panics.Catch(&err)
	v.first, err = v.get(ctx, address, have)
	if err != nil {
		return &failure.LoadError{Err: err}
	}
	if v.Unchanged() {
		return nil
	}
	v.Sources = Sources{newSource(v.first, address)}
	if playlist.HasVariables(v.first.Body) {
		return v.decodeFirst(ctx)
	}
	return nil
}

// Unchanged reports whether the validators are still valid.
func (v *VOD) Unchanged() bool { return v.first.Unchanged }

// Rest fetches all other playlists, and decodes the remaining ones.
func (v *VOD) Rest(ctx context.Context) (err error) {
	defer panics.Catch(&err)
	if v.Multivariant == nil && v.Media == nil {
		if err := v.decodeFirst(ctx); err != nil {
			return err
		}
	}
	if v.Multivariant == nil {
		return nil
	}
	return v.fetchRenditions(ctx)
}

func (v *VOD) decodeFirst(ctx context.Context) error {
	if !playlist.IsMultivariant(v.first.Body) {
		v.Media = make([]*playlist.Media, 1)
		if err := v.count(ctx, v.first); err != nil {
			return err
		}
		return v.decode(ctx, 0, v.first)
	}
	return v.decodeMultivariant(ctx, v.first)
}

func (v *VOD) decodeMultivariant(ctx context.Context, p *origin.Playlist) error {
	return v.inRoom(ctx, p, func() (err error) {
		v.Multivariant, err = playlist.DecodeMultivariant(p.Body, p.Address)
		if err == nil {
			v.Sources[0].replaced(p, v.Multivariant.Lines, v.Multivariant.Variables)
			v.Multivariant.Lines = nil
		}
		return err
	})
}

// inRoom decodes a playlist as soon as there is room for it, and gives back the room
// of its body.
func (v *VOD) inRoom(ctx context.Context, p *origin.Playlist, decode func() error) error {
	defer p.Release()
	if ctx.Err() != nil {
		return &failure.LoadError{Err: room.Refused(ctx)}
	}
	share := v.Client.Share()
	cost, lasting := playlist.Weigh(p.Body).Cost()
	if err := share.Take(ctx, cost); err != nil {
		return &failure.LoadError{Err: err}
	}
	defer share.Give(cost - lasting)
	return answered(ctx, p, decode())
}

// answered adds to an error in a playlist which request it answers.
func answered(ctx context.Context, p *origin.Playlist, err error) error {
	return origin.FailedRequest(ctx, http.MethodGet, p.Address, err)
}

// count refuses a VOD of too many segments.
func (v *VOD) count(ctx context.Context, p *origin.Playlist) error {
	if v.segments.Add(int64(playlist.Weigh(p.Body).Segments)) > loop.MaxSegments {
		return answered(ctx, p, &loop.Refusal{Code: loop.CodeTooManySegments, Rendition: -1, Detail: fmt.Sprintf("more than %d segments in all renditions", loop.MaxSegments)})
	}
	return nil
}

// decode decodes the media playlist of a rendition.
func (v *VOD) decode(ctx context.Context, n int, p *origin.Playlist) (err error) {
	defer panics.Catch(&err)
	var variables playlist.Variables
	if v.Multivariant != nil {
		variables = v.Multivariant.Variables
	}
	var m *playlist.Media
	err = v.inRoom(ctx, p, func() (err error) {
		m, err = playlist.DecodeMedia(p.Body, p.Address, variables)
		if err == nil {
			v.sourceOf(n).replaced(p, m.Lines, nil)
			m.Lines = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if v.Multivariant != nil && v.Multivariant.Renditions[n].Subtitles {
		m.Unsliceable = v.foreignFile(m)
	}
	v.Media[n] = m
	if v.bytes.Add(int64(m.Grown)) > maxVOD {
		return answered(ctx, p, origin.ErrTooLarge)
	}
	return v.Client.Share().Take(ctx, int64(m.Grown)+m.TextCost())
}

// sourceOf is where a rendition is at the origin.
func (v *VOD) sourceOf(n int) *source {
	if v.Multivariant != nil {
		n++
	}
	return &v.Sources[n]
}

// HasVariables reports whether its playlists give values to variables.
func (v *VOD) HasVariables() bool {
	of := func(m *playlist.Media) bool { return m != nil && m.HasVariables }
	return v.Multivariant != nil && len(v.Multivariant.Variables) > 0 || slices.ContainsFunc(v.Media, of)
}

// get fetches a playlist within the limit of the whole VOD.
func (v *VOD) get(ctx context.Context, address *url.URL, have origin.Validators) (*origin.Playlist, error) {
	p, err := v.Client.Playlist(ctx, address, have)
	if err != nil {
		return nil, err
	}
	if v.bytes.Add(int64(len(p.Body))) > maxVOD {
		return nil, answered(ctx, p, origin.ErrTooLarge)
	}
	return p, nil
}
