package proxy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vod2live/playlist"
)

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
			p := readPlaylist(t2, r.ok(track.Address).body)
			checkTrack(t2, track, p)
			text, err := r.PlaylistAt(d.ID, n, at)
			if err != nil || text != r.ok(track.Address).body {
				t2.Fatalf("the playlist of rendition %d is told otherwise: %v\n%s", n, err, text)
			}
		}
	})
}

func checkTrack(t failer, track Track, p livePlaylist) {
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
		inGap := slices.ContainsFunc(track.Gaps, func(g Gap) bool { return g.Start <= shown.InLoop && shown.InLoop < g.Start+g.Duration })
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
			if checkTrack(t, track, readPlaylist(t, body)); texts[n] != body {
				t.Errorf("rendition %d: told\n%s\nserved\n%s", n, texts[n], body)
			}
		}
		if kind := ahead.Media[1].Kind; kind != playlist.KindSubtitles || !ahead.Media[1].Sliced || ahead.Media[1].Name != "en" || ahead.Media[1].Group != "s" {
			t.Errorf("%+v", ahead.Media[1])
		}
		for _, at := range []time.Time{epoch.Add(-2 * time.Hour), then.Add(101 * 365 * 24 * time.Hour), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
			if _, err := r.Detail(id, at); !errors.Is(err, ErrInstant) {
				t.Errorf("at %s: %v", at, err)
			}
		}
		before, err := r.Detail(id, epoch.Add(-time.Hour))
		if err != nil || before.BeginsIn != Seconds(12*time.Second) || len(before.Media[0].Window) != 0 {
			t.Errorf("at the epoch: %+v, %v", before, err)
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
			c.Examine = func(*Inspection) []Problem {
				return slices.Repeat([]Problem{{Severity: Notice, Text: strings.Repeat("x", 10_000)}, {Severity: Error, Code: "worst"}}, 100)
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
