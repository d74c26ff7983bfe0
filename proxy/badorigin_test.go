package proxy

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const accessDenied = `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`

// text answers 200 with a body.
func text(body string) http.HandlerFunc { return status(http.StatusOK, body) }

// trickle sends a body piece by piece, and then nothing more.
func trickle(pause time.Duration, piece string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(piece)); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			if pause > 0 {
				time.Sleep(pause)
			}
		}
	}
}

func packed(body string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(body))
	_ = z.Close()
	return b.Bytes()
}

// encoded answers with a body that is said to be gzip.
func encoded(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body)
	}
}

// raw answers with bytes of its own on the connection.
func raw(answer string, wait time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = conn.Write([]byte(answer))
		if wait > 0 {
			_ = conn.SetReadDeadline(time.Now().Add(wait))
			_, _ = conn.Read(make([]byte, 1))
		}
	}
}

func redirectTo(address string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
}

var hang http.HandlerFunc = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// badPlaylists are what an origin may answer instead of the playlist of a VOD.
var badPlaylists = []struct {
	name   string
	answer http.HandlerFunc
	status int
	says   string // what the viewer's line has
}{
	{"404", status(404, "no such thing at origin.test"), 404, "nothing at this address"},
	{"410", status(410, ""), 404, "nothing at this address"},
	{"S3's 403 of an absent key", status(403, accessDenied), 404, "nothing at this address"},
	{"S3's 403 without a body", status(403, ""), 404, "nothing at this address"},
	{"another 403", status(403, "<html>forbidden by origin.test</html>"), 502, "denies access to this server"},
	{"S3's 403 of a bad signature", status(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>"), 502, "denies access to this server"},
	{"401", status(401, ""), 502, "denies access to this server"},
	{"400", status(400, "?"), 502, "denies access to this server"},
	{"429", status(429, "slow down"), 503, "fails"},
	{"500", status(500, "origin.test"), 503, "fails"},
	{"502", status(502, ""), 503, "fails"},
	{"503", status(503, ""), 503, "fails"},
	{"304 unasked", status(304, ""), 502, "can't be read"},
	{"206 unasked", status(206, short("p")["p"]), 502, "can't be read"},
	{"HTML", text("<!doctype html><title>origin.test</title>"), 502, "not-a-playlist"},
	{"nothing", text(""), 502, "not-a-playlist"},
	{"a picture", text("\x89PNG\r\n\x1a\n\x00\x00"), 502, "not-a-playlist"},
	{"no segments", text("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-ENDLIST\n"), 502, "empty"},
	{"no EXT-X-ENDLIST", text(strings.ReplaceAll(short("p")["p"], "#EXT-X-ENDLIST\n", "")), 502, "no-endlist"},
	{"no durations", text("#EXTM3U\n#EXTINF:0,\n1.ts\n#EXT-X-ENDLIST\n"), 502, "bad-duration"},
	{"too short", text("#EXTM3U\n#EXTINF:0.5,\n1.ts\n#EXT-X-ENDLIST\n"), 502, "loop-too-short"},
	{"a long line", text("#EXTM3U\n" + strings.Repeat("x", 1<<20)), 502, "syntax"},
	{"never ends", trickle(0, strings.Repeat("#EXTINF:4,\n1.ts\n", 1000)), 502, "too-large"},
	{"a byte a second", trickle(time.Second, "#"), 504, "took too long"},
	{"100 MB", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000000")
		trickle(0, strings.Repeat("#", 1<<16))(w, r)
	}, 502, "too-large"},
	{"gzip", encoded(packed("#EXTM3U\n")), 502, "empty"},
	{"a gzip bomb", encoded(bytes.Repeat(packed(strings.Repeat("\x00", 1<<20)), 200)), 502, "too-large"},
	{"gzip that lies", encoded([]byte(short("p")["p"])), 502, "broke off or can't be read"},
	{"gzip that breaks off", encoded(packed(strings.Repeat(short("p")["p"], 100))[:50]), 502, "broke off or can't be read"},
	{"an unknown encoding", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		fmt.Fprint(w, "?")
	}, 502, "broke off or can't be read"},
	{"hangs", hang, 504, "took too long"},
	{"hangs within its headers", raw("HTTP/1.1 200 OK\r\nContent-Type: te", time.Hour), 504, "took too long"},
	{"hangs within its body", raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n#EXTM3U\n", time.Hour), 504, "took too long"},
	{"closes", raw("", 0), 503, "fails"},
	{"is no HTTP", raw("220 origin.test ESMTP\r\n", 0), 503, "fails"},
	{"endless headers", raw("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20)+"\r\n\r\n", 0), 503, "fails"},
	{"breaks off", raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"+short("p")["p"], 0), 502, "broke off"},
	{"breaks off within a chunk", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n#EXTM3U\n", 0), 502, "broke off"},
	{"a Content-Length too small", raw("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n"+short("p")["p"], 0), 502, "can't be a live stream"},
	{"redirects elsewhere", redirectTo("http://elsewhere.test/vod/p.m3u8"), 502, "redirects"},
	{"redirects to a sibling", redirectTo("http://origin.test/vod2/p.m3u8"), 502, "redirects"},
	{"redirects above", redirectTo("http://origin.test/vod/../p.m3u8"), 502, "redirects"},
	{"redirects to another scheme", redirectTo("https://origin.test/vod/p.m3u8"), 502, "redirects"},
	{"redirects with a password", redirectTo("http://a:b@origin.test/vod/p.m3u8"), 502, "redirects"},
	{"redirects to a file", redirectTo("file:///etc/passwd"), 502, "redirects"},
	{"redirects in a loop", redirectTo("http://origin.test/vod/p.m3u8"), 502, "redirects"},
	{"redirects nowhere", status(302, ""), 502, "redirects"},
}

func TestLoad_WhatIsNoVODIsToldInOneLine(t *testing.T) {
	for _, c := range badPlaylists {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs()
				files.fail("p.m3u8", c.answer)
				r := newRig(t, files)
				start := time.Now()
				a := r.get("/live/p.m3u8")
				if took := time.Since(start); took > 12*time.Second {
					t.Errorf("the answer took %s", took)
				}
				if a.status != c.status || !strings.Contains(a.body, c.says) {
					t.Errorf("%d %q, want %d %q", a.status, a.body, c.status, c.says)
				}
				if len(a.body) > 200 {
					t.Errorf("a line of %d bytes", len(a.body))
				}
				if (a.header.Get("Retry-After") != "") != (a.status == 503) {
					t.Errorf("%d with Retry-After %q", a.status, a.header.Get("Retry-After"))
				}
				r.rest()
				if r.station.Store().Streams != 0 || r.station.Store().Bytes != 0 {
					t.Errorf("%d streams are kept", r.station.Store().Streams)
				}
				for _, entry := range r.logs.All() {
					if text := fmt.Sprint(entry.ContextMap()); len(text) > 2000 {
						t.Errorf("a log line of %d bytes", len(text))
					}
				}
			})
		})
	}
}

func TestLoad_AnOriginThatCantBeReachedIs503(t *testing.T) {
	for name, err := range map[string]error{
		"refused": &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused at origin.test")},
		"no name": &net.DNSError{Err: "no such host", Name: "origin.test", IsNotFound: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, nil, func(c *Config) {
					c.Transport = roundTripper(func(*http.Request) (*http.Response, error) { return nil, err })
				})
				if a := r.get("/live/p.m3u8"); a.status != 503 || a.header.Get("Retry-After") == "" {
					t.Errorf("a playlist: %d %s", a.status, a.body)
				}
				if a := r.get("/live/1.ts"); a.status != 502 {
					t.Errorf("a segment: %d %s", a.status, a.body)
				}
			})
		})
	}
}

func TestLoad_AConnectThatHangsIs504(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil, func(c *Config) {
			tr := NewTransport(time.Second)
			tr.Proxy = nil
			tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
				time.Sleep(time.Second)
				return nil, os.ErrDeadlineExceeded
			}
			c.Transport = tr
		})
		for _, path := range []string{"/live/p.m3u8", "/live/1.ts"} {
			if a := r.get(path); a.status != 504 {
				t.Errorf("GET %s: %d %s", path, a.status, a.body)
			}
		}
	})
}
