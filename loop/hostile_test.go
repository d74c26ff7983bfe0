package loop

import (
	"errors"
	"testing"
	"time"
)

// evenly makes a rendition of n equal segments, which all carry a discontinuity
// or none does.
func evenly(n int, d time.Duration, discontinuity bool) Rendition {
	r := Rendition{Leads: true, Segments: make([]Segment, n)}
	for i := range r.Segments {
		r.Segments[i] = Segment{Duration: d, Discontinuity: discontinuity}
	}
	return r
}

// TestLay_EndsWhateverTheRenditions: each of these would take minutes or hours
// if steps grew with the square of the segments.
func TestLay_EndsWhateverTheRenditions(t *testing.T) {
	const many = MaxSegments/2 - 1
	subtitles := []Rendition{evenly(many/100, second, true)}
	for range 90 {
		odd := evenly(many/100, second, false)
		odd.Segments[0].Duration += 700 * ms // no boundary where the discontinuities are
		odd.Leads, odd.Optional, odd.Sliceable = false, true, true
		subtitles = append(subtitles, odd)
	}
	burst := evenly(many-5, time.Nanosecond, true)
	burst.Segments[0].Duration = 12 * time.Hour
	burst.Segments = append(burst.Segments, evenly(5, 10*second, false).Segments...)
	quiet := evenly(many-5, time.Nanosecond, false)
	quiet.Segments[0].Duration = 12 * time.Hour
	quiet.Leads = false
	for name, c := range map[string]struct {
		renditions []Rendition
		code       Code // empty: it can be looped
	}{
		"discontinuities in one, none in another": {append(others(evenly(many, 100*ms, false)), evenly(many, 100*ms, true)), ""},
		"discontinuities in padding":              {append(others(evenly(1, second, false)), evenly(many, second, true)), ""},
		"discontinuities at one instant":          {[]Rendition{quiet, burst}, CodeSegmentTooLong},
		"many subtitles without boundaries":       {subtitles, ""},
	} {
		_, err := Lay(c.renditions, time.Minute)
		if got := codeOf(err); got != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

func codeOf(err error) Code {
	if refusal, is := errors.AsType[*Refusal](err); is {
		return refusal.Code
	}
	return ""
}

// TestLay_BoundsTheSegmentsOfAllRenditions: also those that pad.
func TestLay_BoundsTheSegmentsOfAllRenditions(t *testing.T) {
	padded := []Rendition{evenly(MaxSegments/10, second, false)}
	for range 10 {
		padded = append(padded, others(evenly(1, second, false))...)
	}
	for name, renditions := range map[string][]Rendition{
		"one":    {evenly(MaxSegments+1, second, false)},
		"two":    {evenly(MaxSegments/2, second, false), evenly(MaxSegments/2+1, second, false)},
		"padded": padded,
	} {
		if _, err := Lay(renditions, 0); codeOf(err) != CodeTooManySegments {
			t.Errorf("%s: %v, want %s", name, err, CodeTooManySegments)
		}
	}
	if _, err := Lay([]Rendition{evenly(MaxSegments, second, false)}, 0); err != nil {
		t.Errorf("as many as there may be: %v", err)
	}
}

// TestLay_RefusesAPlaylistThatWouldChangeTooOften by its average over a window:
// some short segments in a row are no harm.
func TestLay_RefusesAPlaylistThatWouldChangeTooOften(t *testing.T) {
	mixed := evenly(2000, ms, false)
	mixed.Segments = append(mixed.Segments, evenly(100, second, false).Segments...)
	some := evenly(60, second, false)
	some.Segments = append(some.Segments, evenly(1000, ms, false).Segments...)
	for name, c := range map[string]struct {
		renditions []Rendition
		code       Code
	}{
		"every millisecond":           {[]Rendition{evenly(10_000, ms, false)}, CodeChangesTooOften},
		"every 49 ms":                 {[]Rendition{evenly(1000, 49*ms, false)}, CodeChangesTooOften},
		"every 50 ms":                 {[]Rendition{evenly(1000, 50*ms, false)}, ""},
		"in one rendition":            {append(others(evenly(1000, 40*ms, false)), evenly(10, 4*second, false)), CodeChangesTooOften},
		"2,000 at once in a minute":   {[]Rendition{mixed}, CodeChangesTooOften},
		"1,000 at once in a minute":   {[]Rendition{some}, ""},
		"a loop of a second, one GOP": {[]Rendition{evenly(25, 40*ms, false)}, CodeChangesTooOften},
	} {
		_, err := Lay(c.renditions, time.Minute)
		if got := codeOf(err); got != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}
