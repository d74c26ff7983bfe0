package webvtt

import (
	"testing"
	"time"
)

// withMap is a file with a map and one cue of one second.
func withMap(m, cue string) string {
	return "WEBVTT\nX-TIMESTAMP-MAP=" + m + "\n\n" + cue + "\n"
}

func TestSlice_AnInstantCountsFromTheFirstFilesMPEGTS(t *testing.T) {
	const cue = "00:00:01.000 --> 00:00:02.000\nA"
	for _, c := range []struct {
		name        string
		first, file string
		at          time.Duration // the instant of the cue
		want        string        // its times in the slice
	}{
		{"the same map", "MPEGTS:900000,LOCAL:00:00:00.000", "LOCAL:00:00:00.000,MPEGTS:900000", time.Second, "00:00:01.000 --> 00:00:02.000"},
		{"six seconds later", "MPEGTS:900000,LOCAL:00:00:00.000", "MPEGTS:1440000,LOCAL:00:00:00.000", 7 * time.Second, "00:00:07.000 --> 00:00:08.000"},
		{"LOCAL of the file", "MPEGTS:900000,LOCAL:00:00:00.000", "MPEGTS:1440000,LOCAL:00:00:01.000", 6 * time.Second, "00:00:06.000 --> 00:00:07.000"},
		{"LOCAL of the first", "MPEGTS:900000,LOCAL:10:00:00.000", "MPEGTS:1440000,LOCAL:00:00:00.000", 7 * time.Second, "10:00:07.000 --> 10:00:08.000"},
		{"LOCAL of both", "MPEGTS:0,LOCAL:00:00:01.000", "MPEGTS:0,LOCAL:00:00:01.000", 0, "00:00:01.000 --> 00:00:02.000"},
		{"before the VOD", "MPEGTS:0,LOCAL:00:00:10.000", "MPEGTS:0,LOCAL:00:00:06.000", -5 * time.Second, "00:00:05.000 --> 00:00:06.000"},
		{"through the wrap", "MPEGTS:8589844592,LOCAL:00:00:00.000", "MPEGTS:450000,LOCAL:00:00:00.000", 7 * time.Second, "00:00:07.000 --> 00:00:08.000"},
		{"thirds of a millisecond", "MPEGTS:0,LOCAL:00:00:00.000", "MPEGTS:30,LOCAL:00:00:00.000", time.Second + 333_333, "00:00:01.000 --> 00:00:02.000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := "WEBVTT\nX-TIMESTAMP-MAP=" + c.first + "\n\n"
			bodies := []string{first, withMap(c.file, cue)}
			wantText(t, sliceOf(t, c.at, c.at+1, bodies...), first+c.want+"\nA\n")
			wantText(t, sliceOf(t, c.at-time.Second, c.at, bodies...), first)
			wantText(t, sliceOf(t, c.at+time.Second, c.at+2*time.Second, bodies...), first)
		})
	}
}

func TestSlice_AFileWithoutMapIsOnTheTimeLineOfTheFirst(t *testing.T) {
	const bare = "WEBVTT\n\n00:11.000 --> 00:12.000\nA\n"
	first := "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:10.000\n\n"
	wantText(t, sliceOf(t, time.Second, 2*time.Second, first, bare), first+bare[len("WEBVTT\n\n"):])
}

func TestSlice_AFirstFileWithoutMapStartsAtZero(t *testing.T) {
	const first = "WEBVTT\n\n00:01.000 --> 00:02.000\nA\n"
	second := withMap("MPEGTS:540000,LOCAL:00:00:00.000", "00:01.000 --> 00:02.000\nB")
	wantText(t, sliceOf(t, 0, 10*time.Second, first, second), first+"\n00:00:07.000 --> 00:00:08.000\nB\n")
}

func TestSlice_TimesAreVerbatimWhereMapsSayTheSame(t *testing.T) {
	const odd = "0:00:07.000-->00:08.000 line:0\n<00:07.500>A\n"
	first := "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"
	same := withMap("LOCAL:00:06.000,MPEGTS:540000", odd)
	wantText(t, sliceOf(t, 0, 10*time.Second, first, same), first+odd)
}

func TestSlice_TimestampsOfAPayloadMoveWithTheirCue(t *testing.T) {
	first := "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"
	later := withMap("MPEGTS:540000,LOCAL:00:00:00.000", "00:01.000-->00:03.000 line:0\n<00:02.000>A")
	wantText(t, sliceOf(t, 0, 10*time.Second, first, later), first+"00:00:07.000 --> 00:00:09.000 line:0\n<00:00:08.000>A\n")
}

func TestSlice_ACueFromBeforeTheTimeLineStartsWithIt(t *testing.T) {
	first := "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:540000,LOCAL:00:00:00.000\n\n"
	earlier := withMap("MPEGTS:0,LOCAL:00:00:00.000", "00:05.000 --> 00:07.000\nA")
	wantText(t, sliceOf(t, 0, 10*time.Second, first, earlier), first+"00:00:00.000 --> 00:00:01.000\nA\n")
}

func TestSlice_ARepeatedCueIsInItOnce(t *testing.T) {
	const head, cue = "WEBVTT\n\n", "00:05.000 --> 00:07.000 line:0\nA\n"
	mapped := func(mpegts, cue string) string {
		return withMap("MPEGTS:"+mpegts+",LOCAL:00:00:00.000", cue)
	}
	for name, c := range map[string]struct {
		first, second string
		want          int
	}{
		"verbatim":                        {head + cue, head + cue, 1},
		"with other spacing":              {head + cue, head + "0:00:05.000-->00:07.000\tline:0 \nA\n", 1},
		"with another number":             {head + "9\n" + cue, head + "1\n" + cue, 1},
		"on another time line":            {mapped("0", cue), mapped("180000", "00:03.000 --> 00:05.000 line:0\nA\n"), 1},
		"with its timestamps":             {mapped("0", cue+"<00:06.000>B"), mapped("180000", "00:03.000 --> 00:05.000 line:0\nA\n<00:04.000>B\n"), 1},
		"rounded to the millisecond":      {mapped("0", cue), mapped("180044", "00:02.999 --> 00:04.999 line:0\nA\n"), 1},
		"but not a millisecond later":     {mapped("0", cue), mapped("180000", "00:03.001 --> 00:05.001 line:0\nA\n"), 2},
		"but not with another text":       {head + cue, head + cue + "B\n", 2},
		"but not with other settings":     {head + cue, head + "00:05.000 --> 00:07.000\nA\n", 2},
		"but not with another end":        {head + cue, head + "00:05.000 --> 00:08.000 line:0\nA\n", 2},
		"but not where one file repeats":  {head + cue + "\n" + cue, head, 2},
		"and that of the other is no new": {head + cue + "\n" + cue, head + cue, 2},
	} {
		t.Run(name, func(t *testing.T) {
			out := sliceOf(t, 6*time.Second, 12*time.Second, c.first, c.second)
			if got := len(mustParse(t, out).cues); got != c.want {
				t.Errorf("%d cues, want %d:\n%s", got, c.want, out)
			}
		})
	}
}

func TestSlice_OfARepeatedCueTheFirstFilesIsKept(t *testing.T) {
	const head, cue = "WEBVTT\n\n", "00:05.000 --> 00:07.000\nA\n"
	got := sliceOf(t, 0, 12*time.Second, head+"NOTE one\n\n9\n"+cue, head+"NOTE two\n\n1\n"+cue)
	wantText(t, got, head+"NOTE one\n\n9\n"+cue)
}
