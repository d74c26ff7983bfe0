package loop

import (
	"testing"
	"time"
)

func TestCut_AnItemIsNotCutAtItsEnd(t *testing.T) {
	whole := NewItem(lay(t, rendition(4*second, 4*second, 4*second)), 0)
	cut := whole.Cut(7 * second)
	if cut.Whole() || cut.Length() != 8*second {
		t.Fatalf("cut at 7s: %+v", cut)
	}
	for _, it := range []*Item{whole, cut} {
		for _, wish := range []time.Duration{it.Length() - 1, it.Length(), time.Hour} {
			if it.Cut(wish) != it {
				t.Errorf("an item of %s is cut at %s", it.Length(), wish)
			}
		}
	}
}

// TestCut_EachRenditionKeepsItsFirstSegment, even where the item is cut after no
// more than a sliver of it.
func TestCut_EachRenditionKeepsItsFirstSegment(t *testing.T) {
	vod := lay(t, append(others(rendition(4*second, 4*second)), rendition(50*ms, 3950*ms, 4*second))...)
	cut := NewItem(vod, 0).Cut(1)
	if cut.Length() != 50*ms || cut.Kept(0) != 1 || cut.Kept(1) != 1 {
		t.Errorf("cut at %s, %d and %d segments are kept", cut.Length(), cut.Kept(0), cut.Kept(1))
	}
}

// TestCut_ARenditionThatEndsATargetDurationBeforeIsPaddedWithOneGap: its own mark of
// the discontinuity that is no longer played is that much before the cut.
func TestCut_ARenditionThatEndsATargetDurationBeforeIsPaddedWithOneGap(t *testing.T) {
	video := rendition(4*second, 4*second, 4*second, -4*second)
	audio := others(rendition(4*second, 4*second, -3*second, 4*second, second))[0]
	cut := NewItem(lay(t, video, audio), 0).Cut(12 * second)
	if cut.Length() != 12*second || cut.Kept(1) != 2 || cut.Len(1) != 3 || cut.Start(1, 3) != 12*second {
		t.Errorf("cut at %s, audio has %d segments, of which %d are kept, want 3 and 2", cut.Length(), cut.Len(1), cut.Kept(1))
	}
}

func TestCut_ASegmentWithNoMoreThanASliverBeforeIsLeftOut(t *testing.T) {
	for first, want := range map[time.Duration]int{3900 * ms: 1, 3900*ms - 1: 2} {
		audio := others(rendition(first, 4*second, 4*second))[0]
		if cut := NewItem(lay(t, rendition(4*second, 4*second, 4*second), audio), 0).Cut(4 * second); cut.Kept(1) != want || cut.Len(1) != want {
			t.Errorf("%s before the cut at %s: %d segments are kept, want %d", cut.Length()-first, cut.Length(), cut.Kept(1), want)
		}
	}
}
