package proxy

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
)

func TestLoad_LoadsAsAViewerWould(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a", "b"))
		r := newRig(t, files, channels("news", "b/master.m3u8"))
		synctest.Wait()
		for address, want := range map[string]string{
			"/live/a/master.m3u8": "/live/a/master.m3u8", "/live/a/master.m3u8/1.m3u8": "/live/a/master.m3u8", "/news/master.m3u8": "/news/master.m3u8",
			"/live/a/master.m3u8?token=" + hush: "/live/a/master.m3u8", "live/a/master.m3u8": "/live/a/master.m3u8", "https://tv.example.com:8443/live/a/master.m3u8": "/live/a/master.m3u8",
			" http://user:pass@origin.test/vod/a/master.m3u8 ": "/live/a/master.m3u8", "HTTP://ORIGIN.test:80/vod/a/master.m3u8?token=" + hush: "/live/a/master.m3u8",
		} {
			id, err := r.station.Open(t.Context(), address)
			if err != nil {
				t.Errorf("%s: %v", address, err)
				continue
			}
			d, err := r.Detail(id, time.Time{})
			if err != nil || d.Address != want {
				t.Errorf("%s: %+v, %v", address, d, err)
			}
		}
		if n := files.count("a/master.m3u8"); n != 2 {
			t.Errorf("the VOD was loaded %d times, want 2: with and without a query", n)
		}
	})
}

// TestLoad_IsNoViewer: what was loaded at the start or by an operator has not been
// asked for.
func TestLoad_IsNoViewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(movies("a", "b")), channels("news", "b/master.m3u8"))
		synctest.Wait()
		for range 2 {
			if _, err := r.station.Open(t.Context(), "/live/a/master.m3u8"); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range r.Streams("").Streams {
			if !time.Time(s.Used).IsZero() {
				t.Errorf("%s: used at %s", s.Address, time.Time(s.Used))
			}
			time.Sleep(time.Minute)
			r.ok(s.Address)
		}
		for _, s := range r.Streams("").Streams {
			if time.Since(time.Time(s.Used)) > time.Minute {
				t.Errorf("%s: used at %s", s.Address, time.Time(s.Used))
			}
		}
		r.ok("/live/b/master.m3u8") // loaded for a viewer
		for _, s := range r.Streams("").Streams {
			if s.VOD == "b/master.m3u8" && !s.Channel && !time.Time(s.Used).Equal(time.Now()) {
				t.Errorf("%s: used at %s", s.Address, time.Time(s.Used))
			}
		}
	})
}

func TestLoad_SaysWhyNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a"), map[string]string{"live.m3u8": "#EXTM3U\n#EXTINF:4,\nx.ts?" + hush + "\n"})
		r := newRig(t, files, channels("news", "a/master.m3u8"))
		for _, address := range []string{
			"", "/", "/live", "/live/", "/live/a.ts", "/nowhere/a.m3u8", "/news/other.m3u8", "//live/a.m3u8",
			"http://origin.test/other/a/master.m3u8", "/live/../x.m3u8", "/live/%2e%2e/x.m3u8", "%zz", "/live/a\x00.m3u8", "/live/a/master.m3u8/0.m3u8/gap",
		} {
			if _, err := r.station.Open(t.Context(), address); !errors.Is(err, onair.ErrAddress) {
				t.Errorf("%q: %v", address, err)
			}
			if _, err := r.station.Find(address); !errors.Is(err, onair.ErrAddress) {
				t.Errorf("%q: %v", address, err)
			}
		}
		explained := func(address string, status int, text string) {
			t.Helper()
			_, err := r.station.Open(t.Context(), address)
			if got, code, line := failure.Explain(err); got != status || code == "" || !strings.Contains(line, text) || strings.Contains(line, hush) || strings.Contains(line, "\n") {
				t.Errorf("%s: %d %s", address, got, line)
			}
		}
		explained("/live/none.m3u8", 404, "")
		explained("/live/live.m3u8", 502, "no EXT-X-ENDLIST")
		files.fail("", hang)
		start := time.Now()
		explained("/live/other.m3u8", 504, "too long")
		if took := time.Since(start); took > 12*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestReload_AsksTheOriginAtOnce(t *testing.T) {
	for want, fault := range map[metrics.Revalidation]http.HandlerFunc{
		metrics.Unchanged: nil, metrics.Changed: text(short("p")["p"]), metrics.Gone: status(404, ""), metrics.Unknowable: status(503, ""),
	} {
		t.Run(string(want), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				r.ok(seedAddresses[0])
				files.fail("", fault)
				asked := files.count("")
				got, err := r.station.Reload(t.Context(), r.only().ID)
				if err != nil || got != want || files.count("") == asked {
					t.Errorf("%s, %v; %d requests", got, err, files.count("")-asked)
				}
				if n := r.metric(`vod2live_stream_revalidations_total{outcome="` + string(want) + `"}`); n != 1 {
					t.Errorf("%v revalidations are counted", n)
				}
				files.fail("", nil)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if again, err := r.station.Reload(ctx, r.only().ID); err != nil || again != metrics.Unchanged {
					t.Errorf("asked again: %s, %v", again, err)
				}
				r.ok(seedAddresses[1])
			})
		})
	}
}

// TestReload_GoesWithAQueryThatWasLetIn: without one this origin would refuse.
func TestReload_GoesWithAQueryThatWasLetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		for _, token := range []string{"?token=b", "?token=a", "?token=a"} {
			r.ok(seedAddresses[0] + token)
		}
		files.fail(strings.TrimPrefix(seedAddresses[0], "/live/"), func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != "token=a" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			w.WriteHeader(http.StatusNotModified)
		})
		if got, err := r.station.Reload(t.Context(), r.only().ID); got != metrics.Unchanged || err != nil {
			t.Errorf("%s, %v", got, err)
		}
	})
}

// TestReload_WaitsForOneThatIsUnderWay, and for no longer than who asks.
func TestReload_WaitsForOneThatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		r.ok(seedAddresses[0])
		id := r.only().ID
		files.fail("", hang)
		time.Sleep(time.Minute + time.Second)
		r.ok(seedAddresses[0]) // it hangs for ten seconds
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := r.station.Reload(ctx, id); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while one is under way: %v", err)
		}
		files.fail("", nil)
		if got, err := r.station.Reload(t.Context(), id); err != nil || got != metrics.Unchanged {
			t.Errorf("%s, %v", got, err)
		}
		if _, err := r.station.Reload(t.Context(), "0123456789abcdef"); !errors.Is(err, onair.ErrNoStream) {
			t.Errorf("of no stream: %v", err)
		}
	})
}

func TestDrop_ForgetsAStreamAndLoadsAChannelAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a", "b"))
		r := newRig(t, files, channels("news", "a/master.m3u8"))
		synctest.Wait()
		r.ok("/live/b/master.m3u8")
		for _, s := range r.Streams("").Streams {
			if err := r.station.Drop(s.ID); err != nil {
				t.Error(err)
			}
		}
		r.rest()
		if s := r.only(); s.Address != "/news/master.m3u8" || files.count("a/master.m3u8") != 2 {
			t.Errorf("%+v is loaded; the channel's VOD was asked for %d times", s, files.count("a/master.m3u8"))
		}
		r.ok("/live/b/master.m3u8")
		if n := files.count("b/master.m3u8"); n != 2 {
			t.Errorf("the VOD was loaded %d times, want 2", n)
		}
		if err := r.station.Drop("0123456789abcdef"); !errors.Is(err, onair.ErrNoStream) {
			t.Errorf("of no stream: %v", err)
		}
		if got := r.metric("vod2live_cache_bytes"); got != float64(r.station.Store().Bytes) || r.station.Store().Bytes == 0 {
			t.Errorf("%v bytes are counted, %d held", got, r.station.Store().Bytes)
		}
	})
}
