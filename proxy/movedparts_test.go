package proxy

import (
	"bytes"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.uber.org/zap/zapcore"
)

// turning is a VOD with subtitles whose segments a test answers for from some time on.
type turning struct {
	*measuredVOD
	as atomic.Pointer[func(w http.ResponseWriter, r *http.Request, body []byte)]
}

// aText is a WebVTT file of the VOD.
const aText = "WEBVTT\n\n1\n00:00.000 --> 00:00.500\nOne\n"

func newTurning(t *testing.T) *turning {
	v := &turning{measuredVOD: newContinuousVOD(t)}
	for _, name := range []string{"first.vtt", "middle.vtt", "last.vtt"} {
		v.segments["/vod/"+name] = []byte(aText)
	}
	return v
}

func (v *turning) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, is := v.segments[r.URL.Path]
	switch as := v.as.Load(); {
	case is && as != nil:
		(*as)(w, r, body)
	case strings.HasSuffix(r.URL.Path, "/t.m3u8"):
		_, _ = w.Write([]byte(strings.ReplaceAll(v.playlist, ".ts", ".vtt")))
	case strings.HasSuffix(r.URL.Path, "/m.m3u8"):
		_, _ = w.Write([]byte("#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"e\",URI=\"t.m3u8\"\n" +
			"#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS=\"avc1.42c00c,mp4a.40.2\",RESOLUTION=64x36,SUBTITLES=\"s\"\np.m3u8\n"))
	default:
		v.measuredVOD.ServeHTTP(w, r)
	}
}

func (v *turning) turn(as func(w http.ResponseWriter, r *http.Request, body []byte)) { v.as.Store(&as) }

// tagged serves segments with an ETag, modified at the epoch.
func tagged(tag string) func(w http.ResponseWriter, r *http.Request, body []byte) {
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		w.Header().Set("Etag", tag)
		http.ServeContent(w, r, "", epoch, bytes.NewReader(body))
	}
}

// TestContinuous_APartOfAnotherVersionIsNeverJoined: a viewer who has a part of a segment
// that has changed since gets all of the new one (RFC 9110 13.1.5).
func TestContinuous_APartOfAnotherVersionIsNeverJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newTurning(t)
		files.turn(tagged(`"one"`))
		r := newRig(t, files, continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		address := addresses[1]
		whole := r.ok(address)
		tag := whole.header.Get("Etag")
		if a := r.get(address, "Range", "bytes=1000-", "If-Range", tag); a.status != http.StatusPartialContent || a.body != whole.body[1000:] {
			t.Errorf("the same version: %d, %d bytes", a.status, len(a.body))
		}
		files.turn(tagged(`"two"`))
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
		files := newTurning(t)
		r := newRig(t, files, continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		whole := r.ok(addresses[1])
		files.turn(func(w http.ResponseWriter, _ *http.Request, body []byte) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(body)
		})
		a := r.get(addresses[1], "Range", "bytes=1000-1999")
		if a.status != http.StatusOK || a.body != whole.body {
			t.Errorf("%d, %d bytes of %d: %v", a.status, len(a.body), len(whole.body), a.header)
		}
	})
}

// TestContinuous_WhatCantBeMovedIsAnErrorOfTheOrigin: never an empty or a broken answer of
// 200, and never taken for a viewer who left.
func TestContinuous_WhatCantBeMovedIsAnErrorOfTheOrigin(t *testing.T) {
	write := func(coding, text string) func(w http.ResponseWriter, r *http.Request, body []byte) {
		return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			if coding != "" {
				w.Header().Set("Content-Encoding", coding)
			}
			_, _ = w.Write([]byte(text))
		}
	}
	for name, c := range map[string]struct {
		rendition string
		as        func(w http.ResponseWriter, r *http.Request, body []byte)
	}{
		"encoded media":              {"1", write("gzip", "x")},
		"media of nonsense":          {"1", write("", strings.Repeat("x", 1000))},
		"encoded WebVTT":             {"0", write("gzip", "x")},
		"WebVTT of nonsense":         {"0", write("", strings.Repeat("x", 1000))},
		"WebVTT that is far too big": {"0", write("", aText+strings.Repeat("x\n", 1<<20))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newTurning(t)
				r := newRig(t, files, continuous)
				_, addresses := r.segmentsOf("/live/m.m3u8/" + c.rendition + ".m3u8")
				viewer := r.viewers()
				address := "http://viewers.test" + addresses[1]
				good, err := viewer.Get(address)
				if err != nil || good.StatusCode != http.StatusOK {
					t.Fatalf("%v %v", good, err)
				}
				_ = good.Body.Close()
				files.turn(c.as)
				a, err := viewer.Get(address)
				if err != nil {
					t.Fatal(err)
				}
				_ = a.Body.Close()
				if a.StatusCode != http.StatusBadGateway || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Etag") != "" {
					t.Errorf("%d %v", a.StatusCode, a.Header)
				}
				if len(r.logs.FilterLevelExact(zapcore.ErrorLevel).FilterMessage("request failed").All()) != 1 {
					t.Errorf("the log does not tell the operator: %v", r.logs.All())
				}
			})
		})
	}
}

// TestContinuous_WebVTTHasItsLength: it is not begun before it is whole.
func TestContinuous_WebVTTHasItsLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newTurning(t), continuous)
		_, addresses := r.segmentsOf("/live/m.m3u8/0.m3u8")
		a, err := r.viewers().Get("http://viewers.test" + addresses[1])
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		if a.StatusCode != http.StatusOK || a.ContentLength <= int64(len(aText)) {
			t.Errorf("%d, length %d", a.StatusCode, a.ContentLength)
		}
	})
}

// TestContinuous_APartCostsNoMoreThanItIs: where an origin ignores ranges, no more is read
// than the part and what is before it.
func TestContinuous_APartCostsNoMoreThanItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newTurning(t)
		r := newRig(t, files, continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		whole := r.ok(addresses[1])
		ended := make(chan struct{})
		files.turn(func(w http.ResponseWriter, _ *http.Request, body []byte) {
			defer close(ended)
			w.Header().Set("Content-Length", "1000000000000")
			for {
				if _, err := w.Write(body); err != nil {
					return
				}
			}
		})
		a := r.get(addresses[1], "Range", "bytes=10-999")
		if a.status != http.StatusPartialContent || a.body != whole.body[10:1000] {
			t.Errorf("%d, %d bytes", a.status, len(a.body))
		}
		<-ended
	})
}

// TestContinuous_AnswersVaryByOriginOnce: also WebVTT, whose header is not that of the
// first byte that comes.
func TestContinuous_AnswersVaryByOriginOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newTurning(t)
		r := newRig(t, files, continuous, func(c *Config) { c.CORS = CORS{Origins: []string{"https://app.test"}} })
		for _, rendition := range []string{"0", "1"} {
			p := readPlaylist(t, r.serveOne(request(http.MethodGet, "/live/m.m3u8/"+rendition+".m3u8", "Origin", "https://app.test")).body)
			a := r.serveOne(request(http.MethodGet, "/live/m.m3u8/"+p.segments[1].uri, "Origin", "https://app.test"))
			if got := a.header.Values("Vary"); a.status != http.StatusOK || len(got) != 1 || got[0] != "Origin" {
				t.Errorf("rendition %s: %d, Vary %q", rendition, a.status, got)
			}
		}
	})
}

// TestContinuous_APartThatBeginsElsewhereIsAnErrorOfTheOrigin: nothing is guessed from it.
func TestContinuous_APartThatBeginsElsewhereIsAnErrorOfTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newTurning(t)
		r := newRig(t, files, continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		for _, value := range []string{"bytes 500-999/9776", "bytes 100-99/50", "bytes 0-187/*", "bytes -1-5/9776", "nonsense", ""} {
			files.turn(func(w http.ResponseWriter, _ *http.Request, body []byte) {
				w.Header().Set("Content-Range", value)
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(body[:188])
			})
			if a := r.get(addresses[1], "Range", "bytes=0-99"); a.status != http.StatusBadGateway {
				t.Errorf("%q: %d with %d bytes", value, a.status, len(a.body))
			}
		}
	})
}

// TestContinuous_ETagsOfOthersMatchNothing: neither the origin's own one nor that of
// another loop.
func TestContinuous_ETagsOfOthersMatchNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		modified := epoch.Format(http.TimeFormat)
		files := newTurning(t)
		files.turn(tagged(`"one"`))
		r := newRig(t, files, continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		whole, other := r.ok(addresses[1]), r.ok(addresses[4])
		tag := whole.header.Get("Etag")
		for _, c := range []struct {
			headers []string
			want    int
		}{
			{[]string{"If-None-Match", tag}, http.StatusNotModified},
			{[]string{"If-None-Match", `"x", W/` + tag}, http.StatusNotModified},
			{[]string{"If-None-Match", "*"}, http.StatusNotModified},
			{[]string{"If-Modified-Since", modified}, http.StatusNotModified},
			{[]string{"If-None-Match", `"one"`}, http.StatusOK},
			{[]string{"If-None-Match", `"one"`, "If-Modified-Since", modified}, http.StatusOK},
			{[]string{"If-None-Match", other.header.Get("Etag")}, http.StatusOK},
			{[]string{"If-Range", `"one"`, "Range", "bytes=1-9"}, http.StatusOK},
			{[]string{"If-Range", other.header.Get("Etag"), "Range", "bytes=1-9"}, http.StatusOK},
			{[]string{"If-Range", tag, "Range", "bytes=1-9"}, http.StatusPartialContent},
			{[]string{"If-Range", modified, "Range", "bytes=1-9"}, http.StatusPartialContent},
		} {
			a := r.get(addresses[1], c.headers...)
			if a.status != c.want || a.status == http.StatusOK && a.body != whole.body {
				t.Errorf("%q: %d with %d bytes, want %d", c.headers, a.status, len(a.body), c.want)
			}
		}
	})
}
