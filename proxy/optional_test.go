package proxy

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

// withText is a VOD of subtitles, number 0, video and an I-frame playlist.
func withText() map[string]string {
	const segments = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n@0\n#EXTINF:4,\n@1\n#EXTINF:4,\n@2\n#EXTINF:4,\n@3\n#EXT-X-ENDLIST\n"
	return map[string]string{
		"m.m3u8": "#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"en\",URI=\"s.m3u8\"\n" +
			"#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x1,SUBTITLES=\"s\",CLOSED-CAPTIONS=NONE\nv.m3u8\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8\"\n",
		"s.m3u8": strings.ReplaceAll(segments, "@", "s"),
		"v.m3u8": strings.ReplaceAll(segments, "@", "v"),
		"i.m3u8": strings.ReplaceAll(segments, "@", "i"),
	}
}

const (
	textLine  = "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"en\",URI=\"m.m3u8/0.m3u8\"\n"
	frameLine = "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"m.m3u8/2.m3u8\"\n"
)

func strict(c *Config) { c.Origins[0].Strict = true }

// TestLoad_AnOptionalRenditionIsLeftOutByADefiniteAnswer alone.
func TestLoad_AnOptionalRenditionIsLeftOutByADefiniteAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		status int // of the stream
		code   string
	}{
		"404":          {status(404, ""), 200, "missing-rendition"},
		"410":          {status(410, ""), 200, "missing-rendition"},
		"no ENDLIST":   {text("#EXTM3U\n#EXTINF:4,\n1.vtt\n"), 200, "no-endlist"},
		"no segment":   {text("#EXTM3U\n#EXT-X-ENDLIST\n"), 200, "empty"},
		"HTML":         {text("<html>"), 200, "not-a-playlist"},
		"multivariant": {text(withText()["m.m3u8"]), 200, "nested-multivariant"},
		"over TD":      {text("#EXTM3U\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:16,\n1.mp4\n#EXT-X-ENDLIST\n"), 200, "target-duration-exceeded"},
		"over 120 s":   {text("#EXTM3U\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:160,\n1.mp4\n#EXT-X-ENDLIST\n"), 200, "target-duration-exceeded"},
		"elsewhere":    {text("#EXTM3U\n#EXTINF:16,\nhttp://cdn.test/1.vtt\n#EXT-X-ENDLIST\n"), 200, "webvtt-foreign"},
		"500":          {status(500, ""), 503, ""},
		"403":          {status(403, "no"), 502, ""},
		"hangs":        {hang, 504, ""},
		"breaks off":   {raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n#EXTM3U\n", 0), 502, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(withText())
				files.fail("s.m3u8", c.answer)
				r := newRig(t, files)
				a := r.get("/live/m.m3u8")
				if a.status != c.status {
					t.Fatalf("%d %s, want %d", a.status, a.body, c.status)
				}
				if c.status != 200 {
					return
				}
				if want := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x1,CLOSED-CAPTIONS=NONE\nm.m3u8/1.m3u8\n" + frameLine; a.body != want {
					t.Errorf("%s\nwant\n%s", a.body, want)
				}
				r.ok("/live/m.m3u8/1.m3u8")
				r.ok("/live/m.m3u8/2.m3u8")
				for _, address := range []string{"/live/m.m3u8/0.m3u8", "/live/m.m3u8/0.m3u8/0.vtt", "/live/m.m3u8/0.m3u8/gap"} {
					if a := r.get(address); a.status != 404 {
						t.Errorf("%s: %d", address, a.status)
					}
				}
				if d, err := r.Detail(r.only().ID, time.Time{}); err != nil || d.Media[0].LeftOut != c.code {
					t.Errorf("%+v (%v), want %s", d.Media[0], err, c.code)
				}
				if lines := r.logs.FilterMessage("stream loaded").FilterLevelExact(zapcore.WarnLevel).FilterField(zap.Strings("without_renditions", []string{"0: " + c.code})).Len(); lines != 1 {
					t.Errorf("%d lines of the log say what is left out, want 1", lines)
				}
				s := newRig(t, files, strict)
				if a := s.get("/live/m.m3u8"); a.status != 502 || !strings.Contains(a.body, c.code) {
					t.Errorf("strict: %d %s, want 502 with %s", a.status, a.body, c.code)
				}
			})
		})
	}
}

// TestLoad_NumbersAreTheSameWithoutOptionalRenditions: of a window and of what
// the stream as a whole has, with each subset of them.
func TestLoad_NumbersAreTheSameWithoutOptionalRenditions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := newRig(t, newVODs(withText()))
		for _, absent := range [][]string{{"s.m3u8"}, {"i.m3u8"}, {"s.m3u8", "i.m3u8"}} {
			files := newVODs(withText())
			for _, name := range absent {
				files.fail(name, status(404, ""))
			}
			r := newRig(t, files)
			for n, name := range []string{"s.m3u8", "v.m3u8", "i.m3u8"} {
				address := "/live/m.m3u8/" + string(rune('0'+n)) + ".m3u8"
				want := whole.ok(address).body
				if got := r.get(address); strings.Contains(strings.Join(absent, ","), name) != (got.status == 404) || got.status == 200 && got.body != want {
					t.Errorf("without %v: %s is %d\n%s\nwant\n%s", absent, name, got.status, got.body, want)
				}
			}
		}
	})
}

// TestEra_AnOptionalRenditionComesInAtATakeover, and nothing else changes.
func TestEra_AnOptionalRenditionComesInAtATakeover(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"absent": status(404, ""), "broken": text("<html>"), "live": text("#EXTM3U\n#EXTINF:4,\n1.vtt\n"),
		"failing since": status(404, ""),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(withText())
				files.fail("s.m3u8", answer)
				r, whole := newRig(t, files), newRig(t, newVODs(withText()))
				if a := r.ok("/live/m.m3u8"); strings.Contains(a.body, textLine) {
					t.Fatalf("the rendition is there\n%s", a.body)
				}
				if name == "failing since" { // which is no news, and no failure of the stream
					files.fail("s.m3u8", status(500, ""))
					r.pass(2 * time.Minute)
					if n := r.metric("vod2live_stale_playlists_total"); n != 0 {
						t.Errorf("%v playlists were answered while the stream was cut off from its VOD", n)
					}
				}
				files.fail("s.m3u8", nil)
				r.pass(3 * time.Minute)
				if a := r.ok("/live/m.m3u8"); !strings.Contains(a.body, textLine) || !strings.Contains(a.body, `SUBTITLES="s"`) {
					t.Errorf("the rendition has not come in\n%s", a.body)
				}
				if n := r.eras(metrics.EraBegun); n != 1 {
					t.Errorf("%d eras have begun, want 1", n)
				}
				for _, address := range []string{"/live/m.m3u8/0.m3u8", "/live/m.m3u8/1.m3u8", "/live/m.m3u8/2.m3u8"} {
					got, want := readPlaylist(t, r.ok(address).body), readPlaylist(t, whole.ok(address).body)
					if got.newest() != want.newest() {
						t.Errorf("%s ends with %+v, want %+v", address, got.newest(), want.newest())
					}
				}
			})
		})
	}
}

// pass lets time pass while somebody watches.
func (r *rig) pass(d time.Duration) {
	r.t.Helper()
	for range d / (4 * time.Second) {
		r.ok("/live/m.m3u8/1.m3u8")
		r.rest()
		time.Sleep(4 * time.Second)
	}
}

// TestRevalidate_AnOptionalRenditionThatGoesStaysAsItIsLoaded.
func TestRevalidate_AnOptionalRenditionThatGoesStaysAsItIsLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(withText())
		r := newRig(t, files)
		r.ok("/live/m.m3u8")
		files.fail("s.m3u8", status(404, ""))
		r.pass(15 * time.Minute) // longer than GoneAfter
		if a := r.ok("/live/m.m3u8"); !strings.Contains(a.body, textLine) {
			t.Errorf("the rendition is gone\n%s", a.body)
		}
		r.ok("/live/m.m3u8/0.m3u8")
		if s := r.only(); s.State != onair.StateOK || s.Era != 0 {
			t.Errorf("state %s, era %d", s.State, s.Era)
		}
	})
}

// TestInspect_HonorsStrict of the origin that the VOD is at.
func TestInspect_HonorsStrict(t *testing.T) {
	files := newVODs(withText())
	files.fail("s.m3u8", status(404, ""))
	r := newRig(t, files, strict)
	if in := onair.Inspect(t.Context(), origin.NewClient(r.config.Transport, r.config.Metrics, r.config.Origins...), playlist.Options{Epoch: epoch}, onair.Address{Mount: "live", Path: "m.m3u8"}); in.Live != nil || failure.CodeOf(in.Errors[-1]) != "missing-rendition" {
		t.Errorf("%v", in.Errors)
	}
}
