package proxy

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/onair"
)

// interrupted is an item with breaks at some seconds of it, in which the VOD in the
// folder s is played for so many seconds.
func interrupted(folder string, seconds int, at ...int) onair.Item {
	i, b := item(folder), onair.Breaks{For: time.Duration(seconds) * time.Second, Slate: item("s").Clip}
	b.DateRange, b.Cue, b.Interstitial, b.Assets = true, true, true, "https://ads.test/?b={id}&c={channel}"
	var offsets []time.Duration
	for _, one := range at {
		offsets = append(offsets, time.Duration(one)*time.Second)
	}
	b.At, b.Between = onair.NewOffsets(offsets), len(at) == 0
	i.Clip = i.WithBreaks(b)
	return i
}

// TestViews_OfBreaksAreWhatWasLive: in each play of the items, in one that an era cuts,
// and in a replica that starts in the middle.
func TestViews_OfBreaksAreWhatWasLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clip := interrupted("c", 9, 3)
		clip.In, clip.Out = 4*time.Second, 13*time.Second
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("b", 3, 3, 3), vodOf("c", 4, 3, 4, 2, 4), vodOf("s", 2, 3, 2, 3))
		eras := playing(
			onair.Era{At: epoch, Loop: []onair.Item{interrupted("a", 12, 7, 12), interrupted("b", 6)}},
			onair.Era{At: epoch.Add(100 * time.Second), Play: []onair.Item{clip, item("a")}, Loop: []onair.Item{interrupted("b", 60)}},
			onair.Era{At: epoch.Add(4 * time.Minute), Play: []onair.Item{item("a"), interrupted("c", 7, 4, 8), item("c"), interrupted("a", 20, 4), interrupted("c", 8, 9), item("c")}},
		)
		r := newRig(t, files, eras, goesBack(time.Hour))
		<-r.station.Tried()
		b := newBroadcast(t, r, "/news/master.m3u8", 2, airedEra{})
		queries := []string{startingAt(epoch.Add(30*time.Second), 0), startingAt(epoch.Add(35*time.Second), 100*time.Second), startingAt(epoch.Add(35*time.Second), 10*time.Minute)}
		b.goOn(time.Minute, "dvr=300")
		b.goOn(150*time.Second, append(queries, "dvr=300")...)
		b.replica = newRig(t, files, eras, goesBack(time.Hour))
		<-b.replica.station.Tried()
		b.goOn(5*time.Minute, append(queries, "dvr=300")...)
		if !b.ended {
			t.Fatal("the channel has not ended")
		}
		b.over()
		b.said.pair(t)
		if len(b.said) < 12 {
			t.Errorf("only %d breaks were on air", len(b.said))
		}
	})
}

// TestViews_OfBreaksInUnevenRenditionsAreWhatWasLive: in items and slates whose renditions
// begin and end within half a second of the reference.
func TestViews_OfBreaksInUnevenRenditionsAreWhatWasLive(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				files := newVODs(in("a", uneven(random)), in("b", uneven(random)), in("s", uneven(random)))
				loop := []onair.Item{interrupted("a", 1+random.IntN(20), 2+random.IntN(20), 20), interrupted("b", 10), item("a"), interrupted("b", 5, 9)}
				r := newRig(t, files, func(c *Config) {
					playing(onair.Era{At: epoch, Loop: loop})(c)
					c.Channels[0].Target = 7 * time.Second
				}, goesBack(time.Hour))
				<-r.station.Tried()
				b := newBroadcast(t, r, "/news/master.m3u8", 3, airedEra{})
				b.goOn(5*time.Minute, "dvr=300", startingAt(epoch.Add(47300*time.Millisecond), 0), startingAt(epoch.Add(10*time.Second), 70*time.Second))
				b.over()
				if len(b.said) < 4 {
					t.Errorf("only %d breaks", len(b.said))
				}
			})
		})
	}
}

// in are files in a folder.
func in(folder string, files map[string]string) map[string]string {
	moved := map[string]string{}
	for name, text := range files {
		moved[folder+"/"+name] = text
	}
	return moved
}

// pair holds that each break has begun and ended, by commands of its event and its
// length (splice_insert, 9.7.3).
func (all announcements) pair(t *testing.T) {
	t.Helper()
	for id, one := range all {
		planned, _ := time.ParseDuration(one.attributes["PLANNED-DURATION"] + "s")
		event := fmt.Sprintf("%08X", one.start().Unix()&0x7fffffff)
		out, in := one.attributes["SCTE35-OUT"], one.attributes["SCTE35-IN"]
		if !strings.HasPrefix(out, fmt.Sprintf("0xFC302000000000000000FFF00F05%s7FFFFE%08X00000000", event, int64(planned*90_000/time.Second))) {
			t.Errorf("%s begins by %s, for %s", id, out, planned)
		}
		if !strings.HasPrefix(in, "0xFC301B00000000000000FFF00A05"+event+"7F5F0000") || one.end().Sub(one.start()) > planned {
			t.Errorf("%s ends by %s, after %s of %s", id, in, one.end().Sub(one.start()), planned)
		}
	}
}

// TestBreaks_AllOfTheFilmIsThere: the parts of an item follow one another around the
// slate, and nothing is left out. The second break moves to the item's end: behind it
// less than a target duration would be left.
func TestBreaks_AllOfTheFilmIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("s", 2, 3, 2, 3))
		r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{interrupted("a", 6, 7, 12)}}))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(3 * time.Minute)
		if told := viewer.told(); !strings.Contains(told, "a*2 s*3 a*3 s*3 a*2 s*3 a*3 s*3") {
			t.Errorf("on air were %s", told)
		}
	})
}

// TestBreaks_OfClipsOfOneVODAreTheirOwn: of two that begin together, with the same rule, the
// shorter one has its break at its end, where the other is parted after it.
func TestBreaks_OfClipsOfOneVODAreTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		short := interrupted("a", 6, 7)
		short.Out = 10 * time.Second
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("s", 2, 3, 2, 3))
		r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{short, interrupted("a", 6, 7)}}))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(3 * time.Minute)
		if told := viewer.told(); !strings.Contains(told, "a*3 s*3 a*2 s*3 a*3 a*3 s*3 a*2 s*3") {
			t.Errorf("on air were %s", told)
		}
	})
}

// TestBreaks_WhatCantFillThemIsNamed: a slate that is absent, in another container, or
// too short.
func TestBreaks_WhatCantFillThemIsNamed(t *testing.T) {
	for code, slate := range map[string]map[string]string{
		"item-unavailable":         {},
		"container-mismatch":       fragmented("s"),
		"target-duration-exceeded": vodOf("s", 9),
		"slate-too-short":          vodOf("s", 1),
	} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, newVODs(vodOf("a", 4, 4, 3, 4, 2), slate), playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{interrupted("a", 101, 7)}}))
				<-r.station.Tried()
				if a := r.get(news); a.status == http.StatusOK {
					t.Errorf("it is on air:\n%s", a.body)
				}
				off := r.Streams("").OffAir
				if len(off) != 1 || off[0].Code != code || !strings.Contains(off[0].Error, "live/s/master.m3u8") {
					t.Errorf("off air: %+v", off)
				}
			})
		})
	}
}

// fragmented is a VOD in fragmented MP4.
func fragmented(folder string) map[string]string {
	files := vodOf(folder, 4)
	for name, text := range files {
		if !strings.HasSuffix(name, "master.m3u8") {
			files[name] = strings.Replace(text, "#EXTINF", "#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF", 1)
		}
	}
	return files
}

// TestBreaks_TheSlatesOwnMarkersGo: they would begin a break inside the break. Where a
// channel plays the same VOD as an item, or keeps markers, they stay.
func TestBreaks_TheSlatesOwnMarkersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const own = "#EXT-X-CUE-OUT:5"
		slate := vodOf("s", 2, 3, 2, 3)
		for name, text := range slate {
			slate[name] = strings.Replace(text, "#EXTINF", own+"\n#EXTINF", 1)
		}
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), slate)
		keeps := interrupted("a", 6, 7)
		b, _ := keeps.Breaks()
		b.Keep = true
		keeps.Clip = keeps.WithBreaks(b)
		for want, items := range map[int][]onair.Item{0: {interrupted("a", 6, 7)}, 1: {keeps}, 2: {interrupted("a", 6, 7), item("s"), item("s")}} {
			r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Play: items, Loop: []onair.Item{item("a")}}), goesBack(2*time.Hour))
			<-r.station.Tried()
			body := r.ok(news + "?" + startingAt(epoch.Add(-time.Hour), time.Minute)).body
			if got := strings.Count(body, own+"\n"); got != want || !strings.Contains(body, "#EXT-X-CUE-OUT:7.000\n") {
				t.Errorf("%d markers of the slate, want %d, in\n%s", got, want, body)
			}
		}
	})
}

// TestBreaks_ASlateWhoseEndIsCutIsNoticed: in the breaks its renditions have no common
// boundary, so that players get more of the last segment than its EXTINF says.
func TestBreaks_ASlateWhoseEndIsCutIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slate := vodOf("s", 2, 2, 2, 2)
		other := vodOf("s", 4, 4)
		for name := range slate {
			if strings.HasSuffix(name, "Layer2.m3u8") {
				slate[name] = other[name]
			}
		}
		for seconds, want := range map[int]string{5: "live/a/master.m3u8: 2s of the last segment of the slate in its breaks are cut away", 8: ""} {
			r := newRig(t, newVODs(vodOf("a", 4, 4, 3, 4, 2), slate), playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{interrupted("a", seconds, 7)}}))
			<-r.station.Tried()
			d, err := r.Detail(onair.Key{Mount: "news", Path: "master.m3u8"}.ID(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, p := range d.Problems {
				if p.Code == "cut-overhang" {
					got += p.Text
				}
			}
			if got != want {
				t.Errorf("%d s: %+v, want %q", seconds, d.Problems, want)
			}
		}
	})
}

// TestBreaks_AReloadChangesThemAtAnItemsEnd: others, and none; the numbers go on.
func TestBreaks_AReloadChangesThemAtAnItemsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("s", 2, 3, 2, 3))
		with := func(i onair.Item) func(*Config) {
			return playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{i}})
		}
		r := newRig(t, files, with(interrupted("a", 6, 7)))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(time.Minute)
		for _, i := range []onair.Item{interrupted("a", 4, 12), item("a")} {
			next := newRig(t, files, func(c *Config) { with(i)(c); c.Previous = viewer.r.Server })
			<-next.station.Tried()
			viewer.r = next
			viewer.watch(2 * time.Minute)
		}
		told := viewer.told()
		for _, want := range []string{"a*2 s*3 a*3 a*2 s*3 a*3", "a*3 a*5 s*2 a*5 s*2", "s*2 a*5 a*5"} {
			_, rest, found := strings.Cut(told, want)
			if !found {
				t.Fatalf("%s is not on air in its turn: %s", want, viewer.told())
			}
			told = want[max(0, len(want)-3):] + rest
		}
		if body := r.ok(news).body; strings.Contains(viewer.r.ok(news).body, "CUE") {
			t.Errorf("breaks that are gone are marked in\n%s", body)
		}
	})
}

// TestBreaks_AReloadInABreakLeavesItsMarks: it goes on, ends, and is marked as before, be
// there others after it or none.
func TestBreaks_AReloadInABreakLeavesItsMarks(t *testing.T) {
	other := interrupted("a", 6, 7)
	b, _ := other.Breaks()
	b.Cue, b.DateRange = false, false
	other.Clip = other.WithBreaks(b)
	for name, next := range map[string]onair.Item{"other marks": other, "none": item("a")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("s", 2, 3, 2, 3))
				r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{interrupted("a", 6, 7)}}))
				<-r.station.Tried()
				for !strings.HasSuffix(r.ok(news).body, "s_1_0.ts\n") {
					time.Sleep(time.Second)
				}
				after := newRig(t, files, func(c *Config) {
					playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{next}})(c)
					c.Previous = r.Server
				})
				<-after.station.Tried()
				said := announcements{}
				said.hear(t, readShown(t, r.ok(news).body, nil).announced)
				cues := ""
				for range 12 {
					body := after.ok(news).body
					said.hear(t, readShown(t, body, nil).announced)
					cues = body
					time.Sleep(time.Second)
				}
				i := strings.LastIndex(cues, "#EXT-X-CUE-OUT:7.000\n")
				if i < 0 || !strings.Contains(cues[i:], "#EXT-X-CUE-OUT-CONT:5.000/7.000\n") || !strings.Contains(cues[i:], "#EXT-X-CUE-IN\n") {
					t.Errorf("the break is not marked to its end in\n%s", cues)
				}
				ended := 0
				for _, one := range said {
					if one.attributes["SCTE35-IN"] != "" {
						ended++
					} else if one.attributes["SCTE35-OUT"] != "" && one.start().Before(time.Now().Add(-8*time.Second)) {
						t.Errorf("no end of %q", one.lines)
					}
				}
				if ended == 0 {
					t.Error("no break has ended")
				}
			})
		})
	}
}

// TestBreaks_AnEditAfterABreakTakesOver: of a segment that is in a later part of the item.
func TestBreaks_AnEditAfterABreakTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("s", 2, 3, 2, 3))
		r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{interrupted("a", 6, 7)}}))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(time.Minute)
		edited := vodOf("a", 4, 4, 3, 4, 2)
		for name, text := range edited {
			edited[name] = strings.Replace(text, "_4.ts", "_4.ts?edited", 1)
		}
		files.putAll(edited)
		viewer.watch(5 * time.Minute)
		if body := r.ok(news).body; !strings.Contains(body, "_4.ts?edited") {
			t.Errorf("the edit is not on air in\n%s", body)
		}
	})
}

// TestBreaks_AnEditedSlateTakesOver when the next item begins.
func TestBreaks_AnEditedSlateTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("s", 2, 3, 2, 3))
		r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{interrupted("a", 6, 7)}}))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(time.Minute)
		files.putAll(vodOf("s", 4, 4))
		viewer.watch(5 * time.Minute)
		told := viewer.told()
		if i := strings.LastIndex(told, "s*3 a*3"); i < 0 || !strings.HasPrefix(told[i:], "s*3 a*3 a*2 s*2 a*3 a*2 s*2 a*3") {
			t.Errorf("on air were %s", told)
		}
	})
}

// TestBreaks_TheOperatorSeesThem, and what fills them, as they are.
func TestBreaks_TheOperatorSeesThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("s", 2, 3, 2, 3))
		r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{interrupted("a", 6, 7)}}))
		<-r.station.Tried()
		filled := 0
		for range 40 {
			d, err := r.Detail(onair.Key{Mount: "news", Path: "master.m3u8"}.ID(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			known := map[string]time.Duration{}
			next := 1000.0
			for _, b := range d.Breaks {
				known[b.ID] = time.Time(b.End).Sub(time.Time(b.Start))
				if !time.Time(b.End).After(time.Now()) {
					continue
				}
				next = min(next, max(time.Until(time.Time(b.Start)).Seconds(), 0))
			}
			for _, p := range d.Plays {
				length := time.Time(p.End).Sub(time.Time(p.Start))
				switch fills := p.VOD == "live/s/master.m3u8"; {
				case fills != (p.Break != ""):
					t.Fatalf("%s: %s", p.VOD, p.Break)
				case fills && (length != 7*time.Second || known[p.Break] != length && known[p.Break] != 0):
					t.Fatalf("%s lasts %s, not %s", p.Break, length, known[p.Break])
				case fills:
					filled++
				}
			}
			if got := r.metric(`vod2live_channel_next_break_seconds{channel="news"}`); got != next {
				t.Errorf("the next break is said to begin in %v s, not %v", got, next)
			}
			if left := r.metric(`vod2live_channel_next_item_seconds{channel="news"}`); left < 0 || left > 24 {
				t.Errorf("the next item begins in %v s", left)
			}
			time.Sleep(900 * time.Millisecond)
		}
		if filled == 0 {
			t.Error("no break is told of")
		}
	})
}

// everyMinute are marks in VODs.
func everyMinute(assets string) func(*Config) {
	return func(c *Config) {
		b := &playlist.Breaks{Marks: playlist.Marks{Interstitial: true, Assets: assets}}
		b.Rule.Every, b.Rule.Between = time.Minute, true
		c.Options.Breaks = b
		for n := range c.Channels {
			c.Channels[n].Options.Breaks = b
		}
	}
}

// TestBreaks_OfVODsAreMarks: of VODs by their address, of channels by their name, the
// same whatever the query; no number changes when they come.
func TestBreaks_OfVODsAreMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2))
		bare := newRig(t, files, channels("news", "a/master.m3u8"))
		r := newRig(t, files, channels("news", "a/master.m3u8"), everyMinute("https://ads.test/{channel}/{id}"), func(c *Config) { c.Previous = bare.Server })
		<-r.station.Tried()
		for path, name := range map[string]string{"/live/a/master.m3u8/0.m3u8": "live%2Fa%2Fmaster.m3u8", "/live/a/master.m3u8/1.m3u8?token=" + hush: "live%2Fa%2Fmaster.m3u8", news: "news"} {
			s := readShown(t, r.ok(path).body, nil)
			if len(s.announced) < 2 {
				t.Fatalf("%s: %q", path, s.announced)
			}
			for _, line := range s.announced {
				id := attributeForm.FindStringSubmatch(line)[2]
				if want := fmt.Sprintf(`X-ASSET-LIST="https://ads.test/%s/%s"`, name, strings.Trim(id, `"`)); !strings.Contains(line, want) {
					t.Errorf("%s: %s lacks %s", path, line, want)
				}
			}
			without := readShown(t, bare.ok(path).body, nil)
			if without.sequence != s.sequence || len(without.announced) > 0 || fmt.Sprint(without.segments) != fmt.Sprint(s.segments) {
				t.Errorf("%s: with breaks the segments are\n%v\nwithout\n%v", path, s.segments, without.segments)
			}
		}
	})
}

// TestBreaks_WithoutASlateAreMarksInItems: of a list, in which nothing but its items is
// played; the operator sees each mark once.
func TestBreaks_WithoutASlateAreMarksInItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		marked := interrupted("a", 0, 6, 9)
		b, _ := marked.Breaks()
		b.Slate, b.For, b.DateRange, b.Cue = onair.Clip{}, 0, false, false
		marked.Clip = marked.WithBreaks(b)
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("b", 4, 4))
		r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{marked, item("b")}}))
		<-r.station.Tried()
		viewer, said := r.aired(t), announcements{}
		for range 20 {
			viewer.watch(5 * time.Second)
			said.hear(t, readShown(t, r.ok(news).body, nil).announced)
		}
		if told := viewer.told(); !strings.Contains(told, "a*5 b*2 a*5 b*2") {
			t.Errorf("on air were %s", told)
		}
		for id, one := range said {
			if at := one.start().Sub(epoch.Add(-time.Hour)) % (25 * time.Second); at != 8*time.Second && at != 17*time.Second {
				t.Errorf("%s is %s after the beginning of its item", id, at)
			}
		}
		if len(said) < 8 {
			t.Errorf("%d marks in 100 s", len(said))
		}
		d, err := r.Detail(onair.Key{Mount: "news", Path: "master.m3u8"}.ID(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, b := range d.Breaks {
			if seen[b.ID] || b.Start != b.End {
				t.Fatalf("%s again, or not a mark: %+v", b.ID, b)
			}
			seen[b.ID] = true
		}
		if len(seen) < 100 {
			t.Errorf("the operator sees %d marks of a day", len(seen))
		}
	})
}

// TestBreaks_OfVODsOutlastNewAddressesAndEdits: of a VOD that is signed anew in each look,
// and of viewers with texts of their own, one of whom comes after an edit.
func TestBreaks_OfVODsOutlastNewAddressesAndEdits(t *testing.T) {
	watch := func(t *testing.T, r *rig, address string) {
		t.Helper()
		said := announcements{}
		for range 30 { // two loops at least
			s := readShown(t, r.ok(address).body, nil)
			said.hear(t, s.announced)
			time.Sleep(4 * time.Second)
		}
		if len(said) < 2 {
			t.Fatalf("%s: %d breaks in two minutes, at %s", address, len(said), time.Now())
		}
	}
	marked := everyMinute("https://ads.test/{channel}/{id}")
	t.Run("signed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			origin := &signing{newVODs(even(time.Minute)), time.Hour, false}
			r := newRig(t, origin, marked)
			watch(t, r, seedAddresses[1])
			watch(t, r, seedAddresses[1])
			origin.putAll(bitrates("master", 3, 3, 3, 3, 3, 3))
			for range 4 {
				watch(t, r, seedAddresses[1])
			}
			if n := r.eras(metrics.EraBegun); n != 1 {
				t.Errorf("%d eras", n)
			}
		})
	})
	t.Run("texts of their own", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			from := newOwners()
			r := newRig(t, from, marked)
			at := func(token string) string { return "/live/signed-.m3u8/0.m3u8" + query(token) }
			watch(t, r, at(tokens[0]))
			watch(t, r, at(tokens[1]))
			from.putAll(bitrates("master", 3, 3, 3))
			for range 4 {
				watch(t, r, at(tokens[0]))
			}
			if r.eras(metrics.EraBegun) == 0 {
				t.Fatal("the edit has not taken over")
			}
			watch(t, r, at(tokens[2]))
		})
	})
}

// TestProgrammes_AreAnnouncedByTheirTitles: of a list, each item with its breaks once; of
// one VOD, each loop. A reload changes the title.
func TestProgrammes_AreAnnouncedByTheirTitles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("b", 4, 4), vodOf("s", 2, 3, 2, 3))
		film := interrupted("a", 6, 7)
		film.Title = `The "film"`
		r := newRig(t, files, playing(onair.Era{At: epoch.Add(-time.Hour), Loop: []onair.Item{film, item("b")}}), func(c *Config) {
			c.Channels[0].Programmes = true
			alone := onair.Channel{Name: "alone", Origin: "live", Path: "a/master.m3u8", Options: c.Options}
			alone.Options.Programme = "All day"
			c.Channels = append(c.Channels, alone)
		})
		<-r.station.Tried()
		for range 60 {
			for path, titles := range map[string][]string{news: {`"The 'film'"`, `"b/master.m3u8"`}, "/alone/master.m3u8/0.m3u8": {`"All day"`}} {
				s := readShown(t, r.ok(path).body, nil)
				title, programmes := "", announcements{}
				programmes.hear(t, s.announced)
				for _, line := range s.announced {
					one := programmes[attributeForm.FindStringSubmatch(line)[2]].attributes
					if one["CLASS"] != `"vod2live.programme"` {
						continue
					}
					if slices.Index(titles, one["X-TITLE"]) < 0 || len(titles) > 1 && one["X-TITLE"] == title {
						t.Fatalf("%s has %s after %q", path, line, title)
					}
					title = one["X-TITLE"]
				}
				if title == "" {
					t.Fatalf("%s announces no programme:\n%q", path, s.announced)
				}
			}
			time.Sleep(900 * time.Millisecond)
		}
		renamed := newRig(t, files, channels("alone", "a/master.m3u8"), func(c *Config) {
			c.Channels[0].Options.Programme = "All night"
			c.Previous = r.Server
		})
		<-renamed.station.Tried()
		if body := renamed.ok("/alone/master.m3u8/0.m3u8").body; !strings.Contains(body, `X-TITLE="All night"`) || strings.Contains(body, "All day") {
			t.Errorf("after a reload:\n%s", body)
		}
	})
}
