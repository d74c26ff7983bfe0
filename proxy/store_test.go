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

	"vod2live/metrics"
	"vod2live/proxy/origin"
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
		r := newRig(t, files)
		r.ok("/live/0.m3u8")
		one := r.station.store.bytes
		r.station.store.limit = 4 * one
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
		if files.count("a.m3u8") != 1 || r.station.store.streams.Len() != 1 {
			t.Errorf("%d fetches, %d streams", files.count("a.m3u8"), r.station.store.streams.Len())
		}
	})
}

// TestStore_CountsWindowsToo: a window many times longer than its loop weighs
// more than the loop's text.
func TestStore_CountsWindowsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(short("p.m3u8")), func(c *Config) { c.Options.Window = time.Hour; c.Options.Epoch = epoch.Add(-2 * time.Hour) })
		plain, packed := r.ok("/live/p.m3u8"), r.ok("/live/p.m3u8", "Accept-Encoding", "gzip")
		if least := int64(len(plain.body) + len(packed.body)); r.station.store.bytes < least {
			t.Errorf("%d bytes are counted for answers of %d", r.station.store.bytes, least)
		}
	})
}

func TestStore_FailuresAreBounded(t *testing.T) {
	m := metrics.New("test")
	s := newStore(1, m)
	now := time.Unix(0, 0)
	long := strings.Repeat("x", 30<<10)
	for i := range maxFailures + 100 {
		_ = s.failed(key{mount: "live", path: fmt.Sprintf("%s%d.m3u8", long[:100], i)}, origin.ErrNotFound, now)
	}
	if n := s.failures.Len(); n != maxFailures {
		t.Errorf("%d failures are kept, want %d", n, maxFailures)
	}
	k := key{mount: "live", path: long, query: long}
	_ = s.failed(k, origin.ErrNotFound, now)
	if err := s.failure(k, now); err == nil {
		t.Error("a failure under a long address is forgotten")
	}
	other := k
	other.query = "x"
	if err := s.failure(other, now); err != nil {
		t.Errorf("another query of the path: %v", err)
	}
}

func TestStore_RemoveSparesTheReplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(short("p.m3u8")))
		r.ok("/live/p.m3u8")
		k := key{mount: "live", path: "p.m3u8"}
		old := r.station.store.get(k)
		newer, err := r.station.loader.fetch(r.station.work.context, k)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.station.store.add(newer, r.station.needed); err != nil {
			t.Fatal(err)
		}
		r.station.store.remove(old)
		if r.station.store.get(k) != newer || r.station.store.bytes != int64(newer.bytes()) {
			t.Errorf("the newer stream is gone, or %d bytes are counted for %d", r.station.store.bytes, newer.bytes())
		}
		r.station.store.remove(newer)
		if r.station.store.get(k) != nil || r.station.store.bytes != 0 {
			t.Errorf("after remove %d bytes are counted", r.station.store.bytes)
		}
	})
}
