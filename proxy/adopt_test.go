package proxy

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

// reloaded is a rig with the same network and log and another configuration,
// which begins as the one before.
func (r *rig) reloaded(t *testing.T, changes ...func(*Config)) *rig {
	t.Helper()
	c := r.config
	c.Previous = r.Server
	c.Origins = []*origin.Origin{newOrigin(t, "live", originURL)}
	for _, change := range changes {
		change(&c)
	}
	n := &rig{Server: New(c), t: t, logs: r.logs}
	t.Cleanup(n.Close)
	return n
}

var adopted = []string{"/live/master.m3u8", seedAddresses[1], seedAddresses[2], "/live/p.m3u8", "/live/p.m3u8?a=1", "/news/master.m3u8", "/news/master.m3u8/1.m3u8"}

func TestAdopt_WhatIsLoadedPlaysOnWithItsOriginDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed(), short("p.m3u8"))
		r := newRig(t, files, channels("news", "master.m3u8"))
		for _, address := range adopted {
			r.ok(address)
		}
		files.fail("", raw("", 0))
		asked := files.count("")
		for i := range 10 {
			before := map[string]answered{}
			for _, address := range adopted {
				before[address] = r.ok(address)
			}
			old := r
			r = old.reloaded(t)
			if !tried(r.Server) {
				synctest.Wait()
			}
			for address, want := range before {
				got := r.ok(address)
				if got.body != want.body || got.header.Get("ETag") != want.header.Get("ETag") {
					t.Errorf("reload %d, %s: %s, %q; want %s, %q", i, address, got.header.Get("ETag"), got.body, want.header.Get("ETag"), want.body)
				}
			}
			old.Close()
			time.Sleep(time.Second)
		}
		if n := files.count("") - asked; n != 0 {
			t.Errorf("the origin was asked %d times for what is loaded", n)
		}
		if n := r.metric("vod2live_streams_loaded"); n != 3 {
			t.Errorf("%v streams are loaded, want 3", n)
		}
		first := readPlaylist(t, r.ok(seedAddresses[1]).body)
		time.Sleep(time.Hour)
		if p := readPlaylist(t, r.ok(seedAddresses[1]).body); p.sequence != first.sequence+900 {
			t.Errorf("EXT-X-MEDIA-SEQUENCE:%d an hour after %d", p.sequence, first.sequence)
		}
	})
}

// TestAdopt_WhatWouldBeAnotherStreamIsLoadedAnew.
func TestAdopt_WhatWouldBeAnotherStreamIsLoadedAnew(t *testing.T) {
	replaced := func(address string, change func(*origin.Origin)) func(*testing.T) func(*Config) {
		return func(t *testing.T) func(*Config) {
			return func(c *Config) {
				c.Origins[0] = newOrigin(t, "live", address)
				change(c.Origins[0])
			}
		}
	}
	always := func(change func(*Config)) func(*testing.T) func(*Config) {
		return func(*testing.T) func(*Config) { return change }
	}
	for name, c := range map[string]struct {
		change func(*testing.T) func(*Config)
		stays  bool
	}{
		"nothing":       {always(func(*Config) {}), true},
		"strict":        {replaced(originURL, func(o *origin.Origin) { o.Strict = true }), false},
		"revalidate":    {replaced(originURL, func(o *origin.Origin) { o.Revalidate = time.Second }), true},
		"another one":   {always(func(c *Config) { c.Origins = append(c.Origins, c.Origins[0]) }), true},
		"a password":    {replaced("http://user:hunter2@origin.test/vod/", func(*origin.Origin) {}), true},
		"window":        {always(func(c *Config) { c.Options.Window *= 2 }), true},
		"epoch":         {always(func(c *Config) { c.Options.Epoch = c.Options.Epoch.Add(time.Second) }), true},
		"url":           {replaced("http://user:hunter2@origin.test/vod2", func(*origin.Origin) {}), false},
		"one more url":  {replaced(originURL, func(o *origin.Origin) { _ = o.AddURL("http://more.test/") }), false},
		"direct":        {replaced(originURL, func(o *origin.Origin) { o.Direct = true }), false},
		"public url":    {replaced(originURL, func(o *origin.Origin) { _ = o.SetPublic("http://cdn.test/") }), false},
		"query ignored": {replaced(originURL, func(o *origin.Origin) { o.Query.Ignore = true }), false},
		"query names":   {replaced(originURL, func(o *origin.Origin) { o.Query.Names = []string{} }), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				r.ok("/live/master.m3u8")
				if name == "another one" {
					c.change = always(func(c *Config) { c.Origins = append(c.Origins, newOrigin(t, "more", "http://more.test/")) })
				}
				next := r.reloaded(t, c.change(t))
				if stays := next.loaded(onair.Key{Mount: "live", Path: "master.m3u8"}); stays != c.stays {
					t.Errorf("adopted: %v, want %v", stays, c.stays)
				}
				want := 0.0
				if c.stays {
					want = 1
				}
				_ = r.station.Drop(onair.Key{Mount: "live", Path: "master.m3u8"}.ID()) // the metrics are the new one's
				if n := next.metric("vod2live_streams_loaded"); n != want {
					t.Errorf("%v streams are loaded, want %v", n, want)
				}
			})
		})
	}
}

// TestAdopt_SegmentsInAnOriginThatHasChanged: the stream's own has not.
func TestAdopt_SegmentsInAnOriginThatHasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		media := "http://user:hunter2@media.test/vod"
		h, files := newHosts(), newVODs()
		files.put("p.m3u8", strings.ReplaceAll(short("p")["p"], "1.ts", "http://media.test/vod/1.ts"))
		h.serve(t, "origin.test", files)
		r := newRig(t, nil, h.use(t), func(c *Config) { c.Origins = append(c.Origins, newOrigin(t, "media", media)) })
		if a := r.ok("/live/p.m3u8"); !strings.Contains(a.body, "../media/1.ts") {
			t.Fatalf("segments elsewhere:\n%s", a.body)
		}
		for _, c := range []struct {
			name   string
			direct bool
			stays  bool
			want   string
		}{
			{"media", false, true, "../media/1.ts"},
			{"media", true, false, "http://media.test/vod/1.ts"},
			{"moved", false, false, "../moved/1.ts"},
		} {
			next := r.reloaded(t, func(config *Config) {
				o := newOrigin(t, c.name, media)
				o.Direct = c.direct
				config.Origins = append(config.Origins, o)
			})
			if stays := next.loaded(onair.Key{Mount: "live", Path: "p.m3u8"}); stays != c.stays {
				t.Errorf("with %+v: adopted: %v", c, stays)
			}
			if a := next.ok("/live/p.m3u8"); !strings.Contains(a.body, c.want) {
				t.Errorf("with %+v:\n%s", c, a.body)
			}
			r = next
		}
	})
}

func TestAdopt_TheClockDoesNotGoBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock stepped
		r := newRig(t, newVODs(seed()), clock.use)
		before := readPlaylist(t, r.ok(seedAddresses[1]).body)
		clock.to(-20 * time.Second)
		for range 3 {
			r = r.reloaded(t)
			for _, address := range seedAddresses[1:] { // the second was not asked for before
				if p := readPlaylist(t, r.ok(address).body); p.sequence != before.sequence {
					t.Errorf("%s: EXT-X-MEDIA-SEQUENCE:%d after %d", address, p.sequence, before.sequence)
				}
			}
		}
	})
}

func TestAdopt_LoadsOfTheOldServerEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed(), short("p.m3u8"))
		r := newRig(t, files, channels("news", "absent.m3u8"))
		r.ok("/live/master.m3u8")
		files.fail("", hang)
		time.Sleep(2 * time.Minute)
		done := make(chan answered)
		go func() { done <- r.get("/live/p.m3u8") }()
		r.ok("/live/master.m3u8") // begins a revalidation
		synctest.Wait()
		next := r.reloaded(t, func(c *Config) { c.Channels = nil })
		start := time.Now()
		r.Close()
		if a := <-done; a.status != 503 || time.Since(start) > 0 {
			t.Errorf("a load of the old server: %d after %s", a.status, time.Since(start))
		}
		r.ok("/live/master.m3u8") // a late request of the old one leaves the stream to the new one
		synctest.Wait()
		files.fail("", nil)
		asked := files.count("master.m3u8")
		next.ok("/live/master.m3u8")
		synctest.Wait()
		if n := files.count("master.m3u8") - asked; n != 1 || next.found(metrics.Unchanged) != 1 {
			t.Errorf("the new server revalidated %d times", n)
		}
		asked = files.count("absent.m3u8")
		time.Sleep(10 * time.Minute)
		if n := files.count("absent.m3u8"); n != asked {
			t.Errorf("the old channel was asked for %d more times", n-asked)
		}
	})
}

// TestAdopt_WhatTheOldServerWasLoadingIsTheNewOnesToo: viewers who were answered
// of it ask there next, and their origin may be failing by then.
func TestAdopt_WhatTheOldServerWasLoadingIsTheNewOnesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("p.m3u8"))
		r := newRig(t, files)
		files.fail("", func(w http.ResponseWriter, q *http.Request) {
			time.Sleep(time.Second)
			files.fail("", nil)
			files.ServeHTTP(w, q)
		})
		done := make(chan answered)
		go func() { done <- r.get("/live/p.m3u8") }()
		synctest.Wait()
		next := r.reloaded(t).reloaded(t)
		want := <-done
		files.fail("", raw("", 0))
		if got := next.ok("/live/p.m3u8"); got.body != want.body {
			t.Errorf("%q, the old server said %q", got.body, want.body)
		}
		r.Close()
	})
}

// TestAdopt_NothingStaysOfOldServers: after a hundred reloads.
func TestAdopt_NothingStaysOfOldServers(t *testing.T) {
	files := newVODs(seed(), short("p.m3u8"))
	r := newRig(t, files, channels("news", "master.m3u8"), func(c *Config) { c.Log = zap.NewNop() })
	<-r.station.Tried()
	r.ok(seedAddresses[1])
	r.ok("/live/p.m3u8?a=1")
	goroutines := runtime.NumGoroutine()
	asked := files.count("")
	var old []weak.Pointer[Server]
	for range 100 {
		next := r.config
		next.Previous = r.Server
		next.Origins = []*origin.Origin{newOrigin(t, "live", originURL)}
		server := New(next)
		old = append(old, weak.Make(r.Server))
		r.Close()
		r.Server = server
		<-r.station.Tried()
	}
	if n := files.count("") - asked; n != 0 {
		t.Errorf("the origin was asked %d times", n)
	}
	for _, address := range []string{seedAddresses[1], "/news/master.m3u8", "/live/p.m3u8?a=1"} {
		r.ok(address)
	}
	for range 10 {
		runtime.GC()
	}
	left := 0
	for _, p := range old {
		if p.Value() != nil {
			left++
		}
	}
	if left > 0 {
		t.Errorf("%d old servers are in memory", left)
	}
	for range 100 {
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > goroutines+2 { // idle connections
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
}

// TestAdopt_ALoadOfTheOldServerGivesWay: what the new one has loaded meanwhile is newer.
func TestAdopt_ALoadOfTheOldServerGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := short("p.m3u8")["p.m3u8"]
		files := newVODs(map[string]string{"p.m3u8": strings.ReplaceAll(old, "1.ts", "one.ts")})
		r := newRig(t, files)
		gate := make(chan struct{})
		files.fail("", func(w http.ResponseWriter, _ *http.Request) {
			files.fail("", nil)
			<-gate
			_, _ = io.WriteString(w, old)
		})
		done := make(chan answered)
		go func() { done <- r.get("/live/p.m3u8") }()
		synctest.Wait()
		next := r.reloaded(t)
		last := next.reloaded(t)
		want := next.ok("/live/p.m3u8")
		if got := last.ok("/live/p.m3u8"); got.body != want.body || !strings.Contains(want.body, "one.ts") {
			t.Fatalf("%q and %q before the old server's load", want.body, got.body)
		}
		close(gate)
		if a := <-done; a.status != 200 || strings.Contains(a.body, "one.ts") {
			t.Fatalf("the old server's load: %d %s", a.status, a.body)
		}
		for _, server := range []*rig{next, last} {
			if got := server.ok("/live/p.m3u8"); got.body != want.body {
				t.Errorf("%q, before %q", got.body, want.body)
			}
		}
	})
}
