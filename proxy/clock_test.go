package proxy

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
)

// TestClock_PlaylistsHoldAndFollow: a playlist never goes back by a small step.
func TestClock_PlaylistsHoldAndFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock stepped
		r := newRig(t, newVODs(seed()), clock.use)
		time.Sleep(time.Minute)
		before := readPlaylist(t, r.ok(seedAddresses[1]).body)
		for _, step := range []time.Duration{-time.Second, -10 * time.Second, -29 * time.Second} {
			clock.to(step)
			for _, address := range seedAddresses[1:] {
				if p := readPlaylist(t, r.ok(address).body); p.sequence != before.sequence {
					t.Errorf("%s at a step of %s: EXT-X-MEDIA-SEQUENCE:%d, want %d", address, step, p.sequence, before.sequence)
				}
			}
		}
		clock.to(-10 * time.Minute)
		for _, address := range seedAddresses[1:] {
			if p := readPlaylist(t, r.ok(address).body); p.sequence != before.sequence-150 {
				t.Errorf("%s ten minutes back: EXT-X-MEDIA-SEQUENCE:%d, want %d", address, p.sequence, before.sequence-150)
			}
		}
		if n := r.logs.FilterMessageSnippet("stepped back").Len(); n != 1 {
			t.Errorf("%d warnings, want 1", n)
		}
	})
}

// TestClock_StepsBackAndForthAreNotSeenByViewers: everything that a playlist
// and its headers say goes forward, for each viewer, and in the end all is as it
// would have been without.
func TestClock_StepsBackAndForthAreNotSeenByViewers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock stepped
		r := newRig(t, newVODs(seed()), clock.use)
		last := map[string]answered{}
		for i := range 300 {
			by := []time.Duration{0, -7 * time.Second, 3 * time.Second, -25 * time.Second, 0, -time.Millisecond}[i%6]
			clock.to(by)
			for _, address := range seedAddresses[1:] {
				a := r.ok(address)
				if before, seen := last[address]; seen {
					p, was := readPlaylist(t, a.body), readPlaylist(t, before.body)
					if p.sequence < was.sequence || p.discontinuity < was.discontinuity || p.newest().end().Before(was.newest().end()) {
						t.Fatalf("a step of %s: EXT-X-MEDIA-SEQUENCE:%d after %d", by, p.sequence, was.sequence)
					}
					if same := a.body == before.body; same != (a.header.Get("ETag") == before.header.Get("ETag")) {
						t.Fatalf("a step of %s: ETag %s after %s", by, a.header.Get("ETag"), before.header.Get("ETag"))
					}
					if date(t, a).Before(date(t, before)) || a.maxAge(t) > 2*time.Second {
						t.Fatalf("a step of %s: Last-Modified %s, kept for %s", by, date(t, a), a.maxAge(t))
					}
				}
				last[address] = a
			}
			time.Sleep(time.Second)
		}
		clock.to(0)
		time.Sleep(10 * time.Second)
		other := newRig(t, newVODs(seed()))
		for _, address := range seedAddresses[1:] {
			if a, b := r.ok(address), other.ok(address); a.body != b.body || a.header.Get("ETag") != b.header.Get("ETag") {
				t.Errorf("%s after the steps:\n%s\nin another process:\n%s", address, a.body, b.body)
			}
		}
		if n := r.logs.FilterMessageSnippet("stepped back").Len(); n != 0 {
			t.Errorf("%d warnings of steps that were held", n)
		}
	})
}

// TestClock_WhatFailedAheadOfTimeIsTriedAgain: the clock was years ahead.
func TestClock_WhatFailedAheadOfTimeIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock stepped
		clock.to(10 * 365 * 24 * time.Hour)
		files := newVODs()
		r := newRig(t, files, clock.use)
		if a := r.get("/live/p.m3u8"); a.status != 404 {
			t.Fatalf("%d", a.status)
		}
		files.put("p.m3u8", short("p")["p"])
		clock.to(0)
		r.ok("/live/p.m3u8")
	})
}

// TestClock_AnEditSeenAheadOfTimeTakesOver once the clock is right: not when it would
// have been right before.
func TestClock_AnEditSeenAheadOfTimeTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock stepped
		files := newVODs(short("p.m3u8"))
		r := newRig(t, files, clock.use)
		watch := func(d time.Duration) (body string) {
			for range d / time.Second {
				body = r.get("/live/p.m3u8").body // 503 until the origin has been asked
				time.Sleep(time.Second)
			}
			return body
		}
		watch(time.Minute)
		clock.to(365 * 24 * time.Hour)
		files.put("p.m3u8", strings.ReplaceAll(short("p.m3u8")["p.m3u8"], ".ts", ".edited.ts"))
		watch(3 * time.Minute)
		clock.to(0)
		if body := watch(2 * time.Minute); !strings.Contains(body, "edited") {
			t.Errorf("two minutes after the clock was set right:\n%s", body)
		}
	})
}

// date is Last-Modified.
func date(t testing.TB, a answered) time.Time {
	t.Helper()
	d, err := http.ParseTime(a.header.Get("Last-Modified"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestServer_SaysWhenAStreamBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), func(c *Config) { c.Options.Epoch = epoch.Add(-1500 * time.Millisecond) })
		r.ok("/live/master.m3u8")
		for _, address := range seedAddresses[1:] {
			if a := r.get(address); a.status != 503 || a.header.Get("Retry-After") != "16" {
				t.Errorf("%s: %d, Retry-After %q; want 503, 16", address, a.status, a.header.Get("Retry-After"))
			}
		}
		time.Sleep(15500 * time.Millisecond)
		r.ok(seedAddresses[1])
	})
}

// TestServer_AsksNobodyToWaitForLongerThanAMinute, though a stream may begin in
// 999 years, or its epoch lie ahead because a clock is wrong.
func TestServer_AsksNobodyToWaitForLongerThanAMinute(t *testing.T) {
	for _, ahead := range []time.Duration{500 * 24 * time.Hour, math.MaxInt64} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, newVODs(short("p.m3u8")), func(c *Config) { c.Options.Epoch = epoch.Add(ahead) })
			if a := r.get("/live/p.m3u8"); a.status != 503 || a.header.Get("Retry-After") != "60" {
				t.Errorf("%s ahead: %d, Retry-After %q", ahead, a.status, a.header.Get("Retry-After"))
			}
		})
	}
}

// TestServer_AsksNobodyToWaitAfterAClockGlitch: a clock that was 500 days ahead
// when a load failed and is right again.
func TestServer_AsksNobodyToWaitAfterAClockGlitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock stepped
		clock.to(500 * 24 * time.Hour)
		files := newVODs(short("p.m3u8"))
		files.fail("p.m3u8", later(503, "Sat, 01 Jan 2050 00:00:00 GMT"))
		r := newRig(t, files, clock.use)
		for range 2 {
			if a := r.get("/live/p.m3u8"); a.status != 503 || a.header.Get("Retry-After") != "60" {
				t.Errorf("%d, Retry-After %q", a.status, a.header.Get("Retry-After"))
			}
		}
		clock.to(0)
		files.fail("p.m3u8", nil)
		time.Sleep(2 * time.Minute)
		r.ok("/live/p.m3u8")
	})
}

// TestClock_ProblemsAreJudgedByIt, and not by the machine's.
func TestClock_ProblemsAreJudgedByIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock stepped
		clock.to(1000 * time.Hour)
		var judged time.Time
		r := newRig(t, newVODs(short("p.m3u8")), clock.use, func(c *Config) {
			c.Examine = func(in *onair.Inspection) []problem.Problem {
				judged = in.Now
				return nil
			}
		})
		r.ok("/live/p.m3u8")
		if want := time.Now().Add(1000 * time.Hour); !judged.Equal(want) || !r.station.Now().Equal(want) {
			t.Errorf("judged at %s, the server's clock is at %s, want %s", judged, r.station.Now(), want)
		}
	})
}
