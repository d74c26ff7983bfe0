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

// bitrates is a VOD of two bit rates with segments of the given lengths; its
// segments have names that begin with a word.
func bitrates(word string, seconds ...int) map[string]string {
	files := map[string]string{}
	for layer := 1; layer <= 2; layer++ {
		text := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
		for i, s := range seconds {
			text += fmt.Sprintf("#EXTINF:%d,\n%s_%d_%d.ts\n", s, word, layer, i)
		}
		files[fmt.Sprintf("master_Layer%d.m3u8", layer)] = text + "#EXT-X-ENDLIST\n"
	}
	return files
}

func (v *vods) putAll(files map[string]string) {
	for path, text := range files {
		v.put(path, text)
	}
}

// player polls both bit rates and holds what it sees against what it saw.
type player struct {
	t     *testing.T
	r     *rig
	known map[string]liveSegment // by rendition and number
	last  map[int]livePlaylist
	first map[string]int // when a word of the segments' names was seen first, by bit rate
}

func newPlayer(t *testing.T, r *rig) *player {
	return &player{t: t, r: r, known: map[string]liveSegment{}, last: map[int]livePlaylist{}, first: map[string]int{}}
}

// watch polls each second.
func (p *player) watch(d time.Duration) {
	p.t.Helper()
	for range d / time.Second {
		for n := range 2 {
			p.look(n, readPlaylist(p.t, p.r.ok(fmt.Sprintf("/live/master.m3u8/%d.m3u8", n)).body))
		}
		time.Sleep(time.Second)
	}
}

func (p *player) look(n int, now livePlaylist) {
	p.t.Helper()
	last, seen := p.last[n]
	p.last[n] = now
	if seen && (now.sequence < last.sequence || now.discontinuity < last.discontinuity || now.targetDuration < last.targetDuration) {
		p.t.Fatalf("rendition %d: %+v follows %+v", n, now, last)
	}
	if seen && now.sequence > last.newest().number {
		p.t.Fatalf("rendition %d: nothing is left of what was shown", n)
	}
	for i, s := range now.segments {
		k := fmt.Sprint(n, " ", s.number)
		if was, known := p.known[k]; known && was != s {
			p.t.Fatalf("rendition %d: segment %d is %+v, was %+v", n, s.number, s, was)
		}
		p.known[k] = s
		if s.duration > time.Duration(now.targetDuration)*time.Second {
			p.t.Fatalf("rendition %d: %+v is longer than the target duration %d", n, s, now.targetDuration)
		}
		if i > 0 && s.start != now.segments[i-1].end() {
			p.t.Fatalf("rendition %d: %+v follows %+v", n, s, now.segments[i-1])
		}
		p.first[word(s.uri)] |= 1 << n
	}
	if len(now.segments) < 6 {
		p.t.Fatalf("rendition %d: %d segments", n, len(now.segments))
	}
}

func word(uri string) string {
	uri = uri[strings.LastIndexByte(uri, '/')+1:]
	before, _, _ := strings.Cut(uri, "_")
	return before
}

func (p *player) shows(word string) bool { return p.first[word] == 3 }

func (r *rig) eras(what metrics.Era) int {
	return int(r.metric(fmt.Sprintf("vod2live_stream_eras_total{outcome=%q}", what)))
}

func TestEra_AnEditTakesOverAndTheNumbersGoOn(t *testing.T) {
	for name, seconds := range map[string][]int{
		"the same lengths": {4, 4, 4, 4}, "longer": {4, 4, 4, 4, 4, 4, 3}, "shorter": {4, 4}, "more segments": {2, 1, 2, 1, 2, 1, 2, 1, 2, 2},
		"a longer target duration": {7, 9, 8}, "one long segment": {60}, "a long VOD": {4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				p := newPlayer(t, r)
				p.watch(30 * time.Second)
				files.putAll(bitrates("edited", seconds...))
				p.watch(10 * time.Minute)
				if !p.shows("edited") {
					t.Fatal("the edit is not on air")
				}
				for n, last := range p.last {
					if got := word(last.first().uri); got != "edited" {
						t.Errorf("rendition %d shows %s yet", n, got)
					}
				}
				files.putAll(bitrates("again", 5, 5, 5))
				p.watch(10 * time.Minute)
				if !p.shows("again") || r.eras(metrics.EraBegun) != 2 || r.eras(metrics.EraRefused) != 0 {
					t.Errorf("after two edits %d eras", r.eras(metrics.EraBegun))
				}
				if raised := r.logs.FilterField(zap.String("code", "target-duration-raised")).Len(); (p.last[0].targetDuration > 5) != (seconds[0] > 5) || raised == 0 {
					t.Errorf("the target duration is %d, raised %d times", p.last[0].targetDuration, raised)
				}
			})
		})
	}
}

func TestEra_WhatCantTakeOverIsToldOnceAndTheOldPlaysOn(t *testing.T) {
	for code, edit := range map[string]map[string]string{
		"renditions-changed": {"master.m3u8": seed()["master.m3u8"] + "#EXT-X-STREAM-INF:BANDWIDTH=9\nmaster_Layer1.m3u8?3\n"},
		"no-endlist":         {"master_Layer2.m3u8": strings.TrimSuffix(seed()["master_Layer2.m3u8"], "#EXT-X-ENDLIST\n")},
		"loop-too-short":     {"master_Layer1.m3u8": "#EXTM3U\n#EXTINF:0.5,\nx.ts\n#EXT-X-ENDLIST\n", "master_Layer2.m3u8": "#EXTM3U\n#EXTINF:0.5,\nx.ts\n#EXT-X-ENDLIST\n"},
		"not-a-playlist":     {"master.m3u8": "<html>"},
	} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				p := newPlayer(t, r)
				p.watch(10 * time.Second)
				files.putAll(edit)
				p.watch(20 * time.Minute)
				told := r.logs.FilterMessageSnippet("can't take over").All()
				if len(told) != 1 || r.eras(metrics.EraRefused) != 1 || r.eras(metrics.EraBegun) != 0 {
					t.Fatalf("told %d times, %d eras refused, %d begun", len(told), r.eras(metrics.EraRefused), r.eras(metrics.EraBegun))
				}
				if why := fmt.Sprint(told[0].ContextMap()["error"]); !strings.Contains(why, code) {
					t.Errorf("refused for %s, want %s", why, code)
				}
				files.putAll(seed())
				files.putAll(bitrates("mended", 3, 3, 3))
				p.watch(5 * time.Minute)
				if !p.shows("mended") || r.eras(metrics.EraBegun) != 1 {
					t.Error("a good version is not on air")
				}
			})
		})
	}
}

// TestEra_AnEditIsNeverHalfOnAir: while its playlists are uploaded one after
// the other, and where the next comes before it is on air.
func TestEra_AnEditIsNeverHalfOnAir(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		p := newPlayer(t, r)
		p.watch(58 * time.Second)
		half := bitrates("half", 4, 4, 4)
		files.put("master_Layer1.m3u8", half["master_Layer1.m3u8"])
		p.watch(4 * time.Second)
		files.put("master_Layer2.m3u8", half["master_Layer2.m3u8"])
		p.watch(3 * time.Minute)
		if !p.shows("half") || r.eras(metrics.EraBegun) != 1 {
			t.Errorf("%d eras", r.eras(metrics.EraBegun))
		}
	})
}

func TestEra_ANewerEditTakesThePlaceOfOneThatWaits(t *testing.T) {
	for name, c := range map[string]struct {
		last  map[string]string
		begun int
	}{
		"another edit": {bitrates("second", 4, 4), 2},
		"undone":       {bitrates("long", 100, 100, 100, 100, 100, 100), 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed(), bitrates("long", 100, 100, 100, 100, 100, 100))
				r := newRig(t, files, func(c *Config) { c.Options.Epoch = epoch.Add(-24 * time.Hour) })
				p := newPlayer(t, r)
				p.watch(10 * time.Second)
				files.putAll(bitrates("first", 4, 4))
				p.watch(3 * time.Minute)
				files.putAll(c.last)
				p.watch(20 * time.Minute)
				if p.first["first"] != 0 || name == "another edit" && !p.shows("second") {
					t.Errorf("seen: %v", p.first)
				}
				if name == "undone" && len(p.first) != 1 {
					t.Errorf("seen: %v", p.first)
				}
				if n := r.eras(metrics.EraBegun); n != c.begun {
					t.Errorf("%d eras, want %d", n, c.begun)
				}
			})
		})
	}
}

func TestEra_GoneAndBackEdited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		p := newPlayer(t, r)
		p.watch(10 * time.Second)
		files.fail("", status(http.StatusNotFound, ""))
		p.watch(5 * time.Minute)
		files.putAll(bitrates("back", 3, 3, 3, 3))
		files.fail("", status(http.StatusServiceUnavailable, ""))
		p.watch(5 * time.Minute)
		files.fail("", nil)
		p.watch(5 * time.Minute)
		if !p.shows("back") {
			t.Error("the edit is not on air")
		}
	})
}

// TestEra_AComment changes bytes, but nothing that is on air.
func TestEra_AComment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		p := newPlayer(t, r)
		p.watch(10 * time.Second)
		tag := r.ok(seedAddresses[1]).header.Get("ETag")
		files.put("master_Layer1.m3u8", strings.ReplaceAll(seed()["master_Layer1.m3u8"], "#EXT-X-ALLOW-CACHE:YES\n", ""))
		p.watch(10 * time.Minute)
		if n := r.eras(metrics.EraBegun) + r.eras(metrics.EraRefused); n != 0 || r.found(metrics.Changed) != 2 {
			t.Errorf("%d eras, found changed %d times", n, r.found(metrics.Changed))
		}
		if now := r.ok(seedAddresses[1]).header.Get("ETag"); strings.Split(now, "-")[0] != strings.Split(tag, "-")[0] {
			t.Errorf("ETag %s was %s", now, tag)
		}
	})
}

func TestEra_SlicesOfBothErasAreServedWhileShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		r := newRig(t, files)
		old := r.slice("/live/sub.m3u8/1.m3u8", 0)
		poll := func(d time.Duration) {
			for range d / time.Second {
				for _, s := range readPlaylist(t, r.ok("/live/sub.m3u8/1.m3u8").body).segments {
					a := r.ok("/live/sub.m3u8/" + s.uri)
					if strings.Contains(a.body, "\nNew\n") && strings.HasPrefix("/live/sub.m3u8/"+s.uri, strings.TrimSuffix(old, "0.vtt")) {
						t.Fatalf("%s is of the era before:\n%s", s.uri, a.body)
					}
				}
				time.Sleep(time.Second)
			}
		}
		poll(30 * time.Second)
		files.putAll(map[string]string{
			"text/en.m3u8":       "#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXTINF:12,\nen.vtt?v=1\n#EXT-X-ENDLIST\n",
			"text/en.vtt":        "WEBVTT\n\n00:01.000 --> 00:03.000\nNew\n",
			"master_Layer1.m3u8": bitrates("edited", 3, 3, 3, 3)["master_Layer1.m3u8"],
		})
		poll(3 * time.Minute)
		if a := r.ok(r.slice("/live/sub.m3u8/1.m3u8", 0)); !strings.Contains(a.body, "\nNew\n") {
			t.Errorf("the first slice of the new era:\n%s", a.body)
		}
		if a := r.get(old); a.status != http.StatusNotFound {
			t.Errorf("a slice of the era before: %d", a.status)
		}
	})
}

// TestEra_MemoryIsThatOfTheNewestAlone once nothing shows the others.
func TestEra_MemoryIsThatOfTheNewestAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		p := newPlayer(t, r)
		p.watch(10 * time.Second)
		once := r.metric("vod2live_cache_bytes")
		for i := range 5 {
			files.putAll(bitrates(fmt.Sprintf("edit%d", i), 4, 4, 4, 4))
			p.watch(4 * time.Minute)
			if now := r.metric("vod2live_cache_bytes"); now > 1.1*once {
				t.Errorf("after %d edits %v bytes, at first %v", i+1, now, once)
			}
		}
		if era := r.snapshot("master.m3u8").Live.Era; era != 5 {
			t.Errorf("era %d, want 5", era)
		}
	})
}

func TestEra_AReloadGoesOnWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		p := newPlayer(t, r)
		p.watch(10 * time.Second)
		files.putAll(bitrates("edited", 3, 3, 3))
		p.watch(3 * time.Minute)
		config := r.config
		config.Previous = r.Server
		next := New(config)
		r.Close()
		r.Server = next
		p.watch(3 * time.Minute)
		if !p.shows("edited") {
			t.Error("the edit is not on air")
		}
	})
}
