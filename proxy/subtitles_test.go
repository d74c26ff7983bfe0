package proxy

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/playlist"
)

// subtitled is the seed's first bit rate with subtitles in one file for all.
func subtitled() map[string]string {
	files := seed()
	files["sub.m3u8"] = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES=\"s\"\nmaster_Layer1.m3u8\n" +
		"#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"en\",URI=\"text/en.m3u8\"\n"
	files["text/en.m3u8"] = "#EXTM3U\n#EXT-X-TARGETDURATION:16\n#EXTINF:16,\nen.vtt?v=1\n#EXT-X-ENDLIST\n"
	files["text/en.vtt"] = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n" +
		"00:01.000 --> 00:03.000\nOne\n\n00:03.000 --> 00:05.000\nTwo\n\n00:09.000 --> 00:10.000\nThree\n"
	return files
}

var slicePrefix = regexp.MustCompile(`\n[^/\n]+/([0-9a-f]{8})-\d+\.vtt\n`)

// slice is the address of a slice of a rendition, as its playlist has it.
func (r *rig) slice(rendition string, i int) string {
	r.t.Helper()
	body := r.ok(rendition).body
	prefix := slicePrefix.FindStringSubmatch(body)
	if prefix == nil {
		r.t.Fatalf("%s has no slices:\n%s", rendition, body)
	}
	return rendition + "/" + playlist.SliceName(prefix[1], i)
}

func TestSubtitles_OneFileForAllIsSlicedAlongTheReference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		r := newRig(t, files)
		r.ok("/live/sub.m3u8")
		if n := files.count("text/en.vtt"); n != 0 {
			t.Error("the cues were fetched when the stream was loaded")
		}
		for range 8 {
			video, cues := readPlaylist(t, r.ok("/live/sub.m3u8/0.m3u8").body), readPlaylist(t, r.ok("/live/sub.m3u8/1.m3u8").body)
			if cues.targetDuration != 4 || cues.sequence != video.sequence || cues.discontinuity != video.discontinuity || len(cues.segments) != len(video.segments) {
				t.Fatalf("the subtitles %+v beside the video %+v", cues, video)
			}
			for i, s := range cues.segments {
				v := video.segments[i]
				if s.start != v.start || s.duration != v.duration || s.tagged != v.tagged || s.uri != strings.TrimPrefix(r.slice("/live/sub.m3u8/1.m3u8", int(s.number%4)), "/live/sub.m3u8/") {
					t.Errorf("the slice %+v beside %+v", s, v)
				}
			}
			time.Sleep(4 * time.Second)
		}
		for slice, want := range []string{"One Two", "Two", "Three", ""} {
			a := r.ok(r.slice("/live/sub.m3u8/1.m3u8", slice))
			var got []string
			for _, cue := range []string{"One", "Two", "Three"} {
				if strings.Contains(a.body, "\n"+cue+"\n") {
					got = append(got, cue)
				}
			}
			if strings.Join(got, " ") != want || !strings.HasPrefix(a.body, "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n") {
				t.Errorf("slice %d shows %s, want %s:\n%s", slice, got, want, a.body)
			}
			if a.header.Get("Content-Type") != "text/vtt; charset=utf-8" || a.header.Get("ETag") == "" || a.maxAge(t) != time.Minute {
				t.Errorf("slice %d: %v", slice, a.header)
			}
		}
		if n := files.count("text/en.vtt"); n != 1 {
			t.Errorf("the cues were fetched %d times", n)
		}
		if got := files.last(t, "text/en.vtt").URL.RawQuery; got != "v=1" {
			t.Errorf("the cues were fetched with ?%s", got)
		}
	})
}

// TestSubtitles_TheFirstFileGivesTheTimeLine: also to slices that have nothing
// of it.
func TestSubtitles_TheFirstFileGivesTheTimeLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled(), map[string]string{
			"text/en.m3u8": "#EXTM3U\n#EXTINF:8,\n1.vtt\n#EXTINF:8,\n2.vtt\n#EXT-X-ENDLIST\n",
			"text/1.vtt":   "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\nOne\n",
			"text/2.vtt":   "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1620000,LOCAL:00:00:00.000\n\n00:05.000 --> 00:06.000\nTwo\n",
		})
		r := newRig(t, files)
		a := r.ok(r.slice("/live/sub.m3u8/1.m3u8", 3))
		if !strings.HasPrefix(a.body, "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,") || !strings.Contains(a.body, "00:00:13.000 --> 00:00:14.000\nTwo") {
			t.Errorf("from 12 s to 16 s:\n%s", a.body)
		}
	})
}

// TestSubtitles_EachPeriodHasItsOwnTimeLine: behind a discontinuity timestamps
// start again, in the media as in the cues.
func TestSubtitles_EachPeriodHasItsOwnTimeLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		files.put("master_Layer1.m3u8", "#EXTM3U\n"+strings.Repeat("#EXTINF:6,\nv.ts\n", 10)+"#EXT-X-DISCONTINUITY\n"+
			strings.Repeat("#EXTINF:6,\nv.ts\n", 10)+"#EXT-X-ENDLIST\n")
		media := "#EXTM3U\n"
		for i := range 12 {
			if i == 6 {
				media += "#EXT-X-DISCONTINUITY\n"
			}
			media += fmt.Sprintf("#EXTINF:10,\n%d.vtt\n", i)
			at := i % 6 * 10
			files.put(fmt.Sprintf("text/%d.vtt", i), fmt.Sprintf("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:%d,LOCAL:00:00:00.000\n\n00:%02d.000 --> 00:%02d.500\ncue %d\n", 900000+i/6, at, at+9, i))
		}
		files.put("text/en.m3u8", media+"#EXT-X-ENDLIST\n")
		r := newRig(t, files)
		for i := range 20 {
			a := r.ok(r.slice("/live/sub.m3u8/1.m3u8", i))
			period := i / 10
			head, cue := fmt.Sprintf("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:%d,", 900000+period), i*6/10
			want := fmt.Sprintf("00:%02d.000 --> 00:%02d.500\ncue %d\n", cue%6*10, cue%6*10+9, cue)
			if !strings.HasPrefix(a.body, head) || !strings.Contains(a.body, want) {
				t.Errorf("slice %d, want %q and %q:\n%s", i, head, want, a.body)
			}
		}
		if n := files.count("text/7.vtt"); n != 1 {
			t.Errorf("the second file behind the discontinuity was fetched %d times", n)
		}
	})
}

// TestSubtitles_AFirstFileWithoutCuesLeavesTheOthers: it may be a gap, absent or
// of no bytes.
func TestSubtitles_AFirstFileWithoutCuesLeavesTheOthers(t *testing.T) {
	const second = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:09.000 --> 00:10.000\nTwo\n"
	for name, c := range map[string]struct {
		tag   string
		first http.HandlerFunc
	}{
		"a gap":  {"#EXT-X-GAP\n", status(404, "")},
		"absent": {"", status(404, "")},
		"empty":  {"", text("")},
	} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(subtitled())
			files.put("text/en.m3u8", "#EXTM3U\n"+c.tag+"#EXTINF:8,\n1.vtt\n#EXTINF:8,\n2.vtt\n#EXT-X-ENDLIST\n")
			files.fail("text/1.vtt", c.first)
			files.put("text/2.vtt", second)
			r := newRig(t, files)
			if a := r.ok(r.slice("/live/sub.m3u8/1.m3u8", 2)); a.body != second {
				t.Errorf("%s: the slice from 8 s to 12 s is\n%s", name, a.body)
			}
			if a := r.ok(r.slice("/live/sub.m3u8/1.m3u8", 0)); !strings.HasPrefix(a.body, "WEBVTT") || strings.Contains(a.body, "-->") {
				t.Errorf("%s: the first slice is\n%s", name, a.body)
			}
		})
	}
}

func TestSubtitles_OfGapsAloneHaveNoCues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		files.put("text/en.m3u8", "#EXTM3U\n#EXT-X-GAP\n#EXTINF:16,\nnone.vtt\n#EXT-X-ENDLIST\n")
		r := newRig(t, files)
		if a := r.ok(r.slice("/live/sub.m3u8/1.m3u8", 2)); a.body != "WEBVTT\n\n" {
			t.Errorf("%q", a.body)
		}
	})
}

func TestSubtitles_SlicesAreAnswersLikePlaylists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(subtitled()))
		address := r.slice("/live/sub.m3u8/1.m3u8", 0)
		a := r.ok(address)
		if b := r.ok(address, "Accept-Encoding", "gzip"); b.header.Get("Content-Encoding") != "gzip" || b.unpacked(t) != a.body {
			t.Errorf("gzipped: %v", b.header)
		}
		if b := r.get(address, "If-None-Match", a.header.Get("ETag")); b.status != 304 || b.body != "" {
			t.Errorf("If-None-Match: %d", b.status)
		}
		if b := r.do(http.MethodHead, address); b.status != 200 || b.body != "" || b.header.Get("Content-Length") != strconv.Itoa(len(a.body)) {
			t.Errorf("HEAD: %d %v", b.status, b.header)
		}
		for _, absent := range []string{r.slice("/live/sub.m3u8/1.m3u8", 4), strings.Replace(address, "1.m3u8", "0.m3u8", 1), strings.Replace(address, "1.m3u8", "2.m3u8", 1), "/live/sub.m3u8/1.m3u8/00000000-0.vtt", "/live/sub.m3u8/1.m3u8/0.vtt", "/live/sub.m3u8/2.m3u8", "/live/master_Layer1.m3u8/1.m3u8", "/live/master_Layer1.m3u8/0.m3u8/0.vtt"} {
			if a := r.get(absent); a.status != 404 {
				t.Errorf("GET %s: %d, want 404", absent, a.status)
			}
		}
	})
}

func TestSubtitles_OneFetchForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		begin := make(chan struct{})
		files.fail("text/en.vtt", func(w http.ResponseWriter, _ *http.Request) {
			<-begin
			fmt.Fprint(w, subtitled()["text/en.vtt"])
		})
		r := newRig(t, files)
		done := make(chan answered)
		for i := range 512 {
			go func() { done <- r.get(r.slice("/live/sub.m3u8/1.m3u8", i%4)) }()
		}
		synctest.Wait()
		close(begin)
		for range 512 {
			if a := <-done; a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		if n := files.count("text/en.vtt"); n != 1 {
			t.Errorf("the cues were fetched %d times", n)
		}
	})
}

func TestSubtitles_ErrorsOfTheOrigin(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		status int
	}{
		"404": {status(404, ""), 200}, "500": {status(500, ""), 502}, "hangs": {hang, 504}, "HTML": {text("<html>origin.test"), 502},
		"a bad map": {text("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:x\n"), 502}, "100 MB": {trickle(0, strings.Repeat("x", 1<<16)), 502},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(subtitled())
				files.fail("text/en.vtt", c.answer)
				r := newRig(t, files)
				if a := r.get(r.slice("/live/sub.m3u8/1.m3u8", 0)); a.status != c.status {
					t.Errorf("%d %s, want %d", a.status, a.body, c.status)
				}
				r.ok("/live/sub.m3u8/1.m3u8")
				files.fail("text/en.vtt", nil)
				if a := r.ok(r.slice("/live/sub.m3u8/1.m3u8", 0)); !strings.Contains(a.body, "-->") {
					t.Errorf("the file is back, and the slice has no cue:\n%s", a.body)
				}
			})
		})
	}
}

func TestSubtitles_CuesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		media, cue := "#EXTM3U\n", "00:00.000 --> 00:01.000\n"+strings.Repeat("x", 4<<20)+"\n"
		for i := range 8 {
			name := fmt.Sprintf("%d.vtt", i)
			media += "#EXTINF:8,\n" + name + "\n"
			files.put("text/"+name, "WEBVTT\n\n"+cue)
		}
		files.put("text/en.m3u8", media+"#EXT-X-ENDLIST\n")
		long := "#EXTM3U\n" + strings.Repeat("#EXTINF:4,\n1.ts\n", 16) + "#EXT-X-ENDLIST\n"
		files.put("master_Layer1.m3u8", long)
		r := newRig(t, files)
		for i := range 16 {
			r.ok(r.slice("/live/sub.m3u8/1.m3u8", i))
		}
		if files, bytes := r.station.Subtitles(); bytes > 64<<20 || files < 2 {
			t.Errorf("%d bytes of %d files are kept, want at most 64 MiB", bytes, files)
		}
	})
}

func TestSubtitles_ASliceIsCutAndPackedOnceForAllViewers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		r := newRig(t, files)
		for range 3 {
			r.ok(r.slice("/live/sub.m3u8/1.m3u8", 0), "Accept-Encoding", "gzip")
			r.ok(r.slice("/live/sub.m3u8/1.m3u8", 1))
		}
		if n := files.count("text/en.vtt"); n != 1 {
			t.Errorf("the file was asked for %d times", n)
		}
	})
}
