package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
)

// crammed is a Server with memory for a number of streams, at least four, of two
// origins: that at /live may fail. All of them are loaded, of that one.
func crammed(t *testing.T, streams int) (r *rig, files *vods) {
	h, files, other := newHosts(), newVODs(), newVODs()
	for i := range 30 {
		files.put(fmt.Sprintf("%d.m3u8", i), short("p")["p"])
		other.put(fmt.Sprintf("%d.m3u8", i), short("p")["p"])
	}
	h.serve(t, "origin.test", files)
	h.serve(t, "other.test", other)
	one := sizeOf(t, "0.m3u8", short("0.m3u8"))
	r = newRig(t, nil, h.use(t), func(c *Config) {
		c.Origins = append(c.Origins, newOrigin(t, "other", "http://user:hunter2@other.test/vod"))
		c.CacheBytes, c.LoadBytes = int64(streams)*one, c.CacheBytes/6
	})
	r.requestAll(streams)
	return r, files
}

// requestAll requests the streams of a crammed Server.
func (r *rig) requestAll(streams int) {
	r.t.Helper()
	for i := range streams {
		r.ok(fmt.Sprintf("/live/%d.m3u8", i))
	}
}

// TestEviction_SparesWhatIsWatchedAndCantBeLoadedAgain: hundreds of streams of
// another origin push, and those that nobody watches go.
func TestEviction_SparesWhatIsWatchedAndCantBeLoadedAgain(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"reset": raw("", 0), "503": status(503, ""), "hangs": hang, "403": status(403, "no")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, files := crammed(t, 6)
				files.fail("", fault)
				watch := func() {
					for i := range 3 {
						if a := r.get(fmt.Sprintf("/live/%d.m3u8", i)); a.status != 200 {
							t.Fatalf("at %s: a watched stream is %d", time.Since(epoch), a.status)
						}
					}
					time.Sleep(targetOf)
				}
				for range 40 { // until the failure is known, and the unwatched are not needed
					watch()
				}
				for i := range 30 {
					r.ok(fmt.Sprintf("/other/%d.m3u8", i))
					watch()
				}
				if r.station.Store().Bytes > r.station.Store().Limit {
					t.Errorf("%d bytes are kept, want at most %d", r.station.Store().Bytes, r.station.Store().Limit)
				}
				if a := r.get("/live/5.m3u8"); a.status < 400 {
					t.Errorf("a stream that nobody watched was kept: %d", a.status)
				}
			})
		})
	}
}

// TestEviction_ASegmentsFailureIsEnough: before any revalidation.
func TestEviction_ASegmentsFailureIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, files := crammed(t, 4)
		files.fail("", status(503, ""))
		r.get("/live/1.ts")
		if a := r.get("/other/0.m3u8"); a.status != 503 {
			t.Errorf("another stream: %d", a.status)
		}
		r.requestAll(4)
	})
}

func TestEviction_WithoutMemoryAnswers503AndLeavesTheOriginAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, files := crammed(t, 4)
		files.fail("", status(503, ""))
		r.get("/live/1.ts")
		for range 60 {
			a := r.get("/other/0.m3u8")
			if a.status != 503 || a.header.Get("Retry-After") == "" {
				t.Fatalf("%d, Retry-After %q", a.status, a.header.Get("Retry-After"))
			}
			r.requestAll(4)
			time.Sleep(time.Second)
		}
		asked := r.logs.FilterMessage("stream not loaded").Len()
		if asked > 60/int(fullFor/time.Second)+1 {
			t.Errorf("loaded in vain %d times in a minute", asked)
		}
		if n := r.metric("vod2live_streams_loaded"); n != 4 || r.station.Store().Bytes > r.station.Store().Limit {
			t.Errorf("%v streams, %d bytes, want four and %d", n, r.station.Store().Bytes, r.station.Store().Limit)
		}
		files.fail("", nil)
		r.ok("/live/4.m3u8")
		time.Sleep(fullFor)
		r.ok("/other/0.m3u8")
	})
}

// TestEviction_WhatNobodyWatchesAnyMoreGoes: a minute after its last viewer.
func TestEviction_WhatNobodyWatchesAnyMoreGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, files := crammed(t, 4)
		files.fail("", status(503, ""))
		r.get("/live/1.ts")
		time.Sleep(neededFor + time.Second)
		for i := range 6 {
			r.ok(fmt.Sprintf("/other/%d.m3u8", i))
		}
		if r.loaded(onair.Key{Mount: "live", Path: "0.m3u8"}) {
			t.Error("the stream that nobody watches is kept")
		}
	})
}

// TestEviction_SparesWhatCantBeLoadedAsItIs: a VOD that is gone from an origin that
// answers, and one that was edited in place, which would get other numbers; a minute
// after their last viewers they go like others.
func TestEviction_SparesWhatCantBeLoadedAsItIs(t *testing.T) {
	for name, change := range map[string]func(*vods){
		"gone":      func(files *vods) { files.fail("0.m3u8", status(404, "")) },
		"edited":    func(files *vods) { files.put("0.m3u8", strings.ReplaceAll(short("p")["p"], "1.ts", "one.ts")) },
		"as it was": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, files := crammed(t, 8)
				k := onair.Key{Mount: "live", Path: "0.m3u8"}
				if change != nil {
					change(files)
				}
				for range 60 {
					r.ok("/live/0.m3u8")
					time.Sleep(5 * time.Second)
				}
				push := func() {
					for i := range 20 {
						r.ok(fmt.Sprintf("/other/%d.m3u8", i))
					}
				}
				push()
				if kept := r.loaded(k); kept != (change != nil) {
					t.Errorf("kept: %v", kept)
				}
				time.Sleep(neededFor)
				push()
				for i := range 10 {
					r.ok(fmt.Sprintf("/other/%d.m3u8", 20+i))
				}
				if r.loaded(k) {
					t.Error("it is kept without viewers")
				}
			})
		})
	}
}
