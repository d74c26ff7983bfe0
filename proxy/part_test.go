package proxy

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// partOf answers with a 206 of this header and body.
func partOf(body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Cache-Control", "max-age=600")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, body)
	}
}

// withAndWithoutCache runs a test of a rig of each kind.
func withAndWithoutCache(t *testing.T, from http.Handler, test func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) { test(t, newRig(t, from)) })
	synctest.Test(t, func(t *testing.T) { test(t, newRig(t, from, keeping(t, 16<<20))) })
}

// TestSegment_APartThatWasNotAskedForIsNeitherPassedOnNorCached: the next viewer
// gets what the origin has by then.
func TestSegment_APartThatWasNotAskedForIsNeitherPassedOnNorCached(t *testing.T) {
	const media = "0123456789abcdefghij"
	for name, c := range map[string]struct {
		asked []string
		bad   http.HandlerFunc
	}{
		"without a Range":      {nil, partOf("0123", "Content-Range", "bytes 0-3/20")},
		"garbage":              {[]string{"Range", "bytes=2-5"}, partOf("2345", "Content-Range", "garbage")},
		"no Content-Range":     {[]string{"Range", "bytes=2-5"}, partOf("2345")},
		"another start":        {[]string{"Range", "bytes=2-5"}, partOf("0123", "Content-Range", "bytes 0-3/20")},
		"another end":          {[]string{"Range", "bytes=2-5"}, partOf("2345678", "Content-Range", "bytes 2-8/20")},
		"another length":       {[]string{"Range", "bytes=2-5"}, partOf("234567", "Content-Range", "bytes 2-5/20", "Content-Length", "6")},
		"several parts":        {[]string{"Range", "bytes=2-5"}, partOf("--x", "Content-Type", "multipart/byteranges; boundary=x")},
		"the start, no suffix": {[]string{"Range", "bytes=-4"}, partOf("0123", "Content-Range", "bytes 0-3/20")},
		"another version":      {[]string{"Range", "bytes=2-5", "If-Range", `"0"`}, partOf("2345", "Content-Range", "bytes 2-5/20")},
		"a part of gzip":       {[]string{"Range", "bytes=2-5"}, partOf("2345", "Content-Range", "bytes 2-5/20", "Content-Encoding", "gzip")},
	} {
		t.Run(name, func(t *testing.T) {
			files := newVODs(map[string]string{"1.ts": media})
			withAndWithoutCache(t, files, func(t *testing.T, r *rig) {
				files.fail("1.ts", c.bad)
				for range 2 {
					if a := r.get("/live/1.ts", c.asked...); a.status != http.StatusBadGateway || a.header.Get("Content-Range") != "" {
						t.Errorf("%d %q %v", a.status, a.body, a.header)
					}
				}
				if r.config.Origins[0].Failing() {
					t.Error("the origin is taken for one that fails")
				}
				files.fail("1.ts", nil)
				synctest.Wait()
				if a := r.get("/live/1.ts", c.asked...); a.status >= 300 || !strings.Contains(media, a.body) {
					t.Errorf("once it is right: %d %q", a.status, a.body)
				}
			})
		})
	}
}

// TestSegment_APartWithoutALengthIsNotCachedWhenItBreaksOff, nor does it look
// complete to the viewer.
func TestSegment_APartWithoutALengthIsNotCachedWhenItBreaksOff(t *testing.T) {
	for _, body := range []string{"2345", "23", "2345678"} {
		files := newVODs(map[string]string{"1.ts": "0123456789"})
		withAndWithoutCache(t, files, func(t *testing.T, r *rig) {
			files.fail("1.ts", raw(fmt.Sprintf("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-5/10\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body), 0))
			a := r.get("/live/1.ts", "Range", "bytes=2-5")
			if short := len(body) < 4; short && !a.cut || !short && a.body != "2345" || a.header.Get("Content-Length") != "4" {
				t.Errorf("%q: cut %v, %q %v", body, a.cut, a.body, a.header)
			}
			files.fail("1.ts", nil)
			synctest.Wait()
			if a := r.get("/live/1.ts", "Range", "bytes=2-5"); a.body != "2345" {
				t.Errorf("then: %q", a.body)
			}
		})
	}
}

// TestSegment_NoBodyOfAnotherStatusIsPassedOn, whatever it is.
func TestSegment_NoBodyOfAnotherStatusIsPassedOn(t *testing.T) {
	for _, code := range []int{201, 202, 203, 204, 207, 226, 300, 304, 305, 400, 401, 402, 403, 404, 405, 410, 416, 418, 429, 451, 500, 501, 502, 503, 504, 511, 599} {
		files := newVODs()
		files.fail("1.ts", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "<script>origin.test</script>") // a secret to the rig
		})
		withAndWithoutCache(t, files, func(t *testing.T, r *rig) {
			for _, headers := range [][]string{nil, {"Range", "bytes=2-5"}, {"If-None-Match", `"1"`}} {
				if a := r.get("/live/1.ts", headers...); strings.Contains(a.body, "script") || a.header.Get("Content-Type") == "text/html" || a.status == 200 {
					t.Errorf("%d %v: %d %q %v", code, headers, a.status, a.body, a.header)
				}
				time.Sleep(10 * time.Second) // past any pause
			}
		})
	}
}

// TestSegment_WhatIsInABucketIsNoPage of this host, whoever asks how.
func TestSegment_WhatIsInABucketIsNoPage(t *testing.T) {
	files := newVODs(map[string]string{"1.ts": "0123456789", "index.html": "<html>", "a.key": "k", "a.js": "alert()", "a.svg": "<svg/>"})
	withAndWithoutCache(t, files, func(t *testing.T, r *rig) {
		for _, path := range []string{"1.ts", "index.html", "a.key", "a.js", "a.svg"} {
			for _, headers := range [][]string{nil, {"Range", "bytes=0-0"}, {"Range", "bytes=99-"}, {"If-Modified-Since", epoch.Format(http.TimeFormat)}} {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					a := r.do(method, "/live/"+path, headers...)
					if a.header.Get("X-Content-Type-Options") != "nosniff" && a.status != 304 || a.header.Get("Content-Security-Policy") != "sandbox" {
						t.Errorf("%s %s %v: %d %v", method, path, headers, a.status, a.header)
					}
				}
			}
		}
	})
}

// TestSegment_MediaThatIsCalledTextMayBeSniffed: else Chromium's own player fails
// on a page of another host.
func TestSegment_MediaThatIsCalledTextMayBeSniffed(t *testing.T) {
	for _, c := range []struct {
		path, kind string
		sniffed    bool
	}{
		{"1.ts", "text/plain", true},
		{"1.ts", "Text/Plain; charset=utf-8", true},
		{"1", "text/plain", true},
		{"1.m4s", "text/html; charset=UTF-8", true},
		{"1.AAC", "application/json", true},
		{"1.vtt", "text/xml", true},
		{"1.mp4", "application/xhtml+xml", true},
		{"1.html", "text/html", false},
		{"1", "text/html", false},
		{"1.json", "application/json", false},
		{"1.svg", "image/svg+xml", false},
		{"1.ts", "video/mp2t", false},
		{"1.m4s", "binary/octet-stream", false},
		{"1.ts", "", false},
		{"1.vtt", "text/vtt", false},
	} {
		files := newVODs()
		files.fail(c.path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			if c.kind != "" {
				w.Header().Set("Content-Type", c.kind)
			}
			_, _ = io.WriteString(w, "media")
		})
		withAndWithoutCache(t, files, func(t *testing.T, r *rig) {
			for range 2 {
				a := r.ok("/live/" + c.path)
				if sniffed := a.header.Get("X-Content-Type-Options") == ""; sniffed != c.sniffed || a.header.Get("Content-Security-Policy") != "sandbox" || a.header.Get("Content-Type") != c.kind {
					t.Errorf("%s of %s: %v", c.path, c.kind, a.header)
				}
			}
		})
	}
}

func TestSegment_AnUnknownContentEncodingStaysBehind(t *testing.T) {
	for said, want := range map[string]string{"aws-chunked": "", "deflate": "deflate", "aws-chunked, zstd": "zstd", "utf-8": "", "br": "br"} {
		files := newVODs()
		files.fail("1.ts", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", said)
			w.Header().Set("Content-Range", "bytes 0-4/10") // which a 200 does not have
			_, _ = io.WriteString(w, "media")
		})
		withAndWithoutCache(t, files, func(t *testing.T, r *rig) {
			for range 2 {
				if a := r.ok("/live/1.ts"); a.header.Get("Content-Encoding") != want || a.body != "media" || a.header.Get("Content-Range") != "" {
					t.Errorf("%s: %v", said, a.header)
				}
			}
		})
	}
}
