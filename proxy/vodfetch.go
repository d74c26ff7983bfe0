package proxy

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"

	"slices"
	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
)

const (
	maxVOD  = 64 << 20 // bytes of all playlists of one VOD
	fetches = 8        // of one VOD at once
)

// vod is a VOD as its origin has it. All playlists are counted before any is
// decoded: one of too many segments is refused at the cost of its text.
type vod struct {
	client       *origin.Client
	multivariant *playlist.Multivariant // nil: the VOD is one media playlist
	media        []*playlist.Media      // by rendition
	sources      sources
	bytes        atomic.Int64
	segments     atomic.Int64
}

// newVOD is a VOD of which nothing has been fetched. It is to be closed once it has
// been made ready.
func newVOD(client *origin.Client) *vod { return &vod{client: client} }

// close gives back the room that the VOD takes while it is loaded.
func (v *vod) close() { v.client.Share().Close() }

// fetch fetches and decodes all playlists of the VOD at an address. The error is a
// loop.Refusal or a loadError.
func (v *vod) fetch(ctx context.Context, address *url.URL) (err error) {
	defer panics.Catch(&err)
	first, err := v.get(ctx, address)
	if err != nil {
		return &loadError{Err: err}
	}
	v.sources = sources{newSource(first, address)}
	if !playlist.IsMultivariant(first.Body) {
		v.media = make([]*playlist.Media, 1)
		if err := v.count(first); err != nil {
			return err
		}
		return v.decode(ctx, 0, first)
	}
	if err := v.decodeMultivariant(ctx, first); err != nil {
		return err
	}
	return v.fetchRenditions(ctx)
}

func (v *vod) decodeMultivariant(ctx context.Context, p *origin.Playlist) error {
	return v.inRoom(ctx, p, func() (err error) {
		v.multivariant, err = playlist.DecodeMultivariant(p.Body, p.Address)
		return err
	})
}

// inRoom decodes a playlist as soon as there is room for it, and gives back the room
// of its body.
func (v *vod) inRoom(ctx context.Context, p *origin.Playlist, decode func() error) error {
	defer p.Release()
	if ctx.Err() != nil {
		return &loadError{Err: room.Refused(ctx)}
	}
	share := v.client.Share()
	cost, lasting := playlist.Weigh(p.Body).Cost()
	if err := share.Take(ctx, cost); err != nil {
		return &loadError{Err: err}
	}
	defer share.Give(cost - lasting)
	return decode()
}

// count refuses a VOD of too many segments.
func (v *vod) count(p *origin.Playlist) error {
	if v.segments.Add(int64(playlist.Weigh(p.Body).Segments)) > loop.MaxSegments {
		return &loop.Refusal{Code: loop.CodeTooManySegments, Rendition: -1, Detail: fmt.Sprintf("more than %d segments in all renditions", loop.MaxSegments)}
	}
	return nil
}

// decode decodes the media playlist of a rendition.
func (v *vod) decode(ctx context.Context, n int, p *origin.Playlist) (err error) {
	defer panics.Catch(&err)
	var variables playlist.Variables
	if v.multivariant != nil {
		variables = v.multivariant.Variables
	}
	var m *playlist.Media
	err = v.inRoom(ctx, p, func() (err error) {
		m, err = playlist.DecodeMedia(p.Body, p.Address, variables)
		return err
	})
	if err != nil {
		return err
	}
	if v.multivariant != nil && v.multivariant.Renditions[n].Subtitles {
		m.Unsliceable = v.foreignFile(m)
	}
	v.media[n] = m
	if v.bytes.Add(int64(m.Grown)) > maxVOD {
		return origin.ErrTooLarge
	}
	return v.client.Share().Take(ctx, int64(m.Grown)+m.TextCost())
}

// hasVariables says whether its playlists give values to variables.
func (v *vod) hasVariables() bool {
	of := func(m *playlist.Media) bool { return m != nil && m.HasVariables }
	return v.multivariant != nil && len(v.multivariant.Variables) > 0 || slices.ContainsFunc(v.media, of)
}

// get fetches a playlist within the bound of the whole VOD.
func (v *vod) get(ctx context.Context, address *url.URL) (*origin.Playlist, error) {
	p, err := v.client.Playlist(ctx, address, origin.Validators{})
	if err != nil {
		return nil, err
	}
	if v.bytes.Add(int64(len(p.Body))) > maxVOD {
		return nil, origin.ErrTooLarge
	}
	return p, nil
}
