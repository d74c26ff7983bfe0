package preflight

import (
	"slices"
	"testing"
	"time"

	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
)

func examined(t *testing.T, f files) []problem.Problem {
	t.Helper()
	c := checker(t, f, false, time.Now().Add(-time.Hour))
	in := onair.Inspect(t.Context(), c.VOD.Client, c.VOD.Options, c.VOD.Address)
	in.Now = time.Now()
	return Examine(in)
}

// TestExamine_TellsWhatCheckTells of the playlists, with what to do.
func TestExamine_TellsWhatCheckTells(t *testing.T) {
	for name, f := range map[string]files{
		"shorter":          two(playlistOf(segments(4, "https://elsewhere.test/b")...), playlistOf(segments(2, "https://elsewhere.test/b")...)),
		"over the target":  {"master.m3u8": playlistOf("#EXTINF:9,", "https://elsewhere.test/a.ts")},
		"no EXT-X-MAP":     {"master.m3u8": playlistOf("#EXTINF:4,", "https://elsewhere.test/a.m4s")},
		"signed addresses": {"master.m3u8": playlistOf("#EXTINF:4,", "https://elsewhere.test/a.ts?X-Amz-Expires=60")},
		"discontinuity":    two(playlistOf("#EXTINF:4,", "https://elsewhere.test/a.ts", "#EXT-X-DISCONTINUITY", "#EXTINF:4,", "https://elsewhere.test/b.ts"), playlistOf(segments(2, "https://elsewhere.test/b")...)),
		"repairs":          {"master.m3u8": playlistOf(append([]string{"#EXT-X-START:TIME-OFFSET=1", "#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z"}, segments(4, "https://elsewhere.test/a")...)...)},
	} {
		report, problems := check(t, f, false), examined(t, f)
		if len(problems) == 0 || len(problems) != len(report.Problems)+len(report.Repairs) {
			t.Errorf("%s: %+v, check tells %+v", name, problems, report)
		}
		for i, p := range problems {
			if (p.Severity == problem.Notice) != (i >= len(report.Problems)) || p.Text == "" {
				t.Errorf("%s: %+v", name, p)
			}
			if p.Advice == "" && p.Severity != problem.Notice {
				t.Errorf("%s: no advice on %s", name, p.Code)
			}
			if p.Rendition == nil || *p.Rendition < 0 {
				t.Errorf("%s: %s is of no rendition", name, p.Code)
			}
		}
	}
}

func TestExamine_FindsNothingInAGoodVOD(t *testing.T) {
	good := playlistOf(segments(4, "https://elsewhere.test/a")...)
	if got := examined(t, two(good, good)); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestExamine_JudgesByTheClockThatItIsGiven, as check does: it is the server's.
func TestExamine_JudgesByTheClockThatItIsGiven(t *testing.T) {
	for days, want := range map[int]bool{100: false, 1000: true} {
		c := checker(t, files{"master.m3u8": playlistOf(segments(1, "https://elsewhere.test/a")...)}, false, time.Now().Add(-time.Hour))
		c.Now = func() time.Time { return time.Now().AddDate(0, 0, days) }
		in := onair.Inspect(t.Context(), c.VOD.Client, c.VOD.Options, c.VOD.Address)
		in.Now = c.Now()
		short := func(p problem.Problem) bool { return p.Code == CodeShortLoop }
		if got := slices.ContainsFunc(Examine(in), short); got != want {
			t.Errorf("after %d days of loops of 4 s Examine finds %s: %v", days, CodeShortLoop, got)
		}
		if got := slices.ContainsFunc(c.Check(t.Context()).Problems, short); got != want {
			t.Errorf("after %d days of loops of 4 s Check finds %s: %v", days, CodeShortLoop, got)
		}
	}
}
