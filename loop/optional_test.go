package loop

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// optional makes renditions optional.
func optional(rs ...Rendition) []Rendition {
	for i := range rs {
		rs[i].Leads, rs[i].Optional = false, true
	}
	return rs
}

// mixed draws a VOD that can be looped, some of whose renditions are optional:
// such as fit, and such as don't.
func mixed(t *rapid.T) []Rendition {
	all := vods().Draw(t, "vod")
	for n := 1; n < len(all); n++ {
		all[n].Optional = rapid.IntRange(0, 3).Draw(t, "optional") > 0
	}
	for range rapid.IntRange(0, 3).Draw(t, "more") {
		odd := leading(t)
		odd.Leads, odd.Optional, odd.Sliceable = false, true, rapid.Bool().Draw(t, "sliceable")
		all = append(all, odd)
	}
	return all
}

// TestLay_OptionalRenditionsChangeNothingOfTheOthers lays the same VOD out with
// each subset of its optional renditions.
func TestLay_OptionalRenditionsChangeNothingOfTheOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := mixed(t)
		asked := time.Duration(rapid.Int64Range(0, int64(90*second)).Draw(t, "window"))
		whole, err := Lay(all, asked)
		if err != nil {
			t.Fatalf("Lay: %v", err)
		}
		at := instants(t, whole)
		for subset := range 1 << len(all) {
			some := slices.Clone(all)
			for n := range some {
				if some[n].Optional && subset>>n&1 == 1 {
					some[n] = Rendition{Optional: true, Refused: refuse(CodeEmpty, n, "absent")}
				}
			}
			vod, err := Lay(some, asked)
			if err != nil {
				t.Fatalf("without some: %v", err)
			}
			for n := range some {
				if some[n].Refused == nil {
					compare(t, whole, vod, n, at)
				} else if vod.Tracks[n].LeftOut != some[n].Refused {
					t.Fatalf("rendition %d is left out because of %v", n, vod.Tracks[n].LeftOut)
				}
			}
		}
	})
}

// compare looks for a difference of one rendition between two layouts.
func compare(t *rapid.T, a, b *VOD, n int, at time.Time) {
	if a.Length != b.Length || a.TargetDuration != b.TargetDuration || a.Window != b.Window || a.Reference != b.Reference {
		t.Fatalf("%+v is laid out as %+v", a, b)
	}
	if !reflect.DeepEqual(a.Tracks[n], b.Tracks[n]) {
		t.Fatalf("rendition %d is %+v, without others %+v", n, a.Tracks[n], b.Tracks[n])
	}
	first, err := looped(a).Window(n, at)
	second, bad := looped(b).Window(n, at)
	first.Era, second.Era = nil, nil
	if first != second || !errors.Is(bad, err) {
		t.Fatalf("rendition %d shows %+v (%v), without others %+v (%v)", n, first, err, second, bad)
	}
	if left := a.Tracks[n].LeftOut != nil; errors.Is(err, ErrLeftOut) != left {
		t.Fatalf("rendition %d: left out %t, Window: %v", n, left, err)
	}
}

// TestWindow_OptionalRenditionsKeepInStep with the essential ones.
func TestWindow_OptionalRenditionsKeepInStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vod, err := Lay(mixed(t), time.Duration(rapid.Int64Range(0, int64(90*second)).Draw(t, "window")))
		if err != nil {
			t.Fatalf("Lay: %v", err)
		}
		line := looped(vod)
		at := instants(t, vod).Add(vod.Window + vod.Length)
		begin, end := spanOf(line, vod.Reference, windowAt(t, line, vod.Reference, at))
		for n := range vod.Tracks {
			if vod.Tracks[n].LeftOut != nil {
				continue
			}
			if got, want := vod.Tracks[n].Discontinuities(), vod.Tracks[vod.Reference].Discontinuities(); got != want || vod.Tracks[n].target() > vod.TargetDuration {
				t.Fatalf("rendition %d has %d discontinuities and segments of %s, want %d of at most %s", n, got, vod.Tracks[n].target(), want, vod.TargetDuration)
			}
			w := windowAt(t, line, n, at)
			b, e := spanOf(line, n, w)
			if slack := longest(vod) + tolerance; b.Sub(begin) > slack || begin.Sub(b) > slack && w.Len() > minimum || e.Sub(end).Abs() > slack || e.After(at) {
				t.Fatalf("rendition %d shows %s to %s, the reference %s to %s", n, b, e, begin, end)
			}
			if w.Len() < minimum || e.Sub(b) < 3*vod.TargetDuration {
				t.Fatalf("rendition %d shows %d segments, %s in all", n, w.Len(), e.Sub(b))
			}
		}
	})
}

// TestLay_TheLoopIsAsLongAsItsAudio where that ends about where the reference
// does.
func TestLay_TheLoopIsAsLongAsItsAudio(t *testing.T) {
	for name, c := range map[string]struct {
		last       time.Duration // of the audio, after 4 s; the video has 8 s
		want       time.Duration
		optional   bool
		otherFirst time.Duration // of an essential audio rendition before it; 0: none
	}{
		"21 ms shorter":                 {last: 3979 * ms, want: 7979 * ms},
		"as much shorter as may be":     {last: 3500 * ms, want: 7500 * ms},
		"even shorter":                  {last: 3499 * ms, want: 8 * second},
		"as much longer as may be":      {last: 4025 * ms, want: 8025 * ms},
		"even longer":                   {last: 4026 * ms, want: 8 * second},
		"optional":                      {last: 3979 * ms, want: 8 * second, optional: true},
		"the second of two":             {last: 3979 * ms, want: 7990 * ms, otherFirst: 3990 * ms},
		"the first of two is too short": {last: 3979 * ms, want: 8 * second, otherFirst: second},
	} {
		audio := others(rendition(4*second, c.last))[0]
		audio.Audio, audio.Optional = true, c.optional
		all := []Rendition{rendition(4*second, 4*second)}
		if c.otherFirst > 0 {
			first := others(rendition(4*second, c.otherFirst))[0]
			first.Audio = true
			all = append(all, first)
		}
		vod := lay(t, append(all, audio)...)
		if vod.Length != c.want {
			t.Errorf("%s: the loop lasts %s, want %s", name, vod.Length, c.want)
		}
		if got, want := durations(&vod.Tracks[0]), []time.Duration{4 * second, min(4*second, c.want-4*second)}; !slices.Equal(got, want) {
			t.Errorf("%s: the video has %v, want %v", name, got, want)
		}
	}
}

// TestLay_ADiscontinuityIsWhereTheReferenceHasIt or, where that has none, where
// the first other has it.
func TestLay_ADiscontinuityIsWhereTheReferenceHasIt(t *testing.T) {
	early := others(rendition(3600*ms, -8400*ms, -3*second))[0]
	late := others(rendition(4*second, 8400*ms, -2600*ms))[0]
	reference := rendition(4*second, -8100*ms, 3*second)
	v := &VOD{TargetDuration: 9 * second, Tracks: make([]Track, 3), Reference: 2}
	got, err := v.layEssential([]Rendition{early, late, reference})
	if err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{4 * second, 12 * second}; !slices.Equal(times(got), want) {
		t.Errorf("the discontinuities are at %v, want %v", times(got), want)
	}
}

func TestMatch_PairsWhatIsClosest(t *testing.T) {
	for name, c := range map[string]struct {
		instants, marks []time.Duration
		want            []int
	}{
		"each its own":            {[]time.Duration{4 * second, 8 * second}, []time.Duration{4100 * ms, 7900 * ms}, []int{0, 1}},
		"too far":                 {[]time.Duration{4 * second}, []time.Duration{4501 * ms}, []int{-1}},
		"the closer instant":      {[]time.Duration{4 * second, 4450 * ms}, []time.Duration{4460 * ms}, []int{1}},
		"the closer mark":         {[]time.Duration{4400 * ms}, []time.Duration{4 * second, 4300 * ms}, []int{-1, 0}},
		"two that are both close": {[]time.Duration{4 * second, 4300 * ms}, []time.Duration{4250 * ms, 4500 * ms}, []int{0, 1}},
		"none":                    {nil, []time.Duration{second}, []int{-1}},
	} {
		var own []mark
		for i, at := range c.marks {
			own = append(own, mark{at, 0, i + 1})
		}
		if got := match(c.instants, own); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestLay_LeavesOutWhatDoesNotFit by the reason, and slices what can be.
func TestLay_LeavesOutWhatDoesNotFit(t *testing.T) {
	video := rendition(4*second, 4*second, -4*second, 4*second)
	absent := refuse(CodeEmpty, 1, "absent")
	long := rendition(120*second, 120*second)
	crowded := rendition()
	for range 400 {
		crowded.Segments = append(crowded.Segments, Segment{Duration: 40 * ms})
	}
	for name, c := range map[string]struct {
		reference, other Rendition
		code             Code // empty: it is served
	}{
		"fits":                       {video, rendition(8*second/2, 4*second, -4*second, 4*second), ""},
		"without discontinuity":      {video, rendition(2*second, 2*second, 4*second, 4*second, 4*second), ""},
		"as many, but later":         {video, rendition(4*second, 4700*ms/2, 4700*ms/2, -3300*ms, 4*second), ""},
		"no boundary":                {video, rendition(3*second, 3*second, 3*second, 3*second, 4*second), CodeDiscontinuityUnmatch},
		"a discontinuity of its own": {video, rendition(-4*second, -4*second, -4*second, 4*second), CodeDiscontinuityUnmatch},
		"over the target duration":   {video, rendition(4*second, 4*second, -4500*ms, 3500*ms), CodeTargetExceeded},
		"over 120 s":                 {long, rendition(120200*ms, 119800*ms), CodeSegmentTooLong},
		"too many changes":           {rendition(4*second, 4*second, 4*second, 4*second), crowded, CodeChangesTooOften},
		"no segment":                 {video, Rendition{}, CodeEmpty},
		"refused before":             {video, Rendition{Refused: absent, Segments: video.Segments}, CodeEmpty},
	} {
		vod := lay(t, append([]Rendition{c.reference}, optional(c.other)...)...)
		track := &vod.Tracks[1]
		if got := codeOf(refusalOf(track)); got != c.code {
			t.Errorf("%s: %v, want %q", name, track.LeftOut, c.code)
		}
		if c.code != "" && (track.Len() != 0 || track.LeftOut.Rendition != 1) {
			t.Errorf("%s: %+v", name, track)
		}
		sliceable := optional(c.other)[0]
		sliceable.Sliceable = true
		track = &lay(t, c.reference, sliceable).Tracks[1]
		cut := c.code != "" && c.code != CodeEmpty
		if track.Sliced != cut || (track.LeftOut != nil) != (c.code == CodeEmpty) {
			t.Errorf("%s: sliced %t, want %t; left out: %v", name, track.Sliced, cut, track.LeftOut)
		}
	}
}

func refusalOf(t *Track) error {
	if t.LeftOut == nil {
		return nil
	}
	return t.LeftOut
}

// TestFollow_ARenditionThatWasLeftOutComesIn as a process numbers it that has
// had it from the beginning, once three target durations of it are published.
func TestFollow_ARenditionThatWasLeftOutComesIn(t *testing.T) {
	video, text := rendition(4*second, 4*second), optional(rendition(2*second, 2*second, 2*second, 2*second))[0]
	without, always := looped(lay(t, video, Rendition{Optional: true})), looped(lay(t, video, text))
	next, err := without.Follow(NewItem(lay(t, video, text), 1), epoch.Add(time.Minute), 0)
	if err != nil {
		t.Fatal(err)
	}
	ready := next.Begins().Add(17 * second)
	if _, err := next.Window(1, next.Begins().Add(-1)); !errors.Is(err, ErrLeftOut) {
		t.Errorf("before: %v, want ErrLeftOut", err)
	}
	if _, err := next.Window(1, ready.Add(-1)); !errors.Is(err, ErrNotYet) {
		t.Errorf("at first: %v, want ErrNotYet", err)
	}
	for _, at := range []time.Time{ready, ready.Add(time.Minute), ready.Add(time.Hour)} {
		a, b := windowAt(t, next, 1, at), windowAt(t, always, 1, at)
		if a.End != b.End || a.First < b.First || a.First != max(b.First, next.Begin(1)) {
			t.Errorf("after %s: %d to %d, want the end of %d to %d", at.Sub(epoch), a.First, a.End, b.First, b.End)
		}
		for n, end := range []int64{windowAt(t, next, 0, at).End, a.End} {
			p, q := next.Run(n, end-1), always.Run(n, end-1)
			if p.DiscontinuitySequence(n, p.From) != q.DiscontinuitySequence(n, q.From) || !p.Start(n, p.From).Equal(q.Start(n, q.From)) {
				t.Errorf("after %s rendition %d ends with %+v, want %+v", at.Sub(epoch), n, p, q)
			}
		}
	}
}

// TestFollow_ARenditionThatIsShownStays: a version without it is refused.
func TestFollow_ARenditionThatIsShownStays(t *testing.T) {
	video, text := rendition(4*second, 4*second), optional(rendition(4*second, 4*second))[0]
	gone := refuse(CodeEmpty, 1, "gone")
	if _, err := looped(lay(t, video, text)).Follow(NewItem(lay(t, video, Rendition{Optional: true, Refused: gone}), 1), epoch, 0); !errors.Is(err, gone) {
		t.Errorf("Follow: %v, want %v", err, gone)
	}
}
