package proxy

import (
	"encoding/xml"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
	"vod2live/proxy/schedule"
)

// guided configures a guide.
func guided(c *Config) { c.Guide = &Guide{Address: "https://tv.test/live", Days: 7} }

// programme is one of an XMLTV document.
type programme struct {
	Start   string `xml:"start,attr"`
	Stop    string `xml:"stop,attr"`
	Channel string `xml:"channel,attr"`
	Title   string `xml:"title"`
}

func (p *programme) times(t *testing.T) (start, stop time.Time) {
	t.Helper()
	const form = "20060102150405 -0700"
	start, err := time.Parse(form, p.Start)
	stop, err2 := time.Parse(form, p.Stop)
	if err != nil || err2 != nil {
		t.Fatalf("%+v: %v, %v", p, err, err2)
	}
	return start, stop
}

// programmes are those of the guide, which have neither gap nor overlap.
func (r *rig) programmes(t *testing.T) []programme {
	t.Helper()
	var tv struct {
		Programmes []programme `xml:"programme"`
	}
	if err := xml.Unmarshal([]byte(r.ok("/guide/epg.xml").body), &tv); err != nil {
		t.Fatal(err)
	}
	for n := range tv.Programmes {
		start, stop := tv.Programmes[n].times(t)
		if !start.Before(stop) || n > 0 && tv.Programmes[n-1].Stop != tv.Programmes[n].Start {
			t.Fatalf("programme %d is from %s to %s, the previous one ends at %s", n, start, stop, tv.Programmes[max(n-1, 0)].Stop)
		}
	}
	return tv.Programmes
}

// titleAt is that of the programme at an instant.
func titleAt(t *testing.T, all []programme, at time.Time) string {
	t.Helper()
	for n := range all {
		if start, stop := all[n].times(t); !at.Before(start) && at.Before(stop) {
			return all[n].Title
		}
	}
	return ""
}

// titled is an item with its folder as title, and clips are those of items.
func titled(folders string) (all []onair.Item) {
	for _, i := range itemsOf(folders) {
		i.Title = path.Dir(i.Path)
		all = append(all, i)
	}
	return all
}

// nightly is a channel with a loop and then an evening, and an ident that repeats.
func nightly(c *Config) {
	at := func(d time.Duration) time.Time { return c.Options.Epoch.Add(d) }
	playing(
		onair.Era{At: at(0), Loop: titled("a ident b")},
		onair.Era{At: at(3 * time.Hour), Wait: time.Minute, Play: titled("c ident"), Loop: titled("ident")},
		onair.Era{At: at(4 * time.Hour), Loop: titled("b a")},
	)(c)
	one := &c.Channels[0]
	one.Target, one.Title, one.Filler = 60*time.Second, "News, all day", []onair.Clip{item("ident").Clip}
}

var evening = []map[string]string{vodOf("a", 60, 60, 30), vodOf("b", 60, 60, 60, 5), vodOf("c", 60, 60, 60, 60, 60, 60), vodOf("ident", 20)}

// TestGuide_IsWhatThePlaylistsShow: second by second, over joints, a wait, a cut, and
// twenty minutes of fillers.
func TestGuide_IsWhatThePlaylistsShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(evening...), nightly, guided)
		<-r.station.Tried()
		time.Sleep(90 * time.Minute) // 2.5 h after the epoch
		all := r.programmes(t)
		viewer := r.aired(t)
		viewer.poll() // of what was before, the guide has one hour at most
		viewer.seen = map[int64]liveSegment{}
		viewer.watchEvery(2*time.Hour, 30*time.Second)
		titles, seconds := map[string]int{}, 0
		for _, s := range viewer.seen {
			folder := path.Base(path.Dir(s.uri))
			for at := s.start.Truncate(time.Second).Add(time.Second); at.Before(s.end()); at = at.Add(time.Second) {
				title := titleAt(t, all, at)
				if folder != "ident" && title != folder {
					t.Fatalf("at %s %s is on air, the guide says %q", at, folder, title)
				}
				titles[folder+" "+title]++
				seconds++
			}
		}
		t.Logf("%d seconds: %v", seconds, titles)
		if seconds < 7000 || titles["ident a"] == 0 || titles["ident News, all day"] < 3000 || titles["ident ident"] > 0 {
			t.Errorf("%d seconds: %v", seconds, titles)
		}
		if len(all) != 2000 {
			t.Errorf("the guide has %d programmes, want the most that there may be", len(all))
		}
	})
}

// watchEvery polls for a while.
func (a *aired) watchEvery(d, each time.Duration) {
	a.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(each) {
		a.poll()
	}
}

// TestGuide_ReplicasAgree, though one was started later and the other asked before.
func TestGuide_ReplicasAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(evening...)
		first := newRig(t, files, nightly, guided)
		<-first.station.Tried()
		first.ok("/guide/epg.xml")
		time.Sleep(150 * time.Minute)
		second := newRig(t, files, nightly, guided)
		<-second.station.Tried()
		time.Sleep(time.Minute) // until it knows what follows
		for range 5 {
			a, b := first.ok("/guide/epg.xml"), second.ok("/guide/epg.xml")
			if a.body != b.body || a.header.Get("Etag") != b.header.Get("Etag") {
				t.Fatalf("at %s the guides differ:\n%s\n%s", time.Now(), a.body, b.body)
			}
			time.Sleep(47 * time.Minute)
		}
	})
}

// TestGuide_IsSentAsPlaylistsAre: once made for an hour, with validators.
func TestGuide_IsSentAsPlaylistsAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(evening...), nightly, guided)
		<-r.station.Tried()
		time.Sleep(2*time.Minute + time.Second) // until it knows what follows: forecasts are made each minute
		for name, mime := range map[string]string{"channels.m3u": "audio/x-mpegurl; charset=utf-8", "epg.xml": "application/xml; charset=utf-8"} {
			a := r.ok("/guide/" + name)
			tag := a.header.Get("Etag")
			if a.header.Get("Cache-Control") != "public, max-age=300" || a.header.Get("Content-Type") != mime || tag == "" {
				t.Errorf("%s: %v", name, a.header)
			}
			if packed := r.ok("/guide/"+name, "Accept-Encoding", "gzip"); packed.header.Get("Content-Encoding") != "gzip" || packed.unpacked(t) != a.body || packed.header.Get("Etag") == tag {
				t.Errorf("%s packed: %v", name, packed.header)
			}
			if again := r.get("/guide/"+name, "If-None-Match", tag); again.status != http.StatusNotModified || again.body != "" {
				t.Errorf("%s: %d to one who has it", name, again.status)
			}
			if head := r.do(http.MethodHead, "/guide/"+name); head.status != http.StatusOK || head.body != "" || head.header.Get("Etag") != tag {
				t.Errorf("HEAD %s: %d %v", name, head.status, head.header)
			}
			if post := r.do(http.MethodPost, "/guide/"+name); post.status != http.StatusMethodNotAllowed {
				t.Errorf("POST %s: %d", name, post.status)
			}
		}
		made := r.guides.programmes(r.station.Now())
		if time.Sleep(30 * time.Minute); r.guides.programmes(r.station.Now()) != made {
			t.Error("made anew within the hour")
		}
		if time.Sleep(30 * time.Minute); r.guides.programmes(r.station.Now()) == made {
			t.Error("not made anew after an hour")
		}
		for _, absent := range []string{"/guide/", "/guide/x", "/guide/epg.xml/x"} {
			if a := r.get(absent); a.status != http.StatusNotFound {
				t.Errorf("%s: %d", absent, a.status)
			}
		}
	})
}

// TestGuide_ChangesWithTheSchedule at once, also within an hour.
func TestGuide_ChangesWithTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(evening...)
		r := newRig(t, files, nightly, guided)
		<-r.station.Tried()
		at := epoch.Add(90 * time.Minute)
		if title := titleAt(t, r.programmes(t), at); title == "c" {
			t.Fatal("c is on air before it was planned")
		}
		next := newRig(t, files, nightly, guided, func(c *Config) {
			c.Channels[0].Eras = append([]onair.Era{c.Channels[0].Eras[0]}, onair.Era{At: at, Play: titled("c"), Loop: titled("b")})
			c.Previous = r.Server
		})
		<-next.station.Tried()
		time.Sleep(time.Minute) // until what follows has been read
		if title := titleAt(t, next.programmes(t), at.Add(2*time.Minute)); title != "c" {
			t.Errorf("%q is on air, not c", title)
		}
		made := next.guides.programmes(next.station.Now())
		if next.guides.programmes(next.station.Now()) != made {
			t.Error("made anew without a change")
		}
	})
}

// TestGuide_HasWhatIsConfigured: neither a channel that is left out, nor the plays of one
// that is off air, nor anything if there is no guide.
func TestGuide_HasWhatIsConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(evening...)
		files.fail("gone/master.m3u8", status(404, ""))
		r := newRig(t, files, nightly, guided, func(c *Config) {
			more := []onair.Channel{
				{Name: "hidden", Origin: "live", Path: "a/master.m3u8", Options: c.Options, Unlisted: true},
				{Name: "off", Origin: "live", Path: "gone/master.m3u8", Options: c.Options, Title: "Off air"},
				{Name: "one", Origin: "live", Path: "a/master.m3u8", Options: c.Options, Only: onair.Guide{Title: "The only one"}},
			}
			c.Channels = append(c.Channels, more...)
		})
		<-r.station.Tried()
		list, times := r.ok("/guide/channels.m3u").body, r.ok("/guide/epg.xml").body
		if strings.Contains(list+times, "hidden") {
			t.Errorf("a channel that is left out is there:\n%s", list)
		}
		for _, want := range []string{"https://tv.test/live/news/master.m3u8\n", "https://tv.test/live/off/master.m3u8\n", `url-tvg="https://tv.test/live/guide/epg.xml"`, ",News  all day\n"} {
			if !strings.Contains(list, want) {
				t.Errorf("%s lacks %s", list, want)
			}
		}
		if strings.Contains(times, `channel="off.tv.test"`) || !strings.Contains(times, `<channel id="off.tv.test">`) {
			t.Errorf("of a channel off air:\n%.2000s", times)
		}
		if n := strings.Count(times, "<title>The only one</title>"); n != 2000 {
			t.Errorf("%d plays of the only VOD of a channel, want the most that there may be", n)
		}
		if a := newRig(t, files, nightly).get("/guide/epg.xml"); a.status != http.StatusNotFound {
			t.Errorf("without a guide: %d", a.status)
		}
	})
}

// TestGuide_CallsAChannelAsItsScheduleObjectDoes: at once after an edit of that alone, and
// as the configuration does where the object says nothing.
func TestGuide_CallsAChannelAsItsScheduleObjectDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(evening...)}
		called := func(title string) *schedule.Object {
			o := wish(t, era(0, "", "a ident b"))
			o.Target, o.Title, o.Number = time.Minute, title, "7"
			return o
		}
		w.publish(called("Object"))
		r := w.on(guided, func(c *Config) {
			c.Channels[0].Title, c.Channels[0].Number, c.Channels[0].Group = "File", "1", "News"
		})
		of := func(title string) []string {
			return []string{`tvg-name="` + title + `" tvg-chno="7" group-title="News"`, "," + title + "\n", "<display-name>" + title + "</display-name>", "<title>" + title + "</title>"}
		}
		shows := func(title string) {
			t.Helper()
			texts := r.ok("/guide/channels.m3u").body + r.ok("/guide/epg.xml").body
			for _, want := range of(title) {
				if !strings.Contains(texts, want) {
					t.Fatalf("%.3000s lacks %s", texts, want)
				}
			}
		}
		shows("Object")
		made := r.guides.newestList()
		w.publish(called("Edited"))
		time.Sleep(2 * time.Minute)
		shows("Edited")
		if newer := r.guides.newestList(); newer == made || newer != r.guides.newestList() {
			t.Error("the list is made anew without a change, or not with one")
		}
		w.publish(called(""))
		time.Sleep(2 * time.Minute)
		shows("File")
	})
}

// TestGuide_CatchUpPlaysTheProgramme: the address of the list, with what it says to add,
// begins with the programme of the guide and has all of it.
func TestGuide_CatchUpPlaysTheProgramme(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(evening...), nightly, guided, func(c *Config) { c.Channels[0].DVR = time.Hour })
		<-r.station.Tried()
		time.Sleep(137*time.Minute + 200*time.Millisecond) // into c
		list := r.ok("/guide/channels.m3u").body
		source := between(list, `catchup="append" catchup-source="`, `" catchup-days="1"`)
		if !strings.Contains(list, "\nhttps://tv.test/live/news/master.m3u8\n") {
			t.Fatal(list)
		}
		tried := map[string]int{}
		for _, p := range r.programmes(t) {
			start, stop := p.times(t)
			if start.Before(time.Now().Add(-time.Hour)) || stop.After(time.Now().Add(-5*time.Minute)) || p.Title == "News, all day" {
				continue
			}
			query := strings.NewReplacer("{utc}", strconv.FormatInt(start.Unix(), 10), "{utcend}", strconv.FormatInt(stop.Unix(), 10)).Replace(source)
			interval := readView(t, r.ok(r.children("/news/master.m3u8" + query)[0]).body, nil)
			first, last := interval.first(), interval.newest()
			if folder := path.Base(path.Dir(first.uri)); folder != p.Title || first.start.After(start) || last.end().Before(stop) || !interval.ended {
				t.Errorf("%+v plays %s from %s to %s", p, folder, first.start, last.end())
			}
			tried[p.Title]++
		}
		t.Log(tried)
		if tried["a"] == 0 || tried["b"] == 0 {
			t.Errorf("%v were tried", tried)
		}
	})
}

// between is what stands between two texts.
func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

// TestPlays_EndWhereNothingIsKnown: before an era whose items have not been read, unless
// a guide reads them.
func TestPlays_EndWhereNothingIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(evening...)
		late := func(c *Config) {
			eras := &c.Channels[0].Eras
			*eras = append(*eras, onair.Era{At: c.Options.Epoch.AddDate(0, 0, 10), Loop: titled("c")})
		}
		for days, want := range map[int]time.Duration{0: 3 * time.Hour, 7: 10 * 24 * time.Hour, 14: 11 * 24 * time.Hour} {
			r := newRig(t, files, nightly, late, func(c *Config) {
				if days > 0 {
					c.Guide = &Guide{Address: "https://tv.test", Days: days}
				}
			})
			<-r.station.Tried()
			time.Sleep(time.Minute)
			all, err := r.station.Programmes("news", epoch, r.config.Options.Epoch.AddDate(0, 0, 11))
			if err != nil {
				t.Fatal(err)
			}
			plays := slices.Collect(all)
			begin := r.config.Options.Epoch
			if end := plays[len(plays)-1].End; end.Sub(begin.Add(want)).Abs() > time.Hour/4 {
				t.Errorf("a guide of %d days: the plays end at %s, want %s", days, end, begin.Add(want))
			}
		}
	})
}

// TestGuide_AnItemAheadIsMissing: the guide goes on with what plays in its place, and has
// the era once the item is there.
func TestGuide_AnItemAheadIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(evening...)
		files.fail("c/master.m3u8", status(404, ""))
		r := newRig(t, files, nightly, guided)
		<-r.station.Tried()
		time.Sleep(time.Minute)
		at := r.config.Options.Epoch.Add(3*time.Hour + 2*time.Minute)
		if title := titleAt(t, r.programmes(t), at); title == "c" || title == "" {
			t.Errorf("%q is on air, and c is missing", title)
		}
		const missing = `vod2live_channel_eras_missing{channel="news"}`
		if n := r.metric(missing); n != 1 {
			t.Errorf("%g eras are missing, want 1", n)
		}
		files.fail("c/master.m3u8", nil)
		time.Sleep(2 * time.Minute)
		if title := titleAt(t, r.programmes(t), at); title != "c" || r.metric(missing) != 0 {
			t.Errorf("%q is on air, not c", title)
		}
	})
}

// TestGuide_CountsTheProgrammesThatItHasNoRoomFor, until a configuration has.
func TestGuide_CountsTheProgrammesThatItHasNoRoomFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const cut = "vod2live_guide_programmes_cut"
		r := newRig(t, newVODs(evening...), nightly, guided, func(c *Config) {
			c.CacheBytes = 1 << 20
			c.Channels[0].Eras[2].Loop[0].Desc = strings.Repeat("x", 500)
		})
		<-r.station.Tried()
		time.Sleep(time.Minute) // until what follows has been read
		r.ok("/guide/epg.xml")
		if n := r.metric(cut); n <= 0 {
			t.Errorf("%g programmes are cut from a guide of 64 KiB", n)
		}
		newRig(t, newVODs(evening...), nightly, func(c *Config) { c.Previous, c.Metrics = r.Server, r.config.Metrics })
		if n := r.metric(cut); n != 0 {
			t.Errorf("%g programmes are cut, and there is no guide", n)
		}
	})
}
