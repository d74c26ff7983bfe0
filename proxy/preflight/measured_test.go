package preflight

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/wire"
)

// withMedia adds the segments that package media has.
func withMedia(t *testing.T, f files) files {
	t.Helper()
	for _, name := range []string{"first.ts", "last.ts", "init.mp4", "first.m4s", "last.m4s"} {
		b, err := os.ReadFile(filepath.Join("..", "media", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		f[name] = string(b)
	}
	f["middle.ts"], f["middle.m4s"] = f["first.ts"], f["first.m4s"]
	return f
}

// three are three segments with an EXTINF each.
func three(extension string, last string) string {
	return playlistOf("#EXTINF:1.001,", "first."+extension, "#EXTINF:1.001,", "middle."+extension, "#EXTINF:"+last+",", "last."+extension)
}

func of(m string) string {
	return strings.Replace(m, "#EXTINF", "#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF", 1)
}

const separate = "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",DEFAULT=YES,URI=\"b.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=2x2,AUDIO=\"a\"\na.m3u8\n"

func TestCheck_SegmentsAreMeasured(t *testing.T) {
	for name, c := range map[string]struct {
		files files
		want  string
		texts []string
	}{
		"MPEG-TS as it should be": {files{"master.m3u8": three("ts", "1.001")}, "notice players-at-loop -1,notice audio-drift 0", []string{
			"its audio lasts 3.041814059s, the loop 3.003s", "apart by 38.814059ms", "VLC and mpv stand still",
		}},
		"EXTINFs that are too long": {files{"master.m3u8": three("ts", "1.3")}, "warning media-shorter 0,notice players-at-loop -1", []string{"its media is 260.185941ms shorter than the loop"}},
		"EXTINFs that are too short": {files{"master.m3u8": three("ts", "0.8")}, "warning media-longer 0,notice players-at-loop -1", []string{
			"its media is 239.814059ms longer than the loop",
		}},
		"fragmented MP4, separate audio": {files{"master.m3u8": separate, "a.m3u8": of(three("m4s", "1.001")), "b.m3u8": of(three("m4s", "1.001"))}, "notice players-at-loop -1", []string{
			"VLC stops; mpv and GStreamer stall; ffmpeg, ffplay and MPlayer lose the audio",
		}},
		"a rendition that begins a second later": {
			files{"master.m3u8": twoVariants, "a.m3u8": three("ts", "1.001"), "b.m3u8": playlistOf("#EXTINF:1.001,", "last.ts", "#EXTINF:2.002,", "last.ts")},
			"warning begins-apart 1",
			[]string{"its video begins 3.468733334s, the reference's video 1.466733334s", "2.002s apart"},
		},
		"a last segment that is absent": {files{"master.m3u8": strings.Replace(three("ts", "1.001"), "last.ts", "no.ts", 1)}, "notice media-unmeasured 0", []string{"no.ts: 404"}},
		"encrypted as a whole":          {files{"master.m3u8": strings.Replace(three("ts", "1.001"), "#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF", 1)}, "notice media-unmeasured 0", []string{"encrypted as a whole"}},
	} {
		r := check(t, withMedia(t, c.files), true)
		var texts []string
		for _, p := range r.Problems {
			texts = append(texts, p.Text)
		}
		if got := strings.Join(codesOf(r.Problems), ","); !strings.Contains(got, c.want) {
			t.Errorf("%s: problems %q, want %q\n%s", name, got, c.want, strings.Join(texts, "\n"))
		}
		for _, want := range c.texts {
			if !strings.Contains(strings.Join(texts, "\n"), want) {
				t.Errorf("%s: texts lack %q:\n%s", name, want, strings.Join(texts, "\n"))
			}
		}
	}
}

func TestCheck_TheMediaLengthIsReported(t *testing.T) {
	r := check(t, withMedia(t, files{"master.m3u8": three("ts", "1.001")}), true)
	if got, want := r.Renditions[0].MediaLength, wire.Seconds(3041814059*time.Nanosecond); got != want {
		t.Errorf("the media lasts %v, want %v", time.Duration(got), time.Duration(want))
	}
	var text strings.Builder
	if r.WriteText(&text); !strings.Contains(text.String(), "3.041814 s") {
		t.Errorf("the report lacks it:\n%s", &text)
	}
	if r = check(t, withMedia(t, files{"master.m3u8": three("ts", "1.001")}), false); r.Renditions[0].MediaLength != 0 {
		t.Errorf("without -segments the media lasts %v", r.Renditions[0].MediaLength)
	}
}

// TestCheck_SaysWhetherTimestampsGoOn where that is wished: players that stop where they
// restart play on then, and what keeps a VOD from it is a problem.
func TestCheck_SaysWhetherTimestampsGoOn(t *testing.T) {
	for want, m := range map[string]string{
		"":                        three("ts", "1.001"),
		"warning segment-query 0": strings.ReplaceAll(three("ts", "1.001"), ".ts", ".ts?token=5"),
	} {
		f := withMedia(t, files{"master.m3u8": m})
		c := checker(t, f, true, time.Now().Add(-time.Hour))
		c.VOD.Options.Continuous = true
		got := codesOf(c.Check(t.Context()).Problems)
		if stays := slices.Contains(got, "notice players-at-loop -1"); stays != (want != "") {
			t.Errorf("%s: problems %q", want, got)
		}
		if want != "" && !slices.Contains(got, want) {
			t.Errorf("problems %q, want %q", got, want)
		}
	}
}

func TestCheck_AudioThatOutlastsVideoIsToldWithItsConsequence(t *testing.T) {
	r := measured{Report: &Report{Renditions: make([]Rendition, 1)}}
	r.audioOver(0, 350*time.Millisecond)
	r.audioOver(0, 100*time.Millisecond)
	if got := fmt.Sprint(codesOf(r.Problems)); got != "[warning audio-longer 0]" || !strings.Contains(r.Problems[0].Text, "hls.js slides back from the live edge by that time") {
		t.Errorf("problems %s: %v", got, r.Problems)
	}
}

func TestCheck_AFirstSegmentWithoutAKeyFrameIsNamed(t *testing.T) {
	f := withMedia(t, files{"master.m3u8": of(three("m4s", "1.001"))})
	key := f["first.m4s"]
	at := strings.Index(key, "trun") + 4 + 4 + 4 + 4 // past flags, count and data offset, to the first sample's flags
	f["first.m4s"] = key[:at] + "\x01\x01\x00\x00" + key[at+4:]
	if got := strings.Join(codesOf(check(t, f, true).Problems), ","); !strings.Contains(got, "warning first-segment-no-keyframe 0") {
		t.Errorf("problems %s", got)
	}
	f["first.m4s"] = key
	if got := strings.Join(codesOf(check(t, f, true).Problems), ","); strings.Contains(got, "keyframe") {
		t.Errorf("problems of a segment with one: %s", got)
	}
}
