package proxy

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"vod2live/proxy/route"
)

// fault is one way for an origin to be sick, and what viewers see of it.
type fault struct {
	name    string
	answer  func(well http.Handler) http.HandlerFunc // instead of all its files; nil: connections fail
	dial    func(context.Context) error
	tls     string // the name in the certificate that the host shows; empty: no TLS
	cold    string // what a viewer gets of a stream that is not loaded
	segment string // and of a segment
	silent  bool   // the host takes connections and says nothing
	down    bool   // all of it fails: it is not asked again and again
	each    int    // requests to the origin that one try takes; 0: one
	heavy   bool   // its segments are so large that they are asked for once
}

// always answers all alike.
func always(h http.HandlerFunc) func(http.Handler) http.HandlerFunc {
	return func(http.Handler) http.HandlerFunc { return h }
}

// inTurn answers every other request for a path well.
func inTurn(bad http.HandlerFunc) func(http.Handler) http.HandlerFunc {
	var mu sync.Mutex // guards asked
	asked := map[string]int{}
	return func(well http.Handler) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			n := asked[r.URL.Path]
			asked[r.URL.Path]++
			mu.Unlock()
			if n%2 == 0 {
				bad(w, r)
				return
			}
			well.ServeHTTP(w, r)
		}
	}
}

// ever answers with another content each time, with no validator.
func ever() func(http.Handler) http.HandlerFunc {
	var mu sync.Mutex // guards n
	n := 0
	return func(http.Handler) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			n++
			text := strings.ReplaceAll(seed()[strings.TrimPrefix(r.URL.Path, "/vod/")], "#EXTINF:4.0,", fmt.Sprintf("#EXTINF:4.0,%d", n))
			mu.Unlock()
			fmt.Fprint(w, text)
		}
	}
}

func later(code int, after string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(code)
	}
}

// wrongLength says more, or less, than it sends.
func wrongLength(length int) http.HandlerFunc {
	answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", length) + seed()["master.m3u8"]
	return ofMedia(raw(answer, 0), raw(strings.ReplaceAll(answer, "#EXTM3U", "a media"), 0))
}

// ofMedia answers for playlists and for what they name.
func ofMedia(playlists, media http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if route.IsPlaylist(r.URL.Path, nil) {
			playlists(w, r)
		} else {
			media(w, r)
		}
	}
}

func faults() []fault {
	bomb := bytes.Repeat(packed(strings.Repeat("\x00", 1<<20)), 40)
	big := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(100<<20))
		trickle(0, strings.Repeat("#", 1<<20))(w, r)
	}
	return []fault{
		{name: "connection refused", dial: refused, cold: "503", segment: "502", down: true},
		{name: "connect hangs", dial: dropped, cold: "504", segment: "504", down: true},
		{name: "name not found", dial: nameless, cold: "503", segment: "502", down: true},
		{name: "TLS: certificate of another", tls: "elsewhere.test", cold: "503", segment: "502", down: true},
		{name: "TLS: hangs", silent: true, tls: "origin.test", cold: "504", segment: "504", down: true},
		{name: "connection reset", answer: always(raw("", 0)), cold: "503", segment: "502", down: true},
		{name: "hangs before headers", answer: always(hang), cold: "504", segment: "504", down: true},
		{name: "hangs within headers", answer: always(raw("HTTP/1.1 200 OK\r\nContent-Type: te", time.Hour)), cold: "504", segment: "504", down: true},
		{name: "a byte a second", answer: always(trickle(time.Second, "#")), cold: "504", segment: "slow"},
		{name: "body cut", answer: always(raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n#EXT", 0)), cold: "502", segment: "cut"},
		{name: "Content-Length too large", answer: always(wrongLength(10_000)), cold: "502", segment: "cut"},
		{name: "Content-Length too small", answer: always(wrongLength(30)), cold: "502", segment: "200"},
		{name: "gzip that lies", answer: always(encoded([]byte("#EXTINF:4,"))), cold: "502", segment: "200"},
		{name: "gzip bomb", answer: always(encoded(bomb)), cold: "502", segment: "200"},
		{name: "200 with HTML", answer: always(text("<html>down for maintenance</html>")), cold: "502", segment: "200"},
		{name: "206 unasked", answer: always(status(206, seed()["master.m3u8"])), cold: "502", segment: "502"},
		{name: "redirect elsewhere", answer: always(redirectTo("http://elsewhere.test/vod/master.m3u8")), cold: "502", segment: "502"},
		{name: "redirect loop", answer: always(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }), cold: "502", segment: "502", each: 6},
		{name: "401", answer: always(status(401, "")), cold: "502", segment: "502"},
		{name: "403", answer: always(status(403, "forbidden")), cold: "502", segment: "502"},
		{name: "403 AccessDenied (S3)", answer: always(status(403, accessDenied)), cold: "404", segment: "404"},
		{name: "404", answer: always(status(404, "")), cold: "404", segment: "404"},
		{name: "410", answer: always(status(410, "")), cold: "404", segment: "404"},
		{name: "429, Retry-After: 7", answer: always(later(429, "7")), cold: "503", segment: "503", down: true},
		{name: "500", answer: always(status(500, "")), cold: "503", segment: "502", down: true},
		{name: "503", answer: always(status(503, "")), cold: "503", segment: "502", down: true},
		{name: "503, Retry-After: 7", answer: always(later(503, "7")), cold: "503", segment: "503", down: true},
		{name: "100 MB", answer: always(big), cold: "502", segment: "200", heavy: true},
		{name: "another content each time", answer: ever(), cold: "200", segment: "200"},
		{name: "good and 503 in turn", answer: inTurn(status(503, "")), cold: "503", segment: "200", each: 4},
	}
}
