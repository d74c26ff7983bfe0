package vod

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
)

// Compare requests each playlist of a VOD again: first the one that names the
// others, so that a failing origin gets one request. If that one has changed, the
// others may have other names: it is an edit, whatever has become of them. Addresses
// that the origin signs again at each request always count as changed.
func (all Sources) Compare(ctx context.Context, client *origin.Client, signed bool) (metrics.Revalidation, error) {
	changed, err := all[:1].changed(ctx, client)
	switch {
	case err != nil:
		return ofFirst(err)
	case changed, signed:
		return metrics.Changed, nil // all are fetched again
	}
	changed, err = all[1:].changed(ctx, client)
	switch {
	case absent(err):
		return metrics.Changed, nil // loading reports whether the VOD can do without this rendition
	case err != nil:
		return metrics.Unknowable, err
	case changed:
		return metrics.Changed, nil
	}
	return metrics.Unchanged, nil
}

// changed requests playlists again, and reports whether any differs from the loaded
// one.
func (all Sources) changed(ctx context.Context, client *origin.Client) (bool, error) {
	var changed atomic.Bool
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fetches)
	for i := range all {
		group.Go(func() (err error) {
			defer panics.Catch(&err)
			same, err := all[i].same(ctx, client)
			if err == nil && !same {
				changed.Store(true)
			}
			return err
		})
	}
	err := group.Wait()
	return changed.Load(), err
}

// ofFirst is what follows from the failure of a VOD's own playlist.
func ofFirst(err error) (metrics.Revalidation, error) {
	gone := absent(err)
	if Refused(err) {
		err = &RefusedError{err}
	}
	if gone {
		return metrics.Gone, err
	}
	return metrics.Unknowable, err
}

// absent reports whether the origin has answered that the playlist does not
// exist.
func absent(err error) bool { return errors.Is(err, origin.ErrNotFound) && !denied(err) }

// RefusedError is the error of a VOD whose own address the origin rejects.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }

func (e *RefusedError) Unwrap() error { return e.Err }

// Refused reports whether an error is an origin's 401, 403, 404 or 410.
func Refused(err error) bool {
	status, is := errors.AsType[*origin.StatusError](err)
	return errors.Is(err, origin.ErrNotFound) || is && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden)
}

// denied reports whether a 404 to the viewer was a 403 of the origin: it does
// not end a loaded stream.
func denied(err error) bool {
	var status *origin.StatusError
	return errors.As(err, &status)
}

// same reports whether the origin still has the loaded playlist. If only its
// validators are new, as in another place or after a copy, they replace the old
// ones.
func (src *source) same(ctx context.Context, client *origin.Client) (bool, error) {
	address, err := url.Parse(src.Address)
	if err != nil {
		return false, err
	}
	p, err := client.Playlist(origin.Quoted(ctx, src.quoted), address, src.validators)
	switch {
	case src.leftOut != "" && err != nil:
		return true, nil // it is not back
	case src.optional && errors.Is(err, origin.ErrNotFound):
		return true, nil // it stays as it is loaded
	case err != nil:
		return false, err
	case p.Unchanged:
		return true, nil
	}
	defer p.Release()
	if sha256.Sum256(p.Body) != src.sum {
		return src.leftOut == playlist.CodeNoEndlist && stillLive(p.Body), nil
	}
	src.validators = p.Validators
	return true, nil
}

// stillLive reports whether a playlist is that of a live stream.
func stillLive(body []byte) bool { return !bytes.Contains(body, []byte("#EXT-X-ENDLIST")) }
