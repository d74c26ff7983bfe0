package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/proxy/onair"
	"vod2live/proxy/timeshift"
)

// all reads a media playlist, and fails the test unless all that is named beneath its
// rendition is served. It returns how many names that were.
func (r *rig) all(address string) (beneath int) {
	r.t.Helper()
	path, _, _ := strings.Cut(address, "?")
	for _, s := range readShown(r.t, r.ok(address).body, nil).segments {
		if strings.Contains(s.uri, ".m3u8/") && !s.gap {
			r.ok(path[:strings.LastIndex(path, "/")+1] + s.uri)
			beneath++
		}
	}
	return beneath
}

func TestView_SlicesOfEarlierVersionsAreServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &dated{vods: newVODs(subtitled()), at: map[string]time.Time{}}
		r := newRig(t, files, goesBack(time.Hour))
		r.ok("/live/sub.m3u8/1.m3u8")
		time.Sleep(time.Minute)
		files.edit(bitrates("edited", 3, 4, 3))
		for range 30 {
			time.Sleep(20 * time.Second)
			r.ok("/live/sub.m3u8/1.m3u8")
		}
		if r.eras(metrics.EraBegun) != 1 {
			t.Fatal("the edit is not on air")
		}
		for _, query := range []string{"dvr=1h", startingAt(time.Now().Add(-15*time.Minute), 10*time.Minute)} {
			body := r.ok("/live/sub.m3u8/1.m3u8?" + query).body
			sums := map[string]bool{}
			for _, m := range slicePrefix.FindAllStringSubmatch(body, -1) {
				sums[m[1]] = true
			}
			if n := r.all("/live/sub.m3u8/1.m3u8?" + query); n < 100 || len(sums) != 2 {
				t.Errorf("%s: %d slices of %d versions", query, n, len(sums))
			}
		}
	})
}

func TestView_SlicesOfAnItemThatWasEditedAreServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		for name, text := range subtitled() {
			files.put("a/"+strings.Replace(name, "sub.m3u8", "master.m3u8", 1), text)
			files.put("b/"+strings.Replace(name, "sub.m3u8", "master.m3u8", 1), text)
		}
		files.put("a/master.m3u8", subtitled()["sub.m3u8"])
		files.put("b/master.m3u8", subtitled()["sub.m3u8"])
		r := newRig(t, files, looping("a b"), goesBack(time.Hour))
		<-r.station.Tried()
		edited := bitrates("edited", 4, 3)["master_Layer1.m3u8"]
		for n := range 60 {
			if n == 6 {
				files.put("b/master_Layer1.m3u8", edited)
			}
			time.Sleep(10 * time.Second)
			r.ok("/news/master.m3u8/1.m3u8")
		}
		if !strings.Contains(r.ok(news).body, "edited") {
			t.Fatal("the edit is not on air")
		}
		if n := r.all("/news/master.m3u8/1.m3u8?dvr=50m"); n < 100 {
			t.Errorf("%d slices", n)
		}
	})
}

// TestView_ATokenBesideOneIsAForm: no viewer gets a byte of another's, and the names
// are no part of what the origin gets.
func TestView_ATokenBesideOneIsAForm(t *testing.T) {
	for kind, streams := range map[string]int{"plain": 1, "define": 3, "signed": 3, "moved": 3} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				from := newOwners()
				r := newRig(t, from, goesBack(time.Hour))
				address := "/live/" + kind + "-.m3u8"
				selections := []string{"dvr=20m", "delay=2m", startingAt(time.Now().Add(-10*time.Minute), 0), startingAt(time.Now().Add(-10*time.Minute), 5*time.Minute)}
				for range 20 {
					for _, token := range tokens {
						for _, selection := range selections {
							r.playView(address, selection, token)
						}
					}
					time.Sleep(7 * time.Second)
				}
				if n := r.station.Store().Streams; n != streams {
					t.Errorf("%d texts, want %d", n, streams)
				}
				for _, asked := range from.asked {
					if q := asked.URL.Query(); q.Has("start") || q.Has("end") || q.Has("dvr") || q.Has("delay") {
						t.Fatalf("the origin got ?%s", asked.URL.RawQuery)
					}
				}
			})
		})
	}
}

// playView requests a part of a stream, and the renditions that it names.
func (r *rig) playView(address, selection, token string) {
	r.t.Helper()
	for _, encoding := range []string{"identity", "gzip"} {
		text := r.getAs(address+query(token)+"&"+selection, token, encoding)
		for _, uri := range ofPlaylist.FindAllString(text, -1) {
			uri = strings.TrimSuffix(strings.TrimPrefix(uri, `URI="`), `"`)
			if !strings.Contains(uri, ".m3u8/") || strings.Contains(uri, ".vtt") {
				continue
			}
			if !strings.Contains(uri, "token="+token) {
				r.t.Fatalf("%s has %s", address, uri)
			}
			r.getAs("/live/"+uri, token, encoding)
		}
	}
}

// TestView_NobodyIsCutOffInMidFilm: a multivariant playlist goes back as far as it is
// configured, those beneath it a day more, over an edit, which is then forgotten.
func TestView_NobodyIsCutOffInMidFilm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &dated{vods: newVODs(seed()), at: map[string]time.Time{}}
		r := newRig(t, files, goesBack(time.Hour), func(c *Config) { c.Options.Epoch = epoch })
		r.ok(movie)
		time.Sleep(5 * time.Minute)
		start := time.Now()
		from, beneath := at(movie, "start=%d", start.Unix()), at(movie+"/0.m3u8", "start=%d", start.Unix())
		time.Sleep(time.Minute)
		files.edit(bitrates("edited", 3, 4, 3))
		head, last := readView(t, r.ok(beneath).body, nil).first(), view{}
		for range 59 * 12 {
			time.Sleep(5 * time.Second)
			r.ok(from)
			r.ok(movie + "/0.m3u8")
		}
		time.Sleep(62 * time.Second)
		for time.Since(start) < 25*time.Hour {
			if a := r.get(from); a.status != http.StatusNotFound {
				t.Fatalf("at %s, %s after it began: %d", time.Now(), time.Since(start), a.status)
			}
			v := readView(t, r.ok(beneath).body, nil)
			if v.first() != head || len(v.segments) < len(last.segments) {
				t.Fatalf("at %s it begins with %+v, and has %d segments; was %+v, %d", time.Now(), v.first(), len(v.segments), head, len(last.segments))
			}
			last = v
			time.Sleep(10 * time.Minute)
		}
		if r.eras(metrics.EraBegun) != 1 || !last.ended {
			t.Error("no edit, or it still grows after a day")
		}
		before := r.station.Store().Bytes
		time.Sleep(2 * time.Hour)
		if a := r.get(beneath); a.status != http.StatusNotFound {
			t.Errorf("after a day and the hour: %d", a.status)
		}
		for range 3 {
			r.ok(movie + "/0.m3u8")
			time.Sleep(2 * time.Minute)
		}
		if after := r.station.Store().Bytes; after >= before {
			t.Errorf("%d bytes, with the earlier version %d", after, before)
		}
	})
}

// TestView_StrangersStartsAreBoundedInMemory, and forgotten a while later. A live
// playlist does not go for them.
func TestView_StrangersStartsAreBoundedInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 2 << 20
		r := newRig(t, newVODs(seed()), goesBack(2*time.Hour), func(c *Config) { c.CacheBytes, c.Options.Epoch = limit, epoch })
		time.Sleep(2 * time.Hour)
		r.ok(movie + "/0.m3u8")
		loaded := r.station.Store().Bytes
		now := time.Now().Unix()
		for n := range 1000 {
			encoding := []string{"identity", "gzip"}[n%2]
			r.ok(at(movie+"/0.m3u8", "start=%d", now-3600+int64(n)*3), "Accept-Encoding", encoding)
			if got := r.station.Store().Bytes; got > loaded+limit/4 {
				t.Fatalf("after %d starts %d bytes, before %d", n, got, loaded)
			}
		}
		if got := r.station.Store(); got.Bytes < loaded+limit/16 || got.Streams != 1 {
			t.Errorf("nothing is kept for others: %+v", got)
		}
		time.Sleep(2 * time.Minute)
		if got := r.station.Store().Bytes; got > loaded {
			t.Errorf("later %d bytes, before %d", got, loaded)
		}
	})
}

// TestView_IsWrittenOnceForAll who ask for it at the same instant.
func TestView_IsWrittenOnceForAll(t *testing.T) {
	r := newRig(t, newVODs(seed()), goesBack(time.Hour), func(c *Config) { c.Options.Epoch = time.Now().Add(-50 * time.Hour) })
	r.ok(movie)
	st, _ := r.station.Loaded(t.Context(), onair.Key{Mount: "live", Path: "master.m3u8"})
	for n := range 50 {
		v := timeshift.View{View: loop.View{Span: time.Duration(n+1) * time.Minute}}
		bodies := make([][]byte, 8)
		begin := make(chan struct{})
		var wg sync.WaitGroup
		now := time.Now()
		for i := range bodies {
			wg.Go(func() {
				<-begin
				if a, back, err := r.station.ViewMedia(t.Context(), st, 0, v, now); err == nil {
					bodies[i] = a.Body
					back()
				}
			})
		}
		close(begin)
		wg.Wait()
		for i := range bodies {
			if len(bodies[i]) == 0 || &bodies[i][0] != &bodies[0][0] {
				t.Fatalf("view %d was written twice", n)
			}
		}
	}
}

// TestView_TheWayItIsAsked has no effect on what is selected, nor do a player's own names.
func TestView_TheWayItIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files, goesBack(time.Hour))
		from := time.Now().Add(-20 * time.Minute)
		want := r.ok(at(movie+"/0.m3u8", "start=%d", from.Unix())).body
		for _, query := range []string{
			"start=" + from.UTC().Format(time.RFC3339),
			"start=" + from.In(time.FixedZone("", 3600)).Format(time.RFC3339), // its + is a blank
			"start=" + strings.ReplaceAll(from.In(time.FixedZone("", -9000)).Format(time.RFC3339), ":", "%3A"),
			fmt.Sprintf("utc=%d&lutc=%d", from.Unix(), time.Now().Unix()),
			fmt.Sprintf("st%%61rt=%d&CMCD=br%%3D1", from.Unix()),
			fmt.Sprintf("_HLS_msn=7&start=%d&utc=5&_HLS_part=2", from.Unix()),
			fmt.Sprintf("start=%d.000000", from.Unix()),
		} {
			if got := r.ok(movie + "/0.m3u8?" + query).body; got != want {
				t.Errorf("%s:\n%s\nwant\n%s", query, got, want)
			}
		}
		if n := files.count("master.m3u8"); n != 1 {
			t.Errorf("the VOD was fetched %d times", n)
		}
	})
}

// TestView_ValidatorsAndMethods are those of live playlists.
func TestView_ValidatorsAndMethods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), goesBack(time.Hour))
		for _, address := range []string{movie + "?dvr=20m", movie + "/0.m3u8?dvr=20m", movie + "/0.m3u8?delay=2m", at(movie+"/1.m3u8", "start=%d", time.Now().Add(-time.Minute).Unix())} {
			plain, packed, head := r.ok(address), r.ok(address, "Accept-Encoding", "gzip"), r.do(http.MethodHead, address)
			if packed.unpacked(t) != plain.body || packed.header.Get("Etag") == plain.header.Get("Etag") {
				t.Errorf("%s: %v and %v", address, plain.header, packed.header)
			}
			if head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Length") != fmt.Sprint(len(plain.body)) {
				t.Errorf("HEAD %s: %d %v", address, head.status, head.header)
			}
			if a := r.get(address, "If-None-Match", plain.header.Get("Etag")); a.status != http.StatusNotModified {
				t.Errorf("%s: %d", address, a.status)
			}
			if a := r.do(http.MethodOptions, address); a.status != http.StatusNoContent && a.status != http.StatusOK {
				t.Errorf("OPTIONS %s: %d", address, a.status)
			}
		}
	})
}

// TestView_BadInputOfRenditionsAndChannels is told by its code; of a channel before it
// begins, and after it has ended.
func TestView_BadInputOfRenditionsAndChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begins := epoch.Add(time.Hour)
		files := newVODs(vodOf("a", 4, 4, 4, 4, 4))
		r := newRig(t, files, playing(onair.Era{At: begins, Play: itemsOf("a a a")}), goesBack(10*time.Hour))
		<-r.station.Tried()
		if a := r.get(at(news, "start=%d", begins.Unix()-60)); a.status != http.StatusServiceUnavailable && a.status != http.StatusNotFound {
			t.Errorf("before it begins: %d", a.status)
		}
		time.Sleep(61*time.Minute + 5*time.Second)
		now := time.Now().Unix()
		for _, c := range []struct {
			query  string
			status int
			code   string
		}{
			{at("", "start=%d", begins.Unix()-1), 404, "too-old"},
			{at("", "start=%d", now+1), 404, "in-future"},
			{at("", "start=%d&end=%d", begins.Unix(), begins.Unix()+3), 400, "too-short"},
			{at("", "start=%d&end=%d", begins.Unix(), begins.Unix()+86401), 400, "too-long"},
			{at("", "start=%d&end=%d", begins.Unix()+10, begins.Unix()), 400, "too-short"},
			{"?delay=1h30m", 404, "too-old"},
			{"?delay=10h&dvr=35h", 404, "too-old"},
			{at("", "start=%d", begins.Unix()+60), 404, "after-end"},
			{at("", "start=%d", now), 404, "after-end"},
			{at("", "start=%d&end=%d", now, now+60), 404, "after-end"},
			{"?start=-10m", 400, "bad-time"},
			{at("", "start=%d&end=2000-01-01T02:00:00.%sZ", begins.Unix(), strings.Repeat("0", 8000)), 400, "bad-time"},
			{"?start=now", 400, "bad-time"},
			{"?start=", 400, "bad-time"},
			{"?end=", 400, "bad-time"},
			{"?start=9999-12-31T23:59:59Z", 400, "bad-time"},
			{"?start=%00", 400, "bad-time"},
			{"?start=1&%73tart=1", 400, "bad-time"},
			{"?utc=1&utc=1", 400, "bad-time"},
			{"?utc=1&delay=1h", 400, "bad-time"},
			{"?dvr=1h&dvr=1h", 400, "bad-time"},
			{"?dvr=-1h", 400, "bad-time"},
			{"?dvr=0", 400, "bad-time"},
			{"?dvr=1e9", 400, "bad-time"},
			{"?delay=999999999999999999999h", 400, "bad-time"},
			{"?dvr=99999999999", 404, "too-old"},
		} {
			for _, address := range []string{news, "/news/master.m3u8/1.m3u8"} {
				r.logs.TakeAll()
				a := r.get(address + c.query)
				if a.status != c.status || r.logs.FilterField(zap.String("code", c.code)).Len() == 0 {
					t.Errorf("%s: %d %s, want %d %s", c.query, a.status, a.body, c.status, c.code)
				}
			}
		}
		if a := r.get("/news/master.m3u8/2.m3u8?dvr=1m"); a.status != http.StatusNotFound {
			t.Errorf("a rendition that there is not: %d", a.status)
		}
		if v := readView(t, r.ok(at(news, "start=%d", begins.Unix())).body, nil); !v.ended || len(v.segments) != 15 {
			t.Errorf("%+v", v)
		}
	})
}

// TestView_ANameInASlicesAddressSelectsNothing.
func TestView_ANameInASlicesAddressSelectsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(subtitled()), goesBack(time.Hour))
		slice := r.slice("/live/sub.m3u8/1.m3u8", 1)
		want := r.ok(slice).body
		for _, query := range []string{"?start=x", "?dvr=1h&dvr=1h", "?delay=1h"} {
			if a := r.get(slice + query); a.status != http.StatusOK || a.body != want {
				t.Errorf("%s: %d %s", query, a.status, a.body)
			}
		}
	})
}

// TestView_NamesThatTheOriginsListHasAreTheOrigins.
func TestView_NamesThatTheOriginsListHasAreTheOrigins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files, goesBack(time.Hour), func(c *Config) { c.Origins[0].Query.Names = []string{"start"} })
		live := readView(t, r.ok(movie+"/0.m3u8?start=5").body, nil)
		if got := files.last(t, "master.m3u8").URL.RawQuery; got != "start=5" {
			t.Errorf("the origin got %q", got)
		}
		back := readView(t, r.ok(movie+"/0.m3u8?start=5&dvr=10m").body, nil)
		if back.newest().number != live.newest().number || back.sequence >= live.sequence || files.count("master.m3u8") != 1 {
			t.Errorf("%+v beside %+v", back, live)
		}
	})
}
