package proxy

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
)

// listing makes the origin of a rig one with segment_query: listed.
func listing(c *Config) { c.Origins[0].Listed = true }

// signed is a VOD whose segments have queries, but for the last.
var signed = map[string]string{
	"p.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI=\"a.key?k=1\"\n" +
		"#EXTINF:4,\n1.ts?sig=a&v=3\n#EXTINF:4,\n2.ts?sig=b&who='x'\n#EXTINF:4,\n3.ts?sig=%7ec\n#EXTINF:4,\n4.ts\n#EXT-X-ENDLIST\n",
	"a.key": "key", "1.ts": "1", "2.ts": "2", "3.ts": "3", "4.ts": "4", "5.ts": "5",
}

// TestListed_OnlyWhatTheVODListsGoesToTheOrigin, whatever a viewer adds.
func TestListed_OnlyWhatTheVODListsGoesToTheOrigin(t *testing.T) {
	for asked, want := range map[string]string{
		"1.ts?sig=a&v=3":                    "sig=a&v=3",
		"1.ts?sig=a&v=3&_=1":                "sig=a&v=3",
		"1.ts?sig=a&v=3&CMCD=br%3D1":        "sig=a&v=3",
		"1.ts?CMCD=br%3D1&sig=a&v=3":        "sig=a&v=3",
		"1.ts?sig=a":                        "",
		"1.ts?v=3&sig=a":                    "",
		"1.ts?sig=b&who='x'":                "",
		"1.ts?bust=1":                       "",
		"1.ts":                              "",
		"2.ts?sig=b&who=%27x%27":            "sig=b&who=%27x%27",
		"2.ts?sig=b&who='x'":                "sig=b&who='x'",
		"3.ts?sig=~c":                       "sig=~c",
		"4.ts?bust=1":                       "",
		"%34.ts?bust=1":                     "",
		"a.key?k=1&bust=2":                  "k=1",
		"4.ts?" + strings.Repeat("&", 8000): "",
		"1.ts?sig=a&v=3" + strings.Repeat("&a", maxAppended-1): "sig=a&v=3",
		"1.ts?sig=a&v=3" + strings.Repeat("&a", 4000):          "",
	} {
		files := newVODs(signed)
		check := func(t *testing.T, r *rig) {
			r.ok("/live/p.m3u8")
			files.forget()
			r.ok("/live/" + asked)
			path, _, _ := strings.Cut(strings.ReplaceAll(asked, "%34", "4"), "?")
			if got := files.last(t, path).URL.RawQuery; got != want {
				t.Errorf("%.80s: the origin was asked with %q, want %q", asked, got, want)
			}
		}
		synctest.Test(t, func(t *testing.T) { check(t, newRig(t, files, listing)) })
		synctest.Test(t, func(t *testing.T) { check(t, newRig(t, files, listing, keeping(t, 16<<20))) })
	}
}

// TestListed_ManyQueriesAreOneEntry of the segment cache, and one fetch.
func TestListed_ManyQueriesAreOneEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(signed)
		r := newRig(t, files, listing, keeping(t, 16<<20))
		r.ok("/live/p.m3u8")
		files.forget()
		for n := range 100 {
			r.ok(fmt.Sprintf("/live/4.ts?bust=%d", n))
			r.ok(fmt.Sprintf("/live/1.ts?sig=a&v=3&bust=%d", n))
		}
		if n, objects := files.count(""), r.metric("vod2live_segment_cache_objects"); n != 2 || objects != 2 {
			t.Errorf("%d fetches, %v objects", n, objects)
		}
	})
}

// TestListed_OfAVODThatIsNotLoadedAllGoes, and nothing is cached: after a restart
// players ask for segments of the playlist that they have.
func TestListed_OfAVODThatIsNotLoadedAllGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(signed)
		r := newRig(t, files, listing, keeping(t, 16<<20))
		r.ok("/live/p.m3u8")
		ask := func(path string, fetches int) {
			t.Helper()
			files.forget()
			for range 2 {
				r.ok("/live/" + path)
			}
			if n := files.count(""); n != fetches {
				t.Errorf("%s twice: %d fetches, want %d", path, n, fetches)
			}
		}
		ask("5.ts?a=1", 2)
		ask("5.ts", 1)
		ask("1.ts?sig=a&v=3", 1)
		if got := r.metric("vod2live_segment_cache_objects"); got != 2 {
			t.Errorf("%v objects", got)
		}
		if err := r.station.Drop(onair.Key{Mount: "live", Path: "p.m3u8"}.ID()); err != nil {
			t.Error(err)
		}
		ask("1.ts?sig=b", 2)
		if got := files.last(t, "1.ts").URL.RawQuery; got != "sig=b" {
			t.Errorf("the origin was asked with %q", got)
		}
		r.ok("/live/p.m3u8")
		ask("1.ts?sig=b", 1)
	})
}

// TestListed_EndsWithTheVOD: what all VODs have listed is gone when they are, and
// what one lists of several stays.
func TestListed_EndsWithTheVOD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(signed)
		for n := range 3 {
			files.put(fmt.Sprintf("%d.m3u8", n), strings.Replace(signed["p.m3u8"], "4.ts", strconv.Itoa(n)+"x.ts?only", 1))
		}
		r := newRig(t, files, listing)
		for n := range 3 {
			r.ok(fmt.Sprintf("/live/%d.m3u8", n))
		}
		for n, want := range []struct{ shared, own bool }{{true, true}, {true, false}, {false, false}} {
			if err := r.station.Drop(onair.Key{Mount: "live", Path: fmt.Sprintf("%d.m3u8", n)}.ID()); err != nil {
				t.Error(err)
			}
			if shared, own := r.lists("1.ts", "sig=a&v=3"), r.lists("1x.ts", "only"); shared != want.shared || own != want.own {
				t.Errorf("after %d: %v, %v; want %v", n, shared, own, want)
			}
		}
		if r.lists("1.ts", "sig=a&v=3") {
			t.Error("an address of a VOD that was dropped is left")
		}
	})
}

// TestListed_BothVersionsOfAnEditedVOD are on air for a while.
func TestListed_BothVersionsOfAnEditedVOD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(signed)
		r := newRig(t, files, listing)
		r.ok("/live/p.m3u8")
		files.put("p.m3u8", strings.ReplaceAll(signed["p.m3u8"], "sig=a", "sig=new"))
		both := func() (old, edited bool) {
			return r.lists("1.ts", "sig=a&v=3"), r.lists("1.ts", "sig=new&v=3")
		}
		for range 60 {
			time.Sleep(10 * time.Second)
			r.ok("/live/p.m3u8")
			r.rest()
			if _, edited := both(); edited {
				break
			}
		}
		if old, edited := both(); !old || !edited {
			t.Errorf("while both are on air: the old one %v, the new one %v", old, edited)
		}
		for range 60 {
			time.Sleep(10 * time.Second)
			r.ok("/live/p.m3u8")
			r.rest()
		}
		if old, edited := both(); old || !edited {
			t.Errorf("later: the old one %v, the new one %v", old, edited)
		}
	})
}

// TestListed_AReloadOfTheConfigurationKeepsWhatIsListed, or loads it anew where the
// setting has changed.
func TestListed_AReloadOfTheConfigurationKeepsWhatIsListed(t *testing.T) {
	for _, before := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(signed)
			old := newRig(t, files, func(c *Config) { c.Origins[0].Listed = before })
			old.ok("/live/p.m3u8")
			now := newRig(t, files, listing, func(c *Config) { c.Previous = old.Server })
			if got := now.lists("1.ts", "sig=a&v=3"); got != before {
				t.Errorf("listed before: %v, after the reload: %v", before, got)
			}
			now.ok("/live/p.m3u8")
			if !now.lists("1.ts", "sig=a&v=3") {
				t.Errorf("listed before: %v, not now", before)
			}
		})
	}
}

// TestListed_TakesMemoryAsIsCounted, and none where the setting is forward.
func TestListed_TakesMemoryAsIsCounted(t *testing.T) {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-TARGETDURATION:4\n")
	const segments = 20_000
	for n := range segments {
		fmt.Fprintf(&b, "#EXTINF:4,\n%d.ts?sig=%d\n", n, n)
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	sizes := map[bool]int{}
	for _, on := range []bool{false, true} {
		r := newRig(t, newVODs(map[string]string{"p.m3u8": b.String()}), func(c *Config) { c.Origins[0].Listed = on })
		r.ok("/live/p.m3u8")
		sizes[on] = r.only().Bytes
	}
	listed := map[uint64]int32{} // as they are kept
	least := heapInUse()
	for i := range uint64(2 * segments) {
		listed[i*0x9e3779b97f4a7c15] = 1
	}
	took := int(heapInUse()-least) + 8*2*segments
	if more := sizes[true] - sizes[false]; more < took*2/3 || more > took*2 {
		t.Errorf("%d bytes are counted, about %d are taken", more, took)
	}
	runtime.KeepAlive(listed)
}

// TestListed_ManyAtOnce: loads, drops and requests; for the race detector.
func TestListed_ManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(signed)
		r := newRig(t, files, listing, keeping(t, 16<<20))
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				for range 20 {
					if a := r.get("/live/p.m3u8"); a.status != http.StatusOK {
						t.Errorf("%d %s", a.status, a.body)
					}
					r.ok(fmt.Sprintf("/live/1.ts?sig=a&v=3&n=%d", n))
					_ = r.station.Drop(onair.Key{Mount: "live", Path: "p.m3u8"}.ID()) // another goroutine may have dropped it
				}
			})
		}
		all.Wait()
		_ = r.station.Drop(onair.Key{Mount: "live", Path: "p.m3u8"}.ID()) // the last goroutine may have dropped it
		if r.lists("1.ts", "sig=a&v=3") {
			t.Error("an address of a VOD that was dropped is left")
		}
	})
}

// lists says whether a loaded VOD lists an address with its query.
func (r *rig) lists(path, query string) bool {
	kept, known := r.station.Listed(r.config.Origins[0], path, query)
	return known && kept == query
}
