package loop

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAbsent_StandsInToTheEndWithTheReferencesDiscontinuities: of a whole VOD and of
// a clip of it.
func TestAbsent_StandsInToTheEndWithTheReferencesDiscontinuities(t *testing.T) {
	clips, cuts := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		all := mixed(t)
		n := len(all)
		all = append(all, Rendition{Optional: true, Absent: true}, Rendition{Optional: true, Absent: true, Sliceable: true})
		vod, err := Lay(all, 0)
		if err != nil {
			t.Fatal(err)
		}
		standsIn(t, vod, n)
		if in, err := vod.In(all, time.Duration(rapid.Int64Range(0, int64(vod.Length)).Draw(t, "in"))); err == nil {
			clip, err := vod.From(in, all)
			if err != nil {
				t.Fatal(err)
			}
			clips++
			standsIn(t, clip, n)
		}
		if cut := NewItem(vod, 0).Cut(vod.Length / 2); !cut.Whole() {
			cuts++
			for r := n; r < n+2; r++ {
				if end := cut.Start(r, cut.Len(r)); cut.Length()-end > tolerance {
					t.Fatalf("rendition %d of an item cut at %s ends at %s", r, cut.Length(), end)
				}
			}
		}
	})
	if clips == 0 || cuts == 0 {
		t.Errorf("%d clips and %d cuts were tried", clips, cuts)
	}
}

// standsIn checks gaps as rendition n and slices as the next one.
func standsIn(t *rapid.T, v *VOD, n int) {
	t.Helper()
	gaps, slices, reference := &v.Tracks[n], &v.Tracks[n+1], &v.Tracks[v.Reference]
	if !slices.Sliced || slices.Len() != reference.Len() || len(slices.marks) != len(reference.marks) {
		t.Fatalf("slices: %+v, the reference is %+v", slices, reference)
	}
	if gaps.LeftOut != nil || gaps.Kept != 0 || gaps.Len() != gaps.Gaps || gaps.Start(gaps.Len()) != v.Length {
		t.Fatalf("gaps: %+v of a VOD of %s", gaps, v.Length)
	}
	for i := range gaps.Len() {
		if d := gaps.Duration(i); d <= 0 || d > v.TargetDuration {
			t.Fatalf("gap %d lasts %s, the target duration is %s", i, d, v.TargetDuration)
		}
	}
	if len(gaps.marks) != len(reference.marks) {
		t.Fatalf("gaps have %d discontinuities, the reference has %d", len(gaps.marks), len(reference.marks))
	}
	for k, i := range gaps.marks {
		if off := (gaps.Start(i) - reference.Start(reference.marks[k])).Abs(); off > v.TargetDuration {
			t.Fatalf("discontinuity %d of the gaps is %s off", k, off)
		}
	}
}

// TestOverhang_IsWhatTheCutTakesAway of a rendition's last segment.
func TestOverhang_IsWhatTheCutTakesAway(t *testing.T) {
	vod := lay(t, append(others(rendition(4*second, 4*second, 4*second)), rendition(5*second, 5*second, 2*second))...)
	whole := NewItem(vod, 0)
	cut := whole.Cut(6 * second)
	reference := vod.Reference
	if cut.Length() != vod.Tracks[reference].Start(2) || whole.Overhang(0) != 0 || cut.Overhang(reference) != 0 {
		t.Fatalf("cut at %s: %+v", cut.Length(), cut)
	}
	other := 1 - reference
	if got, want := cut.Overhang(other), vod.Tracks[other].Start(cut.Kept(other))-cut.Length(); got != want || want <= 0 {
		t.Errorf("the overhang is %s, want %s", got, want)
	}
}
