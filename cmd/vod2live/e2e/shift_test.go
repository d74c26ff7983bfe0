package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/media"
)

// TestShift_FFprobeSeesEveryTimestampMoved by the offset, in every kind of real media; moved back, each file is what it was.
func TestShift_FFprobeSeesEveryTimestampMoved(t *testing.T) {
	t.Parallel()
	forEachRealVOD(t, func(t *testing.T, r *realVOD) {
		lists := r.mediaPlaylists(t)
		dir := t.TempDir()
		change := media.Change{Ticks: media.Offset{Place: 12_012_000_001 * time.Nanosecond, Start: 7, Timescale: 30_000}.Ticks}
		for _, list := range lists {
			shiftAll(t, r.dir(), dir, list, change)
			compare(t, filepath.Join(r.dir(), list), filepath.Join(dir, list), change)
		}
	})
}

// mediaPlaylists are those of picture and sound: they lie in the VOD's folder.
func (r *realVOD) mediaPlaylists(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir(), "*.m3u8"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.Contains(readText(t, file), "#EXTINF") {
			names = append(names, filepath.Base(file))
		}
	}
	if len(names) == 0 {
		t.Fatalf("%s has no media playlist", r.dir())
	}
	return names
}

func readText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// files are those that a media playlist names: its initialization section, if it has one, and each segment's file once.
func files(list string) (initialization string, segments []string) {
	if uri := regexp.MustCompile(`(?m)^#EXT-X-MAP:URI="([^"]+)"`).FindStringSubmatch(list); uri != nil {
		initialization = uri[1]
	}
	for _, s := range parseMedia(list).segments {
		segments = append(segments, s.uri)
	}
	return initialization, slices.Compact(segments)
}

// shiftAll writes the playlist and its files, moved, to another folder.
func shiftAll(t *testing.T, from, to, list string, change media.Change) {
	t.Helper()
	text := readText(t, filepath.Join(from, list))
	initialization, segments := files(text)
	if initialization != "" {
		header := readText(t, filepath.Join(from, initialization))
		var err error
		if change.Init, err = media.ReadInit(strings.NewReader(header)); err != nil {
			t.Fatal(err)
		}
		writeText(t, filepath.Join(to, initialization), header)
	}
	for _, name := range segments {
		before := readText(t, filepath.Join(from, name))
		format := media.Detect([]byte(before[:512]))
		after := shift(t, []byte(before), format, change)
		if len(after) != len(before) || after == before {
			t.Fatalf("%s: %d bytes became %d, or nothing moved", name, len(before), len(after))
		}
		back := change
		back.Ticks = func(timescale uint32) (int64, bool) {
			ticks, fits := change.Ticks(timescale)
			return -ticks, fits
		}
		if shift(t, []byte(after), format, back) != before {
			t.Errorf("%s, moved and moved back, is another file", name)
		}
		writeText(t, filepath.Join(to, name), after)
	}
	writeText(t, filepath.Join(to, list), text)
}

func writeText(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func shift(t *testing.T, segment []byte, format media.Format, change media.Change) string {
	t.Helper()
	var moved strings.Builder
	w, err := media.NewWriter(&moved, format, change)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(segment); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return moved.String()
}

// packet is one that ffprobe sees.
type packet struct {
	kind     string // codec type
	pts, dts int64
}

// packets are those that ffprobe sees of a playlist, with the timescale of each kind.
func packets(t *testing.T, list string) (all []packet, scales map[string]uint32) {
	t.Helper()
	out, err := exec.Command("ffprobe", fields("-v error -allowed_extensions ALL -show_entries stream=codec_type,time_base:packet=codec_type,pts,dts -of compact=p=0:nk=1", list)...).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", list, err)
	}
	scales = map[string]uint32{}
	for line := range strings.Lines(string(out)) {
		parts := strings.Split(strings.TrimSpace(line), "|")
		if len(parts) >= 3 {
			all = append(all, packet{parts[0], number(t, parts[1]), number(t, parts[2])})
		} else if len(parts) == 2 && strings.HasPrefix(parts[1], "1/") {
			scales[parts[0]] = uint32(number(t, parts[1][2:]))
		}
	}
	if len(all) < 100 || len(scales) == 0 {
		t.Fatalf("ffprobe %s: %d packets, timescales %v", list, len(all), scales)
	}
	return all, scales
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// compare wants every packet of a playlist's media moved. Timestamps of MPEG-TS have 33 bits. Of frames within a PES packet
// ffprobe counts the time itself, one tick off.
func compare(t *testing.T, before, after string, change media.Change) {
	t.Helper()
	old, scales := packets(t, before)
	moved, _ := packets(t, after)
	if len(old) != len(moved) {
		t.Fatalf("%s: %d packets became %d", before, len(old), len(moved))
	}
	for i, b := range old {
		a := moved[i]
		ticks, _ := change.Ticks(scales[b.kind])
		off, offToo := (a.pts-b.pts-ticks)%media.Wrap, (a.dts-b.dts-ticks)%media.Wrap
		tolerance := int64(0)
		if b.kind == "audio" && scales[b.kind] == media.Clock {
			tolerance = 1
		}
		if a.kind != b.kind || max(off, -off, offToo, -offToo) > tolerance {
			t.Fatalf("%s: packet %d %v became %v: %d and %d ticks off", before, i, b, a, off, offToo)
		}
	}
}
