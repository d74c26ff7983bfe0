package webvtt

import (
	"strconv"
	"strings"
	"time"
)

// whitespace may surround an arrow; line endings can't occur within a line.
const whitespace = " \t\f"

// maxHours bounds every time, so that sums of a few of them can't overflow.
const maxHours = 500_000

// cue is one cue of a file. Its strings are cut out of the text of the file.
type cue struct {
	start, end time.Duration // as written in the file
	reach      time.Duration // the latest until of all cues of the file up to this one
	notes      string        // comment blocks directly before it
	id         string        // its identifier line, if any
	timing     string        // its whole timing line
	settings   int           // where in that line the settings begin
	payload    string        // the lines after it, without the last line ending
}

// until is the end of the time that the cue overlaps. One that ends before or where it starts is never shown; it counts
// as an instant, so that it isn't lost.
func (c *cue) until() time.Duration { return max(c.end, c.start+1) }

// parseTiming reads a timing line (W3C WebVTT 6.3).
func parseTiming(line string) (c cue, ok bool) {
	start, rest, ok1 := parseTimestamp(strings.TrimLeft(line, whitespace))
	rest, ok2 := strings.CutPrefix(strings.TrimLeft(rest, whitespace), arrow)
	end, rest, ok3 := parseTimestamp(strings.TrimLeft(rest, whitespace))
	return cue{start: start, end: end, timing: line, settings: len(line) - len(rest)}, ok1 && ok2 && ok3
}

// parseTimestamp reads the timestamp that s begins with (W3C WebVTT 6.3, "collect a WebVTT timestamp"): the hours may
// be absent or have any number of digits.
func parseTimestamp(s string) (t time.Duration, rest string, ok bool) {
	h, width := digits(s)
	m, s, ok := field(s[width:], ':', 2)
	if width == 0 || !ok {
		return 0, s, false
	}
	sec, rest, hasHours := field(s, ':', 2)
	switch {
	case hasHours:
		s = rest
	case width != 2:
		return 0, s, false
	default:
		h, m, sec = 0, h, m
	}
	ms, s, ok := field(s, '.', 3)
	if !ok || m > 59 || sec > 59 {
		return 0, s, false
	}
	t = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(sec)*time.Second + time.Duration(ms)*time.Millisecond
	return min(t, maxHours*time.Hour), s, true
}

// field reads a separator and exactly width digits after it.
func field(s string, separator byte, width int) (value int, rest string, ok bool) {
	if s == "" || s[0] != separator {
		return 0, s, false
	}
	value, n := digits(s[1:])
	return value, s[1+n:], n == width
}

// digits reads the number at the start of s, at most maxHours, and returns its number of
// digits.
func digits(s string) (value, n int) {
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		value = min(10*value+int(s[n]-'0'), maxHours)
		n++
	}
	return value, n
}

// appendTimestamp writes a time, to the nearest millisecond. WebVTT has no times before zero: they become zero.
func appendTimestamp(out []byte, t time.Duration) []byte {
	ms := max(0, milliseconds(t))
	out = appendTwoDigits(out, ms/3_600_000)
	out = appendTwoDigits(append(out, ':'), ms/60_000%60)
	out = appendTwoDigits(append(out, ':'), ms/1000%60)
	out = append(out, '.')
	if ms%1000 < 100 {
		out = append(out, '0')
	}
	return appendTwoDigits(out, ms%1000)
}

// appendTwoDigits writes a number with at least two digits.
func appendTwoDigits(out []byte, n int64) []byte {
	if n < 10 {
		out = append(out, '0')
	}
	return strconv.AppendInt(out, n, 10)
}

// milliseconds rounds to the nearest.
func milliseconds(t time.Duration) int64 { return t.Round(time.Millisecond).Milliseconds() }

// shifted moves the timestamps within a payload (<00:00:01.000>, W3C WebVTT 4.2.2), which are on the time line of the
// file as the cue's own are, and writes them in full.
func shifted(payload string, shift time.Duration) string {
	var out []byte
	done, pos := 0, 0
	for {
		i := strings.IndexByte(payload[pos:], '<')
		if i < 0 {
			break
		}
		pos += i + 1
		if t, rest, ok := parseTimestamp(payload[pos:]); ok && strings.HasPrefix(rest, ">") {
			out = appendTimestamp(append(out, payload[done:pos]...), t+shift)
			done = len(payload) - len(rest)
		}
	}
	if done == 0 {
		return payload
	}
	return string(append(out, payload[done:]...))
}
