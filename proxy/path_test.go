package proxy

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"
)

// badPaths must never reach the origin.
var badPaths = map[string]int{
	"/":                     404,
	"/live":                 404,
	"/live/":                404,
	"/live/movie/":          404,
	"/live/movie.m3u8/":     404,
	"/other/movie.m3u8":     404,
	"/Live/movie.m3u8":      404,
	"/live2/movie.m3u8":     404,
	"//live/movie.m3u8":     404,
	"/./live/movie.m3u8":    404,
	"/live//movie.m3u8":     400,
	"/live/a//b.ts":         400,
	"/live/a%2f%2fb.ts":     400,
	"/live/a%2f.%2fb.ts":    400,
	"/live/%2Fb.m3u8":       400,
	"/live/a%252F%252Fb.ts": 400,
	"/live/a%2Fb%2F":        400,
	"/live/p/https:%2F%2Fcdn.test%2F..%2Fa.ts":   400,
	"/live/../secret.m3u8":                       400,
	"/live/..;/secret.ts":                        400,
	"/live/a/%2e%2e%3bx=1/secret.ts":             400,
	"/live/.;/secret.ts":                         400,
	"/live/a/../../secret.ts":                    400,
	"/live/a/..":                                 400,
	"/live/.":                                    400,
	"/live/./a.ts":                               400,
	"/live/%2e%2e/secret.ts":                     400,
	"/live/%2E./secret.ts":                       400,
	"/live/..%2fsecret.ts":                       400,
	"/live/a%2f..%2f..%2fsecret.ts":              400,
	"/live/%252e%252e/secret.ts":                 400,
	"/live/%252e%252e%252fsecret.ts":             400,
	"/live/%25252e%25252e/secret.ts":             400,
	"/live/%2525252e%2525252e/secret.ts":         400,
	"/live/%252525252525252e%2e/secret.ts":       400,
	"/live/%25zz/%252e%252e/secret.ts":           400,
	"/live/..%5csecret.ts":                       400,
	"/live/a%5c..%5c..%5csecret.ts":              400,
	"/live/a\\..\\..\\secret.ts":                 400,
	"/live/..\\secret.ts":                        400,
	"/live/%255c..%255csecret.ts":                400,
	"/live/a%00.ts":                              400,
	"/live/a%2500.ts":                            400,
	"/live/a%0d%0aX-Injected:%20yes.ts":          400,
	"/live/a%250d%250aX.ts":                      400,
	"/live/a%7f.ts":                              400,
	"/live/a%09b.ts":                             400,
	"/live/movie.m3u8%2f..%2f..%2fsecret.m3u8":   400,
	"/live/movie.m3u8/../../secret.m3u8/0.m3u8":  400,
	"/live/movie.m3u8/0.m3u8/gap":                404,
	"/%6cive/..":                                 400,
	"/live/" + strings.Repeat("a/", 2000) + "..": 400,
	"/live/" + strings.Repeat("a/", 8000) + "..": 414,
}

func TestServer_WhatLeavesTheOriginIsNeverAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("movie.m3u8"))
		r := newRig(t, files)
		for path, want := range badPaths {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				if a := r.do(method, path); a.status != want || a.header.Get("X-Injected") != "" {
					t.Errorf("%s %.60s: %d, want %d", method, path, a.status, want)
				}
			}
		}
		if n := files.count(""); n != 0 {
			t.Errorf("the origin was asked %d times, as for %s", n, files.asked[0].URL)
		}
	})
}

// TestServer_OneThingHasOneAddress: what need not be escaped is one and the
// same stream.
func TestServer_OneThingHasOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("my movie/p~1.m3u8"), short("ü.m3u8"), map[string]string{"100%.ts": "media", "a:b.ts": "media", "é.ts": "media", "a+b&c;d,e=f.ts": "media", "a?b.ts": "media"})
		r := newRig(t, files)
		for _, path := range []string{"/live/my%20movie/p~1.m3u8", "/live/my%20movie/p%7E1.m3u8", "/%6Cive/my%20movie/p%7e1.%6d3u8"} {
			r.ok(path)
		}
		if n := files.count("my movie/p~1.m3u8"); n != 1 {
			t.Errorf("%d fetches of one stream", n)
		}
		for _, path := range []string{"/live/%c3%bc.m3u8", "/live/%C3%BC.m3u8", "/live/ü.m3u8"} {
			r.ok(path)
		}
		if n := files.count("ü.m3u8"); n != 1 {
			t.Errorf("%d fetches of one stream, in capitals and not", n)
		}
		for _, path := range []string{"/live/100%25.ts", "/live/a:b.ts", "/live/a%3Ab.ts", "/live/%C3%A9.ts", "/live/é.ts", "/live/a+b&c;d,e=f.ts", "/live/a%3Fb.ts"} {
			r.ok(path)
		}
	})
}

func TestServer_LongAddressesAreRefusedAndNeverPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		r := newRig(t, files)
		long := strings.Repeat("long/", 5000)
		for _, path := range []string{"/live/" + long + "p.m3u8", "/live/p.m3u8?" + long, "/live/" + long + "1.ts", "/live/1.ts?" + long} {
			if a := r.get(path); a.status != 414 {
				t.Errorf("%.20s…: %d %s", path, a.status, a.body)
			}
		}
		if n := files.count(""); n != 0 {
			t.Errorf("the origin was asked %d times", n)
		}
		for _, entry := range r.logs.All() {
			if path, _ := entry.ContextMap()["path"].(string); len(path) > 512 {
				t.Errorf("a log line with a path of %d bytes", len(path))
			}
		}
	})
}

// TestLog_CutsNoCharacterInTwo of what a stranger sends.
func TestLog_CutsNoCharacterInTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()))
		for shift := range 4 {
			r.ok("/live/master.m3u8", "User-Agent", strings.Repeat("x", shift)+strings.Repeat("日本", 200))
		}
		for _, entry := range r.logs.FilterMessage("request").All() {
			agent, _ := entry.ContextMap()["agent"].(string)
			if !utf8.ValidString(agent) || len(agent) < 509 || len(agent) > 512 {
				t.Errorf("the agent of %d bytes ends in %q", len(agent), agent[len(agent)-4:])
			}
		}
	})
}
