package proxy

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPlaylist_Headers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), func(c *Config) { c.Options.Epoch = epoch.Add(-time.Hour) })
		time.Sleep(500 * time.Millisecond)
		for _, c := range []struct {
			address string
			want    map[string]string
		}{
			{"/live/master.m3u8", map[string]string{"Cache-Control": "public, max-age=60", "Last-Modified": ""}},
			{"/live/master.m3u8/0.m3u8", map[string]string{"Cache-Control": "public, max-age=2", "Last-Modified": "Sat, 01 Jan 2000 00:00:00 GMT"}},
		} {
			a := r.ok(c.address)
			c.want["Content-Type"] = "application/vnd.apple.mpegurl"
			c.want["Vary"] = "Accept-Encoding"
			c.want["Access-Control-Allow-Origin"] = "*"
			c.want["Access-Control-Expose-Headers"] = "Content-Length, Content-Range, Date, ETag"
			c.want["Content-Encoding"], c.want["Server"], c.want["Expires"] = "", "", ""
			for name, value := range c.want {
				if a.header.Get(name) != value {
					t.Errorf("%s: %s: %q, want %q", c.address, name, a.header.Get(name), value)
				}
			}
			if tag := a.header.Get("ETag"); len(tag) < 10 || tag[0] != '"' || strings.Contains(tag, "W/") {
				t.Errorf("%s: ETag %s is not a strong one", c.address, tag)
			}
		}
		time.Sleep(2 * time.Second) // 1.5 s before the next change
		if a := r.ok("/live/master.m3u8/0.m3u8"); a.maxAge(t) != time.Second {
			t.Errorf("Cache-Control %s 1.5 s before the change", a.header.Get("Cache-Control"))
		}
	})
}

// TestPlaylist_TellsItsLength, be it written by us or by net/http: no answer
// comes in pieces of unknown number.
func TestPlaylist_TellsItsLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lengths := map[bool]int{}
		for _, window := range []time.Duration{24 * time.Second, time.Hour} {
			r := newRig(t, newVODs(seed()), func(c *Config) { c.Options.Window = window })
			viewers := r.viewers()
			for _, address := range seedAddresses {
				for _, accept := range []string{"identity", "gzip"} {
					want := int64(len(r.ok(address, "Accept-Encoding", accept).body))
					lengths[want > countedBody]++
					for _, method := range []string{http.MethodGet, http.MethodHead} {
						resp, err := viewers.Do(asked(t, method, address, accept))
						if err != nil {
							t.Fatal(err)
						}
						if resp.Body.Close(); resp.ContentLength != want || len(resp.TransferEncoding) > 0 {
							t.Errorf("%s %s, %s: Content-Length %d %s, want %d", method, address, accept, resp.ContentLength, resp.TransferEncoding, want)
						}
					}
				}
			}
		}
		if lengths[false] == 0 || lengths[true] == 0 {
			t.Errorf("no answer to either side of the %d bytes that net/http counts", countedBody)
		}
	})
}

func asked(t *testing.T, method, address, accept string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://viewers.test"+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", accept)
	return req
}

func TestPlaylist_IfNoneMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()))
		for _, address := range seedAddresses {
			plain, packed := r.ok(address).header.Get("ETag"), r.ok(address, "Accept-Encoding", "gzip").header.Get("ETag")
			if plain == packed {
				t.Errorf("%s: the plain and the packed form share the ETag %s", address, plain)
			}
			for _, c := range []struct {
				accept, ifNoneMatch string
				want                int
			}{
				{"", plain, 304},
				{"gzip", packed, 304},
				{"", packed, 200},
				{"gzip", plain, 200},
				{"", "W/" + plain, 304},
				{"", "*", 304},
				{"", `"other", ` + plain, 304},
				{"", `W/"other",W/` + plain + `,"third"`, 304},
				{"", `"other"`, 200},
				{"", strings.Trim(plain, `"`), 200},
				{"", "", 200},
			} {
				a := r.get(address, "Accept-Encoding", c.accept, "If-None-Match", c.ifNoneMatch)
				if a.status != c.want {
					t.Errorf("%s: If-None-Match %s, Accept-Encoding %q: %d, want %d", address, c.ifNoneMatch, c.accept, a.status, c.want)
				}
				if a.status == 304 && (a.body != "" || a.header.Get("ETag") == "" || a.header.Get("Cache-Control") == "" || a.header.Get("Content-Type") != "") {
					t.Errorf("%s: 304 with %v, %d bytes", address, a.header, len(a.body))
				}
			}
			if a := r.get(address, "If-Modified-Since", time.Now().UTC().Format(http.TimeFormat)); a.status != 200 {
				t.Errorf("%s: If-Modified-Since: %d, want 200: dates have whole seconds", address, a.status)
			}
		}
	})
}

func TestPlaylist_Gzip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()))
		plain := r.ok(seedAddresses[1]).body
		for accept, packed := range map[string]bool{
			"gzip": true, "GZIP": true, "x-gzip": true, "deflate, gzip, br": true, "gzip;q=0.5": true, "gzip; Q=1.0": true, "*": true, "*;q=0, gzip": true, "br;q=1.0, *;q=0.1": true,
			"": false, "identity": false, "gzip;q=0": false, "gzip;q=0.000": false, "*;q=0": false, "gzip;q=0, *": false, "*, gzip;q=0": false, "gzip;q=much": false, "gzipped": false,
		} {
			a := r.ok(seedAddresses[1], "Accept-Encoding", accept)
			if got := a.header.Get("Content-Encoding") == "gzip"; got != packed || a.unpacked(t) != plain {
				t.Errorf("Accept-Encoding %q: packed %v, want %v", accept, got, packed)
			}
		}
	})
}

func TestPlaylist_HEADIsGETWithoutBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()))
		for _, address := range append([]string{"/live/absent.m3u8"}, seedAddresses...) {
			for _, encoding := range []string{"identity", "gzip"} {
				get, head := r.get(address, "Accept-Encoding", encoding), r.do(http.MethodHead, address, "Accept-Encoding", encoding)
				if head.status != get.status || head.body != "" {
					t.Errorf("HEAD %s: %d with %d bytes", address, head.status, len(head.body))
				}
				get.header.Del("X-Request-Id")
				for name := range get.header {
					if head.header.Get(name) != get.header.Get(name) {
						t.Errorf("HEAD %s: %s: %q, GET has %q", address, name, head.header.Get(name), get.header.Get(name))
					}
				}
			}
		}
	})
}

func TestServer_OPTIONSAreAnsweredHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newVODs(seed())
		r := newRig(t, from)
		for _, address := range []string{"/live/master.m3u8", "/live/master_Layer1_001.ts", "/nowhere"} {
			a := r.do(http.MethodOptions, address, "Origin", "http://page.test", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "range")
			if a.status != 204 || a.body != "" {
				t.Errorf("OPTIONS %s: %d %s", address, a.status, a.body)
			}
			if a.header.Get("Access-Control-Allow-Headers") != "range" || a.header.Get("Access-Control-Max-Age") != "86400" ||
				a.header.Get("Access-Control-Allow-Methods") != "GET, HEAD, OPTIONS" {
				t.Errorf("OPTIONS %s: %v", address, a.header)
			}
		}
		if n := from.count(""); n != 0 {
			t.Errorf("the origin was asked %d times", n)
		}
	})
}

func TestServer_OtherMethodsAre405(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newVODs(seed())
		r := newRig(t, from)
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get"} {
			for _, address := range []string{"/live/master.m3u8", "/live/master_Layer1_001.ts"} {
				if a := r.do(method, address); a.status != 405 || a.header.Get("Allow") != "GET, HEAD, OPTIONS" {
					t.Errorf("%s %s: %d, Allow %q", method, address, a.status, a.header.Get("Allow"))
				}
			}
		}
		if n := from.count(""); n != 0 {
			t.Errorf("the origin was asked %d times", n)
		}
	})
}
