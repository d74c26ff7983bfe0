package playlist

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"vod2live/loop"
)

// Lines of multivariant playlists for the tests. The name of a media playlist says what
// it is of: see segmentsFor.
func variantLine(attributes, uri string) string {
	return "#EXT-X-STREAM-INF:" + attributes + "\n" + uri + "\n"
}

func mediaLine(kind, attributes, uri string) string {
	return fmt.Sprintf("#EXT-X-MEDIA:TYPE=%s,%s,URI=\"%s\"\n", kind, attributes, uri)
}

func iFrameLine(attributes, uri string) string {
	return fmt.Sprintf("#EXT-X-I-FRAME-STREAM-INF:%s,URI=\"%s\"\n", attributes, uri)
}

// segmentsFor are lines of four segments of 4 s, of the kind that the name ends in.
func segmentsFor(name string) string {
	name = strings.TrimSuffix(path.Base(name), ".m3u8")
	head, ext := "", ".ts"
	for kind, c := range map[string][2]string{
		"mp4": {"#EXT-X-MAP:URI=\"" + name + ".init\"\n", ".m4s"}, "aac": {"", ".aac"}, "vtt": {"", ".vtt"},
		"frames": {"#EXT-X-I-FRAMES-ONLY\n", ".ts"}, "locked": {"#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x01\n", ".ts"},
	} {
		if strings.HasSuffix(name, kind) {
			head, ext = c[0], c[1]
		}
	}
	for i := range 4 {
		head += fmt.Sprintf("#EXTINF:4,\n%s%d%s\n", name, i, ext)
	}
	return head
}

// sourceOf decodes a VOD of a multivariant playlist and the media playlists that it names.
func sourceOf(t failer, multivariant string) Source {
	t.Helper()
	m, err := DecodeMultivariant([]byte("#EXTM3U\n"+multivariant), origin)
	if err != nil {
		t.Fatal(err)
	}
	vod := Source{Multivariant: m}
	for _, r := range m.Renditions {
		text := "#EXTM3U\n" + segmentsFor(r.Address.Path) + "#EXT-X-ENDLIST\n"
		media, err := DecodeMedia([]byte(text), r.Address, nil)
		if err != nil {
			t.Fatal(err)
		}
		vod.Media = append(vod.Media, media)
	}
	return vod
}

const (
	avc  = `CODECS="avc1.64001f,mp4a.40.2"`
	hevc = `CODECS="hvc1.1.6.L93,mp4a.40.2"`
)

// two bit rates of MPEG-TS with audio in them.
var twoRates = variantLine("BANDWIDTH=1000,RESOLUTION=640x360,"+avc, "low.m3u8") + variantLine("BANDWIDTH=3000,RESOLUTION=1280x720,"+avc, "high.m3u8")

func englishAudio(uri string) string {
	return mediaLine("AUDIO", `GROUP-ID="a",NAME="English",LANGUAGE="en",CHANNELS="2",DEFAULT=YES`, uri)
}

func demuxed(uri string) string {
	return variantLine("BANDWIDTH=2000,RESOLUTION=640x360,AUDIO=\"a\","+avc, uri)
}

// TestLay_MapsByTheTable: the item's address for each rendition of the channel, in
// order; "-" stands for none.
func TestLay_MapsByTheTable(t *testing.T) {
	spoken := englishAudio("en.m3u8") + mediaLine("AUDIO", `GROUP-ID="a",NAME="Deutsch",LANGUAGE="de-AT",CHANNELS="6"`, "de.m3u8") + demuxed("v.m3u8")
	texts := mediaLine("SUBTITLES", `GROUP-ID="s",NAME="English",LANGUAGE="en"`, "en-vtt.m3u8") +
		mediaLine("SUBTITLES", `GROUP-ID="s",NAME="Signs",LANGUAGE="en",FORCED=YES`, "signs-vtt.m3u8") + variantLine("BANDWIDTH=2000,SUBTITLES=\"s\","+avc, "v.m3u8")
	for name, c := range map[string]struct {
		model, vod string
		want       string
		notices    string
	}{
		"the highest bandwidth that is not above": {
			twoRates, variantLine("BANDWIDTH=900,"+avc, "a.m3u8") + variantLine("BANDWIDTH=1001,"+avc, "b.m3u8") + variantLine("BANDWIDTH=3000,"+avc, "c.m3u8"),
			"a c", "",
		},
		"else the lowest": {
			twoRates, variantLine("BANDWIDTH=4000,"+avc, "a.m3u8") + variantLine("BANDWIDTH=2000,"+avc, "b.m3u8"),
			"b b", "bandwidth-exceeded 0",
		},
		"ties by the nearest resolution": {
			twoRates, variantLine("BANDWIDTH=1000,RESOLUTION=1920x1080,"+avc, "a.m3u8") + variantLine("BANDWIDTH=1000,RESOLUTION=768x432,"+avc, "b.m3u8"),
			"b b", "resolution-exceeded 0",
		},
		"codec families, and no others": {
			twoRates, variantLine("BANDWIDTH=1000,"+hevc, "a.m3u8") + variantLine(`BANDWIDTH=500,CODECS="mp4a.40.5, avc3.4d401f"`, "b.m3u8"),
			"b b", "",
		},
		"absent codecs equal any": {
			twoRates, variantLine("BANDWIDTH=1000,RESOLUTION=640x360", "a.m3u8"),
			"a a", "codecs-unknown 0, codecs-unknown 1",
		},
		"a container of several": {
			twoRates, variantLine("BANDWIDTH=1000,"+avc, "a-mp4.m3u8") + variantLine("BANDWIDTH=700,"+avc, "b.m3u8"),
			"b b", "",
		},
		"a range of several": {
			twoRates, variantLine("BANDWIDTH=1000,VIDEO-RANGE=PQ,"+avc, "a.m3u8") + variantLine("BANDWIDTH=700,VIDEO-RANGE=SDR,"+avc, "b.m3u8"),
			"b b", "",
		},
		"without video, the one without": {
			twoRates + variantLine(`BANDWIDTH=64,CODECS="mp4a.40.2"`, "sound-aac.m3u8"), variantLine("BANDWIDTH=900,"+avc, "a.m3u8") + variantLine(`BANDWIDTH=32,CODECS="mp4a.40.2"`, "b-aac.m3u8"),
			"a a b-aac", "",
		},
		"without video, else the audio": {
			englishAudio("en.m3u8") + demuxed("v.m3u8") + variantLine(`BANDWIDTH=64,AUDIO="a",CODECS="mp4a.40.2"`, "sound.m3u8"),
			englishAudio("x.m3u8") + demuxed("y.m3u8"),
			"x y x", "",
		},
		"without video, at the address of the audio": {
			englishAudio("en.m3u8") + demuxed("v.m3u8") + variantLine(`BANDWIDTH=64,AUDIO="a",CODECS="mp4a.40.2"`, "en.m3u8"),
			englishAudio("x.m3u8") + demuxed("y.m3u8"),
			"x y", "",
		},
		"the primary language": {
			spoken, mediaLine("AUDIO", `GROUP-ID="b",NAME="x",LANGUAGE="de-CH",CHANNELS="6"`, "x.m3u8") + mediaLine("AUDIO", `GROUP-ID="b",NAME="y",LANGUAGE="EN",CHANNELS="2"`, "y.m3u8") +
				variantLine("BANDWIDTH=1,AUDIO=\"b\","+avc, "v.m3u8"),
			"y x v", "",
		},
		"another language": {
			spoken, mediaLine("AUDIO", `GROUP-ID="b",NAME="x",LANGUAGE="fr"`, "x.m3u8") + mediaLine("AUDIO", `GROUP-ID="b",NAME="y",LANGUAGE="en",CHANNELS="6",DEFAULT=YES`, "y.m3u8") +
				variantLine("BANDWIDTH=1,AUDIO=\"b\","+avc, "v.m3u8"),
			"y y v", "channels-differ 0, language-missing 1",
		},
		"characteristics before channels before names": {
			mediaLine("AUDIO", `GROUP-ID="a",NAME="n",LANGUAGE="en",CHARACTERISTICS="p,q",CHANNELS="6"`, "en.m3u8") + demuxed("v.m3u8"),
			mediaLine("AUDIO", `GROUP-ID="a",NAME="n",LANGUAGE="en",CHANNELS="6"`, "x.m3u8") + mediaLine("AUDIO", `GROUP-ID="a",NAME="n",LANGUAGE="en",CHARACTERISTICS="q,p",CHANNELS="2"`, "y.m3u8") +
				mediaLine("AUDIO", `GROUP-ID="a",NAME="m",LANGUAGE="en",CHARACTERISTICS="q,p",CHANNELS="6/-/JOC"`, "z.m3u8") + demuxed("v.m3u8"),
			"z v", "",
		},
		"the group of the variant stream that is mapped": {
			englishAudio("en.m3u8") + demuxed("v.m3u8"),
			mediaLine("AUDIO", `GROUP-ID="a",NAME="x",LANGUAGE="en"`, "x.m3u8") + mediaLine("AUDIO", `GROUP-ID="b",NAME="y",LANGUAGE="en"`, "y.m3u8") +
				variantLine("BANDWIDTH=3000,AUDIO=\"a\","+avc, "v.m3u8") + variantLine("BANDWIDTH=1500,AUDIO=\"b\","+avc, "w.m3u8"),
			"y w", "",
		},
		"subtitles by language and what is forced": {
			texts, mediaLine("SUBTITLES", `GROUP-ID="t",NAME="a",LANGUAGE="en",FORCED=YES`, "a-vtt.m3u8") + mediaLine("SUBTITLES", `GROUP-ID="t",NAME="b",LANGUAGE="en-GB",FORCED=NO`, "b-vtt.m3u8") +
				variantLine("BANDWIDTH=1,SUBTITLES=\"t\","+avc, "v.m3u8"),
			"b-vtt a-vtt v", "",
		},
		"subtitles in another format": {
			texts, mediaLine("SUBTITLES", `GROUP-ID="t",NAME="a",LANGUAGE="en"`, "a-mp4.m3u8") + variantLine("BANDWIDTH=1,SUBTITLES=\"t\","+avc, "v.m3u8"),
			"- - v", "subtitles-missing 0, subtitles-missing 1",
		},
		"I-frames": {
			twoRates + iFrameLine("BANDWIDTH=100,"+`CODECS="avc1.64001f"`, "i-frames.m3u8"),
			twoRates + iFrameLine("BANDWIDTH=90", "a-frames.m3u8") + iFrameLine("BANDWIDTH=110", "b-frames.m3u8"),
			"low high a-frames", "",
		},
		"no I-frames": {
			twoRates + iFrameLine("BANDWIDTH=100", "i-frames.m3u8"), twoRates + iFrameLine("BANDWIDTH=90", "no-such.m3u8"),
			"low high -", "iframes-missing 2",
		},
		"other frame rates": {
			variantLine("BANDWIDTH=1000,FRAME-RATE=29.970,"+avc, "a.m3u8"), variantLine("BANDWIDTH=1000,FRAME-RATE=25,"+avc, "b.m3u8"),
			"b", "frame-rate-differs 0",
		},
		"encryption": {
			twoRates, variantLine("BANDWIDTH=1000,"+avc, "a-locked.m3u8"),
			"a-locked a-locked", "encryption-differs 0, encryption-differs 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			vod := sourceOf(t, c.vod)
			p, err := modelOf(t, sourceOf(t, c.model)).Lay(vod, Clip{})
			if err != nil {
				t.Fatal(err)
			}
			if got := addressesOf(vod, p.Mapped); got != c.want {
				t.Errorf("mapped to %s, want %s", got, c.want)
			}
			if got := noticesOf(p.Notices); got != c.notices {
				t.Errorf("notices %s, want %s", got, c.notices)
			}
		})
	}
}

func modelOf(t failer, vod Source) *Model {
	t.Helper()
	m, err := NewModel(vod, plain{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// addressesOf are the names of some renditions.
func addressesOf(vod Source, renditions []int) string {
	var all []string
	for _, n := range renditions {
		name := "-"
		if n >= 0 {
			name = strings.TrimSuffix(path.Base(vod.Multivariant.Renditions[n].Address.Path), ".m3u8")
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

func noticesOf(notices []Notice) string {
	var all []string
	for _, n := range notices {
		all = append(all, fmt.Sprint(n.Code, " ", n.Rendition))
	}
	return strings.Join(all, ", ")
}

// TestLay_ABareMediaPlaylistIsOneVariantWithoutAttributes, as an item and as model.
func TestLay_ABareMediaPlaylistIsOneVariantWithoutAttributes(t *testing.T) {
	single := Source{Media: []*Media{bare(t, segmentsFor("bare"))}}
	p, err := modelOf(t, sourceOf(t, twoRates)).Lay(single, Clip{})
	if err != nil || !slices.Equal(p.Mapped, []int{0, 0}) || noticesOf(p.Notices) != "codecs-unknown 0, codecs-unknown 1" {
		t.Errorf("a bare media playlist is mapped to %+v, %v", p, err)
	}
	m := modelOf(t, single)
	if p, err = m.Lay(sourceOf(t, twoRates), Clip{}); err != nil || !slices.Equal(p.Mapped, []int{0}) || m.Multivariant() != nil {
		t.Errorf("a bare model: %+v, %v", p, err)
	}
	if _, err = m.Lay(sourceOf(t, englishAudio("en.m3u8")+demuxed("v.m3u8")), Clip{}); err == nil || codeOf(t, err) != CodeMuxingMismatch {
		t.Errorf("a bare model of muxed segments, an item with separate audio: %v", err)
	}
}

// TestLay_RefusesTheJointsThatPlayersDieOf: those that PLAYERS.md calls fatal, and what
// the table refuses beside these.
func TestLay_RefusesTheJointsThatPlayersDieOf(t *testing.T) {
	apart := englishAudio("en-mp4.m3u8") + demuxed("v-mp4.m3u8")
	for name, c := range map[string]struct {
		model, vod string
		want       loop.Code
	}{
		"TS muxed / fMP4 muxed":                 {twoRates, variantLine("BANDWIDTH=1000,"+avc, "a-mp4.m3u8"), CodeContainerMismatch},
		"fMP4 muxed / TS muxed":                 {variantLine("BANDWIDTH=1000,"+avc, "a-mp4.m3u8"), twoRates, CodeContainerMismatch},
		"with audio / without":                  {twoRates, variantLine(`BANDWIDTH=1000,CODECS="avc1.64001f"`, "a.m3u8"), CodeCodecMismatch},
		"H.264 / VP9":                           {apart, englishAudio("x-mp4.m3u8") + variantLine(`BANDWIDTH=1,AUDIO="a",CODECS="vp09.00.10.08,mp4a.40.2"`, "v-mp4.m3u8"), CodeCodecMismatch},
		"H.264 / HEVC":                          {twoRates, variantLine("BANDWIDTH=1000,"+hevc, "a.m3u8"), CodeCodecMismatch},
		"separate audio / none":                 {apart, variantLine(`BANDWIDTH=1000,CODECS="avc1.64001f"`, "a-mp4.m3u8"), CodeCodecMismatch},
		"audio of GAPs":                         {apart, variantLine("BANDWIDTH=1000", "a-mp4.m3u8"), CodeMuxingMismatch},
		"audio fMP4 / audio TS":                 {apart, englishAudio("en.m3u8") + demuxed("v-mp4.m3u8"), CodeContainerMismatch},
		"audio fMP4 / packed audio":             {apart, englishAudio("en-aac.m3u8") + demuxed("v-mp4.m3u8"), CodeContainerMismatch},
		"a muxed item under a demuxed channel":  {apart, variantLine("BANDWIDTH=1000,RESOLUTION=1x1,"+avc, "a-mp4.m3u8"), CodeMuxingMismatch},
		"a demuxed item under a muxed channel":  {twoRates, englishAudio("en.m3u8") + demuxed("v.m3u8"), CodeMuxingMismatch},
		"no alternate audio at all":             {"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"m\",DEFAULT=YES\n" + mediaLine("AUDIO", `GROUP-ID="a",NAME="n",LANGUAGE="de"`, "de.m3u8") + demuxed("v.m3u8"), twoRates, CodeMuxingMismatch},
		"no video":                              {twoRates, variantLine(`BANDWIDTH=1000,CODECS="mp4a.40.2"`, "a.m3u8"), CodeNoVariant},
		"neither a variant nor audio for sound": {twoRates + variantLine(`BANDWIDTH=64,CODECS="mp4a.40.2"`, "s.m3u8"), twoRates, CodeNoVariant},
		"SDR / HDR":                             {twoRates, variantLine("BANDWIDTH=1000,VIDEO-RANGE=PQ,"+avc, "a.m3u8"), CodeVideoRangeMismatch},
		"text in fMP4 / none":                   {mediaLine("SUBTITLES", `GROUP-ID="s",NAME="n",LANGUAGE="en"`, "s-mp4.m3u8") + twoRates, twoRates, CodeSubtitlesMismatch},
		"a target duration of 2 s":              {twoRates, twoRates, loop.CodeTargetExceeded},
	} {
		clip := Clip{}
		if c.want == loop.CodeTargetExceeded {
			clip.Target = 2 * time.Second
		}
		p, err := modelOf(t, sourceOf(t, c.model)).Lay(sourceOf(t, c.vod), clip)
		if err == nil {
			t.Errorf("%s: mapped to %v", name, p.Mapped)
		} else if code := codeOf(t, err); code != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestLay_RefusesALaterVersion: no tag that is kept needs one today.
func TestLay_RefusesALaterVersion(t *testing.T) {
	vod := sourceOf(t, twoRates)
	vod.Media[1].Version = 9
	if _, err := modelOf(t, sourceOf(t, twoRates)).Lay(vod, Clip{}); err == nil || codeOf(t, err) != CodeVersionNeeded {
		t.Errorf("version 9: %v", err)
	}
}

// TestLay_WhatDoesNotFitCountsAsMissing: subtitles that can't be sliced, and alternate
// audio with segments above the target duration.
func TestLay_WhatDoesNotFitCountsAsMissing(t *testing.T) {
	text := mediaLine("SUBTITLES", `GROUP-ID="s",NAME="n",LANGUAGE="en"`, "s-vtt.m3u8") + englishAudio("en.m3u8") +
		mediaLine("AUDIO", `GROUP-ID="a",NAME="Deutsch",LANGUAGE="de"`, "de.m3u8") + demuxed("v.m3u8")
	vod := sourceOf(t, text)
	vod.Media[0] = bare(t, "#EXT-X-BYTERANGE:5@0\n#EXTINF:16,\nwhole.vtt\n")
	vod.Media[2] = bare(t, "#EXTINF:16,\nwhole.ts\n")
	p, err := modelOf(t, sourceOf(t, text)).Lay(vod, Clip{})
	if err != nil {
		t.Fatal(err)
	}
	if got := addressesOf(vod, p.Mapped); got != "- en en v" {
		t.Errorf("mapped to %s", got)
	}
	if got := noticesOf(p.Notices); got != "subtitles-missing 0, language-missing 2" {
		t.Errorf("notices %s", got)
	}
	if track := &p.VOD.Tracks[0]; !track.Sliced {
		t.Errorf("missing subtitles are laid out as %+v", track)
	}
}

// TestModel_LeavesOutWhatItCantServe, and the I-frames of a channel without.
func TestModel_LeavesOutWhatItCantServe(t *testing.T) {
	vod := sourceOf(t, mediaLine("SUBTITLES", `GROUP-ID="s",NAME="n",LANGUAGE="en"`, "s-vtt.m3u8")+variantLine(`BANDWIDTH=1000,SUBTITLES="s",`+avc, "v.m3u8")+iFrameLine("BANDWIDTH=9", "i-frames.m3u8"))
	vod.Media[0] = Refused(refuse(CodeMissingRendition, "absent"))
	m := modelOf(t, vod)
	if m.LeftOut(0) == nil || m.LeftOut(1) != nil || m.LeftOut(2) != nil || m.Renditions() != 3 {
		t.Errorf("left out: %v, %v, %v", m.LeftOut(0), m.LeftOut(1), m.LeftOut(2))
	}
	less := m.WithoutIFrames()
	if less.LeftOut(2) == nil || m.LeftOut(2) != nil || less.Key() == m.Key() {
		t.Error("the I-frames are not left out, or of the first model, too")
	}
	if text := string(less.Multivariant()); strings.Contains(text, "SUBTITLES") || strings.Contains(text, "I-FRAME") || !strings.Contains(text, "/1.m3u8") {
		t.Errorf("the multivariant playlist is\n%s", text)
	}
	p, err := less.Lay(sourceOf(t, twoRates), Clip{})
	if err != nil || addressesOf(sourceOf(t, twoRates), p.Mapped) != "- low -" || len(p.Notices) > 0 || !p.IFrames() {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err = m.Lay(sourceOf(t, twoRates), Clip{}); err != nil || p.IFrames() {
		t.Errorf("%+v, %v", p, err)
	}
}
