package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
)

// TestView_SlowViewersOfDifferentStartsAreBoundedInMemory: those who come when there is
// none left are told to come back. A window that others poll is answered, and so are
// live playlists; once the slow ones have gone there is room.
func TestView_SlowViewersOfDifferentStartsAreBoundedInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 16 << 20
		r := newRig(t, newVODs(seed()), goesBack(24*time.Hour), func(c *Config) { c.CacheBytes, c.Options.Epoch = limit, epoch })
		time.Sleep(3 * time.Hour)
		now := time.Now().Unix()
		start := func(n int) string { return at(movie+"/0.m3u8", "start=%d", now-9000-int64(5*n)) }
		polled, size := movie+"/1.m3u8?dvr=2h", len(r.ok(start(0)).body)
		var ends []func() map[int]int
		for n := range 60 {
			ends = append(ends, r.slowly([]string{start(n)}))
			r.ok(polled)
		}
		r.ok(movie + "/0.m3u8")
		if a := r.get(start(60)); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("one more: %d %v", a.status, a.header)
		}
		synctest.Wait() // for all who were told so at this instant: no room is made for them
		r.ok(polled)
		answered := map[int]int{}
		for _, end := range ends {
			for status, n := range end() {
				answered[status] += n
			}
		}
		if n := answered[200]; n*size > limit/4 || n*size < limit/8 || n+answered[503] != len(ends) {
			t.Errorf("slow viewers were answered %v, with %d bytes each", answered, size)
		}
		r.ok(start(60))
		r.logs.TakeAll() // those who were told to come back
	})
}

// TestView_AVODThatIsEditedEverAgainIsBoundedInMemory: the oldest versions go before dvr
// is over; what is live stays, and so do newer parts of the past.
func TestView_AVODThatIsEditedEverAgainIsBoundedInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 512 << 10
		files := &dated{vods: newVODs(seed()), at: map[string]time.Time{}}
		r := newRig(t, files, goesBack(14*24*time.Hour), func(c *Config) { c.CacheBytes, c.Options.Epoch = limit, epoch })
		from := time.Now()
		time.Sleep(time.Minute)
		r.ok(movie + "/0.m3u8")
		for n := range 150 {
			files.edit(bitrates(fmt.Sprint("edit", n), 3+n%2, 4, 4-n%2))
			for range 12 {
				time.Sleep(30 * time.Second)
				r.ok(movie + "/0.m3u8")
			}
			if got := r.station.Store(); got.Bytes > limit/3 || got.Streams != 1 {
				t.Fatalf("after %d edits: %+v", n+1, got)
			}
		}
		if n := r.eras(metrics.EraBegun); n != 150 {
			t.Fatalf("%v edits were on air", n)
		}
		if a := r.get(at(movie+"/0.m3u8", "start=%d&end=%d", from.Unix()+60, from.Unix()+120)); a.status != http.StatusNotFound {
			t.Errorf("the first version is still there: %d", a.status)
		}
		v := readView(t, r.ok(at(movie+"/0.m3u8", "start=%d", time.Now().Unix()-3600)).body, nil)
		if time.Since(v.first().start) < time.Hour {
			t.Errorf("an hour ago: %+v", v.first())
		}
	})
}

// TestView_ALongTokenMakesNoEndlessPlaylist: it stands in the address of each slice.
func TestView_ALongTokenMakesNoEndlessPlaylist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 16 << 20
		r := newRig(t, newVODs(subtitled()), goesBack(24*time.Hour), func(c *Config) { c.CacheBytes, c.Options.Epoch = limit, epoch })
		time.Sleep(20 * time.Hour)
		const address = "/live/sub.m3u8/1.m3u8?dvr=7h&token="
		if a := r.get(address + strings.Repeat("x", 8000)); a.status != http.StatusBadRequest || len(r.logs.FilterField(zap.String("code", "too-long")).TakeAll()) == 0 {
			t.Errorf("%d, and %d bytes", a.status, len(a.body))
		}
		if body := r.ok(address + "short").body; strings.Count(body, "?token=short\n") < 6000 {
			t.Errorf("%d addresses have the token", strings.Count(body, "?token=short\n"))
		}
	})
}
