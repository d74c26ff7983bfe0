package e2e

import (
	"encoding/json"
	"math"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestCheck_MeasuresRealMedia: check reports how long the media of each rendition is, as long as the frames that ffprobe
// counts, and one fault: ffmpeg's DASH muxer leaves a last segment of two frames.
func TestCheck_MeasuresRealMedia(t *testing.T) {
	t.Parallel()
	forEachRealVOD(t, func(t *testing.T, r *realVOD) {
		measured, faults := checkSegments(t, r.path())
		want := ""
		if r.name == "several-moofs" {
			want = "last-segment-short"
		}
		if faults != want {
			t.Errorf("check finds %q, want %q", faults, want)
		}
		for _, list := range r.mediaPlaylists(t) {
			got, ok := measured[list]
			if want := frameLength(t, filepath.Join(r.dir(), list)); !ok || math.Abs(got-want) > 1e-5 {
				t.Errorf("%s lasts %.6f s, want the %.6f s of its frames; measured are %v", list, got, want, measured)
			}
		}
	})
}

// frameLength is how long the frames last that ffprobe counts, of picture or of sound, whichever lasts longer.
func frameLength(t *testing.T, list string) (longest float64) {
	t.Helper()
	out, err := exec.Command("ffprobe", fields("-v error -allowed_extensions ALL -count_packets -show_streams -of json", list)...).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", list, err)
	}
	var file struct {
		Streams []struct {
			Kind  string `json:"codec_type"`
			Count int    `json:"nb_read_packets,string"`
			Rate  string `json:"sample_rate"`
			Speed string `json:"avg_frame_rate"`
		}
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	for _, s := range file.Streams {
		frame := 1024 / decimal(t, s.Rate)
		if s.Kind == "video" {
			pictures, seconds, _ := strings.Cut(s.Speed, "/")
			frame = decimal(t, seconds) / decimal(t, pictures)
		}
		longest = max(longest, float64(s.Count)*frame)
	}
	return longest
}

func decimal(t *testing.T, text string) float64 {
	t.Helper()
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkSegments returns how long check -segments finds the media of each rendition, by the name of its playlist, and the
// codes of what it finds wrong.
func checkSegments(t *testing.T, vod string) (lengths map[string]float64, faults string) {
	t.Helper()
	out, _ := exec.Command(shared.binary, "check", "-json", "-segments", shared.origin.url+"/vods"+vod, "-origin", shared.origin.url+"/vods").Output() // its status is that of the problems
	var report struct {
		Renditions []struct {
			Source string
			Length float64 `json:"media_length_seconds"`
		}
		Problems []struct{ Severity, Code string }
	}
	if err := json.Unmarshal(out, &report); err != nil || len(report.Renditions) == 0 {
		t.Fatalf("check: %v\n%s", err, out)
	}
	var codes []string
	for _, p := range report.Problems {
		if p.Severity != "notice" {
			codes = append(codes, p.Code)
		}
	}
	lengths = map[string]float64{}
	for _, r := range report.Renditions {
		lengths[path.Base(r.Source)] = r.Length
	}
	return lengths, strings.Join(codes, " ")
}
