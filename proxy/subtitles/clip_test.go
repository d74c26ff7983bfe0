package subtitles

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"vod2live/playlist"
	"vod2live/playlist/webvtt"
)

// plainly leaves resources where they are.
type plainly struct{}

func (plainly) Rendition(n int) string                  { return fmt.Sprint("master.m3u8/", n, ".m3u8") }
func (plainly) Resource(_ int, address *url.URL) string { return address.String() }
func (plainly) NotesEach() bool                         { return false }
func (plainly) Absolute(address *url.URL) string        { return address.String() }

// clipOf is the track of subtitles in a clip of a VOD of four segments of 6 s.
func clipOf(t *testing.T, in time.Duration, subtitles string) *Track {
	t.Helper()
	base := &url.URL{Scheme: "http", Host: "origin.test", Path: "/master.m3u8"}
	m, err := playlist.DecodeMultivariant([]byte("#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",LANGUAGE=\"en\",URI=\"s.m3u8\"\n"+
		"#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x1,SUBTITLES=\"s\"\nv.m3u8\n"), base)
	if err != nil {
		t.Fatal(err)
	}
	source := playlist.Source{Multivariant: m}
	for _, text := range []string{subtitles, "#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.ts\n#EXTINF:6,\n2.ts\n#EXTINF:6,\n3.ts\n"} {
		media, err := playlist.DecodeMedia([]byte("#EXTM3U\n"+text+"#EXT-X-ENDLIST\n"), base, nil)
		if err != nil {
			t.Fatal(err)
		}
		source.Media = append(source.Media, media)
	}
	model, err := playlist.NewModel(source, plainly{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.Lay(source, playlist.Clip{In: in})
	if err != nil {
		t.Fatal(err)
	}
	return Tracks(p.VOD, [8]byte{}, p.Media())[0]
}

// TestTracks_OfAClipAreShiftedByItsBeginning: each slice has the cues of the media that
// it plays beside, with the times that these have in the VOD.
func TestTracks_OfAClipAreShiftedByItsBeginning(t *testing.T) {
	cues := func(of ...int) string {
		text := "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
		for _, at := range of {
			text += fmt.Sprintf("00:00:%02d.000 --> 00:00:%02d.500\ncue %d\n\n", at, at, at)
		}
		return text
	}
	for name, c := range map[string]struct {
		subtitles string
		files     map[string]string
	}{
		"one file":  {"#EXTINF:24,\nall.vtt\n", map[string]string{"all.vtt": cues(1, 7, 13, 19)}},
		"two files": {"#EXTINF:11,\na.vtt\n#EXTINF:13,\nb.vtt\n", map[string]string{"a.vtt": cues(1, 7), "b.vtt": cues(13, 19)}},
	} {
		for in, want := range map[time.Duration][]int{0: {1, 7, 13, 19}, 6 * time.Second: {7, 13, 19}, 12 * time.Second: {13, 19}} {
			track := clipOf(t, in, c.subtitles)
			if track == nil || track.Segments() != len(want) {
				t.Fatalf("%s, in %s: %+v", name, in, track)
			}
			for i, cue := range want {
				from := track.segments.Start(i)
				periods, err := track.periods(from, from+6*time.Second, func(f *file) (*webvtt.File, error) {
					return webvtt.Parse([]byte(c.files[f.address[strings.LastIndexByte(f.address, '/')+1:]]))
				})
				if err != nil {
					t.Fatal(err)
				}
				if got := string(webvtt.Slice(periods, from, from+6*time.Second)); strings.TrimSpace(got) != strings.TrimSpace(cues(cue)) {
					t.Errorf("%s, in %s, slice %d:\n%s\nwant\n%s", name, in, i, got, cues(cue))
				}
			}
		}
	}
}
