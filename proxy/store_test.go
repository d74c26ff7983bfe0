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

	"vod2live/proxy/onair"
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
			if i%3 == 0 {
				time.Sleep(time.Second + 1) // uses are noted once a second
			}
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

// TestStore_AVODOverAQuarterOfTheMemoryIsRefused: that of a channel, too. The
// message has the figures and the remedy.
func TestStore_AVODOverAQuarterOfTheMemoryIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := sizeOf(t, "a.m3u8", short("a.m3u8"))
		enough := newRig(t, newVODs(short("a.m3u8")), func(c *Config) { c.CacheBytes, c.LoadBytes = 5*one, 1<<20 })
		enough.ok("/live/a.m3u8")
		r := newRig(t, newVODs(short("a.m3u8"), movies("a")), channels("news", "a/master.m3u8"), func(c *Config) { c.CacheBytes, c.LoadBytes = one, 1<<20 })
		for _, address := range []string{"/live/a.m3u8", "/news/master.m3u8"} {
			if a := r.get(address); a.status != 502 || !strings.Contains(a.body, "too-large") {
				t.Errorf("%s: %d %s", address, a.status, a.body)
			}
		}
		for _, message := range []string{"stream not loaded", "channel off air; vod2live retries every few seconds"} {
			lines := r.logs.FilterMessage(message).All()
			if len(lines) == 0 {
				t.Fatalf("no line %q", message)
			}
			if text := fmt.Sprint(lines[0].ContextMap()["error"]); !strings.Contains(text, "MiB of memory") || !strings.Contains(text, "-memory") {
				t.Errorf("%s: %s", message, text)
			}
		}
		if n := r.station.Store().Streams; n != 0 {
			t.Errorf("%d streams are kept", n)
		}
	})
}

// TestStore_AChannelMakesRoom: others that can be spared go for it.
func TestStore_AChannelMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		for i := range 10 {
			files.put(fmt.Sprintf("%d.m3u8", i), short("p")["p"])
		}
		one := sizeOf(t, "0.m3u8", short("0.m3u8"))
		r := newRig(t, files, channels("news", "9.m3u8"), func(c *Config) { c.CacheBytes, c.LoadBytes = 6*one, 1<<20 })
		files.fail("9.m3u8", status(503, ""))
		r.get("/news/master.m3u8")
		for i := range 8 {
			r.ok(fmt.Sprintf("/live/%d.m3u8", i))
		}
		files.fail("9.m3u8", nil)
		time.Sleep(time.Minute)
		r.ok("/news/master.m3u8")
		if s := r.station.Store(); s.Bytes > s.Limit || s.Streams < 3 {
			t.Errorf("%d streams of %d bytes, at most %d may be kept", s.Streams, s.Bytes, s.Limit)
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

// TestStore_AnswersThatNobodyRequestsGo: within a minute and a quarter, whatever
// else is watched; then nothing is left to do.
func TestStore_AnswersThatNobodyRequestsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed(), short("p.m3u8")))
		loaded := func() int64 { return r.station.Store().Bytes }
		r.ok("/live/master.m3u8")
		bare := loaded()
		plain := r.ok("/live/master.m3u8/0.m3u8")
		packed := r.ok("/live/master.m3u8/0.m3u8", "Accept-Encoding", "gzip")
		r.ok("/live/master.m3u8/1.m3u8")
		both := loaded()
		if least := bare + int64(2*len(plain.body)+len(packed.body)); both < least {
			t.Errorf("%d bytes with answers, want at least %d", both, least)
		}
		for range 30 {
			time.Sleep(3 * time.Second)
			r.ok("/live/master.m3u8/0.m3u8")
		}
		if one := loaded(); one <= bare || one >= both {
			t.Errorf("%d bytes with one rendition watched, %d with none, %d with two in both encodings", one, bare, both)
		}
		time.Sleep(75 * time.Second)
		if left := loaded(); left != bare {
			t.Errorf("%d bytes after all have left, %d before they came", left, bare)
		}
		r.ok("/live/master.m3u8/0.m3u8")
		if loaded() <= bare {
			t.Error("the answer of a viewer who has come back is not counted")
		}
	})
}

// TestStore_AnswersMakeRoom: answers to viewers of a stream drive out what nobody
// watches; where nothing can go, they are written and not kept.
func TestStore_AnswersMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := crammed(t, 6)
		for range 2 { // the next change makes room for what was packed
			r.ok("/live/5.m3u8", "Accept-Encoding", "gzip")
			time.Sleep(targetOf)
		}
		if r.loaded(onair.Key{Mount: "live", Path: "0.m3u8"}) || !r.loaded(onair.Key{Mount: "live", Path: "1.m3u8"}) {
			t.Error("a packed answer has not driven out the stream used least, and no other")
		}
		r, files := crammed(t, 6)
		files.fail("", status(503, ""))
		r.get("/live/1.ts") // all are needed
		packed := func() {
			for i := range 6 {
				r.ok(fmt.Sprintf("/live/%d.m3u8", i), "Accept-Encoding", "gzip")
			}
		}
		for range 20 {
			packed()
			r.requestAll(6)
			time.Sleep(targetOf)
			if s := r.station.Store(); s.Streams != 6 {
				t.Fatalf("%d streams are left of 6 that are watched", s.Streams)
			}
		}
		r.requestAll(6)
		if s := r.station.Store(); s.Bytes > s.Limit+s.Limit/6 {
			t.Errorf("%d bytes are kept, at most %d may be", s.Bytes, s.Limit)
		}
	})
}

// TestStore_WindowsThatChangeTooMuchAreRefused: those of all renditions together.
func TestStore_WindowsThatChangeTooMuchAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files, renditions := newVODs(), 64
		master, media := "#EXTM3U\n", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
		for i := range 8 {
			media += fmt.Sprintf("#EXTINF:2,\n%s%d.ts\n", strings.Repeat("x", 900), i)
		}
		for n := range renditions {
			master += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d\n%d.m3u8\n", n+1, n)
			files.put(fmt.Sprintf("%d.m3u8", n), media+"#EXT-X-ENDLIST\n")
		}
		files.put("many.m3u8", master)
		for window, status := range map[time.Duration]int{30 * time.Minute: 200, time.Hour: 502} { // about 27 and 54 MiB a second
			r := newRig(t, files, func(c *Config) { c.Options.Window, c.CacheBytes = window, 1<<40 })
			if a := r.get("/live/many.m3u8"); a.status != status {
				t.Errorf("a window of %s: %d %s", window, a.status, a.body)
			}
		}
	})
}
