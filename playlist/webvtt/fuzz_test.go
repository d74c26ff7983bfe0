package webvtt

import (
	"bytes"
	"testing"
	"time"
)

// FuzzParseSlice cuts two files at two instants and holds each slice against the promises of the package.
func FuzzParseSlice(f *testing.F) {
	const mapped = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
	f.Add([]byte(film(5)), []byte(film(3)), int64(4*time.Second), int64(8*time.Second))
	f.Add([]byte("\uFEFFWEBVTT - x\r\nKind: y\r\n\r\nNOTE a\r\n\r\nSTYLE\r\n::cue{}\r\n\r\nNOTE b\r\rid\r00:01.000-->00:02.000 line:0\r\nA"), []byte("WEBVTT\nB\n00:00.000 --> 00:00.000\n"), int64(0), int64(1))
	f.Add([]byte(mapped+"00:05.000 --> 00:07.000\n<00:06.000>A\n"), []byte("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:1440001\n\n00:00.000 --> 00:01.000\n<00:00.000>A\n\nREGION\n"), int64(6*time.Second), int64(5*time.Second))
	f.Add([]byte(mapped+"NOTE\n\nREGION\nid:r\n\n00:03.000 --> 00:02.000\n"), []byte("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:100:00:00.000,MPEGTS:8589934591\n\n-->\n\n99:00:00.000 --> 999999999:00:00.000\n"), int64(-1), int64(time.Hour))
	f.Fuzz(func(t *testing.T, first, second []byte, cut1, cut2 int64) {
		if len(first)+len(second) > 1<<16 {
			t.Skip("long files only take time")
		}
		var files []*File
		for _, body := range [][]byte{first, second} {
			if file, err := Parse(body); err == nil {
				files = append(files, file)
			}
		}
		if len(files) == 0 {
			t.Skip("no file")
		}
		whole := Slice(one(files...), always, ever)
		if limit := 2*(len(first)+len(second)) + 64; len(whole) > limit {
			t.Errorf("a slice of %d bytes, want at most %d", len(whole), limit)
		}
		checkRoundTrip(t, files, whole)
		cuts := []time.Duration{always, time.Duration(min(cut1, cut2)), time.Duration(max(cut1, cut2)), ever}
		for i, from := range cuts[:3] {
			checkSlice(t, files, from, cuts[i+1])
		}
	})
}

// checkRoundTrip holds that a slice of all time parses to the cues that it was made of, and slices to itself.
func checkRoundTrip(t *testing.T, files []*File, whole []byte) {
	parsed, err := Parse(whole)
	if err != nil {
		t.Fatalf("Parse of a slice = %v:\n%s", err, whole)
	}
	if again := Slice(one(parsed), always, ever); !bytes.Equal(again, whole) {
		t.Errorf("slice of a slice is\n%s\nwant\n%s", again, whole)
	}
	if got, want := describe(parsed), describe(files[0]); len(files) == 1 && got != want {
		t.Errorf("cues of a slice are\n%s\nwant\n%s", got, want)
	}
}

// checkSlice holds that a slice has every cue that overlaps it, and no others.
func checkSlice(t *testing.T, files []*File, from, to time.Duration) {
	out := Slice(one(files...), from, to)
	parsed, err := Parse(out)
	if err != nil {
		t.Fatalf("Parse of a slice = %v:\n%s", err, out)
	}
	expected := 0
	for i, f := range files {
		for j := range f.cues {
			c := shownCue{cue: &f.cues[j], file: i, shift: f.shift(files[0])}
			start := c.start + c.shift - files[0].origin().local
			end := max(start+1, c.end+c.shift-files[0].origin().local)
			if start >= to || end <= from || from >= to {
				continue
			}
			expected++
			if !has(parsed, c) {
				t.Errorf("slice of %v to %v lacks %s %q:\n%s", from, to, c.timing, c.payload, out)
			}
		}
	}
	if n := len(parsed.cues); n > expected || len(files) == 1 && n != expected {
		t.Errorf("slice of %v to %v has %d cues, want %d:\n%s", from, to, n, expected, out)
	}
}

// has tells whether a slice has a cue, give or take the millisecond of a repetition.
func has(slice *File, want shownCue) bool {
	for i := range slice.cues {
		c := &slice.cues[i]
		near := max(0, want.start+want.shift) - c.start
		if near.Abs() < 2*time.Millisecond && shifted(c.payload, 0) == shifted(want.payload, want.shift) {
			return true
		}
	}
	return false
}
