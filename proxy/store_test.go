package proxy

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// metric is what /metrics says of a name with its labels.
func (r *rig) metric(name string) float64 {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.config.Metrics.Handler().ServeHTTP(w, request(http.MethodGet, "/metrics"))
	for line := range strings.Lines(w.Body.String()) {
		if value, is := strings.CutPrefix(line, name+" "); is {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				r.t.Fatal(err)
			}
			return n
		}
	}
	r.t.Fatalf("/metrics does not have %s", name)
	return 0
}

func TestStore_DropsTheLeastUsedBeyondItsBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		for i := range 10 {
			files.put(fmt.Sprintf("%d.m3u8", i), short("p")["p"])
		}
		one := sizeOf(t, "0.m3u8", short("0.m3u8"))
		r := newRig(t, files, func(c *Config) { c.CacheBytes, c.LoadBytes = 4*one, c.CacheBytes/6 })
		r.ok("/live/0.m3u8")
		for i := 1; i < 10; i++ {
			r.ok(fmt.Sprintf("/live/%d.m3u8", i))
			r.ok("/live/0.m3u8") // is used all the time
		}
		if n, bytes := r.metric("vod2live_streams_loaded"), r.metric("vod2live_cache_bytes"); n != 4 || bytes != float64(4*one) {
			t.Errorf("%v streams, %v bytes, want 4 and %d", n, bytes, 4*one)
		}
		if got := r.metric("vod2live_cache_evictions_total"); got != 6 {
			t.Errorf("%v evictions, want 6", got)
		}
		if files.count("0.m3u8") != 1 {
			t.Error("the stream used most was dropped")
		}
		r.ok("/live/1.m3u8")
		if files.count("1.m3u8") != 2 {
			t.Error("the stream used least was kept")
		}
		if hits, misses := r.metric(`vod2live_cache_requests_total{result="hit"}`), r.metric(`vod2live_cache_requests_total{result="miss"}`); hits != 9 || misses != 11 {
			t.Errorf("%v hits and %v misses, want 9 and 11", hits, misses)
		}
	})
}

func TestStore_AStreamOverTheBoundStaysWhileItIsTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("a.m3u8"), short("b.m3u8"))
		r := newRig(t, files, func(c *Config) { c.CacheBytes = 1 })
		for range 3 {
			r.ok("/live/a.m3u8")
		}
		r.ok("/live/b.m3u8")
		if files.count("a.m3u8") != 1 || r.station.Store().Streams != 1 {
			t.Errorf("%d fetches, %d streams", files.count("a.m3u8"), r.station.Store().Streams)
		}
	})
}

// TestStore_CountsWindowsToo: a window many times longer than its loop weighs
// more than the loop's text.
func TestStore_CountsWindowsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(short("p.m3u8")), func(c *Config) { c.Options.Window = time.Hour; c.Options.Epoch = epoch.Add(-2 * time.Hour) })
		plain, packed := r.ok("/live/p.m3u8"), r.ok("/live/p.m3u8", "Accept-Encoding", "gzip")
		if least := int64(len(plain.body) + len(packed.body)); r.station.Store().Bytes < least {
			t.Errorf("%d bytes are counted for answers of %d", r.station.Store().Bytes, least)
		}
	})
}
