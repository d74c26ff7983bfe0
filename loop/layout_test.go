package loop

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

func lay(t *testing.T, renditions ...Rendition) *VOD {
	t.Helper()
	vod, err := Lay(renditions, 0)
	if err != nil {
		t.Fatalf("Lay: %v", err)
	}
	return vod
}

func durations(t *Track) (all []time.Duration) {
	for i := range t.Len() {
		all = append(all, t.Duration(i))
	}
	return all
}

func others(rs ...Rendition) []Rendition {
	for i := range rs {
		rs[i].Leads = false
	}
	return rs
}

func TestLay_RenditionsEndWithTheReference(t *testing.T) {
	for name, c := range map[string]struct {
		other []time.Duration
		want  []time.Duration
		gaps  int
	}{
		"begins after the end":          {[]time.Duration{4 * second, 4 * second, 21 * ms}, []time.Duration{4 * second, 4 * second}, 0},
		"hangs over by all but a bit":   {[]time.Duration{4 * second, 3900 * ms, 4 * second}, []time.Duration{4 * second, 3900 * ms}, 0},
		"hangs over with more":          {[]time.Duration{4 * second, 3899 * ms, 4 * second}, []time.Duration{4 * second, 3899 * ms, 101 * ms}, 0},
		"ends early, within tolerance":  {[]time.Duration{4 * second, 3500 * ms}, []time.Duration{4 * second, 3500 * ms}, 0},
		"ends early, beyond tolerance":  {[]time.Duration{4 * second, 3499 * ms}, []time.Duration{4 * second, 3499 * ms, 501 * ms}, 1},
		"ends earlier than a gap lasts": {[]time.Duration{2 * second}, []time.Duration{2 * second, 4 * second, 2 * second}, 2},
	} {
		vod := lay(t, append(others(rendition(c.other...)), rendition(4*second, 4*second))...)
		if got := durations(&vod.Tracks[0]); !slices.Equal(got, c.want) || vod.Tracks[0].Gaps != c.gaps {
			t.Errorf("%s: %v with %d gaps, want %v with %d", name, got, vod.Tracks[0].Gaps, c.want, c.gaps)
		}
	}
}

func TestLay_TargetDurationIsTheLargestRoundedAsServed(t *testing.T) {
	for _, c := range []struct{ longest, want time.Duration }{
		{400 * ms, second}, {5499 * ms, 5 * second}, {5500 * ms, 6 * second}, {6400 * ms, 6 * second},
	} {
		if got := lay(t, rendition(c.longest, second)).TargetDuration; got != c.want {
			t.Errorf("target duration of %s = %s, want %s", c.longest, got, c.want)
		}
	}
	left := rendition(4*second, 9*second)
	if got := lay(t, append(others(left), rendition(4*second, 4*second))...).TargetDuration; got != 4*second {
		t.Errorf("target duration = %s with a trimmed 9s segment, want 4s", got)
	}
}

func TestLay_DiscontinuitiesAreTheUnion(t *testing.T) {
	vod := lay(t,
		rendition(-4*second, -4*second, 4*second, 4*second),
		rendition(4100*ms, 3900*ms, 4200*ms, -3800*ms),
		rendition(2*second, 2*second, 4*second, 4*second, 4*second))
	for n, want := range [][]int{{1, 3}, {1, 3}, {2, 4}} {
		if got := vod.Tracks[n].marks; !slices.Equal(got, want) {
			t.Errorf("rendition %d is marked at %v, want %v", n, got, want)
		}
	}
}

// TestLay_AsManyDiscontinuitiesInAllArePaired in their order, where no
// boundary is near that of another.
func TestLay_AsManyDiscontinuitiesInAllArePaired(t *testing.T) {
	video := rendition(21*second, 21042*ms, -20*second, -5*second)
	subtitles := rendition(4*second, 63042*ms)
	subtitles.Leads, subtitles.Optional, subtitles.Sliceable = false, true, true
	for name, c := range map[string]struct {
		audio Rendition
		want  []int // nil: refused
	}{
		"0.7 s later":              {rendition(21*second, 21742*ms, -19800*ms, -4500*ms), []int{2, 3}},
		"a second earlier":         {rendition(21*second, 20*second, -20*second, -6*second), []int{2, 3}},
		"half a segment later":     {rendition(21*second, 32*second, -10*second, -4*second), []int{2, 3}},
		"a segment later and more": {rendition(20*second, 20*second, 20*second, 5*second, -17*second, -5*second), nil},
		"one missing":              {rendition(21*second, 21742*ms, -19800*ms, 4500*ms), nil},
	} {
		vod, err := Lay([]Rendition{video, others(c.audio)[0], subtitles}, 0)
		if c.want == nil {
			if codeOf(err) != CodeDiscontinuityUnmatch {
				t.Errorf("%s: %v, want %s", name, err, CodeDiscontinuityUnmatch)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for n := range vod.Tracks {
			if got := vod.Tracks[n].marks; !slices.Equal(got, c.want) {
				t.Errorf("%s: rendition %d is marked at %v, want %v", name, n, got, c.want)
			}
		}
	}
}

func TestLay_OwnMarksWithinToleranceStayTwo(t *testing.T) {
	a := rendition(4*second, -300*ms, -4*second)
	b := rendition(4*second, 300*ms, 4*second)
	vod := lay(t, a, b)
	for n := range vod.Tracks {
		if got := vod.Tracks[n].marks; !slices.Equal(got, []int{1, 2}) {
			t.Errorf("rendition %d is marked at %v, want [1 2]", n, got)
		}
	}
}

// TestLay_OfTwoBoundariesEquallyNearTheFirstIsMarked where a rendition lacks a
// discontinuity.
func TestLay_OfTwoBoundariesEquallyNearTheFirstIsMarked(t *testing.T) {
	vod := lay(t, append([]Rendition{rendition(4*second, -4*second)}, others(rendition(3700*ms, 600*ms, 3700*ms))...)...)
	if got := vod.Tracks[1].marks; !slices.Equal(got, []int{1}) {
		t.Errorf("marked at %v, want the first of 3.7 s and 4.3 s", got)
	}
}

func TestLay_GapsAreCutAtDiscontinuities(t *testing.T) {
	vod := lay(t, rendition(4*second, 4*second, -3*second, 4*second), rendition(4*second))
	want := []time.Duration{4 * second, 4 * second, 4 * second, 3 * second}
	if got := durations(&vod.Tracks[1]); !slices.Equal(got, want) || !slices.Equal(vod.Tracks[1].marks, []int{2}) {
		t.Errorf("the short rendition is %v marked at %v, want %v marked at [2]", got, vod.Tracks[1].marks, want)
	}
}

func TestLay_SliceableIsCutAtTheReferencesBoundaries(t *testing.T) {
	whole := rendition(15 * second)
	whole.Leads, whole.Optional, whole.Sliceable = false, true, true
	unmatched := rendition(7*second, 7*second)
	unmatched.Leads, unmatched.Optional, unmatched.Sliceable = false, true, true
	fitting := rendition(4*second, 4*second, 4*second, 2*second)
	fitting.Leads, fitting.Optional, fitting.Sliceable = false, true, true
	reference := rendition(4*second, 4*second, -4*second, 3*second)
	vod := lay(t, whole, unmatched, fitting, reference)
	for n, sliced := range []bool{true, true, false, false} {
		if vod.Tracks[n].Sliced != sliced || !slices.Equal(vod.Tracks[n].marks, []int{2}) {
			t.Errorf("rendition %d: sliced %t, marked at %v; want %t, [2]", n, vod.Tracks[n].Sliced, vod.Tracks[n].marks, sliced)
		}
	}
	if vod.TargetDuration != 4*second {
		t.Errorf("target duration = %s, want 4s", vod.TargetDuration)
	}
}

func TestLay_MarksOfASliceableAloneAreSlicedAway(t *testing.T) {
	odd := rendition(3*second, -3*second, 2*second)
	odd.Leads, odd.Optional, odd.Sliceable = false, true, true
	vod := lay(t, odd, rendition(4*second, 4*second))
	if !vod.Tracks[0].Sliced || vod.Tracks[1].Discontinuities() != 0 {
		t.Errorf("sliced %t with %d discontinuities, want true with 0", vod.Tracks[0].Sliced, vod.Tracks[1].Discontinuities())
	}
}

func TestLay_RefusesByName(t *testing.T) {
	many := Rendition{Leads: true}
	for range 30_000 {
		many.Segments = append(many.Segments, Segment{Duration: 100 * ms})
	}
	for name, c := range map[string]struct {
		renditions []Rendition
		code       Code
		rendition  int
	}{
		"nothing":           {nil, CodeEmpty, -1},
		"no segment":        {[]Rendition{rendition(second), {}}, CodeEmpty, 1},
		"zero":              {[]Rendition{rendition(second, 0)}, CodeBadDuration, 0},
		"overflow":          {[]Rendition{rendition(1<<62, 1<<62)}, CodeBadDuration, 0},
		"short loop":        {[]Rendition{rendition(999 * ms)}, CodeLoopTooShort, 0},
		"long segment":      {[]Rendition{rendition(121 * second)}, CodeSegmentTooLong, 0},
		"no boundary":       {[]Rendition{rendition(4*second, -4*second), rendition(3*second, 5*second)}, CodeDiscontinuityUnmatch, 1},
		"crowded window":    {[]Rendition{many}, CodeWindowTooLong, 0},
		"no boundary but 0": {[]Rendition{rendition(300*ms, -4*second), rendition(4300 * ms)}, CodeDiscontinuityUnmatch, 1},
	} {
		_, err := Lay(c.renditions, time.Hour)
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Code != c.code || refusal.Rendition != c.rendition {
			t.Errorf("%s: %v, want %s of rendition %d", name, err, c.code, c.rendition)
		}
	}
}

func TestLay_MeasuredSoundDeterminesTheLength(t *testing.T) {
	audio := func(sum, sound time.Duration) Rendition {
		return Rendition{Audio: true, Sound: sound, Segments: []Segment{{Duration: sum}}}
	}
	muxed := func(sound time.Duration) Rendition {
		r := rendition(4*second, 4*second)
		r.Sound = sound
		return r
	}
	for name, c := range map[string]struct {
		renditions []Rendition
		want       time.Duration
	}{
		"not measured":                     {[]Rendition{muxed(0), audio(7990*ms, 0)}, 7990 * ms},
		"not measured, and too long":       {[]Rendition{muxed(0), audio(8026*ms, 0)}, 8 * second},
		"measured":                         {[]Rendition{muxed(0), audio(7990*ms, 7979*ms)}, 7979 * ms},
		"measured, and the EXTINFs far":    {[]Rendition{muxed(0), audio(9*second, 8040*ms)}, 8040 * ms},
		"measured, and too long":           {[]Rendition{muxed(0), audio(8*second, 8041*ms)}, 8 * second},
		"measured, and too short":          {[]Rendition{muxed(0), audio(8*second, 7499*ms)}, 8 * second},
		"muxed":                            {[]Rendition{muxed(8021 * ms)}, 8021 * ms},
		"muxed, too long":                  {[]Rendition{muxed(8041 * ms)}, 8 * second},
		"muxed, not of the reference":      {[]Rendition{muxed(0), muxed(8021 * ms)}, 8 * second},
		"muxed, and there is separate one": {[]Rendition{muxed(8021 * ms), audio(7990*ms, 0)}, 7990 * ms},
	} {
		if got := lay(t, c.renditions...).Length; got != c.want {
			t.Errorf("%s: the loop lasts %v, want %v", name, got, c.want)
		}
	}
}

func TestSound_IsTheFirstEssentialAudioElseTheReference(t *testing.T) {
	audio := Rendition{Audio: true, Segments: []Segment{{Duration: 7 * second}}}
	optional := audio
	optional.Optional = true
	short := rendition(4 * second)
	for want, renditions := range map[int][]Rendition{
		3: {short, rendition(8 * second), optional, audio, audio},
		1: {short, rendition(8 * second), optional},
	} {
		if got, length, err := Sound(renditions); got != want || length != 8*second || err != nil {
			t.Errorf("rendition %d of a reference of %v, %v, want %d of one of 8s", got, length, err, want)
		}
	}
	if _, _, err := Sound([]Rendition{rendition(second, 0)}); err == nil {
		t.Error("a rendition that can't be laid out determines the length")
	}
}

// TestVOD_AtMostIsNeverTooFew: a VOD is refused for what its fullest window holds, which is
// counted only where this bound does not tell.
func TestVOD_AtMostIsNeverTooFew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vod, err := Lay(vods().Draw(t, "renditions"), time.Duration(rapid.IntRange(0, 100).Draw(t, "window"))*second)
		if err != nil {
			return
		}
		for n := range vod.Tracks {
			shortest := MaxSegment
			for i := range vod.Tracks[n].Len() {
				shortest = min(shortest, vod.Tracks[n].Duration(i))
			}
			if most, fullest := vod.atMost(shortest), vod.fullest(n); most < fullest {
				t.Errorf("rendition %d: at most %d segments, and there are %d", n, most, fullest)
			}
		}
	})
}
