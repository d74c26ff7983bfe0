package proxy

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"pgregory.net/rapid"

	"vod2live/proxy/onair"
)

// goesBack lets addresses go back so far.
func goesBack(dvr time.Duration) func(*Config) {
	return func(c *Config) {
		c.DVR = dvr
		for n := range c.Channels {
			c.Channels[n].DVR = dvr
		}
	}
}

// view is the playlist of a part of a stream, read as a player does.
type view struct {
	livePlaylist
	event, precise, ended bool
	canSkip               string
	skipped               int
	at                    time.Time
}

// readView fails the test on anything that may not stand in one. A delta update is read
// on top of the playlist before.
func readView(t failer, text string, before *view) (v view) {
	t.Helper()
	var kept []string
	for line := range strings.Lines(text) {
		tag, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch tag {
		case "#EXT-X-PLAYLIST-TYPE":
			v.event = value == "EVENT"
		case "#EXT-X-START":
			v.precise = value == "TIME-OFFSET=0.001,PRECISE=YES"
		case "#EXT-X-SERVER-CONTROL":
			v.canSkip = value
		case "#EXT-X-ENDLIST":
			v.ended = true
		case "#EXT-X-SKIP":
			v.skipped, _ = strconv.Atoi(strings.TrimPrefix(value, "SKIPPED-SEGMENTS="))
		default:
			kept = append(kept, line)
		}
	}
	v.livePlaylist, v.at = readPlaylist(t, strings.Join(kept, "")), time.Now()
	if v.skipped > 0 {
		v.fill(t, before)
	}
	return v
}

// fill puts the segments that a delta update skips before those that it has.
func (v *view) fill(t failer, before *view) {
	t.Helper()
	if before == nil || v.sequence < before.sequence || int(v.sequence-before.sequence)+v.skipped > len(before.segments) {
		t.Fatalf("%d segments from %d on are skipped of what %d and the %d after it can't tell", v.skipped, v.sequence, before.sequence, len(before.segments))
	}
	known := before.segments[v.sequence-before.sequence:][:v.skipped]
	added := v.segments
	v.segments = nil
	for n, s := range append(append([]liveSegment{}, known...), added...) {
		if n == 0 {
			s.tagged = s.discontinuity > v.discontinuity
		}
		v.add(s)
	}
}

// at is a path with what selects a view.
func at(path, format string, args ...any) string { return path + "?" + fmt.Sprintf(format, args...) }

// children are the addresses of a multivariant playlist's renditions.
func (r *rig) children(path string) (all []string) {
	r.t.Helper()
	base, err := url.Parse(path)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, address := range addressesIn(r.ok(path).body) {
		child, err := base.Parse(address)
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, child.RequestURI())
	}
	return all
}

const movie = "/live/master.m3u8"

func TestView_StartOverGrowsFromItsInstantToTheEdge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), goesBack(24*time.Hour))
		answer := r.ok(movie + "?start=-10m&token=7")
		if age := answer.maxAge(t); age != 10*time.Second {
			t.Errorf("relative to now, for %s", age)
		}
		children := r.children(movie + "?start=-10m&token=7")
		want := time.Now().Add(-10 * time.Minute).UTC().Truncate(10 * time.Second)
		want = want.Add(-(want.Sub(epoch) + 1000*time.Hour) % (4 * time.Second))
		if len(children) != 2 || children[0] != fmt.Sprintf("/live/master.m3u8/0.m3u8?start=%d.000000000&token=7", want.Unix()) {
			t.Fatalf("renditions at %q, want from %s on", children, want)
		}
		for range 50 {
			for n, child := range children {
				v := readView(t, r.ok(child).body, nil)
				live := readPlaylist(t, r.ok(fmt.Sprintf("%s/%d.m3u8?token=7", movie, n)).body)
				if !v.event || !v.precise || v.ended || v.canSkip != "CAN-SKIP-UNTIL=24" || v.version != 9 {
					t.Fatalf("%+v", v)
				}
				if !v.first().start.Equal(want) || v.newest().number != live.newest().number || v.newest().discontinuity != live.newest().discontinuity {
					t.Fatalf("from %+v to %+v, live ends with %+v", v.first(), v.newest(), live.newest())
				}
			}
			time.Sleep(1700 * time.Millisecond)
		}
	})
}

func TestView_AnIntervalEndsForGoodInAllRenditionsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), goesBack(time.Hour))
		now := time.Now().Unix()
		children := r.children(at(movie, "start=%d&end=%d", now-61, now+62))
		ended := time.Time{}
		for time.Since(epoch) < 3*time.Minute {
			for n, child := range children {
				a := r.ok(child)
				v := readView(t, a.body, nil)
				switch {
				case v.ended && ended.IsZero() && n == 0:
					ended = time.Now()
				case v.ended == ended.IsZero():
					t.Fatalf("at %s rendition %d has ended: %v", time.Now(), n, v.ended)
				}
				if v.ended && (a.maxAge(t) != 24*time.Hour || v.newest().end().Unix() < now+62) {
					t.Fatalf("ends at %s, for %s", v.newest().end(), a.maxAge(t))
				}
			}
			time.Sleep(500 * time.Millisecond)
		}
		if ended.IsZero() {
			t.Error("it never ends")
		}
	})
}

func TestView_ADelayedStreamIsWhatWasLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), goesBack(time.Hour))
		rendition := movie + "/1.m3u8"
		r.ok(movie)
		was := map[int64]answered{}
		for range 120 {
			was[time.Now().Unix()] = r.ok(rendition)
			time.Sleep(time.Second)
		}
		for range 60 {
			late, live := r.ok(rendition+"?delay=55s"), was[time.Now().Unix()-60]
			if late.body != live.body || late.maxAge(t) != live.maxAge(t) {
				t.Fatalf("at %s\n%s\nwas\n%s", time.Now(), late.body, live.body)
			}
			time.Sleep(time.Second)
		}
	})
}

// TestView_EveryNumberMeansTheSameSegment in the live playlist, windows that go back and
// intervals, of random VODs; a delta update on top of the playlist before is the whole.
func TestView_EveryNumberMeansTheSameSegment(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		files := randomVOD().Draw(rt, "VOD")
		var pauses []time.Duration
		for range 5 {
			pauses = append(pauses, time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(rt, "pause")))
		}
		back := rapid.IntRange(60, 900).Draw(rt, "back")
		wrong := mismatch("")
		synctest.Test(t, func(t *testing.T) {
			defer func() {
				if e := recover(); e != nil {
					wrong = e.(mismatch)
				}
			}()
			r := newRig(t, newVODs(files), goesBack(time.Hour), func(c *Config) { c.Options.Epoch = epoch })
			time.Sleep(time.Hour)
			now := time.Now().Unix()
			p := &recording{r: r, seen: map[string]liveSegment{}, last: map[string]*view{}}
			for _, pause := range pauses {
				for _, rendition := range r.children("/live/v/master.m3u8") { // some may be left out
					p.poll(rendition + "?dvr=5m")
					p.poll(at(rendition, "start=%d", now-int64(back)))
					p.poll(at(rendition, "start=%d&end=%d", now-int64(back), now-int64(back)+200))
					p.poll(rendition + "?_HLS_msn=3")
				}
				time.Sleep(pause)
			}
		})
		if wrong != "" {
			rt.Fatalf("%s", wrong)
		}
	})
}

// mismatch is a panic of a recording, which runs in a bubble that rapid does not know.
type mismatch string

// recording holds all answers of a stream against each other.
type recording struct {
	r    *rig
	seen map[string]liveSegment // by rendition and number
	last map[string]*view       // by address
}

func (p *recording) Helper() {}

func (p *recording) Fatalf(format string, args ...any) { panic(mismatch(fmt.Sprintf(format, args...))) }

func (p *recording) poll(path string) {
	full := p.read(path, nil)
	rendition, _, _ := strings.Cut(path, "?")
	for _, s := range full.segments {
		id := fmt.Sprintf("%s/%d", rendition, s.number)
		before, known := p.seen[id]
		if known && (before.uri != s.uri || !before.start.Equal(s.start) || before.info != s.info || before.discontinuity != s.discontinuity) {
			p.Fatalf("%s: %+v was %+v", path, s, before)
		}
		p.seen[id] = s
	}
	last := p.last[path]
	if last != nil && full.event && (full.sequence != last.sequence || full.first() != last.first()) {
		p.Fatalf("%s: the head was %+v, is %+v", path, last.first(), full.first())
	}
	if last != nil && full.canSkip != "" && time.Since(last.at) < time.Duration(full.targetDuration)*3*time.Second { // 6.3.7
		delta := p.read(path+"&_HLS_skip=YES", last)
		if fmt.Sprint(delta.segments[1:]) != fmt.Sprint(full.segments[1:]) || delta.sequence != full.sequence || delta.discontinuity != full.discontinuity {
			p.Fatalf("%s: a delta update gives\n%v\nwant\n%v", path, delta.segments, full.segments)
		}
	}
	p.last[path] = &full
}

func (p *recording) read(path string, before *view) view {
	return readView(p, p.r.ok(path).body, before)
}

func TestView_BadInputIsRejectedByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed(), short("one.m3u8")), goesBack(24*time.Hour), func(c *Config) { c.Options.Epoch = epoch })
		time.Sleep(30 * time.Hour)
		now := time.Now().Unix()
		for _, c := range []struct {
			query  string
			status int
			code   string
		}{
			{at("", "start=%d", now+1), 404, "in-future"},
			{at("", "start=%d", epoch.Unix()-1), 404, "too-old"},
			{at("", "start=%d", now-25*3600), 404, "too-old"},
			{at("", "start=%d&end=%d", now-3600, now-3601), 400, "too-short"},
			{at("", "start=%d&end=%d", now-3600, now-3600), 400, "too-short"},
			{at("", "start=%d&end=%d", now-3600, now+365*86400), 400, "too-long"},
			{"?start=99999999999", 400, "bad-time"},
			{"?start=123456789012345678901234567890", 400, "bad-time"},
			{"?start=-99999h", 404, "too-old"},
			{"?start=1&start=1", 400, "bad-time"},
			{"?start=1&dvr=2h", 400, "bad-time"},
			{"?end=1", 400, "bad-time"},
			{"?dvr=25h", 404, "too-old"},
			{"?dvr=23h&delay=2h", 404, "too-old"},
			{"?dvr=x", 400, "bad-time"},
			{"?delay=-5", 400, "bad-time"},
		} {
			r.logs.TakeAll()
			if a := r.get(movie + c.query); a.status != c.status {
				t.Errorf("%s: %d %s, want %d", c.query, a.status, a.body, c.status)
			}
			if r.logs.FilterField(zap.String("code", c.code)).Len() == 0 {
				t.Errorf("%s: the log has no %s", c.query, c.code)
			}
		}
		if a := r.get("/live/one.m3u8?start=-1h"); a.status != 400 {
			t.Errorf("relative to now at a media playlist: %d", a.status)
		}
		r.ok(at("/live/one.m3u8", "start=%d", now-3600))
		if a := r.get(at(movie+"/0.m3u8", "start=%d", now-26*3600)); a.status != http.StatusOK {
			t.Errorf("a viewer is cut off in mid-film: %d", a.status)
		}
	})
}

// TestView_OfAVODWhoseFirstRenditionIsLeftOut: its multivariant playlist is answered, and
// leads to the renditions that there are.
func TestView_OfAVODWhoseFirstRenditionIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := rich()
		subtitles := "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"en\",URI=\"s.m3u8\"\n"
		files["master.m3u8"] = strings.Replace(strings.Replace(files["master.m3u8"], subtitles, "", 1), "#EXTM3U\n", "#EXTM3U\n"+subtitles, 1)
		delete(files, "s.m3u8")
		r := newRig(t, newVODs(files), beginsNow, goesBack(time.Hour))
		time.Sleep(10 * time.Minute)
		for _, query := range []string{"?dvr=5m", "?delay=1m", "?start=-5m", at("", "start=%d&end=%d", epoch.Unix()+60, epoch.Unix()+120)} {
			children := r.children(movie + query)
			if len(children) != 3 {
				t.Fatalf("%s leads to %q, want renditions 1 to 3", query, children)
			}
			for n, child := range children {
				if !strings.HasPrefix(child, fmt.Sprintf("%s/%d.m3u8?", movie, n+1)) {
					t.Errorf("%s leads to %s", query, child)
				}
				r.ok(child)
			}
		}
		if a := r.get(movie + "/0.m3u8?dvr=5m"); a.status != http.StatusNotFound {
			t.Errorf("the rendition that is left out: %d", a.status)
		}
	})
}

func TestView_WithoutTheSettingTheNamesAreTheOrigins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		r.ok(movie + "?start=5&_HLS_skip=YES")
		if got := files.last(t, "master.m3u8").URL.RawQuery; got != "start=5" {
			t.Errorf("the origin got %q", got)
		}
	})
}

func TestView_OfAChannelThatHasEndedIntervalsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := vodOf("a", 4, 4, 4, 4, 4)
		r := newRig(t, newVODs(files), playing(onair.Era{At: epoch.Add(time.Minute), Play: itemsOf("a a a")}), goesBack(2*time.Hour))
		start := epoch.Add(time.Minute)
		time.Sleep(time.Hour)
		for _, path := range []string{news, "/news/master.m3u8", news + "?dvr=10m", "/news/master.m3u8?dvr=10m"} {
			if a := r.get(path); a.status != 404 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		for _, child := range r.children(at("/news/master.m3u8", "start=%d", start.Unix())) {
			v := readView(t, r.ok(child).body, nil)
			if !v.ended || len(v.segments) != 15 || v.first().number != 0 {
				t.Errorf("%s: %+v", child, v)
			}
		}
		time.Sleep(90 * time.Minute)
		if a := r.get(at("/news/master.m3u8", "start=%d", start.Unix())); a.status != 404 {
			t.Errorf("beyond dvr: %d", a.status)
		}
	})
}
