package e2e

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/media"
)

// TestShift_LoopsGoOnForFFmpeg writes four loops of a VOD behind each other, their timestamps and counters moved on, and
// counts with ffprobe: every packet of every loop is there, none is corrupt, DTS rise, without holes.
func TestShift_LoopsGoOnForFFmpeg(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]string{
		"TS":                "-f hls -hls_time 2 -hls_playlist_type vod index.m3u8",
		"TS over the wrap":  "-f hls -hls_time 2 -hls_playlist_type vod -output_ts_offset 95439 index.m3u8",
		"TS from 10 h":      "-f hls -hls_time 2 -hls_playlist_type vod -output_ts_offset 36000 index.m3u8",
		"fragmented MP4":    "-f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type fmp4 index.m3u8",
		"several fragments": "-f mp4 -movflags empty_moov+delay_moov+default_base_moof+frag_keyframe all.mp4",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			source := "-f lavfi -i testsrc2=size=160x90:rate=30000/1001 -f lavfi -i sine=sample_rate=44100 -t 7.98 -c:v libx264 -preset veryfast -bf 2 -g 15 -c:a aac"
			if err := ffmpeg(dir, fields(source, options)...); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(options, "all.mp4") {
				splitFragments(t, dir)
			}
			v := readVOD(t, dir)
			const loops = 4
			one, all := filepath.Join(dir, "one"), filepath.Join(dir, "all")
			v.write(t, one, 1)
			v.write(t, all, loops)
			before, after := probe(t, one), probe(t, all)
			for kind, packets := range before {
				if got := len(after[kind]); got != loops*len(packets) {
					t.Errorf("%s: %d packets, want %d times %d", kind, got, loops, len(packets))
				}
			}
			for kind, packets := range after {
				checkTimeline(t, kind, packets)
			}
		})
	}
}

// splitFragments makes an initialization section and four segments of several fragments each of one file.
func splitFragments(t *testing.T, dir string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "all.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	parts := []*bytes.Buffer{{}} // what comes before the first moof, then fragments
	for len(b) > 0 {
		size := int(binary.BigEndian.Uint32(b))
		if string(b[4:8]) == "moof" {
			parts = append(parts, &bytes.Buffer{})
		}
		parts[len(parts)-1].Write(b[:size])
		b = b[size:]
	}
	each := (len(parts) + 2) / 4
	if each < 2 {
		t.Fatalf("%d fragments", len(parts)-1)
	}
	files := map[string][]byte{"init.mp4": parts[0].Bytes()}
	for i, part := range parts[1:] {
		name := "index" + strconv.Itoa(i/each) + ".m4s"
		files[name] = append(files[name], part.Bytes()...)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// loopedVOD is a VOD whose loops go on.
type loopedVOD struct {
	init     []byte
	segments [][]byte
	format   media.Format
	change   media.Change
	length   time.Duration
	start    *media.Track
}

func readVOD(t *testing.T, dir string) *loopedVOD {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "index*.*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	v := &loopedVOD{}
	if v.init, err = os.ReadFile(filepath.Join(dir, "init.mp4")); err == nil {
		if v.change.Init, err = media.ReadInit(bytes.NewReader(v.init)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".m3u8") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v.segments = append(v.segments, b)
	}
	v.format = media.Detect(v.segments[0])
	first, last := v.read(t, 0), v.read(t, len(v.segments)-1)
	v.change.Counters = media.Gains(first, last)
	length, known := media.Length(first.Track(media.Audio), last.Track(media.Audio), v.format, 8*time.Second)
	if !known || len(v.segments) != 4 {
		t.Fatalf("%d segments, %v long", len(v.segments), length)
	}
	v.length, v.start = length, first.Track(media.Video)
	return v
}

func (v *loopedVOD) read(t *testing.T, i int) *media.Segment {
	t.Helper()
	s, err := media.Read(bytes.NewReader(v.segments[i]), v.format, v.change.Init)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// write writes so many loops.
func (v *loopedVOD) write(t *testing.T, name string, loops int) {
	t.Helper()
	out := bytes.NewBuffer(slices.Clone(v.init))
	for k := range loops {
		change := v.change
		change.Turn = k
		change.Ticks = media.Offset{Place: time.Duration(k) * v.length, Start: v.start.Begin, Timescale: v.start.Timescale}.Ticks
		for _, segment := range v.segments {
			out.WriteString(shift(t, segment, v.format, change))
		}
	}
	if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// probe returns the DTS of the packets that ffprobe sees, in seconds, by kind. It must see no fault.
func probe(t *testing.T, file string) map[string][]float64 {
	t.Helper()
	cmd := exec.Command("ffprobe", fields("-v warning -show_entries packet=codec_type,dts_time -of csv=p=0", file)...)
	var out, faults strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &faults
	if err := cmd.Run(); err != nil || strings.Contains(faults.String(), "corrupt") {
		t.Fatalf("ffprobe: %v\n%s", err, &faults)
	}
	all := map[string][]float64{}
	for line := range strings.Lines(out.String()) {
		parts := strings.Split(strings.TrimSpace(line), ",")
		if len(parts) == 1 {
			continue // of side data
		}
		if len(parts) < 2 {
			t.Fatalf("ffprobe: %s", line)
		}
		seconds, err := strconv.ParseFloat(parts[1], 64)
		if err != nil {
			t.Fatalf("ffprobe: %s", line)
		}
		all[parts[0]] = append(all[parts[0]], seconds)
	}
	return all
}

func checkTimeline(t *testing.T, kind string, packets []float64) {
	t.Helper()
	for i := 1; i < len(packets); i++ {
		if step := packets[i] - packets[i-1]; step <= 0 || step > 0.1 {
			t.Errorf("%s: packet %d comes %.3f s after the one before", kind, i, step)
		}
	}
}
