package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy/admin"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// told is what the operator gets of something, which must show no secret and no
// query.
func told(t testing.TB, what any) string {
	t.Helper()
	text, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range append([]string{hush}, secrets[1:]...) { // the host may be told
		if strings.Contains(string(text), secret) {
			t.Errorf("%s is told: %s", secret, text)
		}
	}
	return string(text)
}

// only is the one stream that is loaded.
func (r *rig) only() admin.Summary {
	r.t.Helper()
	list := r.Streams("")
	told(r.t, list)
	if len(list.Streams) != 1 || list.Total != 1 {
		r.t.Fatalf("%d of %d streams are told of", len(list.Streams), list.Total)
	}
	return list.Streams[0]
}

func TestStreams_TellWhatThePlaylistSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()))
		for range 40 {
			time.Sleep(3700 * time.Millisecond)
			newest := readPlaylist(t, r.ok("/live/master.m3u8/0.m3u8").body).newest()
			s, now := r.only(), time.Now()
			e := s.Edge
			if e.MediaSequence != newest.number || e.DiscontinuitySequence != newest.discontinuity || !time.Time(e.LiveEdge).Equal(newest.end()) || e.BeginsIn != 0 {
				t.Fatalf("%+v, want that of %+v", e, newest)
			}
			since := now.Sub(epoch.Add(-time.Hour))
			nextLoop := time.Time(e.NextLoop).Sub(now)
			if want := int64((since - 1) / (16 * time.Second)); since%(16*time.Second) >= 4*time.Second && e.Loop != want {
				t.Errorf("loop %d, want %d", e.Loop, want)
			}
			if nextLoop <= 0 || nextLoop > 16*time.Second || (since+nextLoop)%(16*time.Second) != 0 {
				t.Errorf("the next loop point is in %s, %s after the epoch", nextLoop, since)
			}
			if next := time.Time(e.NextChange).Sub(now); next <= 0 || next > 4*time.Second {
				t.Errorf("the next change is in %s", next)
			}
		}
		s := r.only()
		if s.Address != "/live/master.m3u8" || s.Mount != "live" || s.Origin != "live" || s.VOD != "master.m3u8" || s.Channel || s.HasQuery || s.Renditions != 2 ||
			s.Length != wire.Seconds(16*time.Second) || s.Target != wire.Seconds(4*time.Second) || s.Window != wire.Seconds(30500*time.Millisecond) || s.State != onair.StateOK || len(s.ID) != 16 {
			t.Errorf("%+v", s)
		}
	})
}

func TestDetail_TellsOfEveryRenditionWhatItsPlaylistSays(t *testing.T) {
	rapid.Check(t, func(t2 *rapid.T) {
		files := randomVOD().Draw(t2, "VOD")
		at := epoch.Add(time.Duration(rapid.Int64Range(int64(time.Hour), int64(1000*time.Hour)).Draw(t2, "at")))
		r := newRig(t, newVODs(files), func(c *Config) { c.Now = func() time.Time { return at } })
		defer r.Close()
		if a := r.get("/live/v/master.m3u8"); a.status != 200 {
			t2.Skip(a.body)
		}
		d, err := r.Detail(r.only().ID, time.Time{})
		if err != nil {
			t2.Fatal(err)
		}
		for n, track := range d.Media {
			if a := r.get(track.Address); track.LeftOut != "" {
				if a.status != 404 || len(track.Window) > 0 {
					t2.Fatalf("rendition %d is left out (%s): %d, %+v", n, track.LeftOut, a.status, track)
				}
				continue
			}
			p := readPlaylist(t2, r.ok(track.Address).body)
			checkTrack(t2, track, p)
			text, err := r.PlaylistAt(d.ID, n, at)
			if err != nil || text != mask.Text(r.ok(track.Address).body) {
				t2.Fatalf("the playlist of rendition %d is told otherwise: %v\n%s", n, err, text)
			}
		}
	})
}

func checkTrack(t failer, track admin.Track, p livePlaylist) {
	t.Helper()
	if len(track.Window) != len(p.segments) || track.MediaSequence != p.newest().number || track.DiscontinuitySequence != p.newest().discontinuity {
		t.Fatalf("%+v, want %+v", track, p)
	}
	for i, s := range p.segments {
		shown := track.Window[i]
		start := time.Time(shown.Start).Truncate(time.Millisecond)
		if shown.Sequence != s.number || !start.Equal(s.start) || time.Duration(shown.Duration) != s.duration || shown.Discontinuity != s.tagged || shown.Gap != s.gap {
			t.Fatalf("rendition %d: %+v, want %+v", track.Index, shown, s)
		}
		if shown.InLoop != track.Boundaries[shown.Index] {
			t.Fatalf("rendition %d: segment %d begins at %d in the loop, want %d", track.Index, shown.Index, shown.InLoop, track.Boundaries[shown.Index])
		}
		inGap := slices.ContainsFunc(track.Gaps, func(g admin.Gap) bool { return g.Start <= shown.InLoop && shown.InLoop < g.Start+g.Duration })
		marked := shown.Index == 0 || slices.Contains(track.Discontinuities, shown.InLoop)
		if inGap != s.gap || marked != s.tagged {
			t.Fatalf("rendition %d: segment %d: gap %v, discontinuity %v, want %+v", track.Index, shown.Index, inGap, marked, s)
		}
	}
}

func TestDetail_AtAnotherInstantIsWhatWillBeServedThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed(), subtitled()))
		r.ok("/live/sub.m3u8")
		id := r.only().ID
		then := time.Now().Add(3*time.Hour + 1234*time.Millisecond)
		ahead, err := r.Detail(id, then)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for n := range ahead.Media {
			text, err := r.PlaylistAt(id, n, then)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
		}
		time.Sleep(time.Until(then))
		for n, track := range ahead.Media {
			body := r.ok(track.Address).body
			if checkTrack(t, track, readPlaylist(t, body)); texts[n] != mask.Text(body) {
				t.Errorf("rendition %d: told\n%s\nserved\n%s", n, texts[n], body)
			}
		}
		if kind := ahead.Media[1].Kind; kind != playlist.KindSubtitles || !ahead.Media[1].Sliced || ahead.Media[1].Name != "en" || ahead.Media[1].Group != "s" {
			t.Errorf("%+v", ahead.Media[1])
		}
		for _, at := range []time.Time{epoch.Add(-2 * time.Hour), then.Add(101 * 365 * 24 * time.Hour), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
			if _, err := r.Detail(id, at); !errors.Is(err, onair.ErrInstant) {
				t.Errorf("at %s: %v", at, err)
			}
		}
		before, err := r.Detail(id, epoch.Add(-time.Hour))
		if err != nil || before.BeginsIn != wire.Seconds(17*time.Second) || len(before.Media[0].Window) != 0 {
			t.Errorf("at the epoch: %+v, %v", before, err)
		}
	})
}

// TestDetail_OfAStreamThatHasNotBegun: its epoch may be years ahead.
func TestDetail_OfAStreamThatHasNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(movies("a")), func(c *Config) { c.Options.Epoch = epoch.Add(time.Hour) }, channels("soon", "a/master.m3u8"))
		synctest.Wait()
		s := r.only()
		d, err := r.Detail(s.ID, time.Time{})
		if told(t, d); err != nil || d.BeginsIn != wire.Seconds(time.Hour+17*time.Second) || d.BeginsIn != s.BeginsIn || len(d.Media) != 2 || len(d.Media[0].Window) != 0 {
			t.Errorf("%+v, %v", d, err)
		}
		if _, err := r.PlaylistAt(s.ID, 0, time.Time{}); !errors.Is(err, loop.ErrNotYet) {
			t.Errorf("its playlist: %v", err)
		}
		if _, err := r.Detail(s.ID, epoch.Add(time.Minute)); !errors.Is(err, onair.ErrInstant) {
			t.Errorf("before the epoch: %v", err)
		}
	})
}

func TestDetail_ShowsGapsCuesAndDiscontinuities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := map[string]string{"m.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-CUE-OUT:8\n#EXTINF:4,\n1.ts\n#EXTINF:4,\n2.ts\n" +
			"#EXT-X-DISCONTINUITY\n#EXTINF:4,\n#EXT-X-CUE-IN\n3.ts\n#EXT-X-GAP\n#EXTINF:4,\n4.ts\n#EXT-X-GAP\n#EXTINF:2,\n5.ts\n" +
			"#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",SCTE35-OUT=0xFC\n#EXTINF:4,\n6.ts\n#EXT-X-ENDLIST\n"}
		r := newRig(t, newVODs(files))
		r.ok("/live/m.m3u8")
		d, err := r.Detail(r.only().ID, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		got := told(t, d.Media[0])
		for _, want := range []string{
			`"discontinuities":[8]`, `"gaps":[{"start_seconds":12,"duration_seconds":6}]`, `"boundaries":[0,4,8,12,16,18]`, `"kind":"media"`, `"reference":true`,
			`"cues":[{"start_seconds":0,"tag":"EXT-X-CUE-OUT"},{"start_seconds":8,"tag":"EXT-X-CUE-IN"},{"start_seconds":18,"tag":"EXT-X-DATERANGE"}]`,
			`"address":"/live/m.m3u8"`,
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s is not in %s", want, got)
			}
		}
		if d.Multivariant != nil {
			t.Errorf("a multivariant playlist: %s", *d.Multivariant)
		}
	})
}

// TestStreams_ShowNoQuery: that of a viewer may be a token, and an origin may
// put it into its playlists.
func TestStreams_ShowNoQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed(), subtitled())
		files.put("master_Layer1.m3u8", strings.ReplaceAll(seed()["master_Layer1.m3u8"], ".ts", ".ts?auth="+hush))
		r := newRig(t, files)
		r.ok("/live/sub.m3u8?token=" + hush)
		s := r.only()
		if s.Address != "/live/sub.m3u8" || !s.HasQuery || strings.Contains(s.ID, hush) {
			t.Errorf("%+v", s)
		}
		d, err := r.Detail(s.ID, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if told(t, d); !strings.Contains(*d.Multivariant, "sub.m3u8/0.m3u8?***") {
			t.Errorf("the multivariant playlist: %s", *d.Multivariant)
		}
		for n := range d.Media {
			text, err := r.PlaylistAt(s.ID, n, time.Time{})
			if told(t, text); err != nil || !strings.Contains(text, "?***\n") {
				t.Errorf("rendition %d: %v\n%s", n, err, text)
			}
		}
	})
}

// TestStreams_ShowNothingOfAQuery: it may have any character in it, as viewers
// sent it or as the origin wrote it.
func TestStreams_ShowNothingOfAQuery(t *testing.T) {
	for _, between := range []string{",", ";", "|", "'", `"`, "\\", "^", "`", "{", "#", "?", "/", "//", "@", ":", "%22", "%2C", "\u00e9", "\u2028", "日", "&b=", "&b=,"} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(seed(), subtitled())
			odd := "?auth=a" + between + hush
			files.put("master_Layer1.m3u8", strings.NewReplacer(".ts", ".ts"+odd, "#EXT-X-TARGETDURATION", "#EXT-X-KEY:METHOD=AES-128,URI=\"k.bin"+strings.ReplaceAll(odd, `"`, "")+"\"\n#EXT-X-TARGETDURATION").Replace(seed()["master_Layer1.m3u8"]))
			r := newRig(t, files)
			q := request("GET", "/live/sub.m3u8")
			q.URL.RawQuery = "sig=abc" + between + hush
			if a := r.send(q); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			d, err := r.Detail(r.only().ID, time.Time{})
			if told(t, d); err != nil || !strings.Contains(*d.Multivariant, "sub.m3u8/0.m3u8?***\n") {
				t.Errorf("%q: %v\n%s", between, err, *d.Multivariant)
			}
			for n := range d.Media {
				text, err := r.PlaylistAt(d.ID, n, time.Time{})
				if told(t, text); err != nil || !strings.Contains(text, "?***\n") {
					t.Errorf("%q: rendition %d: %v\n%s", between, n, err, text)
				}
			}
		})
	}
}

// TestPlaylistAt_ShowsNoSecretOfTheOrigin: what is in its playlists may be for
// viewers only.
func TestPlaylistAt_ShowsNoSecretOfTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		files.put("m.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-KEY:METHOD=AES-128,URI=\"https://user:"+hush+"@keys.test/k.bin?auth="+hush+"\"\n"+
			strings.Repeat("#EXTINF:4,what?\na.ts?auth=1,"+hush+"\n#EXTINF:4,\nhttps://"+hush+"@cdn.test/b.ts\n#EXTINF:4,\n//cdn.test/c@2.ts\n", 4)+"#EXT-X-ENDLIST\n")
		r := newRig(t, files)
		r.ok("/live/m.m3u8")
		text, err := r.PlaylistAt(r.only().ID, 0, time.Time{})
		if told(t, text); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"URI=\"https://***@keys.test/k.bin?***\",", "\na.ts?***\n", "\nhttps://***@cdn.test/b.ts\n", "\nhttp://cdn.test/c@2.ts\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in\n%s", want, text)
			}
		}
	})
}

func TestStreams_LeaveWhatIsKeptAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a", "b", "c"))
		r := newRig(t, files)
		for _, name := range []string{"a", "b", "c"} {
			r.ok("/live/" + name + "/master.m3u8")
			time.Sleep(2 * time.Second)
		}
		used := r.ids()
		asked := files.count("")
		time.Sleep(time.Hour)
		list := r.Streams("")
		for _, s := range list.Streams {
			if _, err := r.Detail(s.ID, time.Time{}); err != nil {
				t.Error(err)
			}
		}
		r.rest()
		if now := r.ids(); fmt.Sprint(now) != fmt.Sprint(used) || files.count("") != asked {
			t.Errorf("streams %v, before %v; %d requests of the origin, before %d", now, used, files.count(""), asked)
		}
		if got := list.Streams; got[0].VOD != "c/master.m3u8" || got[2].VOD != "a/master.m3u8" || time.Since(time.Time(got[0].Used)) < time.Hour {
			t.Errorf("not those used last first: %+v", got)
		}
	})
}

// TestStreams_AreFoundByTheWordsOfASearch, in any case and whether or not they
// are escaped.
func TestStreams_AreFoundByTheWordsOfASearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("Alpha-10", "beta"), short("日本/ü x.m3u8"))
		r := newRig(t, files, channels("news", "beta/master.m3u8"), func(c *Config) {
			c.Examine = func(in *onair.Inspection) (all []problem.Problem) {
				if in.Multivariant == nil {
					return []problem.Problem{{Severity: problem.Warning, Code: "short-loop"}}
				}
				return nil
			}
		})
		synctest.Wait()
		r.ok("/live/Alpha-10/master.m3u8")
		odd := "/live/%E6%97%A5%E6%9C%AC/%C3%BC%20x.m3u8"
		r.ok(odd)
		for search, want := range map[string][]string{
			"": {odd, "/news/master.m3u8", "/live/Alpha-10/master.m3u8"}, "alpha-10": {"/live/Alpha-10/master.m3u8"}, "ALPHA": {"/live/Alpha-10/master.m3u8"},
			"beta": {"/news/master.m3u8"}, " news ": {"/news/master.m3u8"}, "master  ALPHA": {"/live/Alpha-10/master.m3u8"}, "gamma": {}, "alpha gamma": {},
			"日": {odd}, "Ü x": {odd}, "%e6%97": {odd}, "short-loop": {odd}, "live short": {odd},
		} {
			list := r.Streams(search)
			got := []string{}
			for _, s := range list.Streams {
				got = append(got, s.Address)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || list.Total != len(want) {
				t.Errorf("search for %q: %v of %d, want %v", search, got, list.Total, want)
			}
		}
	})
}

// TestStreams_TellOfChannelsThatAreNotLoaded, and why: their viewers get errors.
func TestStreams_TellOfChannelsThatAreNotLoaded(t *testing.T) {
	for name, c := range map[string]struct {
		fault      http.HandlerFunc
		code, line string
	}{
		"absent":          {status(404, ""), "not-found", ""},
		"forbidden":       {status(403, hush), "forbidden", "403"},
		"down":            {status(503, hush), "unreachable", "503"},
		"live":            {text("#EXTM3U\n#EXTINF:4,\nx.ts?" + hush + "\n"), "no-endlist", "no EXT-X-ENDLIST"},
		"still the first": {hang, "loading", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(movies("a", "b"))
				files.fail("a/master.m3u8", c.fault)
				r := newRig(t, files, channels("news", "a/master.m3u8", "sport", "b/master.m3u8"))
				time.Sleep(time.Second)
				list := r.Streams("")
				told(t, list)
				if len(list.OffAir) != 1 || list.Total != 1 {
					t.Fatalf("%+v", list)
				}
				off := list.OffAir[0]
				if off.Channel != "news" || off.Address != "/news/master.m3u8" || off.Origin != "live" || off.VOD != "a/master.m3u8" || off.Code != c.code || !strings.Contains(off.Error, c.line) || (off.Error == "") != (c.code == "loading") {
					t.Errorf("%+v, want %s: %s", off, c.code, c.line)
				}
				time.Sleep(time.Minute)
				later := r.Streams("").OffAir[0]
				if loading := off.Code == "loading"; time.Time(off.Since).IsZero() != loading || !loading && !time.Time(later.Since).Equal(time.Time(off.Since)) {
					t.Errorf("since %s, a minute later since %s", time.Time(off.Since), time.Time(later.Since))
				}
				if strings.Contains(off.Cause, "GET") || !strings.HasSuffix(off.Error, off.Cause) {
					t.Errorf("cause %q of %q", off.Cause, off.Error)
				}
				files.fail("a/master.m3u8", nil)
				time.Sleep(time.Minute)
				list = r.Streams("")
				known := slices.ContainsFunc(list.Streams, func(s admin.Summary) bool { return s.ID == off.ID && s.Address == off.Address })
				if len(list.OffAir) != 0 || list.Total != 2 || !known {
					t.Errorf("after it was mended: %+v", list)
				}
			})
		})
	}
}

// TestStreams_AListIsBounded: what is not in it is counted all the same, and the
// worst is in it.
func TestStreams_AListIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := short("p")["p"]
		r := newRig(t, nil, func(c *Config) {
			c.Transport = roundTripper(func(q *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(one)), Request: q}, nil
			})
		})
		long := strings.Repeat("long/", 800)
		for i := range admin.MaxListed + 10 {
			r.ok(fmt.Sprintf("/live/%s%d.m3u8", long, i))
		}
		for range 6 {
			r.ok("/live/" + long + "7.m3u8")
			time.Sleep(4 * time.Second)
		}
		all := r.station.Snapshots()
		slices.SortFunc(all, func(a, b onair.Snapshot) int { return b.Used.Compare(a.Used) })
		sick := func(i int, state onair.State, severity problem.Severity, code string) {
			all[i].State, all[i].Problems = state, append(all[i].Problems, problem.New(severity, code, ""))
		}
		sick(0, onair.StateChanged, problem.Warning, onair.CodeVODChanged)
		sick(admin.MaxListed+8, onair.StateGone, problem.Error, onair.CodeVODGone)
		for i := range 5 {
			sick(i+1, onair.StateStale, problem.Warning, failure.CodeOriginFails)
		}
		list := admin.NewStreams(r.station.Now(), all, nil, "")
		if size := len(told(t, list)); list.Total != admin.MaxListed+10 || len(list.Streams) != admin.MaxListed || size > admin.MaxListed*(2*maxAddress+1500) {
			t.Errorf("%d of %d, %d bytes", len(list.Streams), list.Total, size)
		}
		if list.Troubled != 7 || list.Origins["live"] != admin.MaxListed+10 || list.Viewers < 0.5 || len(fmt.Sprint(list.Viewers)) > 5 {
			t.Errorf("%d troubled, %v, %v viewers", list.Troubled, list.Origins, list.Viewers)
		}
		states := []onair.State{}
		for _, s := range list.Streams[:8] {
			states = append(states, s.State)
		}
		if want := []onair.State{onair.StateGone, onair.StateChanged, onair.StateStale, onair.StateStale, onair.StateStale, onair.StateStale, onair.StateStale, onair.StateOK}; !slices.Equal(states, want) {
			t.Errorf("the list begins with %v, want %v", states, want)
		}
		if _, err := r.station.Snapshot(list.Streams[999].ID, time.Time{}); err != nil {
			t.Errorf("one of the list is not found: %v", err)
		}
	})
}

func TestDetail_IsBoundedWhateverTheVOD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := map[string]string{"master.m3u8": "#EXTM3U\n"}
		media := "#EXTM3U\n#EXT-X-TARGETDURATION:2\n" + strings.Repeat("#EXT-X-DISCONTINUITY\n#EXT-X-CUE-OUT:1\n#EXT-X-GAP\n#EXTINF:2,\ns.ts\n#EXTINF:2,\ns.ts\n", 600) + "#EXT-X-ENDLIST\n"
		for n := range 32 {
			files["master.m3u8"] += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"%s\"\n%d.m3u8\n", strings.Repeat("x", 20_000), n)
			files[fmt.Sprintf("%d.m3u8", n)] = media
		}
		r := newRig(t, newVODs(files), func(c *Config) {
			c.CacheBytes, c.Options.Window = 1<<30, time.Hour
			c.Examine = func(*onair.Inspection) []problem.Problem {
				return slices.Repeat([]problem.Problem{{Severity: problem.Notice, Text: strings.Repeat("x", 10_000)}, {Severity: problem.Error, Code: "worst"}}, 100)
			}
		})
		r.ok("/live/master.m3u8")
		d, err := r.Detail(r.only().ID, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if size := len(told(t, d)); size > 4<<20 {
			t.Errorf("%d bytes", size)
		}
		if d.Media[0].Boundaries != nil || len(d.Media[0].Window) == 0 || len(d.Media[0].Window) > tellWindow || d.Multivariant != nil {
			t.Errorf("%d boundaries, a window of %d", len(d.Media[0].Boundaries), len(d.Media[0].Window))
		}
		if len(d.Problems) > maxProblems+3 || d.Problems[0].Code != "worst" {
			t.Errorf("%d problems, first %+v", len(d.Problems), d.Problems[0])
		}
	})
}

func TestState_SaysHowTheVODIsAtItsOrigin(t *testing.T) {
	for state, c := range map[onair.State]struct {
		fault  http.HandlerFunc
		code   string
		text   string
		advice string
	}{
		onair.StateOK:      {nil, "", "", ""},
		onair.StateStale:   {status(503, ""), failure.CodeOriginFails, "failed: 503 Service Unavailable.", "Check the origin"},
		onair.StateGone:    {status(404, ""), onair.CodeVODGone, "since 2000-01-01T00:01", "Bring it back before 2000-01-01T00:1"},
		onair.StateChanged: {text(short("p")["p"]), onair.CodeVODChanged, "can't take over: the new version has other renditions", "new address"},
	} {
		t.Run(string(state), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				r.ok(seedAddresses[1])
				loaded := time.Now()
				files.fail("", c.fault)
				for range 2 { // a change is believed when it is seen twice
					time.Sleep(time.Minute + time.Second)
					r.ok(seedAddresses[1])
					r.rest()
				}
				s := r.only()
				if s.State != state || len(s.Problems) > 0 != (c.code != "") || c.code != "" && (s.Problems[0].Code != c.code || !strings.Contains(s.Problems[0].Advice, c.advice) || c.code != "" && !strings.Contains(s.Problems[0].Text, c.text)) {
					t.Errorf("%s: %+v", s.State, s.Problems)
				}
				for _, p := range s.Problems {
					if since := time.Time(p.Since); since.Sub(loaded) < time.Minute {
						t.Errorf("%s since %s, loaded at %s", p.Code, since, loaded)
					}
				}
				if confirmed := time.Time(s.Confirmed); confirmed.Equal(loaded) != (state != onair.StateOK) {
					t.Errorf("confirmed at %s, loaded at %s", confirmed, loaded)
				}
				files.fail("", nil)
				time.Sleep(time.Minute + time.Second)
				r.ok(seedAddresses[1])
				r.rest()
				if s := r.only(); s.State != onair.StateOK || len(s.Problems) > 0 {
					t.Errorf("back again: %s %+v", s.State, s.Problems)
				}
			})
		})
	}
}

func TestProblems_AListLeavesNoticesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), func(c *Config) {
			c.Options.Window = time.Second
			c.Examine = func(in *onair.Inspection) []problem.Problem {
				return []problem.Problem{{Severity: problem.Notice, Code: "n"}, {Severity: problem.Warning, Code: fmt.Sprint(len(in.Media), in.Multivariant != nil, in.Live != nil)}}
			}
		})
		r.ok(seedAddresses[0])
		codes := func(problems []problem.Problem) (all []string) {
			for _, p := range problems {
				all = append(all, p.Code)
			}
			return all
		}
		if got := codes(r.only().Problems); fmt.Sprint(got) != "[2 true true]" {
			t.Errorf("in the list: %v", got)
		}
		d, err := r.Detail(r.only().ID, time.Time{})
		if got := codes(d.Problems); err != nil || fmt.Sprint(got) != "[2 true true n window-raised]" {
			t.Errorf("in detail: %v, %v", got, err)
		}
	})
}

func TestOrigins_TellHealthWithoutSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTwins(t)
		state := func() admin.OriginStatus {
			all := w.Origins()
			told(t, all)
			return all[0]
		}
		if s := state(); s.State != "unknown" || s.LastError != nil || s.MeanLatency != nil || s.URL != "http://first.test/vod/" || len(s.Places) != 2 || s.Segments != "proxy" {
			t.Errorf("at the start: %+v", s)
		}
		w.ok("/live/master.m3u8")
		if s := state(); s.State != "ok" || s.MeanLatency == nil || time.Time(s.LastOK).IsZero() || s.Requests["ok"] != 3 || s.Places[0].State != "ok" || s.Places[1].State != "unknown" {
			t.Errorf("after a load: %+v", s)
		}
		w.first.fail("", status(503, hush))
		for n := range 6 { // one object may be bad alone
			w.ok(fmt.Sprintf("/live/master_Layer%d_%03d.ts", 1+n%2, 1+n/2))
		}
		if s := state(); s.State != "ok" || s.Places[0].State != "paused" || s.Places[0].Failures < 5 || time.Time(s.Places[0].PausedUntil).IsZero() || s.LastError == nil || *s.LastError != "the origin answers 503 Service Unavailable" {
			t.Errorf("while the first fails: %s", told(t, s))
		}
		if got := w.metric(`vod2live_origin_places_paused{origin="live"}`); got != 1 {
			t.Errorf("%v places are paused", got)
		}
		w.second.fail("", raw("HTTP/1.1 hunter2", 0))
		for n := range 8 {
			w.get(fmt.Sprintf("/live/master_Layer%d_%03d.ts", 1+n%2, 1+n/2))
		}
		if s := state(); s.State != "failing" || s.Requests["server_error"] == 0 {
			t.Errorf("while both fail: %s", told(t, s))
		}
		w.first.fail("", nil)
		w.second.fail("", nil)
		time.Sleep(10 * time.Second)
		for range 4 {
			w.get(aSegment)
		}
		if s := state(); s.State != "ok" || w.metric(`vod2live_origin_places_paused{origin="live"}`) > 1 {
			t.Errorf("back again: %s", told(t, s))
		}
	})
}

// TestOrigins_TheMeanLatencyIsOfTheLastRequests, until headers.
func TestOrigins_TheMeanLatencyIsOfTheLastRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		takes := 100 * time.Millisecond
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(takes)
			w.(http.Flusher).Flush()
			time.Sleep(time.Second)
		}))
		mean := func() time.Duration { return time.Duration(*r.Origins()[0].MeanLatency) }
		if r.ok("/live/a.ts"); mean() != takes {
			t.Errorf("%s, want %s", mean(), takes)
		}
		takes = 300 * time.Millisecond
		if r.ok("/live/a.ts"); mean() != 120*time.Millisecond {
			t.Errorf("%s, want a tenth of the way to %s", mean(), takes)
		}
		for range 40 {
			r.ok("/live/a.ts")
		}
		if off := takes - mean(); off < 0 || off > 10*time.Millisecond {
			t.Errorf("%s, want about %s", mean(), takes)
		}
	})
}

func TestOrigins_SayWhetherTheyAreSignedAndDirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), with(func(o *origin.Origin) { o.Direct = true }))
		if s := r.Origins()[0]; s.Segments != "direct" || s.Signed {
			t.Errorf("%+v", s)
		}
	})
}

func TestCache_TellsWhatTheMetricsSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(movies("a")))
		r.ok("/live/a/master.m3u8")
		r.get("/live/none.m3u8")
		c := r.Cache().Streams
		if c.Count != 1 || c.Bytes != r.station.Store().Bytes || c.Limit != 64<<20 || c.Failures != 1 || c.Evictions != 0 {
			t.Errorf("%+v", c)
		}
	})
}
