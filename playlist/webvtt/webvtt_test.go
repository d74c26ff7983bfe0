package webvtt

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// mustParse parses a file that has to be one.
func mustParse(t testing.TB, body string) *File {
	t.Helper()
	f, err := Parse([]byte(body))
	if err != nil {
		t.Fatalf("Parse(%.60q) = %v", body, err)
	}
	return f
}

// describe gives the cues of a file, a line each: start|end|identifier|settings|payload.
func describe(f *File) string {
	var lines []string
	for _, c := range f.cues {
		lines = append(lines, fmt.Sprintf("%v|%v|%s|%s|%s", c.start, c.end, c.id, c.timing[c.settings:], strings.ReplaceAll(c.payload, "\n", "/")))
	}
	return strings.Join(lines, "\n")
}

func TestParse_ReadsCuesAsABrowserDoes(t *testing.T) {
	const cue = "00:01.000 --> 00:02.000\nA\n"
	for name, c := range map[string]struct{ body, want string }{
		"a cue":                         {"WEBVTT\n\n" + cue, "1s|2s|||A"},
		"no cue":                        {"WEBVTT\n\n", ""},
		"only the signature":            {"WEBVTT", ""},
		"a byte order mark":             {"\uFEFFWEBVTT\n\n" + cue, "1s|2s|||A"},
		"text beside the signature":     {"WEBVTT\tfilm --> x\n\n" + cue, "1s|2s|||A"},
		"CRLF":                          {"WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nA\r\nB\r\n", "1s|2s|||A/B"},
		"CR":                            {"WEBVTT\r\r00:01.000 --> 00:02.000\rA\rB\r", "1s|2s|||A/B"},
		"line endings mixed":            {"WEBVTT\r\n\n00:01.000 --> 00:02.000\rA\nB\r\n\r" + cue, "1s|2s|||A/B\n1s|2s|||A"},
		"no line ending at the end":     {"WEBVTT\n\n00:01.000 --> 00:02.000\nA", "1s|2s|||A"},
		"many blank lines":              {"WEBVTT\n\n\n\n" + cue + "\n\n\n", "1s|2s|||A"},
		"a blank that is no blank line": {"WEBVTT\n\n" + cue + " \nB\n", "1s|2s|||A/ /B"},
		"no payload":                    {"WEBVTT\n\n00:01.000 --> 00:02.000\n\n" + cue, "1s|2s|||\n1s|2s|||A"},
		"no payload at the end":         {"WEBVTT\n\n00:01.000 --> 00:02.000", "1s|2s|||"},
		"an identifier":                 {"WEBVTT\n\nid 1\n" + cue, "1s|2s|id 1||A"},
		"settings":                      {"WEBVTT\n\n00:01.000 --> 00:02.000\t line:0  align:start \nA\n", "1s|2s||\t line:0  align:start |A"},
		"a cue right below the header":  {"WEBVTT\nKind: captions\n" + cue, "1s|2s|||A"},
		"a cue right below line one":    {"WEBVTT\n" + cue, "1s|2s|||A"},
		"a cue right below a cue":       {"WEBVTT\n\n" + cue + "00:03.000 --> 00:04.000\nB\n", "1s|2s|||A\n3s|4s|||B"},
		"a cue right below two lines":   {"WEBVTT\n\nx\ny\n" + cue, "1s|2s|||A"},
		"a timing below a timing":       {"WEBVTT\n\n00:01.000 --> 00:02.000\n00:03.000 --> 00:04.000\nB\n", "1s|2s|||\n3s|4s|||B"},
		"an arrow in a payload":         {"WEBVTT\n\n" + cue + "a --> b\nlost\n\n" + cue, "1s|2s|||A\n1s|2s|||A"},
		"an unreadable timing":          {"WEBVTT\n\n1\n00:01,000 --> 00:02,000\nlost\n\n" + cue, "1s|2s|||A"},
		"an unknown block":              {"WEBVTT\n\nunknown\nblock\n\n" + cue, "1s|2s|||A"},
		"a comment":                     {"WEBVTT\n\nNOTE\nthis\n\nNOTE that\n\n" + cue, "1s|2s|||A"},
		"a comment with an arrow":       {"WEBVTT\n\nNOTE 1\n00:03.000 --> 00:04.000\nB\n\n" + cue, "1s|2s|||A\n3s|4s|NOTE 1||B"},
		"an end before its start":       {"WEBVTT\n\n00:03.000 --> 00:02.000\nA\n", "3s|2s|||A"},
		"bytes that are not UTF-8":      {"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\x00A\n", "1s|2s|||\xff\x00A"},
	} {
		t.Run(name, func(t *testing.T) {
			f := mustParse(t, c.body)
			if got := describe(f); got != c.want {
				t.Errorf("cues of %q:\n%s\nwant\n%s", c.body, got, c.want)
			}
		})
	}
}

func TestParse_RefusesWhatHasNoSignature(t *testing.T) {
	for _, body := range []string{"", "\n", "WEBVT", "webvtt\n\n", " WEBVTT\n\n", "WEBVTTX\n\n", "WEBVTT\x00\n\n", "\uFEFF\uFEFFWEBVTT", "#EXTM3U\n", "1\n00:00:01,000 --> 00:00:02,000\nSRT\n"} {
		if _, err := Parse([]byte(body)); !errors.Is(err, ErrSignature) {
			t.Errorf("Parse(%q) = %v, want %v", body, err, ErrSignature)
		}
	}
}

func TestParse_RefusesMoreThanMaxCues(t *testing.T) {
	body := []byte("WEBVTT\n\n" + strings.Repeat("00:00.000-->00:00.000\n", MaxCues))
	if _, err := Parse(body); err != nil {
		t.Errorf("Parse(%d cues) = %v", MaxCues, err)
	}
	body = append(body, "00:00.000-->00:00.000\n"...)
	if _, err := Parse(body); !errors.Is(err, ErrTooManyCues) {
		t.Errorf("Parse(%d cues) = %v, want %v", MaxCues+1, err, ErrTooManyCues)
	}
}

func TestParse_TakesLinearTimeForHostileFiles(t *testing.T) {
	const size = 1 << 20
	for name, piece := range map[string]string{
		"arrows": "-->", "arrow lines": "-->\n", "blank lines": "\n", "CR": "\r", "one line": "x", "lines": "x\n",
		"comments": "NOTE\n\n", "style": "STYLE\n\n", "styles": "STYLE\nx\n\n", "digits": "9", "tags": "<", "tag digits": "<9", "tag times": "<00:00.000>", "bad cues": "0\n0-->0\n",
	} {
		const shift = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00.000\n\n"
		hostile := strings.Repeat(piece, size/len(piece))
		begin := time.Now()
		sliceOf(t, 0, time.Hour, "WEBVTT\n\n"+hostile, shift+hostile, shift+"00:00.000 --> 00:01.000\n"+hostile)
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, size)
		}
	}
}

func TestParse_OneHugeCueIsACue(t *testing.T) {
	text := strings.Repeat("<00:01.000> x\n", 1<<18)
	f := mustParse(t, "WEBVTT\n\n00:01.000 --> 00:02.000\n"+text)
	if len(f.cues) != 1 || f.cues[0].payload != strings.TrimSuffix(text, "\n") {
		t.Errorf("%d cues", len(f.cues))
	}
}

func TestParse_KeepsNoReferenceToTheBody(t *testing.T) {
	body := []byte("WEBVTT\n\n00:01.000 --> 00:02.000\nA\n")
	f, err := Parse(body)
	clear(body)
	if got, want := describe(f), "1s|2s|||A"; err != nil || got != want {
		t.Errorf("Parse = %v, cues %q, want %q", err, got, want)
	}
}
