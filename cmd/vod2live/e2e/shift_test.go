package e2e

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vod2live/proxy/media"
)

// packets are the timestamps that ffprobe sees in a file, with the timescale of each stream: codec type, PTS, DTS.
func packets(t *testing.T, file string) (all [][3]string, scales map[string]uint32) {
	t.Helper()
	out, err := exec.Command("ffprobe", fields("-v error -show_entries stream=codec_type,time_base:packet=codec_type,pts,dts -of compact=p=0:nk=1", file)...).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", file, err)
	}
	scales = map[string]uint32{}
	for line := range strings.Lines(string(out)) {
		switch parts := strings.Split(strings.TrimSpace(line), "|"); {
		case len(parts) >= 3:
			all = append(all, [3]string(parts[:3]))
		case len(parts) == 2 && strings.HasPrefix(parts[1], "1/"):
			n, _ := strconv.ParseUint(parts[1][2:], 10, 32)
			scales[parts[0]] = uint32(n)
		}
	}
	if len(all) == 0 || len(scales) != 2 {
		t.Fatalf("ffprobe %s: %d packets, timescales %v", file, len(all), scales)
	}
	return all, scales
}

// TestShift_FFprobeSeesEveryTimestampMoved by the offset, in a segment with B-frames of 29.97 a second.
func TestShift_FFprobeSeesEveryTimestampMoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for format, options := range map[media.Format]string{media.TS: "-f mpegts -output_ts_offset 36000", media.MP4: "-f mp4 -movflags empty_moov+default_base_moof+frag_keyframe+dash"} {
		whole := filepath.Join(dir, format.String())
		if err := ffmpeg(dir, fields("-f lavfi -i testsrc2=size=160x90:rate=30000/1001 -f lavfi -i sine=sample_rate=44100 -t 3 -c:v libx264 -bf 2 -g 15 -c:a aac",
			options, whole)...); err != nil {
			t.Fatal(err)
		}
		segment, err := os.ReadFile(whole)
		if err != nil {
			t.Fatal(err)
		}
		change := media.Change{Ticks: media.Offset{Place: 12_012_000_001, Start: 7, Timescale: 30_000}.Ticks}
		if format == media.MP4 {
			if change.Init, err = media.ReadInit(bytes.NewReader(segment)); err != nil {
				t.Fatal(err)
			}
		}
		r, err := media.NewReader(bytes.NewReader(segment), format, change)
		if err != nil {
			t.Fatal(err)
		}
		moved, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(whole+"-moved", moved, 0o644); err != nil {
			t.Fatal(err)
		}
		compare(t, format, whole, change)
	}
}

func compare(t *testing.T, format media.Format, file string, change media.Change) {
	t.Helper()
	before, scales := packets(t, file)
	after, _ := packets(t, file+"-moved")
	if len(before) != len(after) {
		t.Fatalf("%s: %d packets became %d", format, len(before), len(after))
	}
	for i, b := range before {
		ticks, _ := change.Ticks(scales[b[0]])
		for j := 1; j <= 2; j++ {
			n, err := strconv.ParseInt(b[j], 10, 64)
			if err != nil {
				t.Fatalf("%s: packet %d: %v", format, i, err)
			}
			got, err := strconv.ParseInt(after[i][j], 10, 64)
			if err != nil || after[i][0] != b[0] {
				t.Fatalf("%s: packet %d %v became %v", format, i, b, after[i])
			}
			off := got - n - ticks
			if b[0] == "audio" && format == media.TS && off*off == 1 { // of frames within a PES packet ffprobe counts the time itself
				off = 0
			}
			if off != 0 {
				t.Fatalf("%s: packet %d %v became %v: %d ticks off", format, i, b, after[i], off)
			}
		}
	}
}
