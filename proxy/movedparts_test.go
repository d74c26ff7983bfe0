package proxy

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestContinuous_APartOfAnotherVersionIsNeverJoined: a viewer who has a part of a segment
// that has changed since gets all of the new one (RFC 9110 13.1.5).
func TestContinuous_APartOfAnotherVersionIsNeverJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files, version := newContinuousVOD(t), atomic.Value{}
		version.Store(`"one"`)
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, asked *http.Request) {
			if body, is := files.segments[asked.URL.Path]; is {
				w.Header().Set("Etag", version.Load().(string))
				http.ServeContent(w, asked, "", time.Time{}, bytes.NewReader(body))
				return
			}
			files.ServeHTTP(w, asked)
		}), continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		address := addresses[1]
		whole := r.ok(address)
		tag := whole.header.Get("Etag")
		if a := r.get(address, "Range", "bytes=1000-", "If-Range", tag); a.status != http.StatusPartialContent || a.body != whole.body[1000:] {
			t.Errorf("the same version: %d, %d bytes", a.status, len(a.body))
		}
		version.Store(`"two"`)
		a := r.get(address, "Range", "bytes=1000-", "If-Range", tag)
		if a.status != http.StatusOK || a.body != whole.body || a.header.Get("Content-Range") != "" || a.header.Get("Etag") == tag {
			t.Errorf("another version: %d, %d bytes of %d, %v", a.status, len(a.body), len(whole.body), a.header)
		}
	})
}

// TestContinuous_APartOfUnknownLengthIsTheWhole: an origin that says no length knows no
// ranges.
func TestContinuous_APartOfUnknownLengthIsTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newContinuousVOD(t)
		var chunked atomic.Bool
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, asked *http.Request) {
			if body, is := files.segments[asked.URL.Path]; is && chunked.Load() {
				w.(http.Flusher).Flush()
				_, _ = w.Write(body)
				return
			}
			files.ServeHTTP(w, asked)
		}), continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		whole := r.ok(addresses[1])
		chunked.Store(true)
		a := r.get(addresses[1], "Range", "bytes=1000-1999")
		if a.status != http.StatusOK || a.body != whole.body {
			t.Errorf("%d, %d bytes of %d: %v", a.status, len(a.body), len(whole.body), a.header)
		}
	})
}
