package proxy

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/proxy/onair"
)

// watch polls a rendition once per target duration for so many viewers.
func (r *rig) watch(viewers int, over time.Duration, path string, headers ...string) {
	for range over / (4 * time.Second) {
		for range viewers {
			r.get(path, headers...)
		}
		time.Sleep(4 * time.Second)
	}
}

func TestViewing_EstimatesHowManyWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed(), subtitled()))
		about := func(want, tolerance float64) {
			t.Helper()
			if got := r.only().Viewers; math.Abs(got-want) > tolerance {
				t.Errorf("about %v watch, want %v ± %v", got, want, tolerance)
			}
		}
		r.ok("/live/sub.m3u8")
		about(0, 0)
		r.watch(10, 20*time.Second, "/live/sub.m3u8/0.m3u8")
		about(10, 2.5)
		r.watch(10, 2*time.Minute, "/live/sub.m3u8/0.m3u8")
		about(10, 1.5)
		r.watch(10, time.Minute, "/live/sub.m3u8/1.m3u8") // subtitles alone are nobody's
		about(0, 2)
		r.watch(3, 3*time.Minute, "/live/sub.m3u8/0.m3u8")
		about(3, 0.5)
		time.Sleep(80 * time.Second)
		about(0, 0)
		etag := r.ok("/live/sub.m3u8/0.m3u8").header.Get("ETag")
		time.Sleep(2 * time.Minute)
		r.watch(5, 2*time.Minute, "/live/sub.m3u8/0.m3u8", "If-None-Match", etag)
		about(5, 1)
	})
}

func TestViewing_CountsSecondsWatchedByMount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed(), subtitled(), movies("a")), channels("news", "a/master.m3u8"))
		synctest.Wait()
		r.watch(2, 40*time.Second, "/live/sub.m3u8/0.m3u8")
		r.watch(1, 40*time.Second, "/live/sub.m3u8/1.m3u8")
		r.watch(1, 80*time.Second, "/news/master.m3u8/1.m3u8")
		r.get("/live/none.m3u8/0.m3u8")
		r.get("/live/sub.m3u8/7.m3u8")
		for mount, want := range map[string]float64{"live": 80, "news": 80} {
			if got := r.metric(`vod2live_stream_watched_seconds_total{mount="` + mount + `"}`); got != want {
				t.Errorf("%v seconds of %s were watched, want %v", got, mount, want)
			}
		}
	})
}

func TestViewing_StaleAnswersAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		r.ok(seedAddresses[1])
		files.fail("", status(503, ""))
		time.Sleep(time.Minute + time.Second)
		r.ok(seedAddresses[1]) // starts asking the origin, which may have failed by the time this is counted
		r.rest()
		before := r.metric("vod2live_stale_playlists_total")
		for range 5 {
			r.ok(seedAddresses[1])
		}
		r.rest()
		if got := r.metric("vod2live_stale_playlists_total") - before; got != 5 {
			t.Errorf("%v stale playlists, want 5", got)
		}
	})
}

// The budget of telling the operator, beside that of viewers: nothing.
func TestViewing_CountingAllocatesNothing(t *testing.T) {
	s := hitServer(t, zap.NewNop())
	st, _ := s.station.Loaded(t.Context(), onair.Key{Mount: "live", Path: "master.m3u8"})
	now := time.Now()
	if n := testing.AllocsPerRun(1000, func() { s.station.CountPoll(st.Stream, 0, now) }); n > 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	if got := s.station.Snapshots()[0].Viewers; got < 100 {
		t.Errorf("nothing was counted: %v", got)
	}
}

func TestMetrics_TellOfChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a"))
		r := newRig(t, files, channels("news", "a/master.m3u8", "sport", "absent/master.m3u8"))
		synctest.Wait()
		for series, want := range map[string]float64{
			`vod2live_channel_loaded{channel="news"}`: 1, `vod2live_channel_loaded{channel="sport"}`: 0,
			`vod2live_channel_loop_number{channel="news"}`: 224, `vod2live_channel_unconfirmed_seconds{channel="news"}`: 0,
		} {
			if got := r.metric(series); got != want {
				t.Errorf("%s is %v, want %v", series, got, want)
			}
		}
		files.fail("", status(503, ""))
		time.Sleep(160 * time.Second)
		r.ok("/news/master.m3u8")
		synctest.Wait()
		if loop, unconfirmed := r.metric(`vod2live_channel_loop_number{channel="news"}`), r.metric(`vod2live_channel_unconfirmed_seconds{channel="news"}`); loop != 234 || unconfirmed < 160 {
			t.Errorf("loop %v, unconfirmed for %v s", loop, unconfirmed)
		}
		files.fail("", nil)
		time.Sleep(10 * time.Second)
		r.ok("/news/master.m3u8")
		synctest.Wait()
		if unconfirmed := r.metric(`vod2live_channel_unconfirmed_seconds{channel="news"}`); unconfirmed != 0 {
			t.Errorf("unconfirmed for %v s once the origin is back", unconfirmed)
		}
	})
}

func TestMetrics_CountSegmentsThatAChannelLacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a", "b", "o dd"))
		files.put("o dd/master_Layer1.m3u8", strings.ReplaceAll(files.files["o dd/master_Layer1.m3u8"], "master_Layer1_001.ts", "x%2d%C3%A4.ts?x=1"))
		r := newRig(t, files, channels("news", "a/master.m3u8", "odd", "o%20dd/master.m3u8"))
		synctest.Wait()
		count := func(channel string) float64 {
			return r.metric(`vod2live_channel_segment_failures_total{channel="` + channel + `"}`)
		}
		r.ok("/live/a/master_Layer1_001.ts")
		files.fail("", status(503, ""))
		for _, path := range []string{
			"/live/a/master_Layer1_001.ts", "/live/a/master_Layer2_004.ts", // of news
			"/live/o%20dd/x-%c3%a4.ts", "/live/o%20dd/x%2d%C3%A4.ts?x=2", // of odd
			"/live/a/master_Layer1_009.ts", "/live/b/master_Layer1_001.ts", "/live/a/master.m3u8x", // of none
		} {
			if a := r.get(path); a.status != 502 && a.status != 503 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		files.fail("", status(404, ""))
		r.get("/live/a/master_Layer1_001.ts")
		if news, odd := count("news"), count("odd"); news != 3 || odd < 1 {
			t.Errorf("%v segments of news and %v of odd failed, want 3 and 1 at least", news, odd)
		}
	})
}

// TestViewing_HEADIsNoWatching: monitors and caches ask so.
func TestViewing_HEADIsNoWatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed(), short("p.m3u8"))
		r := newRig(t, files)
		watched := func() float64 { return r.metric(`vod2live_stream_watched_seconds_total{mount="live"}`) }
		for _, address := range []string{"/live/master.m3u8/0.m3u8", "/live/p.m3u8"} {
			before := watched()
			for range 10 {
				if a := r.do(http.MethodHead, address); a.status != 200 {
					t.Fatalf("HEAD %s: %d", address, a.status)
				}
			}
			if got := watched() - before; got != 0 {
				t.Errorf("ten HEAD of %s watch %v s", address, got)
			}
			if r.ok(address); watched()-before != 4 {
				t.Errorf("a GET of %s watches %v s, want 4", address, watched()-before)
			}
		}
	})
}
