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

// channels configures them, by name and path of the VOD.
func channels(of ...string) func(*Config) {
	return func(c *Config) {
		for i := 0; i < len(of); i += 2 {
			c.Channels = append(c.Channels, onair.Channel{Name: of[i], Origin: "live", Path: of[i+1], Options: c.Options})
		}
	}
}

func tried(s *Server) bool {
	select {
	case <-s.station.Tried():
		return true
	default:
		return false
	}
}

func TestChannel_IsLoadedAtStartAndServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a"))
		r := newRig(t, files, channels("news", "a/master.m3u8"))
		synctest.Wait()
		if !tried(r.Server) || files.count("a/master.m3u8") != 1 {
			t.Fatalf("tried: %v, after %d requests", tried(r.Server), files.count("a/master.m3u8"))
		}
		multivariant := r.ok("/news/master.m3u8").body
		if got := addressesIn(multivariant); fmt.Sprint(got) != "[master.m3u8/0.m3u8 master.m3u8/1.m3u8]" {
			t.Errorf("renditions at %s", got)
		}
		p := readPlaylist(t, r.ok("/news/master.m3u8/0.m3u8").body)
		if uri := p.first().uri; !strings.HasPrefix(uri, "../../live/a/master_Layer1_") {
			t.Errorf("a segment at %s", uri)
		}
		r.ok("/live/a/master_Layer1_001.ts")
		for _, path := range []string{"/news/a/master.m3u8", "/news/a/master_Layer1_001.ts", "/news/other.m3u8", "/news/master.m3u8/2.m3u8"} {
			if a := r.get(path); a.status != 404 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		if files.count("a/master.m3u8") != 1 {
			t.Errorf("the VOD was loaded %d times", files.count("a/master.m3u8"))
		}
	})
}

func TestChannel_OfASingleMediaPlaylist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(short("deep/er/p.m3u8")), channels("news", "deep/er/p.m3u8"))
		p := readPlaylist(t, r.ok("/news/master.m3u8").body)
		if uri := p.first().uri; !strings.HasPrefix(uri, "../live/deep/er/") {
			t.Errorf("a segment at %s", uri)
		}
	})
}

// TestStream_TheRenditionOfASingleMediaPlaylistIsItsOwnAddress: viewers with a query go
// there with it. There is no other rendition.
func TestStream_TheRenditionOfASingleMediaPlaylistIsItsOwnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(short("a b/p.m3u8")), goesBack(time.Hour), channels("news", "a b/p.m3u8"))
		for address, own := range map[string]string{
			"/live/a%20b/p.m3u8/0.m3u8": "../p.m3u8", "/live/a%20b/p%2Em3u8/0.m3u8?token=a%20b&start=7": "../p%2Em3u8?token=a%20b&start=7",
			"/news/master.m3u8/0.m3u8": "../master.m3u8",
		} {
			a := r.get(address)
			if to := a.header.Get("Location"); a.status != http.StatusTemporaryRedirect || to != own || a.header.Get("Cache-Control") != "" {
				t.Fatalf("%s: %d to %q, not %q", address, a.status, to, own)
			}
		}
		r.ok("/live/a%20b/p.m3u8")
		if a := r.get("/live/a%20b/p.m3u8/1.m3u8"); a.status != http.StatusNotFound {
			t.Errorf("a second rendition: %d", a.status)
		}
	})
}

func TestChannel_IgnoresQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a"))
		r := newRig(t, files, channels("news", "a/master.m3u8"))
		synctest.Wait()
		for i := range 50 {
			a := r.ok(fmt.Sprintf("/news/master.m3u8?token=%s%d", hush, i))
			if strings.Contains(a.body, hush) {
				t.Errorf("a query is in the playlist: %s", a.body)
			}
			r.ok(fmt.Sprintf("/news/master.m3u8/1.m3u8?x=%d", i))
		}
		if n := files.count("a/master.m3u8"); n != 1 || files.last(t, "a/master.m3u8").URL.RawQuery != "" {
			t.Errorf("the VOD was loaded %d times", n)
		}
	})
}

func TestChannel_TwoOfOneVODAreTwoStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(movies("a")), channels("one", "a/master.m3u8"), func(c *Config) {
			other := c.Options
			other.Epoch = other.Epoch.Add(-4 * time.Second)
			c.Channels = append(c.Channels, onair.Channel{Name: "two", Origin: "live", Path: "a/master.m3u8", Options: other})
		})
		one, two := readPlaylist(t, r.ok("/one/master.m3u8/0.m3u8").body), readPlaylist(t, r.ok("/two/master.m3u8/0.m3u8").body)
		if two.sequence != one.sequence+1 {
			t.Errorf("EXT-X-MEDIA-SEQUENCE:%d and %d", one.sequence, two.sequence)
		}
	})
}

// TestChannel_IsRetriedUntilItLoads: the origin is away for minutes, and nobody
// asks for the channel.
func TestChannel_IsRetriedUntilItLoads(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"reset": raw("", 0), "hangs": hang, "404": status(404, ""), "HTML": text("<html>"), "429 for a day": later(429, "86400")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(movies("a"))
				files.fail("", fault)
				r := newRig(t, files, channels("news", "a/master.m3u8", "sport", "absent/master.m3u8"))
				time.Sleep(21 * time.Second) // two timeouts at most
				if !tried(r.Server) {
					t.Error("not tried after its first attempt")
				}
				if a := r.get("/news/master.m3u8"); a.status < 400 {
					t.Errorf("while the origin is away: %d", a.status)
				}
				time.Sleep(10 * time.Minute)
				files.fail("", nil)
				asked := files.count("a/master.m3u8")
				time.Sleep(time.Minute + time.Second)
				if !r.loaded(onair.Key{Mount: "news", Path: channelPath}) {
					t.Error("not loaded a minute after the origin is back")
				}
				most := 150
				switch name {
				case "reset": // once a second
					most = 620
				case "429 for a day": // a minute is what is heeded
					most = 11
				}
				if asked > most {
					t.Errorf("asked for %d times in ten minutes, want at most %d", asked, most)
				}
			})
		})
	}
}

func TestChannel_IsNeverEvicted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a"))
		for i := range 20 {
			files.put(fmt.Sprintf("%d.m3u8", i), short("p")["p"])
		}
		memory := 4 * sizeOf(t, "a/master.m3u8", movies("a"))
		r := newRig(t, files, channels("news", "a/master.m3u8"), func(c *Config) { c.CacheBytes = memory + memory/2 })
		synctest.Wait()
		for i := range 20 {
			r.ok(fmt.Sprintf("/live/%d.m3u8", i))
		}
		r.ok("/news/master.m3u8")
		if n := files.count("a/master.m3u8"); n != 1 {
			t.Errorf("the channel was loaded %d times", n)
		}
		if evicted := r.metric("vod2live_cache_evictions_total"); evicted == 0 {
			t.Error("no other stream was evicted")
		}
	})
}

func TestChannel_EndsWhenItsVODIsGoneAndComesBackWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a"))
		r := newRig(t, files, channels("news", "a/master.m3u8"))
		r.ok("/news/master.m3u8")
		files.fail("", status(404, ""))
		start := time.Now()
		for r.get("/news/master.m3u8").status == 200 {
			time.Sleep(5 * time.Second)
		}
		if took := time.Since(start); took < 10*time.Minute || took > 12*time.Minute {
			t.Errorf("the channel ended after %s", took)
		}
		if a := r.get("/news/master.m3u8"); a.status != 404 {
			t.Errorf("after its end: %d", a.status)
		}
		time.Sleep(time.Hour)
		files.fail("", nil)
		time.Sleep(15 * time.Second)
		if !r.loaded(onair.Key{Mount: "news", Path: channelPath}) {
			t.Error("the channel has not come back with its VOD")
		}
		before := r.station.Store().Bytes
		r.ok("/news/master.m3u8")
		if one := int64(r.only().Bytes); before != one {
			t.Errorf("%d bytes are counted for one stream of %d", before, one)
		}
	})
}
