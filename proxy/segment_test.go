package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestSegment_IsHandedThroughByteForByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		media := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
		files := newVODs(map[string]string{"a/seg 7.ts": media})
		viewers := newRig(t, files).viewers()
		resp, err := viewers.Get("http://viewers.test/live/a/seg%207.ts")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != media {
			t.Errorf("%d bytes, %v; want %d", len(body), err, len(media))
		}
		if resp.ContentLength != int64(len(media)) || len(resp.TransferEncoding) != 0 {
			t.Errorf("Content-Length %d, %s", resp.ContentLength, resp.TransferEncoding)
		}
	})
}

// TestSegment_Conditions are what players and caches ask with.
func TestSegment_Conditions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const media = "0123456789"
		files := newVODs(map[string]string{"1.ts": media})
		r := newRig(t, files)
		viewers := r.viewers()
		whole := r.ok("/live/1.ts")
		tag, date := whole.header.Get("ETag"), whole.header.Get("Last-Modified")
		for _, c := range []struct {
			name, value string
			more        []string
			status      int
			body        string
			length      string
		}{
			{"Range", "bytes=2-4", nil, 206, "234", "3"},
			{"Range", "bytes=-3", nil, 206, "789", "3"},
			{"Range", "bytes=99-", nil, 416, "", "0"},
			{"Range", "bytes=2-4", []string{"If-Range", tag}, 206, "234", "3"},
			{"Range", "bytes=2-4", []string{"If-Range", `"other"`}, 200, media, "10"},
			{"If-None-Match", tag, nil, 304, "", ""},
			{"If-None-Match", `"other"`, nil, 200, media, "10"},
			{"If-Modified-Since", date, nil, 304, "", ""},
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				req := request(method, "/live/1.ts", append([]string{c.name, c.value}, c.more...)...)
				req.RequestURI = ""
				resp, err := viewers.Do(req)
				if err != nil {
					t.Fatalf("%s %s %s: %v", method, c.name, c.value, err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				want := c.body
				if method == http.MethodHead {
					want = ""
				}
				if err != nil || resp.StatusCode != c.status || string(body) != want {
					t.Errorf("%s with %s: %s: %d %q, %v; want %d %q", method, c.name, c.value, resp.StatusCode, body, err, c.status, want)
				}
				if got := resp.Header.Get("Content-Length"); c.status != 304 && method == http.MethodGet && got != c.length {
					t.Errorf("%s with %s: %s: Content-Length %s, want %s", method, c.name, c.value, got, c.length)
				}
				if ranged := resp.Header.Get("Content-Range") != ""; ranged != (c.status == 206 || c.status == 416) {
					t.Errorf("%d with Content-Range %q", c.status, resp.Header.Get("Content-Range"))
				}
				if resp.Header.Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("%d without CORS", c.status)
				}
			}
		}
	})
}

func TestSegment_RequestHeadersThatGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": "media"})
		r := newRig(t, files)
		r.get("/live/1.ts", "Range", "bytes=0-1", "If-Range", `"x"`, "If-None-Match", `"y"`, "If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT",
			"Cookie", "session=1", "Authorization", "Bearer viewer", "Accept-Encoding", "gzip, br", "Accept-Language", "de", "Referer", "http://page.test/",
			"User-Agent", "viewer", "X-Forwarded-For", "10.0.0.1", "Connection", "Upgrade", "Upgrade", "websocket", "Proxy-Authorization", "x", "Te", "trailers")
		got := files.last(t, "1.ts").Header
		want := http.Header{
			"Range": {"bytes=0-1"}, "If-Range": {`"x"`}, "If-None-Match": {`"y"`}, "If-Modified-Since": {"Sat, 01 Jan 2000 00:00:00 GMT"},
			"Accept-Encoding": {"identity"}, "User-Agent": {"vod2live"}, "Authorization": {"Basic dXNlcjpodW50ZXIy"},
			"X-Request-Id": got["X-Request-Id"],
		}
		for name := range got {
			if want[name] == nil {
				t.Errorf("the origin was sent %s: %s", name, got[name])
			}
		}
		for name := range want {
			if !slices.Equal(got[name], want[name]) {
				t.Errorf("the origin was sent %s: %s, want %s", name, got[name], want[name])
			}
		}
	})
}

func TestSegment_ResponseHeadersThatCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		come := map[string]string{
			"Content-Type": "video/mp2t", "Content-Encoding": "identity", "Accept-Ranges": "bytes", "Etag": `"1"`, "Last-Modified": "Sat, 01 Jan 2000 00:00:00 GMT",
			"Cache-Control": "public, max-age=31536000", "Expires": "Sun, 02 Jan 2000 00:00:00 GMT", "Age": "7", "Date": "Sat, 01 Jan 2000 00:00:00 GMT", "Vary": "Origin",
		}
		stay := []string{"Set-Cookie", "Server", "Via", "X-Amz-Request-Id", "X-Amz-Id-2", "X-Cache", "Location", "Www-Authenticate", "Strict-Transport-Security", "Alt-Svc", "Link", "Report-To"}
		files := newVODs()
		files.fail("1.ts", func(w http.ResponseWriter, _ *http.Request) {
			for name, value := range come {
				w.Header().Set(name, value)
			}
			for _, name := range stay {
				w.Header().Set(name, "origin.test")
			}
			w.Header().Set("Access-Control-Allow-Origin", "http://origin.test")
			fmt.Fprint(w, "media")
		})
		a := newRig(t, files).ok("/live/1.ts")
		for name, value := range come {
			if a.header.Get(name) != value {
				t.Errorf("%s: %q, want %q", name, a.header.Get(name), value)
			}
		}
		for _, name := range stay {
			if a.header.Get(name) != "" {
				t.Errorf("%s: %q came through", name, a.header.Get(name))
			}
		}
		if a.header.Get("Content-Length") != "5" || len(a.header["Access-Control-Allow-Origin"]) != 1 {
			t.Errorf("Content-Length %s, CORS %s", a.header.Get("Content-Length"), a.header["Access-Control-Allow-Origin"])
		}
	})
}

func TestSegment_ErrorsOfTheOrigin(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		status int
	}{
		"404":                   {status(404, "origin.test"), 404},
		"410":                   {status(410, "origin.test"), 404},
		"AccessDenied":          {status(403, accessDenied), 404},
		"403":                   {status(403, "origin.test"), 502},
		"401":                   {status(401, "origin.test"), 502},
		"429":                   {status(429, "origin.test"), 502},
		"500":                   {status(500, "origin.test"), 502},
		"503":                   {status(503, "origin.test"), 502},
		"204":                   {status(204, ""), 502},
		"hangs":                 {hang, 504},
		"closes":                {raw("", 0), 502},
		"redirects elsewhere":   {redirectTo("http://elsewhere.test/1.ts"), 502},
		"redirects in a loop":   {redirectTo("1.ts"), 502},
		"redirects to a folder": {redirectTo("/vod/"), 502},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs()
				files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("ETag", `"x"`)
					w.Header().Set("Cache-Control", "public, max-age=600")
					w.Header().Set("Set-Cookie", "a=b")
					c.answer(w, r)
				})
				r := newRig(t, files)
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					a := r.do(method, "/live/1.ts")
					if method == http.MethodHead && strings.HasPrefix(name, "40") { // a HEAD has no body to tell by
						continue
					}
					if a.status != c.status || a.header.Get("ETag") != "" || a.header.Get("Set-Cookie") != "" {
						t.Errorf("%s: %d, want %d; %v", method, a.status, c.status, a.header)
					}
				}
			})
		})
	}
}

func TestSegment_RedirectsWithinTheOriginAreFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"b/2.ts": "0123456789"})
		files.fail("1.ts", redirectTo("b/2.ts?from=1"))
		r := newRig(t, files)
		if a := r.get("/live/1.ts?x=s3cr3t", "Range", "bytes=3-5"); a.status != 206 || a.body != "345" {
			t.Errorf("%d %q", a.status, a.body)
		}
		if got := files.last(t, "b/2.ts").URL.RawQuery; got != "from=1" {
			t.Errorf("the origin was asked with ?%s", got)
		}
	})
}

// TestSegment_IsStreamed: the viewer has the first byte, however few there are,
// before the origin sends the second.
func TestSegment_IsStreamed(t *testing.T) {
	for _, length := range []string{"", "3"} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs()
			next := make(chan bool)
			files.fail("1.ts", func(w http.ResponseWriter, _ *http.Request) {
				if length != "" {
					w.Header().Set("Content-Length", length)
				}
				for i := range 3 {
					fmt.Fprint(w, i)
					_ = http.NewResponseController(w).Flush()
					<-next
				}
			})
			resp, err := newRig(t, files).viewers().Get("http://viewers.test/live/1.ts")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body := bufio.NewReader(resp.Body)
			start := time.Now()
			for i := range 3 {
				if c, err := body.ReadByte(); err != nil || c != byte('0'+i) {
					t.Fatalf("byte %d: %q, %v", i, c, err)
				}
				next <- true
			}
			if took := time.Since(start); took > 0 {
				t.Errorf("bytes were held back for %s", took)
			}
		})
	}
}
