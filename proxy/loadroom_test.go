package proxy

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/room"
)

// longRenditions answers for VODs of some renditions, each of so many segments as
// short as they can be.
func longRenditions(renditions, segments int) roundTripper {
	master := "#EXTM3U\n"
	for n := range renditions {
		master += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d\n%d.m3u8\n", n+1, n)
	}
	media := "#EXTM3U\n" + strings.Repeat("#EXTINF:1,\na\n", segments) + "#EXT-X-ENDLIST\n"
	return func(r *http.Request) (*http.Response, error) {
		text := media
		if strings.HasSuffix(r.URL.Path, "master.m3u8") {
			text = master
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text))}, nil
	}
}

// TestLoad_TooManySegmentsAreRefusedBeforeAnyIsDecoded: decoding these would take
// more than 800 MB.
func TestLoad_TooManySegmentsAreRefusedBeforeAnyIsDecoded(t *testing.T) {
	const renditions = 4
	r := newRig(t, nil, func(c *Config) { c.Transport = longRenditions(renditions, loop.MaxSegments/3) })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a := r.get("/live/master.m3u8")
	runtime.ReadMemStats(&after)
	if a.status != http.StatusBadGateway || !strings.Contains(a.body, string(loop.CodeTooManySegments)) {
		t.Errorf("%d %s, want 502 %s", a.status, a.body, loop.CodeTooManySegments)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 100<<20 {
		t.Errorf("%d MiB were allocated, want the texts alone", allocated>>20)
	}
	if used := r.station.Room().Used(); used != 0 {
		t.Errorf("%d bytes of the room stay in use", used)
	}
}

// TestLoad_OfMoreThanTheRoomIsLoaded: a VOD of many hours needs more than an eighth
// of a small memory.
func TestLoad_OfMoreThanTheRoomIsLoaded(t *testing.T) {
	r := newRig(t, nil, func(c *Config) {
		c.Transport, c.LoadBytes = longRenditions(5, 4000), 1<<18
	})
	r.ok("/live/master.m3u8/4.m3u8")
	if used := r.station.Room().Used(); used != 0 {
		t.Errorf("%d bytes of the room stay in use", used)
	}
}

// occupy takes all room, until it is closed.
func (r *rig) occupy() (end func()) {
	var all []*room.Share
	for range 100 {
		for n := int64(1 << 40); n > 0; n /= 2 {
			if s := r.station.Room().Open(); s.TryTake(n) {
				all = append(all, s)
			}
		}
	}
	return func() {
		for _, s := range all {
			s.Close()
		}
	}
}

// TestLoad_WaitsForRoomAndTheOriginIsNotBlamed: for longer than the origin's
// timeout, and with its answer half read.
func TestLoad_WaitsForRoomAndTheOriginIsNotBlamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		end := r.occupy()
		start := time.Now()
		if a := r.get("/live/master.m3u8"); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "still being loaded") {
			t.Errorf("%d %s, want 503 loading", a.status, a.body)
		}
		if took := time.Since(start); took != r.config.Timeout+background.ViewerSlack {
			t.Errorf("the viewer waited for %s", took)
		}
		go r.get("/live/master.m3u8") // a player comes again
		time.Sleep(r.config.Timeout)
		if r.station.Origins()[0].Failing() {
			t.Error("the origin is blamed for the wait")
		}
		end()
		r.rest()
		r.ok("/live/master.m3u8/1.m3u8")
		if n := files.count(""); n != 3 {
			t.Errorf("%d requests, want one for each playlist", n)
		}
	})
}

func TestLoad_ThatFindsNoRoomInItsTimeIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()))
		end := r.occupy()
		a := r.get("/live/master.m3u8")
		for range 10 { // a player comes again
			if strings.Contains(a.body, "Too many streams") {
				break
			}
			time.Sleep(time.Second)
			a = r.get("/live/master.m3u8")
		}
		if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "Too many streams") || a.header.Get("Retry-After") == "" {
			t.Errorf("%d %s, Retry-After %q", a.status, a.body, a.header.Get("Retry-After"))
		}
		if r.station.Origins()[0].Failing() {
			t.Error("the origin is blamed for the wait")
		}
		end()
		time.Sleep(mostPause)
		r.ok("/live/master.m3u8")
	})
}

// TestRevalidate_TakesItsBodiesFromTheRoom: of an origin without validators they are
// read whole.
func TestRevalidate_TakesItsBodiesFromTheRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		plain := files.ServeHTTP
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			req.Header.Del("If-None-Match")
			req.Header.Del("If-Modified-Since")
			plain(w, req)
		}))
		r.ok("/live/master.m3u8")
		end := r.occupy()
		time.Sleep(r.config.Revalidate)
		r.ok("/live/master.m3u8")
		synctest.Wait()
		if r.found("unchanged") != 0 {
			t.Error("a body was read without room")
		}
		end()
		r.rest()
		if r.found("unchanged") != 1 || r.station.Room().Used() != 0 {
			t.Errorf("%v unchanged, %d bytes in use", r.found("unchanged"), r.station.Room().Used())
		}
	})
}

func TestGather_GivesBackTheRoomOfWhatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil, func(c *Config) {
			c.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
				body := io.MultiReader(bytes.NewReader(make([]byte, 100_000)), brokenReader{})
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}, nil
			})
		})
		r.get("/live/master.m3u8")
		r.rest()
		if used := r.station.Room().Used(); used != 0 {
			t.Errorf("%d bytes of the room stay in use", used)
		}
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestInspect_CountsSegmentsToo: where each rendition is told of, those that are too
// many are not decoded. The texts before are refused for what they are.
func TestInspect_CountsSegmentsToo(t *testing.T) {
	addresses := strings.Repeat("a\n", loop.MaxSegments/3)
	multivariant := longRenditions(4, 1)
	r := newRig(t, nil, func(c *Config) {
		c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "master.m3u8") {
				return multivariant(req)
			}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(addresses))}, nil
		})
	})
	in := onair.Inspect(t.Context(), origin.NewClient(r.config.Transport, r.config.Metrics, r.config.Origins...), r.config.Options, onair.Address{Mount: "live", Path: "master.m3u8"})
	for n, want := range []loop.Code{playlist.CodeNotPlaylist, playlist.CodeNotPlaylist, playlist.CodeNotPlaylist, loop.CodeTooManySegments} {
		if got := failure.CodeOf(in.Errors[n]); got != string(want) {
			t.Errorf("rendition %d: %s, want %s", n, got, want)
		}
	}
}

// TestLoad_ManyAtOnceStayWithinTheRoom: but for the one or two that may go beyond
// it.
func TestLoad_ManyAtOnceStayWithinTheRoom(t *testing.T) {
	const renditions, segments, limit = 4, 500, 1 << 20
	through := longRenditions(renditions, segments)
	var most atomic.Int64
	var r *rig
	r = newRig(t, nil, func(c *Config) {
		c.LoadBytes = limit
		c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := through(req)
			if err == nil {
				resp.Body = &watching{resp.Body, func() { raise(&most, r.station.Room().Used()) }}
			}
			return resp, err
		})
	})
	var all sync.WaitGroup
	for i := range maxLoads {
		all.Go(func() { r.get(fmt.Sprintf("/live/%d/master.m3u8", i)) })
	}
	all.Wait()
	r.rest()
	cost, _ := playlist.Weight{Bytes: 13 * segments, Lines: 2 * segments, Segments: segments}.Cost()
	if got, bound := most.Load(), limit+2*renditions*cost; got > bound || got == 0 { // how many are under way at once is chance
		t.Errorf("%d bytes were in use, want at most %d", got, bound)
	}
	for i := range maxLoads {
		r.ok(fmt.Sprintf("/live/%d/master.m3u8", i))
	}
}

func raise(to *atomic.Int64, n int64) {
	for have := to.Load(); n > have; have = to.Load() {
		if to.CompareAndSwap(have, n) {
			return
		}
	}
}

// watching is a body that calls a function at each read.
type watching struct {
	io.ReadCloser
	look func()
}

func (w *watching) Read(p []byte) (int, error) {
	w.look()
	return w.ReadCloser.Read(p)
}
