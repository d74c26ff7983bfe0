package segmentcache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// gated is a body that comes once all have joined.
type gated struct {
	io.Reader
	joined <-chan struct{}
}

func (g gated) Read(p []byte) (int, error) {
	<-g.joined
	return g.Reader.Read(p)
}

// ranges answers with a body of unknown length, or with the rest of it.
func ranges(body []byte, tag string, joined <-chan struct{}) Fetch {
	return func(_ context.Context, _ string, header http.Header) (Response, error) {
		resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {tag}}, ContentLength: -1}
		from := 0
		if n, _ := fmt.Sscanf(header.Get("Range"), "bytes=%d-", &from); n == 1 && header.Get("If-Range") == tag {
			resp.StatusCode = http.StatusPartialContent
			resp.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
		}
		resp.Body = io.NopCloser(gated{bytes.NewReader(body[from:]), joined})
		return Response{Response: resp}, nil
	}
}

// TestCache_OneWhoReadsNothingHoldsNobodyUp, of what turns out too large to be
// kept; he gets all of it by himself, if the origin can tell that it is the same.
func TestCache_OneWhoReadsNothingHoldsNobodyUp(t *testing.T) {
	for tag, want := range map[string]error{`"strong"`: nil, `W/"weak"`: errBehind, "": errBehind} {
		synctest.Test(t, func(t *testing.T) {
			body := make([]byte, 8<<20)
			for i := range body {
				body[i] = byte(i * 7919 >> 8)
			}
			c, joined := newCache(t, 16<<20), make(chan struct{})
			open := func() *Answer {
				a, err := c.Get(t.Context(), get("a", ranges(body, tag, joined)))
				if err != nil || a.Direct != nil {
					t.Fatalf("%+v, %v", a, err)
				}
				return a
			}
			readAll := func(a *Answer) (got []byte, err error) {
				for {
					p, err := a.Next(t.Context(), func() {})
					got = append(got, p...)
					if errors.Is(err, io.EOF) {
						return got, nil
					}
					if err != nil {
						return got, err
					}
				}
			}
			answers := []*Answer{open(), open(), open(), open()}
			close(joined)
			stalled := answers[0]
			first, err := stalled.Next(t.Context(), func() {})
			if err != nil {
				t.Fatal(err)
			}
			kept := bytes.Clone(first)
			start := time.Now()
			var all sync.WaitGroup
			for _, a := range answers[1:] {
				all.Go(func() {
					if got, err := readAll(a); err != nil || !bytes.Equal(got, body) {
						t.Errorf("%d bytes, %v", len(got), err)
					}
					a.Close()
				})
			}
			all.Wait()
			most := 2 * lag
			if want != nil {
				most = 2 * stall
			}
			if took := time.Since(start); took > most {
				t.Errorf("the others took %s", took)
			}
			c.mu.Lock()
			if least := stalled.object.held() + int64(cap(first)); c.bytes < least || c.bytes > c.limit {
				t.Errorf("%d bytes are counted, %d are held", c.bytes, least)
			}
			c.mu.Unlock()
			if !bytes.Equal(first, kept) {
				t.Error("what is being written has changed")
			}
			rest, err := readAll(stalled)
			if !errors.Is(err, want) || want == nil && !bytes.Equal(append(kept, rest...), body) {
				t.Errorf("%s: the one left behind got %d bytes, %v", tag, len(kept)+len(rest), err)
			}
			stalled.Close()
			synctest.Wait()
			c.check(t)
		})
	}
}

// TestToTheEnd: what an origin cuts short must not look complete.
func TestToTheEnd(t *testing.T) {
	for said, want := range map[string]bool{
		"bytes 5-9/10": true, "bytes 5-8/10": false, "bytes 5-9/*": false, "bytes 4-9/10": false, "bytes 5-9": false, "bytes 5-": false, "": false, "bytes 5-x/10": false,
	} {
		if got := toTheEnd(said, "bytes 5-"); got != want {
			t.Errorf("%q: %v, want %v", said, got, want)
		}
	}
}

// TestCache_OneLeftBehindWhoLeavesEndsNothing of the others who still read.
func TestCache_OneLeftBehindWhoLeavesEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := bytes.Repeat([]byte("media"), 1<<20)
		c, joined := newCache(t, 8<<20), make(chan struct{})
		var answers []*Answer
		for range 2 {
			a, err := c.Get(t.Context(), get("a", ranges(body, `"a"`, joined)))
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, a)
		}
		close(joined)
		slow, quick := answers[0], answers[1]
		n, err := read(quick, len(body)/2)
		if err != nil || !slow.behind {
			t.Fatalf("%d bytes, %v; the slow one is left behind: %v", n, err, slow.behind)
		}
		slow.Close()
		synctest.Wait()
		rest, err := read(quick, len(body))
		if n+rest != len(body) || err != nil {
			t.Errorf("%d of %d bytes, %v", n+rest, len(body), err)
		}
		quick.Close()
		synctest.Wait()
		c.check(t)
	})
}
