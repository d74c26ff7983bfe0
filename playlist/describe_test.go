package playlist

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDescribe_TellsWhatTheMultivariantPlaylistSays(t *testing.T) {
	for folder, want := range map[string][]string{
		"alternate-audio": {
			"audio English en aac 64000  mp4a.40.2", "audio Français, VF fr aac   ", "audio Commentary en aac   ",
			"video    800000 640x360 avc1.4d401e,mp4a.40.2", "audio    96000  mp4a.40.2",
		},
		"ts-two-bit-rates":      {"media    134200  ", "media    290400  "},
		"single-media-playlist": {"media      "},
	} {
		var got []string
		for _, d := range load(t, "testdata/"+folder).multivariant.Describe() {
			got = append(got, strings.Join([]string{string(d.Kind), d.Name, d.Language, d.Group, d.Bandwidth, d.Resolution, d.Codecs}, " "))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, want\n%q", folder, got, want)
		}
	}
}

func TestDescribe_KnowsSubtitlesAndIFrames(t *testing.T) {
	for folder, want := range map[string]Kind{"subtitles": KindSubtitles, "i-frames": KindIFrames} {
		described := load(t, "testdata/"+folder).multivariant.Describe()
		if !slices.ContainsFunc(described, func(d Description) bool { return d.Kind == want }) {
			t.Errorf("%s: %+v, want one of %s", folder, described, want)
		}
	}
}

// TestMarks_AreThoseOfTheLivePlaylist: a window of several loops has each mark
// at its segment.
func TestMarks_AreThoseOfTheLivePlaylist(t *testing.T) {
	marked := 0
	for _, s := range samples(t) {
		live := s.live(t, time.Minute)
		for n := range live.Renditions() {
			at := live.Timeline.Ready().Add(1000 * live.VOD.Length)
			w, err := live.Timeline.Window(n, at)
			if err != nil {
				t.Fatal(err)
			}
			gaps, cues := live.Gaps(n), live.Cues(n)
			first, pieces := live.Timeline.Run(n, w.First).From, strings.SplitAfter(string(live.AppendMedia(nil, n, w)), "#EXTINF")
			for g := range pieces[1:] {
				i := (first + g) % live.VOD.Tracks[n].Len()
				above := pieces[g]
				if g > 0 { // behind the address of the one before
					above = above[strings.IndexByte(above, '\n')+1:]
				}
				if strings.Contains(above, "#EXT-X-GAP\n") != slices.Contains(gaps, i) {
					t.Errorf("%s: rendition %d: gaps %v, but segment %d has\n%s", s.name, n, gaps, i, above)
				}
			}
			marked += len(gaps) + len(cues)
			if slices.ContainsFunc(cues, func(m Mark) bool { return m.Segment >= live.VOD.Tracks[n].Len() }) || !slices.IsSortedFunc(cues, func(a, b Mark) int { return a.Segment - b.Segment }) {
				t.Errorf("%s: rendition %d: cues %v", s.name, n, cues)
			}
		}
	}
	if marked == 0 {
		t.Error("no VOD has a mark")
	}
}

func TestCues_AreOfTheirSegments(t *testing.T) {
	for folder, want := range map[string]string{"cues": "EXT-X-CUE-OUT", "dateranges-dated": "EXT-X-DATERANGE", "ts-two-bit-rates": ""} {
		cues := load(t, "testdata/"+folder).live(t, time.Minute).Cues(0)
		if found := slices.ContainsFunc(cues, func(m Mark) bool { return m.Tag == want }); found != (want != "") {
			t.Errorf("%s: %v, want %s", folder, cues, want)
		}
	}
}
