package proxy

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/admin"
	"vod2live/proxy/onair"
	"vod2live/proxy/wire"
)

// vodOf is a VOD of two bit rates in a folder, with segments of so many seconds.
func vodOf(folder string, seconds ...int) map[string]string {
	files := map[string]string{folder + "/master.m3u8": seed()["master.m3u8"]}
	for name, text := range bitrates(folder, seconds...) {
		files[folder+"/"+name] = text
	}
	return files
}

// item is that of a VOD at the rig's origin.
func item(folder string) onair.Item {
	return onair.Item{Clip: onair.Clip{Origin: "live", Path: folder + "/master.m3u8"}}
}

func itemsOf(folders string) (all []onair.Item) {
	for folder := range strings.FieldsSeq(folders) {
		all = append(all, item(folder))
	}
	return all
}

// playing configures the channel news; its model is the VOD in the folder a.
func playing(eras ...onair.Era) func(*Config) {
	return func(c *Config) {
		c.Channels = []onair.Channel{{Name: "news", Origin: "live", Path: "a/master.m3u8", Options: c.Options, Eras: eras, Target: 4 * time.Second}}
	}
}

// looping is one era at the epoch.
func looping(folders string) func(*Config) {
	return func(c *Config) { playing(onair.Era{At: c.Options.Epoch, Loop: itemsOf(folders)})(c) }
}

const news = "/news/master.m3u8/0.m3u8"

// aired is what a viewer of a channel sees of it: for each number the segment, held to
// what must be true of all playlists.
type aired struct {
	r    *rig
	t    *testing.T
	last livePlaylist
	seen map[int64]liveSegment
}

func (r *rig) aired(t *testing.T) *aired {
	return &aired{r: r, t: t, seen: map[int64]liveSegment{}}
}

// watch polls for a while, each second, and notes what is new.
func (a *aired) watch(d time.Duration) {
	a.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Second) {
		a.poll()
	}
}

func (a *aired) poll() {
	a.t.Helper()
	answer := a.r.ok(news)
	p := readPlaylist(a.t, strings.TrimSuffix(answer.body, "#EXT-X-ENDLIST\n"))
	if p.sequence < a.last.sequence {
		a.t.Fatalf("at %s the media sequence falls from %d to %d", time.Now(), a.last.sequence, p.sequence)
	}
	for i, s := range p.segments {
		number := p.sequence + int64(i)
		s.start = s.start.UTC()
		if i == 0 {
			s.tagged = a.seen[number].tagged || s.tagged // at the head the tag may have left
		}
		if old, known := a.seen[number]; known && (old.uri != s.uri || !old.start.Equal(s.start) || old.duration != s.duration || i > 0 && old.tagged != s.tagged) {
			a.t.Fatalf("at %s number %d was %+v and is %+v", time.Now(), number, old, s)
		}
		a.seen[number] = s
	}
	a.last = p
}

// told are the folders that were on air, in their order, each with how many of its
// segments: a*4 b*2.
func (a *aired) told() string {
	numbers := make([]int64, 0, len(a.seen))
	for n := range a.seen {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var all []string
	count, folder := 0, ""
	flush := func() {
		if count > 0 {
			all = append(all, fmt.Sprintf("%s*%d", folder, count))
		}
	}
	for i, n := range numbers {
		s := a.seen[n]
		if i > 0 {
			before := a.seen[numbers[i-1]]
			if gap := s.start.Sub(before.start) - before.duration; gap.Abs() > time.Millisecond {
				a.t.Errorf("between %d and %d there are %s", n-1, n, gap)
			}
		}
		if name := path.Base(path.Dir(s.uri)); name != folder || s.tagged {
			flush()
			count, folder = 0, name
		}
		count++
	}
	flush()
	return strings.Join(all, " ")
}

// TestPlayout_ItemsFollowOneAnother with a discontinuity each, and every replica says
// the same.
func TestPlayout_ItemsFollowOneAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 2))
		r := newRig(t, files, looping("a b c"))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(2 * time.Minute)
		if told := viewer.told(); !strings.Contains(told, "a*2 b*3 c*1 a*2 b*3 c*1 a*2 b*3 c*1") {
			t.Errorf("on air were %s", told)
		}
		other := newRig(t, files, looping("a b c"))
		<-other.station.Tried()
		for range 40 {
			time.Sleep(700 * time.Millisecond)
			for _, address := range []string{"/news/master.m3u8", news, "/news/master.m3u8/1.m3u8"} {
				a, b := r.ok(address), other.ok(address)
				if a.body != b.body || a.header.Get("Etag") != b.header.Get("Etag") || a.header.Get("Last-Modified") != b.header.Get("Last-Modified") || a.header.Get("Cache-Control") != b.header.Get("Cache-Control") {
					t.Fatalf("%s differs:\n%v\n%s\n%v\n%s", address, a.header, a.body, b.header, b.body)
				}
			}
		}
	})
}

// TestPlayout_AVODOfSeveralItemsIsFetchedOnce.
func TestPlayout_AVODOfSeveralItemsIsFetchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 4, 4, 4))
		r := newRig(t, files, looping("a b a b b"))
		<-r.station.Tried()
		r.ok(news)
		if n := files.count("b/master.m3u8"); n != 1 {
			t.Errorf("the VOD was fetched %d times", n)
		}
	})
}

// TestPlayout_WithoutAnItemIsOffAir, and the item is named, until it is there.
func TestPlayout_WithoutAnItemIsOffAir(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"absent": status(404, ""), "failing": status(503, "")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(vodOf("a", 4, 4), vodOf("b", 4))
				files.fail("b/master.m3u8", fault)
				r := newRig(t, files, looping("a b"))
				<-r.station.Tried()
				if a := r.get("/news/master.m3u8"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
					t.Errorf("%d %s", a.status, a.body)
				}
				off := r.Streams("").OffAir
				if len(off) != 1 || off[0].Code != "item-unavailable" || !strings.Contains(off[0].Error, "live/b/master.m3u8") {
					t.Errorf("off air: %+v", off)
				}
				files.fail("b/master.m3u8", nil)
				time.Sleep(time.Minute)
				r.ok("/news/master.m3u8")
				if len(r.Streams("").OffAir) != 0 {
					t.Error("still off air")
				}
			})
		})
	}
}

// TestPlayout_AnItemThatCantBeMappedRefusesTheChannelByName.
func TestPlayout_AnItemThatCantBeMappedRefusesTheChannelByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 9, 9))
		r := newRig(t, files, looping("a b"))
		<-r.station.Tried()
		if a := r.get("/news/master.m3u8"); a.status != http.StatusBadGateway || !strings.Contains(a.body, "target-duration-exceeded") {
			t.Errorf("%d %s", a.status, a.body)
		}
	})
}

// TestPlayout_PlaysOnWhileItsOriginsAreAway for two turns, all answers 200.
func TestPlayout_PlaysOnWhileItsOriginsAreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3))
		r := newRig(t, files, looping("a b"))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(30 * time.Second)
		files.fail("", status(503, ""))
		viewer.watch(10 * time.Minute)
		if told := viewer.told(); strings.Contains(told, "a*1 b*3 a*2") || !strings.Contains(told, "a*2 b*3 a*2 b*3") {
			t.Errorf("on air were %s", told)
		}
	})
}

// TestPlayout_ErasFollowTheirDates: one after the other, with the end of the last.
func TestPlayout_ErasFollowTheirDates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 4), vodOf("d", 4, 4, 4))
		start := epoch.Add(-time.Hour)
		r := newRig(t, files, playing(
			onair.Era{At: start, Loop: itemsOf("a b")},
			onair.Era{At: epoch.Add(time.Minute), Play: itemsOf("c c"), Loop: itemsOf("d")},
			onair.Era{At: epoch.Add(3 * time.Minute), Wait: 30 * time.Second, Play: itemsOf("a")},
		))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(3*time.Minute + 40*time.Second)
		told := viewer.told()
		if !strings.Contains(told, "a*2 b*3 a*2 b*3") || !strings.Contains(told, " c*1 c*1 d*3 d*3 d*3") || !strings.HasSuffix(told, " d*3 a*2") {
			t.Errorf("on air were %s", told)
		}
		if a := r.ok(news); !strings.HasSuffix(a.body, "#EXT-X-ENDLIST\n") {
			t.Errorf("after the end:\n%s", a.body)
		}
		r.ok("/news/master.m3u8")
		time.Sleep(11 * time.Minute)
		for _, address := range []string{"/news/master.m3u8", news} {
			if a := r.get(address); a.status != http.StatusNotFound {
				t.Errorf("%s long after the end: %d", address, a.status)
			}
		}
	})
}

// TestPlayout_AnEraWithoutAnItemIsLeftOut, and the one before goes on.
func TestPlayout_AnEraWithoutAnItemIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("c", 4))
		r := newRig(t, files, playing(
			onair.Era{At: epoch.Add(-time.Hour), Loop: itemsOf("a")},
			onair.Era{At: epoch.Add(time.Minute), Loop: itemsOf("absent")},
			onair.Era{At: epoch.Add(2 * time.Minute), Loop: itemsOf("c")},
		))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(3 * time.Minute)
		if told := viewer.told(); strings.Contains(told, "absent") || !strings.Contains(told, "a*2 a*2 a*2") || !strings.HasSuffix(told, "c*1 c*1 c*1") {
			t.Errorf("on air were %s", told)
		}
		if n := r.logs.FilterMessageSnippet("era skipped").Len(); n != 1 || r.metric(`vod2live_channel_eras_skipped_total{channel="news"}`) != 1 {
			t.Errorf("%d lines say that it was left out", n)
		}
	})
}

// TestPlayout_AnEditedItemTakesOverWhenItBeginsNext.
func TestPlayout_AnEditedItemTakesOverWhenItBeginsNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("c", 4), vodOf("b", 3, 3, 3))
		r := newRig(t, files, looping("a c b")) // one of them has one segment
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(time.Minute)
		files.putAll(vodOf("b", 3, 3))
		viewer.watch(5 * time.Minute)
		told := viewer.told()
		if i := strings.LastIndex(told, "b*3"); i < 0 || !strings.HasPrefix(told[i:], "b*3 a*2 c*1 b*2 a*2 c*1 b*2 a*2") || strings.Contains(told[:i], "b*2 ") {
			t.Errorf("on air were %s", told)
		}
	})
}

// TestPlayout_AfterAReloadEditsAreStillSeen.
func TestPlayout_AfterAReloadEditsAreStillSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3))
		r := newRig(t, files, looping("a b"))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(time.Minute)
		viewer.r = newRig(t, files, func(c *Config) { looping("a b")(c); c.Previous = r.Server })
		viewer.watch(time.Minute)
		files.putAll(vodOf("b", 3, 3))
		viewer.watch(5 * time.Minute)
		told := viewer.told()
		if i := strings.LastIndex(told, "b*3"); !strings.HasPrefix(told[i:], "b*3 a*2 b*2 a*2 b*2 a*2") {
			t.Errorf("on air were %s", told)
		}
	})
}

// TestReload_OfAChannelAsksForItsItems, those that begin soon.
func TestReload_OfAChannelAsksForItsItems(t *testing.T) {
	for want, fault := range map[metrics.Revalidation]http.HandlerFunc{metrics.Unchanged: nil, metrics.Gone: status(404, ""), metrics.Unknowable: status(503, "")} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3))
			r := newRig(t, files, looping("a b"))
			<-r.station.Tried()
			r.ok(news)
			files.fail("b/master.m3u8", fault)
			if got, err := r.station.Reload(t.Context(), r.only().ID); got != want || err != nil {
				t.Errorf("%q, %v; want %q", got, err, want)
			}
			files.fail("b/master.m3u8", nil)
			files.putAll(vodOf("b", 3, 3))
			if got, err := r.station.Reload(t.Context(), r.only().ID); got != metrics.Changed || err != nil {
				t.Errorf("after an edit: %q, %v", got, err)
			}
		})
	}
}

// TestPlayout_AReloadGoesOnWithTheChannel: an unchanged one, another window, another
// list, and a schedule that would change the past.
func TestPlayout_AReloadGoesOnWithTheChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 4))
		r := newRig(t, files, looping("a b"))
		<-r.station.Tried()
		viewer := r.aired(t)
		viewer.watch(time.Minute)
		asked := files.count("")
		for _, change := range []func(*Config){
			looping("a b"),
			func(c *Config) { c.Options.Window = 40 * time.Second; looping("a b")(c) },
		} {
			next := newRig(t, files, func(c *Config) { change(c); c.Previous = viewer.r.Server })
			<-next.station.Tried()
			viewer.r = next
			viewer.last = livePlaylist{} // a longer window begins earlier
			viewer.watch(time.Minute)
		}
		if n := files.count("") - asked; n > 40 {
			t.Errorf("%d requests for what is loaded", n)
		}
		next := newRig(t, files, func(c *Config) { looping("a c")(c); c.Previous = viewer.r.Server })
		<-next.station.Tried()
		viewer.r, viewer.last = next, livePlaylist{}
		viewer.watch(3 * time.Minute)
		told := viewer.told()
		if i := strings.LastIndex(told, "b*3"); i < 0 || !strings.HasSuffix(told, "a*2 c*1 a*2 c*1") && !strings.HasSuffix(told, "c*1 a*2 c*1 a*2") && !strings.Contains(told[i:], "a*2 c*1 a*2 c*1") {
			t.Errorf("on air were %s", told)
		}
	})
}

// TestPlayout_TheMultivariantPlaylistOfAnotherModelHasAnotherETag: a cache that compares
// tags would keep the playlist of the model before.
func TestPlayout_TheMultivariantPlaylistOfAnotherModelHasAnotherETag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 4, 4))
		files.put("b/master.m3u8", strings.ReplaceAll(seed()["master.m3u8"], "BANDWIDTH=", "AVERAGE-BANDWIDTH=1000,BANDWIDTH="))
		tags := map[string]string{}
		for _, model := range []string{"a", "b"} {
			r := newRig(t, files, func(c *Config) {
				looping("a b")(c)
				c.Channels[0].Path = model + "/master.m3u8"
			})
			<-r.station.Tried()
			a := r.ok("/news/master.m3u8")
			tags[a.header.Get("Etag")] = a.body
		}
		if len(tags) != 2 {
			t.Errorf("two models have the ETags and playlists %q", tags)
		}
	})
}

// TestPlayout_TheOperatorSeesWhatIsOnAir, and what follows.
func TestPlayout_TheOperatorSeesWhatIsOnAir(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3))
		r := newRig(t, files, func(c *Config) {
			looping("a b")(c)
			c.Channels[0].Eras[0].Loop[1].Title = "The second"
		})
		<-r.station.Tried()
		for range 40 {
			d, err := r.Detail(onair.Key{Mount: "news", Path: "master.m3u8"}.ID(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if d.Problems == nil {
				t.Error("problems are null in JSON")
			}
			n := slices.IndexFunc(d.Plays, func(p admin.Play) bool { return time.Time(p.End).After(time.Now()) })
			on := d.Plays[n]
			if start, end := time.Time(on.Start), time.Time(on.End); start.After(time.Now()) || d.Length != wire.Seconds(end.Sub(start)) || d.NextLoop != on.End {
				t.Errorf("at %s from %s to %s is on air, of %v s until %v", time.Now(), start, end, d.Length, time.Time(d.NextLoop))
			}
			if oldest := d.Media[0].Window[0]; time.Time(d.Plays[0].Start).After(time.Time(oldest.Start)) {
				t.Errorf("the window begins at %s, plays at %s", time.Time(oldest.Start), time.Time(d.Plays[0].Start))
			}
			if (on.VOD == "live/b/master.m3u8") != (on.Title == "The second") {
				t.Errorf("%+v", on)
			}
			for i, p := range d.Plays[1:] {
				if time.Time(p.Start) != time.Time(d.Plays[i].End) || p.VOD == d.Plays[i].VOD {
					t.Errorf("%+v follows %+v", p, d.Plays[i])
				}
			}
			number := map[string]float64{"live/a/master.m3u8": 0, "live/b/master.m3u8": 1}[on.VOD]
			if got := r.metric(`vod2live_channel_item_number{channel="news"}`); got != number {
				t.Errorf("item %v is on air, want %v", got, number)
			}
			if left := r.metric(`vod2live_channel_next_item_seconds{channel="news"}`); left < 0 || left > 9 {
				t.Errorf("the next item begins in %v s", left)
			}
			time.Sleep(900 * time.Millisecond)
		}
	})
}

// TestPlayout_CuesOfAClipAreThoseOfItsMedia, whose timestamps are the VOD's, and an item without subtitles has
// slices without cues.
func TestPlayout_CuesOfAClipAreThoseOfItsMedia(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled(), vodOf("b", 4, 4))
		r := newRig(t, files, func(c *Config) {
			clip := onair.Item{Clip: onair.Clip{Origin: "live", Path: "sub.m3u8", In: 4 * time.Second}}
			c.Channels = []onair.Channel{{
				Name: "news", Origin: "live", Path: "sub.m3u8", Options: c.Options,
				Eras: []onair.Era{{At: c.Options.Epoch, Loop: []onair.Item{clip, item("b")}}},
			}}
		})
		<-r.station.Tried()
		text := r.ok("/news/master.m3u8/1.m3u8").body
		var seen []string
		for _, uri := range addressesIn(text) {
			body := r.ok("/news/master.m3u8/" + uri).body
			cues := []string{}
			for line := range strings.Lines(body) {
				if strings.Contains(line, "-->") || strings.HasPrefix(line, "X-TIMESTAMP") {
					cues = append(cues, strings.TrimSpace(line))
				}
			}
			seen = append(seen, uri[strings.Index(uri, "-")+1:]+": "+strings.Join(cues, " "))
		}
		const file = "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000 "
		want := []string{"0.vtt: " + file + "00:03.000 --> 00:05.000", "1.vtt: " + file + "00:09.000 --> 00:10.000", "2.vtt: " + strings.TrimSpace(file), "0.vtt: ", "1.vtt: "}
		if n := len(seen); n < 8 || !slices.Equal(seen[n-5:], want) {
			t.Errorf("%q, want at the end %q", seen, want)
		}
	})
}

// TestPlayout_AYearOfEras: 400 of them, one after the other, and a process that starts at
// any time says the same as one that has played them all.
func TestPlayout_AYearOfEras(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 4), vodOf("d", 4, 2, 4))
		const every = 365 * 24 * time.Hour / 400
		lists := []string{"a b", "c", "d a", "b c d", "a"}
		var eras []onair.Era
		for n := range 400 {
			e := onair.Era{At: epoch.Add(-time.Hour).Add(time.Duration(n) * every), Wait: time.Duration(n%3) * 5 * time.Second, Loop: itemsOf(lists[n%len(lists)])}
			if n%4 == 1 {
				e.Play = itemsOf(lists[(n+2)%len(lists)])
			}
			eras = append(eras, e)
		}
		slow := func(c *Config) { c.Revalidate = 6 * time.Hour }
		r := newRig(t, files, playing(eras...), slow)
		<-r.station.Tried()
		viewer := r.aired(t)
		var last int64
		for n := range 400 {
			time.Sleep(time.Until(eras[n].At.Add(-10 * time.Second)))
			clear(viewer.seen)
			viewer.watch(30 * time.Second)
			if viewer.last.sequence < last {
				t.Fatalf("era %d: the media sequence falls from %d to %d", n, last, viewer.last.sequence)
			}
			last = viewer.last.sequence
			if n%50 != 49 {
				continue
			}
			other := newRig(t, files, playing(eras...), slow)
			<-other.station.Tried()
			for _, address := range []string{"/news/master.m3u8", news, "/news/master.m3u8/1.m3u8"} {
				a, b := r.ok(address), other.ok(address)
				if a.body != b.body || a.header.Get("Etag") != b.header.Get("Etag") || a.header.Get("Cache-Control") != b.header.Get("Cache-Control") {
					t.Fatalf("era %d: %s differs:\n%v\n%s\n%v\n%s", n, address, a.header, a.body, b.header, b.body)
				}
			}
			other.Close()
		}
	})
}
