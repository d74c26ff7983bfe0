package webvtt

import (
	"testing"
	"time"
)

// twoPeriods are files of ten seconds with a discontinuity after the second.
func twoPeriods(t testing.TB, bodies ...string) []Period {
	t.Helper()
	periods := []Period{{}, {Start: 20 * second}}
	for i, body := range bodies {
		start := time.Duration(i) * 10 * second
		p := &periods[i/2]
		p.Sources = append(p.Sources, Source{mustParse(t, body), start, start + 10*second})
	}
	return periods
}

const (
	second = time.Second
	ten    = "MPEGTS:900000,LOCAL:00:00:00.000"
	head   = "WEBVTT\nX-TIMESTAMP-MAP=" + ten + "\n\n"
)

// TestSlice_TimestampsStartAgainAtADiscontinuity and so does what a map says
// (RFC 8216bis 3.1.4, 4.4.4.3): a slice has the map of its own period, and its
// times.
func TestSlice_TimestampsStartAgainAtADiscontinuity(t *testing.T) {
	const a, b = "00:01.000 --> 00:02.000\nA\n", "00:18.000 --> 00:21.000\nB\n"
	const c, d = "00:01.000 --> 00:02.000\nC\n", "00:11.000 --> 00:12.000\nD\n"
	periods := twoPeriods(t, withMap(ten, a), withMap(ten, b), withMap("MPEGTS:8100000,LOCAL:00:00:00.000", c), withMap("MPEGTS:8100000,LOCAL:00:00:00.000", d))
	const second90 = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:8100000,LOCAL:00:00:00.000\n\n"
	for from, want := range map[time.Duration]string{
		second: head + a, 18 * second: head + b, 21 * second: second90 + c, 31 * second: second90 + d,
		// What began before the period is shown from its beginning on.
		20 * second: second90 + "00:00:00.000 --> 00:00:01.000\nB\n",
	} {
		wantText(t, string(Slice(periods, from, from+second)), want)
	}
}

func TestSlice_OverADiscontinuityIsOnTheTimeLineThatItBeginsOn(t *testing.T) {
	periods := twoPeriods(t, withMap(ten, "00:01.000 --> 00:02.000\nA"), head, withMap(ten, "00:01.000 --> 00:02.000\nC"))
	wantText(t, string(Slice(periods, 18*second, 24*second)), head+"00:00:21.000 --> 00:00:22.000\nC\n")
}

// TestSlice_TimestampsMayGoOnThroughADiscontinuity: maps alone don't tell.
func TestSlice_TimestampsMayGoOnThroughADiscontinuity(t *testing.T) {
	const c, d = "00:21.000 --> 00:22.000\nC\n", "00:31.000 --> 00:32.000\nD\n"
	periods := twoPeriods(t, head, head, withMap(ten, c), withMap(ten, d))
	wantText(t, string(Slice(periods, 21*second, 22*second)), head+c)
	wantText(t, string(Slice(periods, 30*second, 36*second)), head+d)

	own := "MPEGTS:2700000,LOCAL:00:00:00.000" // of the file's beginning: both readings are one
	periods = twoPeriods(t, head, head, withMap(own, "00:01.000 --> 00:02.000\nC\n"))
	wantText(t, string(Slice(periods, 21*second, 22*second)), "WEBVTT\nX-TIMESTAMP-MAP="+own+"\n\n00:01.000 --> 00:02.000\nC\n")
}
