package webvtt

import (
	"errors"
	"testing"
	"time"
)

func TestParse_ReadsTheTimestampMap(t *testing.T) {
	for header, want := range map[string]timestampMap{
		"X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000":                                      {900000, 0},
		"X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000":                                      {900000, 0},
		"X-TIMESTAMP-MAP=MPEGTS:900000, LOCAL:00:10.500 ":                                       {900000, 10500 * time.Millisecond},
		"X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:123:00:00.000,OTHER:1":                                  {0, 123 * time.Hour},
		"Kind: x\nX-TIMESTAMP-MAP=MPEGTS:8589934592,LOCAL:00:00:00.000":                         {0, 0}, // unwrapped: 2^33
		"X-TIMESTAMP-MAP=MPEGTS:8589934593,LOCAL:00:00:00.000\nLang: en":                        {1, 0},
		"X-TIMESTAMP-MAP=MPEGTS:7,LOCAL:00:00:00.000\nX-TIMESTAMP-MAP=LOCAL:00:00.000,MPEGTS:7": {7, 0},
	} {
		f := mustParse(t, "WEBVTT\n"+header+"\n\n")
		if f.clock == nil || *f.clock != want {
			t.Errorf("map of %q = %v, want %v", header, f.clock, want)
		}
	}
}

func TestParse_WithoutTimestampMapThereIsNone(t *testing.T) {
	for _, rest := range []string{"", "\n", "\nX-TIMESTAMP-MAPS=1\n\n", "\n\nX-TIMESTAMP-MAP=below the header\n", "\n\n00:01.000 --> 00:02.000\nX-TIMESTAMP-MAP=x\n"} {
		if f := mustParse(t, "WEBVTT"+rest); f.clock != nil {
			t.Errorf("map of %q = %v, want none", rest, *f.clock)
		}
	}
}

func TestParse_RefusesAMalformedTimestampMap(t *testing.T) {
	for _, line := range []string{
		"X-TIMESTAMP-MAP", "X-TIMESTAMP-MAP=", "X-TIMESTAMP-MAP:MPEGTS:1,LOCAL:00:00.000",
		"X-TIMESTAMP-MAP =MPEGTS:1,LOCAL:00:00:00.000",
		"X-TIMESTAMP-MAP=MPEGTS:1", "X-TIMESTAMP-MAP=LOCAL:00:00:00.000",
		"X-TIMESTAMP-MAP=MPEGTS:,LOCAL:00:00:00.000", "X-TIMESTAMP-MAP=MPEGTS:-1,LOCAL:00:00:00.000",
		"X-TIMESTAMP-MAP=MPEGTS:1.5,LOCAL:00:00:00.000", "X-TIMESTAMP-MAP=MPEGTS:99999999999999999999,LOCAL:00:00:00.000",
		"X-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00:00", "X-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00:00.000x",
		"X-TIMESTAMP-MAP=MPEGTS:1,LOCAL:-00:00:01.000", "X-TIMESTAMP-MAP=MPEGTS:1,MPEGTS:1,LOCAL:00:00:00.000",
		"X-TIMESTAMP-MAP=MPEGTS:x,LOCAL:00:00:00.000", "X-TIMESTAMP-MAP=mpegts:1,local:00:00:00.000",
		"X-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00.000\nX-TIMESTAMP-MAP=MPEGTS:2,LOCAL:00:00.000",
	} {
		if _, err := Parse([]byte("WEBVTT\n" + line + "\n\n")); !errors.Is(err, ErrTimestampMap) {
			t.Errorf("Parse(%q) = %v, want %v", line, err, ErrTimestampMap)
		}
	}
}

func TestShift_IsTheDistanceOfTwoTimeLines(t *testing.T) {
	const s = ticksPerSecond
	for _, c := range []struct {
		name        string
		first, file *timestampMap
		want        time.Duration
	}{
		{"equal maps", &timestampMap{10 * s, 0}, &timestampMap{10 * s, 0}, 0},
		{"no maps", nil, nil, 0},
		{"only the first has one", &timestampMap{10 * s, time.Hour}, nil, 0},
		{"only the other has one", nil, &timestampMap{10 * s, 0}, 10 * time.Second},
		{"later MPEGTS", &timestampMap{10 * s, 0}, &timestampMap{16 * s, 0}, 6 * time.Second},
		{"earlier MPEGTS", &timestampMap{16 * s, 0}, &timestampMap{10 * s, 0}, -6 * time.Second},
		{"later LOCAL", &timestampMap{0, 0}, &timestampMap{0, 6 * time.Second}, -6 * time.Second},
		{"first with LOCAL", &timestampMap{0, time.Hour}, &timestampMap{0, 0}, time.Hour},
		{"the same time line said otherwise", &timestampMap{10 * s, 0}, &timestampMap{16 * s, 6 * time.Second}, 0},
		{"wrapped", &timestampMap{wrap - s, 0}, &timestampMap{s, 0}, 2 * time.Second},
		{"before a wrap", &timestampMap{s, 0}, &timestampMap{wrap - s, 0}, -2 * time.Second},
		{"20 hours later, wrapped", &timestampMap{wrap / 2, 0}, &timestampMap{(wrap/2 + 20*3600*s) % wrap, 0}, 20 * time.Hour},
		{"3 hours earlier, wrapped", &timestampMap{s, 0}, &timestampMap{wrap + s - 3*3600*s, 0}, -3 * time.Hour},
		{"less than a millisecond", &timestampMap{0, 0}, &timestampMap{1, 0}, 11_111},
		{"the largest", &timestampMap{0, 0}, &timestampMap{(wrap-back)/9*9 - 9, 0}, ((wrap-back)/9 - 1) * 100_000},
	} {
		f, first := &File{clock: c.file}, &File{clock: c.first}
		if got := f.shift(first); got != c.want {
			t.Errorf("%s: shift = %v, want %v", c.name, got, c.want)
		}
	}
}
