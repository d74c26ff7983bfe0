package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/origin"
)

// crammed is a Server with memory for a number of streams, of two origins: that
// at /live may fail.
func crammed(t *testing.T, streams int) (r *rig, files *vods) {
	h, files, other := newHosts(), newVODs(), newVODs()
	for i := range 30 {
		files.put(fmt.Sprintf("%d.m3u8", i), short("p")["p"])
		other.put(fmt.Sprintf("%d.m3u8", i), short("p")["p"])
	}
	h.serve(t, "origin.test", files)
	h.serve(t, "other.test", other)
	r = newRig(t, nil, h.use(t), func(c *Config) {
		c.Origins = append(c.Origins, newOrigin(t, "other", "http://user:hunter2@other.test/vod"))
	})
	r.ok("/live/0.m3u8")
	r.station.store.limit = int64(streams) * r.station.store.bytes
	return r, files
}

// TestEviction_SparesWhatIsWatchedAndCantBeLoadedAgain: hundreds of streams of
// another origin push, and those that nobody watches go.
func TestEviction_SparesWhatIsWatchedAndCantBeLoadedAgain(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"reset": raw("", 0), "503": status(503, ""), "hangs": hang, "403": status(403, "no")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, files := crammed(t, 6)
				for i := 1; i < 6; i++ {
					r.ok(fmt.Sprintf("/live/%d.m3u8", i))
				}
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
				if r.station.store.bytes > r.station.store.limit {
					t.Errorf("%d bytes are kept, want at most %d", r.station.store.bytes, r.station.store.limit)
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
		r, files := crammed(t, 1)
		files.fail("", status(503, ""))
		r.get("/live/1.ts")
		if a := r.get("/other/0.m3u8"); a.status != 503 {
			t.Errorf("another stream: %d", a.status)
		}
		r.ok("/live/0.m3u8")
	})
}

func TestEviction_WithoutMemoryAnswers503AndLeavesTheOriginAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, files := crammed(t, 1)
		files.fail("", status(503, ""))
		r.get("/live/1.ts")
		for range 60 {
			a := r.get("/other/0.m3u8")
			if a.status != 503 || a.header.Get("Retry-After") == "" {
				t.Fatalf("%d, Retry-After %q", a.status, a.header.Get("Retry-After"))
			}
			r.ok("/live/0.m3u8")
			time.Sleep(time.Second)
		}
		asked := r.logs.FilterMessage("stream not loaded").Len()
		if asked > 60/int(fullFor/time.Second)+1 {
			t.Errorf("loaded in vain %d times in a minute", asked)
		}
		if n := r.metric("vod2live_streams_loaded"); n != 1 || r.station.store.bytes > r.station.store.limit {
			t.Errorf("%v streams, %d bytes, want one and %d", n, r.station.store.bytes, r.station.store.limit)
		}
		files.fail("", nil)
		r.ok("/live/1.m3u8")
		time.Sleep(fullFor)
		r.ok("/other/0.m3u8")
	})
}

// TestEviction_WhatNobodyWatchesAnyMoreGoes: a minute after its last viewer.
func TestEviction_WhatNobodyWatchesAnyMoreGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, files := crammed(t, 1)
		files.fail("", status(503, ""))
		r.get("/live/1.ts")
		time.Sleep(neededFor + time.Second)
		r.ok("/other/0.m3u8")
		if r.station.store.get(key{mount: "live", path: "0.m3u8"}) != nil {
			t.Error("the stream that nobody watches is kept")
		}
	})
}

func TestEviction_FailuresAreSaidForAsLongAsTheyAreHeld(t *testing.T) {
	s := newStore(1, newRig(t, newVODs()).config.Metrics)
	now := epoch
	k := key{mount: "live", path: "p.m3u8"}
	for _, c := range []struct {
		err  error
		want []time.Duration // the pauses, one failure after another
	}{
		{origin.ErrNetwork, []time.Duration{1, 1, 1}},
		{origin.ErrTimeout, []time.Duration{1, 1, 1}},
		{origin.ErrBody, []time.Duration{1, 2, 4, 8, 15, 15}},
		{origin.ErrNotFound, []time.Duration{5, 5, 5}},
		{&origin.PausedError{Left: 7 * time.Second}, []time.Duration{7, 7, 7}},
		{errFull, []time.Duration{5, 5}},
		{&origin.StatusError{Code: 503}, []time.Duration{1, 1, 1}},
		{&origin.StatusError{Code: 503, RetryAfter: 3 * time.Second}, []time.Duration{3, 3, 3}},
		{&origin.StatusError{Code: 429, RetryAfter: time.Minute}, []time.Duration{60, 60}},
	} {
		s.failures.Purge()
		for i, want := range c.want {
			var h *held
			if err := s.failed(k, c.err, now); !errors.As(err, &h) || h.left != want*time.Second {
				t.Errorf("failure %d, %v: held for %v, want %ds", i, c.err, err, want)
			}
			now = now.Add(want*time.Second - 300*time.Millisecond)
			if err := s.failure(k, now); !errors.As(err, &h) || h.left != 300*time.Millisecond || !errors.Is(err, c.err) {
				t.Errorf("failure %d, %v: 300ms before its end: %v", i, c.err, err)
			}
			if err := s.failure(k, epoch.Add(-time.Hour)); err != nil {
				t.Errorf("failure %d, %v: held for the time that the clock has stepped back: %v", i, c.err, err)
			}
			now = now.Add(300 * time.Millisecond)
			if err := s.failure(k, now); err != nil {
				t.Errorf("failure %d, %v: after its end: %v", i, c.err, err)
			}
		}
	}
}
