package webvtt

import (
	"testing"
	"time"
)

func TestParseTiming_FollowsTheW3CParser(t *testing.T) {
	const bad = time.Duration(-1)
	for line, want := range map[string]struct {
		start, end time.Duration
		settings   string
	}{
		"00:01.000 --> 00:02.000":                             {time.Second, 2 * time.Second, ""},
		"00:01.000-->00:02.000":                               {time.Second, 2 * time.Second, ""},
		" \t00:01.000\f \t-->\t\t00:02.000 ":                  {time.Second, 2 * time.Second, " "},
		"00:01.000 --> 00:02.000align:start":                  {time.Second, 2 * time.Second, "align:start"},
		"00:01.000 --> 00:02.000 --> 00:03.000":               {time.Second, 2 * time.Second, " --> 00:03.000"},
		"0:00:01.000 --> 00:00:02.000":                        {time.Second, 2 * time.Second, ""},
		"000:00:01.000 --> 100:00:00.000":                     {time.Second, 100 * time.Hour, ""},
		"59:59.999 --> 00:59:59.999":                          {time.Hour - time.Millisecond, time.Hour - time.Millisecond, ""},
		"61:00:00.000 --> 1234:59:59.999":                     {61 * time.Hour, 1235*time.Hour - time.Millisecond, ""},
		"99999999999999999999:00:00.000 --> 600000:00:00.000": {maxHours * time.Hour, maxHours * time.Hour, ""},
		"60:00.000 --> 61:00.000":                             {bad, bad, ""}, // two digits above 59 are hours, and want seconds
		"1:00.000 --> 2:00.000":                               {bad, bad, ""}, // so is one digit
		"00:60.000 --> 01:00.000":                             {bad, bad, ""},
		"00:60:00.000 --> 01:00:00.000":                       {bad, bad, ""},
		"00:01,000 --> 00:02,000":                             {bad, bad, ""},
		"00:01.0000 --> 00:02.000":                            {bad, bad, ""},
		"00:01.00 --> 00:02.000":                              {bad, bad, ""},
		"00:01 --> 00:02":                                     {bad, bad, ""},
		"00:1.000 --> 00:02.000":                              {bad, bad, ""},
		"-00:01.000 --> 00:02.000":                            {bad, bad, ""},
		"00:01.000 -> 00:02.000 -->":                          {bad, bad, ""},
		"00:01.000 -- > 00:02.000":                            {bad, bad, ""},
		"00:01.000 -->":                                       {bad, bad, ""},
		"-->":                                                 {bad, bad, ""},
		":00:01.000 --> 00:02.000":                            {bad, bad, ""},
	} {
		c, ok := parseTiming(line)
		switch {
		case ok != (want.start != bad):
			t.Errorf("parseTiming(%q) ok = %v", line, ok)
		case ok && (c.start != want.start || c.end != want.end || line[c.settings:] != want.settings):
			t.Errorf("parseTiming(%q) = %v, %v, %q, want %v, %v, %q", line, c.start, c.end, line[c.settings:], want.start, want.end, want.settings)
		}
	}
}

func TestAppendTimestamp_RoundsToTheNearestMillisecond(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                  "00:00:00.000",
		499_999:                            "00:00:00.000",
		500_000:                            "00:00:00.001",
		time.Hour - 1:                      "01:00:00.000",
		7*time.Millisecond + time.Minute:   "00:01:00.007",
		45*time.Millisecond + time.Second:  "00:00:01.045",
		678 * time.Millisecond:             "00:00:00.678",
		123*time.Hour + 45*time.Minute:     "123:45:00.000",
		-time.Millisecond:                  "00:00:00.000", // WebVTT has no negative times
		2 * maxHours * time.Hour:           "1000000:00:00.000",
		99*time.Hour + 59*time.Minute - 10: "99:59:00.000",
	} {
		if got := string(appendTimestamp(nil, d)); got != want {
			t.Errorf("appendTimestamp(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestShifted_MovesTheTimestampsOfAPayloadAndNothingElse(t *testing.T) {
	for payload, want := range map[string]string{
		"":                            "",
		"plain 00:01.000":             "plain 00:01.000",
		"<00:01.000>a <00:01.500>b":   "<00:00:03.500>a <00:00:04.000>b",
		"<c.x>a</c><01:00:00.000>":    "<c.x>a</c><01:00:02.500>",
		"<00:01.000 >, <00:01.000":    "<00:01.000 >, <00:01.000",
		"<<00:01.000>><":              "<<00:00:03.500>><",
		"<v 00:01.000>\n<00:00.000>x": "<v 00:01.000>\n<00:00:02.500>x",
	} {
		if got := shifted(payload, 2500*time.Millisecond); got != want {
			t.Errorf("shifted(%q) = %q, want %q", payload, got, want)
		}
	}
}
