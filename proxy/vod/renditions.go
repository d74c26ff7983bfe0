package vod

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
)

func (v *VOD) fetchRenditions(ctx context.Context) error {
	renditions := v.Multivariant.Renditions
	v.Media = make([]*playlist.Media, len(renditions))
	v.Sources = append(v.Sources, make(Sources, len(renditions))...)
	fetched := make([]*origin.Playlist, len(renditions))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(fetches)
	for n := range renditions {
		group.Go(func() (err error) {
			defer panics.Catch(&err)
			p, err := v.fetchRendition(within, n)
			if err != nil {
				return v.spare(n, err)
			}
			fetched[n] = p
			return ofRendition(n, v.count(v.quoted(within, n), p))
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for n, p := range fetched {
		if p == nil {
			continue // it is left out
		}
		if err := v.spare(n, ofRendition(n, v.decode(v.quoted(ctx, n), n, p))); err != nil {
			return err
		}
	}
	return nil
}

// quoted is the context of a rendition's request and its answer.
func (v *VOD) quoted(ctx context.Context, n int) context.Context {
	return origin.Quoted(ctx, v.Multivariant.Renditions[n].Shown())
}

// ofRendition notes in a refusal which rendition it is about.
func ofRendition(n int, err error) error {
	if refusal, is := errors.AsType[*loop.Refusal](err); is && refusal.Rendition < 0 {
		refusal.Rendition = n
	}
	return err
}

// fetchRendition fetches a media playlist, to be decoded.
func (v *VOD) fetchRendition(ctx context.Context, n int) (p *origin.Playlist, err error) {
	address := v.Multivariant.Renditions[n].Address
	if _, _, within := v.Client.Locate(address, ""); !within {
		why := "it lies outside the origins"
		if origin.OddPath(address) {
			why = origin.ErrOddPath.Error()
		}
		return nil, &loop.Refusal{Code: playlist.CodeForeignRendition, Rendition: n, Detail: why + ": " + v.Multivariant.Renditions[n].Shown()}
	}
	shown := v.Multivariant.Renditions[n].Shown()
	p, err = v.get(v.quoted(ctx, n), address, origin.Validators{})
	if errors.Is(err, origin.ErrNotFound) {
		return nil, &loop.Refusal{Code: playlist.CodeMissingRendition, Rendition: n, Detail: err.Error()}
	}
	if err != nil {
		return nil, &failure.LoadError{Err: err}
	}
	v.Sources[n+1] = newSource(p, address)
	v.Sources[n+1].quoted = Quoted(shown)
	v.Sources[n+1].optional = !v.Multivariant.Renditions[n].Essential
	return p, nil
}

// Failures requests each missing rendition on its own, and returns the causes, by
// rendition.
func (v *VOD) Failures(ctx context.Context) map[int]error {
	all := map[int]error{}
	if v.Multivariant == nil {
		return all
	}
	v.bytes.Store(0)
	v.segments.Store(0)
	for n := range v.Media {
		if v.Media[n] != nil {
			continue
		}
		if failed := v.spare(n, v.loadRendition(ctx, n)); failed != nil {
			all[n] = failed
		}
	}
	return all
}

// loadRendition fetches and decodes one rendition by itself.
func (v *VOD) loadRendition(ctx context.Context, n int) (err error) {
	defer panics.Catch(&err)
	p, err := v.fetchRendition(ctx, n)
	if err == nil {
		err = v.count(v.quoted(ctx, n), p)
	}
	if err == nil {
		err = v.decode(v.quoted(ctx, n), n, p)
	}
	return ofRendition(n, err)
}
