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

// Compare asks the origin for each playlist of a VOD again: first for the one that
// names the others, so that an origin that fails is asked once. Where that has
// changed, the others may have other names: it is an edit, whatever has become
// of them. Addresses that the origin signs anew at each request are always a change.
func (all Sources) Compare(ctx context.Context, client *origin.Client, signed bool) (metrics.Revalidation, error) {
	var changed atomic.Bool
	ask := func(ctx context.Context, src *source) (err error) {
		defer panics.Catch(&err)
		same, err := src.same(ctx, client)
		if err == nil && !same {
			changed.Store(true)
		}
		return err
	}
	err := ask(ctx, &all[0])
	if Refused(err) {
		err = &RefusedError{err}
	}
	if errors.Is(err, origin.ErrNotFound) && !denied(err) {
		return metrics.Gone, err
	}
	if err == nil && signed {
		return metrics.Changed, nil // as ever; all are fetched anew
	}
	if err == nil && !changed.Load() {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(fetches)
		for i := range all[1:] {
			group.Go(func() error { return ask(ctx, &all[1+i]) })
		}
		err = group.Wait()
	}
	switch {
	case errors.Is(err, origin.ErrNotFound) && !denied(err):
		return metrics.Changed, nil // a rendition is absent: loading says whether the VOD can do without
	case err != nil:
		return metrics.Unknowable, err
	case changed.Load():
		return metrics.Changed, nil
	}
	return metrics.Unchanged, nil
}

// RefusedError is the error of a VOD whose own address the origin refuses.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }

func (e *RefusedError) Unwrap() error { return e.Err }

// Refused reports whether an error is an origin's 401, 403, 404 or 410.
func Refused(err error) bool {
	status, is := errors.AsType[*origin.StatusError](err)
	return errors.Is(err, origin.ErrNotFound) || is && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden)
}

// denied says whether a 404 to the viewer was a 403 of the origin: that does not
// end a stream that is loaded.
func denied(err error) bool {
	var status *origin.StatusError
	return errors.As(err, &status)
}

// same says whether the origin has a playlist as it was loaded. Where it is but
// its validators are new, as of another place or after a copy, they are taken
// over.
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

// stillLive reports whether a playlist is one of a stream that goes on.
func stillLive(body []byte) bool { return !bytes.Contains(body, []byte("#EXT-X-ENDLIST")) }
