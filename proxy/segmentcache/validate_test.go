package segmentcache

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answers are what an origin answers, one request after the other.
type answers []func(header http.Header) (Response, error)

func (a *answers) fetch(_ context.Context, _ string, header http.Header) (Response, error) {
	next := (*a)[0]
	*a = (*a)[1:]
	return next(header)
}

func answered(status int, header http.Header, body io.Reader) Response {
	return Response{Response: &http.Response{StatusCode: status, Header: header, ContentLength: -1, Body: io.NopCloser(body)}}
}

// TestCache_ADateAloneIsValidated: an origin that gives no ETag sends no body again.
func TestCache_ADateAloneIsValidated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const date = "Sun, 22 Nov 2026 10:00:00 GMT"
		origin := answers{
			func(http.Header) (Response, error) {
				return answered(http.StatusOK, http.Header{"Last-Modified": {date}}, strings.NewReader("media")), nil
			},
			func(header http.Header) (Response, error) {
				if got := header.Get("If-Modified-Since"); got != date {
					t.Errorf("If-Modified-Since = %q, want %q", got, date)
				}
				return answered(http.StatusNotModified, http.Header{}, http.NoBody), nil
			},
		}
		c := newCache(t, 1<<20)
		for range 2 {
			a, err := c.Get(t.Context(), get("a", origin.fetch))
			if err != nil {
				t.Fatal(err)
			}
			if n, err := read(a, 1<<20); n != len("media") || err != nil {
				t.Errorf("%d bytes, %v", n, err)
			}
			a.Close()
			time.Sleep(2 * time.Minute)
		}
		if len(origin) > 0 {
			t.Errorf("%d requests were not made", len(origin))
		}
	})
}

// TestCache_WhatFailsWhileItIsValidatedIsFetchedAnew: a 304 is of no use where the rest of
// the body never came.
func TestCache_WhatFailsWhileItIsValidatedIsFetchedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		header := func() http.Header { return http.Header{"Etag": {`"a"`}, "Cache-Control": {"max-age=1"}} }
		body, write := io.Pipe()
		confirm := make(chan struct{})
		origin := answers{
			func(http.Header) (Response, error) { return answered(http.StatusOK, header(), body), nil },
			func(http.Header) (Response, error) {
				<-confirm
				return answered(http.StatusNotModified, header(), http.NoBody), nil
			},
			func(http.Header) (Response, error) {
				return answered(http.StatusOK, header(), strings.NewReader("media")), nil
			},
		}
		c := newCache(t, 1<<20)
		ask := func() *Answer {
			a, err := c.Get(t.Context(), get("a", origin.fetch))
			if err != nil {
				t.Error(err)
			}
			return a
		}
		defer ask().Close() // of which half comes
		time.Sleep(time.Minute)
		other := make(chan *Answer)
		go func() { other <- ask() }() // ends with the answer
		synctest.Wait()
		_ = write.CloseWithError(errors.New("reset"))
		synctest.Wait()
		close(confirm)
		a := <-other
		defer a.Close()
		if n, err := read(a, 1<<20); n != len("media") || err != nil {
			t.Errorf("%d bytes, %v; want the five of another fetch", n, err)
		}
	})
}
