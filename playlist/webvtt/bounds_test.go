package webvtt

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// crowded is a file of many cues that are shown all at once.
func crowded(clock string, cues, payload int) string {
	var b strings.Builder
	for i := range cues {
		fmt.Fprintf(&b, "00:00.000 --> 00:10.000\n%06d%s\n\n", i, strings.Repeat("<00:01.000>", payload/11))
	}
	return withMap(clock, b.String())
}

func TestSlice_HasAtMostSoManyBytes(t *testing.T) {
	style := "STYLE\n" + strings.Repeat("x", MaxSlice) + "\n\n"
	for name, c := range map[string]struct {
		files []string
		cues  int // at least, that are left
	}{
		"many cues":          {[]string{crowded("MPEGTS:0,LOCAL:00:00.000", 30_000, 11)}, 10_000},
		"long cues":          {[]string{crowded("MPEGTS:0,LOCAL:00:00.000", 40, 100_000)}, 9},
		"one that is longer": {[]string{crowded("MPEGTS:0,LOCAL:00:00.000", 1, 2<<20)}, 0},
		"another time line": {
			[]string{withMap("MPEGTS:0,LOCAL:00:00.000", ""), crowded("MPEGTS:90000,LOCAL:400000:00:00.000", 10_000, 110)}, 0,
		},
		"many files":   {[]string{crowded("MPEGTS:0,LOCAL:00:00.000", 6000, 110), crowded("MPEGTS:90,LOCAL:00:00.000", 6000, 110)}, 1000},
		"a long style": {[]string{"WEBVTT\n\n" + style + "00:00.000 --> 00:10.000\nx\n"}, 0},
	} {
		var files []*File
		for _, text := range c.files {
			files = append(files, mustParse(t, text))
		}
		slice := Slice(one(files...), 0, 10*time.Second)
		if len(slice) > MaxSlice {
			t.Errorf("%s: %d bytes, want at most %d", name, len(slice), MaxSlice)
		}
		again, err := Parse(slice)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(again.cues) < c.cues {
			t.Errorf("%s: %d cues are left, want at least %d", name, len(again.cues), c.cues)
		}
		for i := range again.cues {
			if number := fmt.Sprintf("%06d", i); len(files) == 1 && !strings.HasPrefix(again.cues[i].payload, number) {
				t.Fatalf("%s: cue %d is %.20s: one before it was left out", name, i, again.cues[i].payload)
			}
		}
	}
}

func TestParse_BoundsTheHeader(t *testing.T) {
	for _, text := range []string{"WEBVTT " + strings.Repeat("x", maxHeader), "WEBVTT\n" + strings.Repeat("A:B\n", maxHeader/4)} {
		if _, err := Parse([]byte(text + "\n\n00:00.000 --> 00:10.000\nx\n")); !errors.Is(err, ErrHeader) {
			t.Errorf("%v, want %v", err, ErrHeader)
		}
	}
}

func TestFile_BytesAreWhatItTakes(t *testing.T) {
	for name, text := range map[string]string{
		"film":          film(5_000),
		"short cues":    "WEBVTT\n\n" + strings.Repeat("00:00.000-->00:00.000\n\n", 20_000),
		"one long":      "WEBVTT\n\n00:00.000 --> 00:01.000\n" + strings.Repeat("x", 4<<20),
		"no cue at all": "WEBVTT\n\n" + strings.Repeat("STYLE\nx\n\n", 20_000),
	} {
		body := []byte(text)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		f := mustParse(t, string(body))
		runtime.GC()
		runtime.ReadMemStats(&after)
		took := float64(after.HeapAlloc) - float64(before.HeapAlloc)
		if ratio := float64(f.Bytes()) / took; ratio < 0.8 || ratio > 1.3 {
			t.Errorf("%s: %d bytes are said, %.0f taken", name, f.Bytes(), took)
		}
		runtime.KeepAlive(f)
		runtime.KeepAlive(body)
	}
}
