package webvtt

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
)

const (
	always = time.Duration(math.MinInt64)
	ever   = time.Duration(math.MaxInt64)
)

// one is a VOD without discontinuities.
func one(files ...*File) []Period {
	var p Period
	for _, f := range files {
		p.Sources = append(p.Sources, Source{File: f})
	}
	return []Period{p}
}

// sliceOf slices files given as text.
func sliceOf(t testing.TB, from, to time.Duration, bodies ...string) string {
	t.Helper()
	var files []*File
	for _, body := range bodies {
		files = append(files, mustParse(t, body))
	}
	return string(Slice(one(files...), from, to))
}

// payloads gives the payloads of the cues of a file, parted by spaces.
func payloads(t testing.TB, body string) string {
	t.Helper()
	var all []string
	for _, c := range mustParse(t, body).cues {
		all = append(all, c.payload)
	}
	return strings.Join(all, " ")
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("slice is\n%s\nwant\n%s", got, want)
	}
}

func TestSlice_CueThatCrossesACutIsInBothSlices(t *testing.T) {
	const body = "WEBVTT\n\n00:05.000 --> 00:07.000\nA\n"
	wantText(t, sliceOf(t, 0, 6*time.Second, body), body)
	wantText(t, sliceOf(t, 6*time.Second, 12*time.Second, body), body)
	wantText(t, sliceOf(t, 12*time.Second, 18*time.Second, body), "WEBVTT\n\n")
}

func TestSlice_IsHalfOpen(t *testing.T) {
	const body = `WEBVTT

00:00.000 --> 00:04.000
ends-at-from

00:03.999 --> 00:04.001
crosses-from

00:04.000 --> 00:04.000
no-duration-at-from

00:05.000 --> 00:03.000
ends-before-it-starts

00:07.999 --> 00:20.000
crosses-to

00:08.000 --> 00:08.000
no-duration-at-to

00:08.000 --> 00:09.000
starts-at-to
`
	got := payloads(t, sliceOf(t, 4*time.Second, 8*time.Second, body))
	if want := "crosses-from no-duration-at-from ends-before-it-starts crosses-to"; got != want {
		t.Errorf("cues of 4 s to 8 s are %s, want %s", got, want)
	}
	for _, to := range []time.Duration{4 * time.Second, 3 * time.Second, always} {
		wantText(t, sliceOf(t, 4*time.Second, to, body), "WEBVTT\n\n")
	}
	if got := payloads(t, sliceOf(t, always, ever, body)); strings.Count(got, " ") != 6 {
		t.Errorf("cues of all time are %s, want all", got)
	}
}

func TestSlice_WithoutCuesHasTheFirstHeader(t *testing.T) {
	const header = "WEBVTT film\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\nKind: captions\n\n"
	wantText(t, sliceOf(t, 0, time.Second, header+"STYLE\n::cue{}\n\n00:02.000 --> 00:03.000\nA\n", "WEBVTT\nX: y\n\n"), header)
	wantText(t, string(Slice(nil, 0, time.Second)), "WEBVTT\n\n")
}

func TestSlice_SortsByStartAndLeavesEqualStartsInTheirOrder(t *testing.T) {
	const first = "WEBVTT\n\n00:03.000 --> 00:04.000\nC\n\n00:01.000 --> 00:09.000\nB\n\n00:01.000 --> 00:02.000\nA\n"
	const second = "WEBVTT\n\n00:03.000 --> 00:04.000\nD\n\n00:02.000 --> 00:04.000\nE\n\n00:01.000 --> 00:01.000\nF\n"
	got := payloads(t, sliceOf(t, 0, 9*time.Second, first, second))
	if want := "B A F E C D"; got != want {
		t.Errorf("cues are %s, want %s", got, want)
	}
}

func TestSlice_FindsALongCueBeneathManyShortOnes(t *testing.T) {
	body := "WEBVTT\n\n00:00.000 --> 01:00:00.000\nlong\n\n" + strings.Repeat("00:01.000 --> 00:02.000\nshort\n\n", 50)
	got := payloads(t, sliceOf(t, 10*time.Minute, 11*time.Minute, body))
	if want := "long"; got != want {
		t.Errorf("cues are %s, want %s", got, want)
	}
}

func TestSlice_KeepsEverythingOfACueVerbatim(t *testing.T) {
	const body = "WEBVTT\n\nNOTE by hand\nof a friend\n\nNOTE twice\n\n  --identifier-- \n" +
		"1:00:01.000\t-->02:00:05.250  line:0   align:start region:r \n<v Ann>Hé <i>you</i><1:00:02.000>\n  &amp; \x00\xff\n"
	wantText(t, sliceOf(t, always, ever, body), body)
}

func TestSlice_AComment(t *testing.T) {
	const cueA, cueB = "00:01.000 --> 00:02.000\nA\n", "00:11.000 --> 00:12.000\nB\n"
	const body = "WEBVTT\n\nNOTE style\n\nSTYLE\n::cue{}\n\nNOTE of A\n\n" + cueA + "\nNOTE dropped\n\nlost\n\nNOTE of B\n\n" + cueB + "\nNOTE dropped too\n"
	for _, c := range []struct {
		name, want string
		from       time.Duration
	}{
		{"goes with its cue", "WEBVTT\n\nNOTE style\n\nSTYLE\n::cue{}\n\nNOTE of A\n\n" + cueA, 0},
		{"doesn't go with others", "WEBVTT\n\nNOTE style\n\nSTYLE\n::cue{}\n\nNOTE of B\n\n" + cueB, 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) { wantText(t, sliceOf(t, c.from, c.from+5*time.Second, body), c.want) })
	}
}

func TestSlice_StyleBelowACueStaysWithoutEffect(t *testing.T) {
	const body = "WEBVTT\n\n00:01.000 --> 00:02.000\nA\n\nSTYLE\n::cue{color:red}\n\nREGION\nid:r\n\n00:03.000 --> 00:04.000\nB\n"
	wantText(t, sliceOf(t, 3*time.Second, 4*time.Second, body), "WEBVTT\n\n00:03.000 --> 00:04.000\nB\n")
}

func TestSlice_LeavesOutBlocksThatABrowserSkips(t *testing.T) {
	for _, block := range []string{
		"NOTE\na --> b\nc", "STYLE\na --> b\nc", "REGION\n-->\nid:r", "STYLE", "REGION", "STYLES\n::cue{}", "NOTES\nx", "1\n00:01,000 --> 00:02,000\nA", "x",
	} {
		const cue = "00:01.000 --> 00:02.000\nA\n"
		wantText(t, sliceOf(t, 0, ever, "WEBVTT\n\n"+block+"\n\n"+cue), "WEBVTT\n\n"+cue)
	}
}

func TestSlice_HasTheDefinitionsOfFilesWithCuesInItOnce(t *testing.T) {
	const red, region = "STYLE\n::cue(.r) { color: red }\n\n", "REGION\nid:r\nwidth:40%\n\n"
	first := "WEBVTT\nKind: captions\n\n" + red + "00:01.000 --> 00:05.000\nA\n"
	second := "WEBVTT\nKind: captions\nLanguage: en\n\n" + region + red + "00:04.000 --> 00:09.000 region:r\nB\n"
	third := "WEBVTT\nEditor: x\n\nSTYLE\n::cue { color: blue }\n\n00:09.000 --> 00:10.000\nC\n"
	wantText(t, sliceOf(t, 4*time.Second, 6*time.Second, first, second, third), "WEBVTT\nKind: captions\nLanguage: en\n\n"+red+region+
		"00:01.000 --> 00:05.000\nA\n\n00:04.000 --> 00:09.000 region:r\nB\n")
	wantText(t, sliceOf(t, 5*time.Second, 6*time.Second, first, second, third), "WEBVTT\nKind: captions\nLanguage: en\n\n"+region+red+
		"00:04.000 --> 00:09.000 region:r\nB\n")
}

func TestSlice_HeaderOfAnotherFileDoesNotEndTheHeader(t *testing.T) {
	got := sliceOf(t, 0, ever, "WEBVTT\nA: 1\n\n", "WEBVTT\n\n00:01.000 --> 00:02.000\nA\n", "WEBVTT\nB: 2\n\n00:01.000 --> 00:02.000\nB\n")
	wantText(t, got, "WEBVTT\nA: 1\nB: 2\n\n00:01.000 --> 00:02.000\nA\n\n00:01.000 --> 00:02.000\nB\n")
}

func TestSlice_AllOfTimeDoesNotOverflow(t *testing.T) {
	const hours = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1,LOCAL:500000:00:00.000\n\n"
	const cues = "00:00.000 --> 99999999999999:00:00.000\nA\n\n99999999:00:00.000 --> 99999999:00:00.000\nB\n"
	for _, bodies := range [][]string{{hours + cues, "WEBVTT\n\n" + cues}, {"WEBVTT\n\n" + cues, hours + cues}, {hours + cues, hours + cues}} {
		out := sliceOf(t, always, ever, bodies...)
		if n := strings.Count(out, "-->"); n < 2 || n > 4 || len(payloads(t, out)) != 2*n-1 {
			t.Errorf("slice of all time is\n%s", out)
		}
	}
}

func TestSlice_IsNotLongerThanTwiceItsFiles(t *testing.T) {
	shift := "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:500000:00:00.000\n\n"
	cue := "00:00.000-->00:00.001\n<00:00.000><00:00.000>\n\n"
	bodies := []string{shift, "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00.000\n\n" + strings.Repeat(cue, 1000) + strings.Repeat(cue[:22], 1000)}
	out := sliceOf(t, always, ever, bodies...)
	if limit := 2*(len(bodies[0])+len(bodies[1])) + 64; len(out) > limit || !strings.Contains(out, "500000:") {
		t.Errorf("slice has %d bytes, want at most %d, on another time line", len(out), limit)
	}
}

func TestSlice_AllocatesForTheFilesNotForTheCues(t *testing.T) {
	files := []*File{mustParse(t, film(10_000))}
	// The output, the list of cues as it grows, the file's place in it, the header's lines.
	if n := testing.AllocsPerRun(10, func() { Slice(one(files...), time.Hour, time.Hour+6*time.Second) }); n > 20 { // some more under -race
		t.Errorf("%v allocations for a slice of 6 s, want at most 20 of 10000 cues", n)
	}
}

func TestSlice_LeavesItsFilesAsTheyAre(t *testing.T) {
	files := []*File{mustParse(t, film(100)), mustParse(t, film(100))}
	want := Slice(one(files...), 0, time.Minute)
	clear(Slice(one(files...), 0, time.Hour))
	if got := Slice(one(files...), 0, time.Minute); !bytes.Equal(got, want) {
		t.Errorf("second slice differs:\n%s\nwant\n%s", got, want)
	}
}
