package proxy

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/schedule"
)

// numbers are what answers of servers have in common where items are stood in for: all
// but what a segment is.
func numbers(p livePlaylist) (all []string) {
	for i, s := range p.segments {
		if i > 0 && s.tagged {
			all = append(all, s.start.UTC().Format(time.RFC3339Nano))
		}
	}
	return all
}

// sameNumbers fails unless a server counts as another does.
func sameNumbers(t *testing.T, want, got *rig) {
	t.Helper()
	a, b := readPlaylist(t, want.ok(news).body), readPlaylist(t, got.ok(news).body)
	end := func(p livePlaylist) int64 { return p.sequence + int64(len(p.segments)) }
	if d := end(a) - end(b); d > 1 || d < -1 {
		t.Fatalf("at %s the newest numbers are %d and %d", time.Now(), end(a), end(b))
	}
	known := map[int64]liveSegment{}
	for i, s := range a.segments {
		known[a.sequence+int64(i)] = s
	}
	for i, s := range b.segments {
		n := b.sequence + int64(i)
		if old, both := known[n]; both && !stoodIn(s.uri) && (old.uri != s.uri || !old.start.Equal(s.start)) {
			t.Fatalf("at %s number %d is %+v here, there %+v", time.Now(), n, old, s)
		}
	}
}

func standInsOf(by string) string {
	return fmt.Sprintf("vod2live_channel_stand_ins{by=%q,channel=\"news\"}", by)
}

func stoodIn(uri string) bool {
	return strings.Contains(uri, "slate") || strings.HasSuffix(uri, "/gap")
}

// TestSchedule_AMissingItemIsStoodInForUnderItsNumbers: a server that starts while one is
// missing counts as those that have it, plays the slate or gaps, and the item itself once
// it is back.
func TestSchedule_AMissingItemIsStoodInForUnderItsNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		slate  []int
		played string
		code   string
	}{
		"the slate fits":     {[]int{3, 3, 3, 3}, "slate*3", "item-unavailable"},
		"it does not":        {[]int{2, 2, 2, 2, 2}, "0.m3u8*3", string(schedule.CodeItemGaps)},
		"there is no slate":  {nil, "0.m3u8*3", string(schedule.CodeItemGaps)},
		"it is missing, too": {[]int{}, "0.m3u8*3", string(schedule.CodeItemGaps)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 2, 4))}
				o := wish(t, era(-time.Hour, "", "a b"), era(20*time.Minute, "b c", "b"), era(30*time.Minute, "", "c a"))
				if c.slate != nil {
					o.Slate = &schedule.Item{Origin: "live", Path: "slate/master.m3u8"}
				}
				if len(c.slate) > 0 {
					w.files.putAll(vodOf("slate", c.slate...))
				}
				w.publish(o)
				whole := w.on()
				w.files.fail("b/master.m3u8", status(404, ""))
				part := w.on()
				if told := part.codesOf(); told != c.code {
					t.Errorf("an operator is told %q, want %q", told, c.code)
				}
				for _, by := range []string{"slate", "gaps"} {
					wanted := 0.
					if (by == "slate") == (c.code == "item-unavailable") {
						wanted = 1
					}
					if n := part.metric(standInsOf(by)); n != wanted || whole.metric(standInsOf(by)) != 0 {
						t.Errorf("%g items are played by %s, want %g, and none where all VODs are there", n, by, wanted)
					}
				}
				viewer := part.aired(t)
				for range 400 {
					sameNumbers(t, whole, part)
					viewer.watch(5 * time.Second)
				}
				told := viewer.told()
				if !strings.Contains(told, c.played) || strings.Contains(told, "b*") {
					t.Errorf("on air were %s", told)
				}
				w.files.fail("b/master.m3u8", nil)
				w.publish(wish(t, next("b a", "b")))
				for range 200 {
					sameNumbers(t, whole, part)
					viewer.watch(5 * time.Second)
				}
				time.Sleep(5 * time.Minute)
				agree(t, whole, part)
				if told := part.codesOf(); told != "" || part.metric(standInsOf("slate"))+part.metric(standInsOf("gaps")) != 0 {
					t.Errorf("once it is back an operator is told %q", told)
				}
			})
		})
	}
}

// TestSchedule_SubtitlesOfWhatStandsInAreThere: each slice that is listed has an answer, without cues.
func TestSchedule_SubtitlesOfWhatStandsInAreThere(t *testing.T) {
	for name, slate := range map[string]*schedule.Item{"slate": {Origin: "live", Path: "slate/master.m3u8"}, "gaps": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("slate", 3, 3, 3, 3))}
				for path, text := range subtitled() {
					w.files.put(strings.Replace(path, "text/", "a/text/", 1), text)
				}
				w.files.put("a/master.m3u8", "#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"en\",URI=\"text/en.m3u8\"\n"+
					strings.ReplaceAll(seed()["master.m3u8"], "#EXT-X-STREAM-INF:", "#EXT-X-STREAM-INF:SUBTITLES=\"s\","))
				o := wish(t, era(-time.Hour, "", "a b"))
				o.Slate = slate
				w.publish(o)
				w.files.fail("b/master.m3u8", status(404, ""))
				r, stoodIn := w.on(), 0
				for range 5 {
					for _, s := range readPlaylist(t, r.ok("/news/master.m3u8/0.m3u8").body).segments {
						if body := r.ok("/news/master.m3u8/" + s.uri).body; !strings.HasPrefix(body, "WEBVTT\n") {
							t.Fatalf("%s answers %s", s.uri, body)
						} else if !strings.Contains(body, "-->") && s.duration == 3*time.Second {
							stoodIn++
						}
					}
					time.Sleep(5 * time.Second)
				}
				if stoodIn < 6 {
					t.Errorf("%d slices of what stands in were listed", stoodIn)
				}
			})
		})
	}
}

// TestSchedule_AnItemThatIsBackPlaysWhenItBeginsNext, while its era goes on.
func TestSchedule_AnItemThatIsBackPlaysWhenItBeginsNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		whole := w.on()
		w.files.fail("b/master.m3u8", status(404, ""))
		part := w.on()
		sameNumbers(t, whole, part)
		w.files.fail("b/master.m3u8", nil)
		viewer := part.aired(t)
		viewer.watch(5 * time.Minute)
		agree(t, whole, part)
		w.publish(wish(t, next("c", "b c")))
		viewer.watch(12 * time.Minute)
		agree(t, whole, part, w.on())
	})
}

// TestSchedule_AnEditedItemIsStoodInForIfItCountsForOtherNumbers, and plays if it counts
// for the same.
func TestSchedule_AnEditedItemIsStoodInForIfItCountsForOtherNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		edited []int
		want   string
		code   string
	}{
		"other numbers": {[]int{3, 3, 3, 3}, "0.m3u8*3", "item-gaps"},
		"the same":      {[]int{3, 3, 3}, "b*3", "item-changed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := scheduled(t)
				whole := w.on()
				w.files.putAll(vodOf("b", c.edited...))
				for layer := range 2 {
					path := []string{"b/master_Layer1.m3u8", "b/master_Layer2.m3u8"}[layer]
					w.files.put(path, strings.ReplaceAll(w.files.files[path], "b_", "new_"))
				}
				part := w.on()
				if told := part.codesOf(); told != c.code {
					t.Errorf("an operator is told %q, want %q", told, c.code)
				}
				viewer := part.aired(t)
				viewer.watch(2 * time.Minute)
				if told := viewer.told(); !strings.Contains(told, c.want) {
					t.Errorf("on air were %s", told)
				}
				for range 30 {
					sameCount(t, whole, part)
					time.Sleep(3 * time.Second)
				}
			})
		})
	}
}

// sameCount is sameNumbers but for what the segments are.
func sameCount(t *testing.T, want, got *rig) {
	t.Helper()
	a, b := readPlaylist(t, want.ok(news).body), readPlaylist(t, got.ok(news).body)
	if x, y := strings.Join(numbers(a), " "), strings.Join(numbers(b), " "); x != y {
		t.Fatalf("at %s items begin at %s, here at %s", time.Now(), x, y)
	}
}

// TestSchedule_WhatIsWithdrawnIsNotPlayedAnyMore, once that is seen, under the same
// numbers, in all replicas alike.
func TestSchedule_WhatIsWithdrawnIsNotPlayedAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 2, 4), vodOf("slate", 3, 3, 3, 3))}
		o := wish(t, era(-time.Hour, "", "a b"), era(8*time.Minute, "b", "c"))
		o.Slate = &schedule.Item{Origin: "live", Path: "slate/master.m3u8"}
		w.publish(o)
		kept := w.restarted(w.text)
		all := []*rig{w.on(), w.on()}
		o = wish(t, era(-time.Hour, "", "a b"), era(8*time.Minute, "b", "c"), next("b c", "c b"))
		o.Withdrawn = []schedule.Item{{Origin: "live", Path: "b/master.m3u8"}}
		o.Slate = &schedule.Item{Origin: "live", Path: "slate/master.m3u8"}
		w.publish(o)
		time.Sleep(65 * time.Second)
		for range 40 {
			if body := all[0].ok(news).body; strings.Contains(body, "/b/") {
				t.Fatalf("at %s it is still played:\n%s", time.Now(), body)
			}
			agree(t, all...)
			sameNumbers(t, kept, all[0])
			time.Sleep(3700 * time.Millisecond)
		}
		time.Sleep(10 * time.Minute)
		if body := all[0].ok(news).body; strings.Contains(body, "/b/") || !strings.Contains(body, "/slate/") {
			t.Fatalf("in the next era it is played:\n%s", body)
		}
		agree(t, append(all, w.on())...)
	})
}

// TestSchedule_WhatIsWithdrawnMayHaveBeenPlayedLongAgo: eras that the object has dropped,
// and those that it changes, need no counts.
func TestSchedule_WhatIsWithdrawnMayHaveBeenPlayedLongAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 4, 3, 2), vodOf("c", 2, 4))}
		second := era(7*time.Minute+5*time.Second, "b", "c") // cuts b
		w.publish(wish(t, era(-time.Hour, "", "a b"), second, era(40*time.Minute, "", "b")))
		r := w.on()
		time.Sleep(15 * time.Minute)
		o := wish(t, second, era(40*time.Minute, "", "c b"))
		o.Withdrawn = []schedule.Item{{Origin: "live", Path: "b/master.m3u8"}}
		w.publish(o)
		if n := len(w.current.Eras); n != 2 {
			t.Fatalf("%d eras are in the object", n)
		}
		time.Sleep(70 * time.Second)
		other := w.on()
		for range 60 {
			agree(t, r, other)
			time.Sleep(37 * time.Second)
		}
		if n := r.logs.FilterMessageSnippet("nothing can stand in").Len(); n > 0 {
			t.Errorf("%d times it is logged that nothing can stand in", n)
		}
	})
}
