package loop

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// clips draws a VOD laid out at the target duration of a stream that may be
// larger than its own.
func clips(t *rapid.T) ([]Rendition, *VOD) {
	all := mixed(t)
	return all, layTest(t, time.Duration(rapid.IntRange(1, 12).Draw(t, "target"))*second, all)
}

// begins is the rule for an entry at a segment of the reference, by trying all
// segments: the first segment of each rendition, or nil.
func begins(v *VOD, renditions []Rendition, n int) (first []int) {
	at := v.Tracks[v.Reference].Start(n)
	after := func(t *Track, i int) (count int) {
		for k := i + 1; k < t.Len(); k++ {
			if t.Marked(k) {
				count++
			}
		}
		return count
	}
	for r := range v.Tracks {
		t, best := &v.Tracks[r], -1
		for i := range t.Kept {
			near := (t.Start(i) - at).Abs()
			if near <= 500*ms && after(t, i) == after(&v.Tracks[v.Reference], n) && (best < 0 || near < (t.Start(best)-at).Abs()) {
				best = i
			}
		}
		if best < 0 && t.LeftOut == nil && !renditions[r].Sliceable {
			return nil
		}
		first = append(first, best)
	}
	return first
}

// TestIn_IsTheFirstBoundaryAtWhichAllRenditionsCanBegin: for wishes at, and about,
// every boundary.
func TestIn_IsTheFirstBoundaryAtWhichAllRenditionsCanBegin(t *testing.T) {
	moved, none := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		all, vod := clips(t)
		reference := &vod.Tracks[vod.Reference]
		for i := range reference.Len() {
			for _, off := range []time.Duration{-1, 0, 1} {
				wish := reference.Start(i) + off
				var want Entry
				for n := range reference.Len() {
					long := n == 0 || vod.Length-reference.Start(n) >= max(second, vod.TargetDuration)
					if first := begins(vod, all, n); reference.Start(n) >= wish && long && first != nil {
						want = Entry{reference.Start(n), reference.Start(n)-wish > vod.TargetDuration, first}
						break
					}
				}
				got, err := vod.In(all, wish)
				if want.First == nil {
					if none++; codeOf(err) != CodeClipUnaligned {
						t.Fatalf("In(%s): %+v, %v, want %s", wish, got, err, CodeClipUnaligned)
					}
					continue
				}
				if err != nil || got.At != want.At || got.Moved != want.Moved || !slices.Equal(got.First, want.First) {
					t.Fatalf("In(%s) = %+v, %v, want %+v", wish, got, err, want)
				}
				if got.Moved {
					moved++
				}
			}
		}
	})
	if moved == 0 || none == 0 {
		t.Errorf("%d clips were moved, %d had no entry", moved, none)
	}
}

// TestFrom_GoesOnAsTheWholeVODDoes: at every boundary the clip has the segments,
// durations, discontinuities and reference of the whole VOD from there on.
func TestFrom_GoesOnAsTheWholeVODDoes(t *testing.T) {
	inside, marks := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		all, vod := clips(t)
		reference := &vod.Tracks[vod.Reference]
		for i := range reference.Len() {
			in, err := vod.In(all, reference.Start(i))
			if err != nil {
				continue
			}
			clip, err := vod.From(in, all)
			if err != nil {
				t.Fatalf("From(%+v): %v", in, err)
			}
			if in.At > 0 {
				inside++
			}
			if clip.Reference != vod.Reference || clip.TargetDuration != vod.TargetDuration || clip.Window != vod.Window {
				t.Fatalf("the clip at %s has the reference %d, TD %s and W %s", in.At, clip.Reference, clip.TargetDuration, clip.Window)
			}
			if d := clip.Length - (vod.Length - in.At); d.Abs() > 1025*ms {
				t.Fatalf("the clip at %s is %s long, the VOD %s", in.At, clip.Length, vod.Length)
			}
			for n := range clip.Tracks {
				marks += clip.Tracks[n].Discontinuities()
				goesOn(t, vod, clip, n, in)
			}
		}
	})
	if inside == 0 || marks == 0 {
		t.Errorf("%d clips began inside, with %d discontinuities", inside, marks)
	}
}

// goesOn compares rendition n of a clip with that of the whole VOD.
func goesOn(t *rapid.T, vod, clip *VOD, n int, in Entry) {
	whole, part, reference := &vod.Tracks[n], &clip.Tracks[n], &clip.Tracks[clip.Reference]
	if part.LeftOut != nil {
		return
	}
	if got, want := part.Discontinuities(), reference.Discontinuities(); got != want || want != vod.Tracks[vod.Reference].Discontinuities()-vod.Tracks[vod.Reference].marksUpTo(in.First[vod.Reference]) {
		t.Fatalf("rendition %d of the clip at %s has %d discontinuities, the reference %d of %v", n, in.At, got, want, vod.Tracks[vod.Reference].marks)
	}
	end := part.Start(part.Len())
	if end > clip.Length || clip.Length-end > 500*ms {
		t.Fatalf("rendition %d of the clip at %s ends at %s of %s", n, in.At, end, clip.Length)
	}
	if part.Sliced {
		if !slices.Equal(part.edges, reference.edges) || !slices.Equal(part.marks, reference.marks) {
			t.Fatalf("rendition %d of the clip at %s is not sliced as the reference is", n, in.At)
		}
		return
	}
	for i := range part.Kept {
		k := in.First[n] + i
		if start := whole.Start(k) - whole.Start(in.First[n]); part.Start(i) != start || part.Marked(i) != (i > 0 && whole.Marked(k)) {
			t.Fatalf("segment %d of rendition %d of the clip at %s begins at %s, marked %t; segment %d of the VOD at %s", i, n, in.At, part.Start(i), part.Marked(i), k, start)
		}
		if d := part.Duration(i); d != whole.Duration(k) && i < part.Kept-1 {
			t.Fatalf("segment %d of rendition %d of the clip at %s lasts %s, that of the VOD %s", i, n, in.At, d, whole.Duration(k))
		}
	}
	if left := whole.Kept - in.First[n] - part.Kept; left > 0 && whole.Start(in.First[n]+part.Kept)-whole.Start(in.First[n]) < clip.Length-100*ms {
		t.Fatalf("rendition %d of the clip at %s leaves out %d segments before its end", n, in.At, left)
	}
	if longest := part.target(); longest > clip.TargetDuration {
		t.Fatalf("rendition %d of the clip at %s has a segment of %s", n, in.At, longest)
	}
}

func TestFrom_TheWholeVODIsAClipOfItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, vod := clips(t)
		in, err := vod.In(all, 0)
		if err != nil || in.At != 0 || in.Moved {
			t.Fatalf("In(0) = %+v, %v", in, err)
		}
		clip, err := vod.From(in, all)
		if err != nil {
			t.Fatal(err)
		}
		for n := range vod.Tracks {
			a, b := &vod.Tracks[n], &clip.Tracks[n]
			if a.LeftOut != b.LeftOut || a.Kept > 0 && !slices.Equal(a.edges[:b.Kept+1], b.edges[:b.Kept+1]) || !slices.Equal(a.marks, b.marks) {
				t.Fatalf("rendition %d is %+v, want %+v", n, b, a)
			}
		}
	})
}

// TestFrom_ACutClipEndsAsTheWholeVODDoesWhenCut at the same boundary.
func TestFrom_ACutClipEndsAsTheWholeVODDoesWhenCut(t *testing.T) {
	cuts := 0
	rapid.Check(t, func(t *rapid.T) {
		all, vod := clips(t)
		in, err := vod.In(all, time.Duration(rapid.Int64Range(1, int64(vod.Length)).Draw(t, "in")))
		if err != nil {
			return
		}
		clip, err := vod.From(in, all)
		if err != nil {
			t.Fatalf("From(%+v): %v", in, err)
		}
		wish := time.Duration(rapid.Int64Range(int64(second), int64(max(second, clip.Length))).Draw(t, "out"))
		cut := NewItem(clip, 0).Cut(wish)
		if cut.Whole() {
			return
		}
		cuts++
		if reference := &vod.Tracks[vod.Reference]; !slices.Contains(reference.edges, in.At+cut.Length()) || cut.Length() < wish {
			t.Fatalf("the clip at %s, cut at %s, ends at %s, which is no boundary of the VOD", in.At, wish, cut.Length())
		}
		for n := range clip.Tracks {
			if clip.Tracks[n].LeftOut != nil {
				continue
			}
			if end := cut.Start(n, cut.Len(n)); end > cut.Length() || cut.Length()-end > 500*ms {
				t.Fatalf("rendition %d of the clip cut at %s ends at %s", n, cut.Length(), end)
			}
			begun := clip.Tracks[n].marksUpTo(cut.Kept(n) - 1)
			if begun != cut.marks {
				t.Fatalf("rendition %d of the clip cut at %s has %d discontinuities, want %d", n, cut.Length(), begun, cut.marks)
			}
		}
	})
	if cuts == 0 {
		t.Error("no clip was cut")
	}
}

// TestFrom_SubtitlesAreSlicedWhereTheyBeginNoSegment, others are left out or the
// clip begins later.
func TestFrom_SubtitlesAreSlicedWhereTheyBeginNoSegment(t *testing.T) {
	video := rendition(4*second, 4*second, 4*second, 4*second, 4*second)
	subtitles := optional(rendition(6*second, 6*second, 8*second))[0]
	for _, c := range []struct {
		sliceable bool
		at        time.Duration
		first     int
	}{{true, 4 * second, -1}, {false, 12 * second, 2}} {
		subtitles.Sliceable = c.sliceable
		all := []Rendition{video, subtitles}
		vod, err := LayFrom(8*second, all, 0)
		if err != nil || vod.Tracks[1].Len() != 3 {
			t.Fatalf("Lay: %v, %+v", err, vod.Tracks[1])
		}
		in, err := vod.In(all, 4*second)
		if err != nil || in.At != c.at || !slices.Equal(in.First, []int{int(c.at / (4 * second)), c.first}) {
			t.Fatalf("In(4s) = %+v, %v, want %s", in, err, c.at)
		}
		clip, err := vod.From(in, all)
		if err != nil || clip.Tracks[1].Sliced != c.sliceable || clip.Length != 20*second-c.at {
			t.Fatalf("From(%+v) = %+v, %v", in, clip, err)
		}
	}
}

// TestFrom_ADiscontinuityAtTheEntryIsThatOfTheItem, and is not counted again.
func TestFrom_ADiscontinuityAtTheEntryIsThatOfTheItem(t *testing.T) {
	all := append([]Rendition{rendition(4*second, -4*second, 4*second, -4*second)}, others(rendition(4100*ms, 7900*ms, 4*second))...)
	vod := lay(t, all...)
	if in, err := vod.In(all, 4*second); err != nil || in.At != 4*second || !slices.Equal(in.First, []int{1, 1}) {
		t.Fatalf("In(4s) = %+v, %v", in, err)
	} else if clip, err := vod.From(in, all); err != nil || !slices.Equal(clip.Tracks[0].marks, []int{2}) || !slices.Equal(clip.Tracks[1].marks, []int{1}) {
		t.Fatalf("From(%+v) = %+v, %v", in, clip, err)
	}
	if in, err := vod.In(all, 8*second); codeOf(err) != CodeClipUnaligned {
		t.Fatalf("In(8s) = %+v, %v, want %s", in, err, CodeClipUnaligned)
	}
}

// TestFrom_IsAsLongAsTheMeasuredAudioThatIsLeft: of the reference itself, and of audio
// apart; an audio that does not give the VOD's length does not give the clip's.
func TestFrom_IsAsLongAsTheMeasuredAudioThatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		muxed, apart time.Duration // as measured
		want         time.Duration
	}{
		"not measured":    {0, 0, 8*second - 10*ms},
		"muxed":           {12*second - 30*ms, 0, 8*second - 10*ms},
		"apart":           {0, 12*second - 23*ms, 8*second - 23*ms},
		"apart, too long": {0, 13 * second, 8 * second},
	} {
		video, audio := rendition(4*second, 4*second, 4*second), others(rendition(4*second, 4*second, 4*second-10*ms))[0]
		video.Sound, audio.Sound, audio.Audio = c.muxed, c.apart, true
		all := []Rendition{video, audio}
		vod := lay(t, all...)
		in, err := vod.In(all, 4*second)
		if err != nil {
			t.Fatal(err)
		}
		clip, err := vod.From(in, all)
		if err != nil || clip.Length != c.want || vod.Length != c.want+4*second {
			t.Errorf("%s: %v, of %v, %v", name, clip, vod.Length, err)
		}
	}
	video := rendition(4*second, 4*second, 4*second)
	video.Sound = 12*second - 17*ms
	vod := lay(t, video)
	in, _ := vod.In([]Rendition{video}, 4*second)
	if clip, err := vod.From(in, []Rendition{video}); err != nil || clip.Length != 8*second-17*ms {
		t.Errorf("muxed alone: %v, %v", clip, err)
	}
}
