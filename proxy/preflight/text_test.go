package preflight

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"vod2live/playlist"
)

// withAudio is a VOD whose audio ends early.
func withAudio() files {
	return files{
		"a.m3u8": playlistOf(segments(4, "https://elsewhere.test/a")...), "en.m3u8": playlistOf(segments(2, "https://elsewhere.test/b")...),
		"master.m3u8": "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,URI=\"en.m3u8?s3cr3t\"\n" +
			"#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=2x2,AUDIO=\"g\"\na.m3u8\n",
	}
}

// TestReport_NamesTheRenditionOfAProblem by its kind, its name and its address,
// the same in JSON and for people.
func TestReport_NamesTheRenditionOfAProblem(t *testing.T) {
	c := checker(t, withAudio(), false, time.Now().Add(-time.Hour))
	r := c.Check(t.Context())
	var found bool
	for _, p := range r.Problems {
		if p.Code != CodeRagged {
			continue
		}
		found = true
		if *p.Rendition != 0 || p.Kind != playlist.KindAudio || p.Name != "English" || !strings.HasSuffix(p.Source, "/en.m3u8?***") || p.Advice == "" || p.Link != "deploy/CODES.md#"+CodeRagged {
			t.Errorf("%+v", p)
		}
	}
	var text bytes.Buffer
	r.WriteText(&text)
	want := `  warning ragged-tail: rendition 0, audio "English", ` + r.Renditions[0].Source + `
          it ends 8s early: at the gap players stall, skip or stop
          Package the VOD so that all renditions are equally long. See deploy/CODES.md#ragged-tail
`
	if !found || !strings.Contains(text.String(), want) {
		t.Errorf("%s\nlacks\n%s", text.String(), want)
	}
}

// TestReport_NamesARenditionThatCouldNotBeLoaded: the multivariant playlist says
// what it is.
func TestReport_NamesARenditionThatCouldNotBeLoaded(t *testing.T) {
	f := withAudio()
	f["en.m3u8"] = "404"
	var text bytes.Buffer
	check(t, f, false).WriteText(&text)
	if !strings.Contains(text.String(), `missing-rendition: rendition 0, audio "English", http://127.0.0.1:`) {
		t.Errorf("%s", text.String())
	}
}
