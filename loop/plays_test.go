package loop

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPlays_EqualAWalkWithCounters: what is on air when, and under which numbers.
func TestPlays_EqualAWalkWithCounters(t *testing.T) {
	plays := 0
	rapid.Check(t, func(t *rapid.T) {
		line, plans := timelines(t)
		all := walk(epoch, plans, 2*horizon(line)).all
		n := rapid.IntRange(0, len(all)-1).Draw(t, "first")
		from := all[n].start + rapid.SampledFrom([]time.Duration{0, 1, all[n].length / 2, all[n].length - 1}).Draw(t, "played")
		for p := range line.Plays(epoch.Add(from)) {
			want := all[n]
			if p.Start.Sub(epoch) != want.start || p.End.Sub(epoch) != want.start+want.length || p.Era != want.era || p.DiscontinuitySequence() != want.dsn {
				t.Fatalf("play %d is %+v, want %+v", n, p, want)
			}
			for r, spots := range want.renditions {
				if len(spots) > 0 && p.MediaSequence(r) != spots[0].number {
					t.Fatalf("play %d begins with number %d in rendition %d, want %d", n, p.MediaSequence(r), r, spots[0].number)
				}
			}
			plays++
			if n++; n == len(all) {
				return
			}
		}
		if len(plans[len(plans)-1].Loop) > 0 || n < len(all) {
			t.Fatalf("the plays end at %d of %d", n, len(all))
		}
	})
	t.Logf("%d plays", plays)
	if plays < 1000 {
		t.Error("fewer than 1000 plays were compared")
	}
}

// TestPlays_EndWithTheStream.
func TestPlays_EndWithTheStream(t *testing.T) {
	item := NewItem(lay(t, rendition(2*second, 2*second)), 0)
	line, err := NewTimeline(epoch, 0, Plan{At: epoch, Play: []*Item{item.As(0), item.As(1)}})
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[time.Duration]int{0: 2, 4e9 - 1: 2, 4e9: 1, 8e9 - 1: 1, 8e9: 0, 8e9 + 1: 0} {
		entry := 2 - want
		n := 0
		for p := range line.Plays(epoch.Add(from)) {
			if p.Item.Entry != entry {
				t.Errorf("entry %d, want %d", p.Item.Entry, entry)
			}
			n, entry = n+1, entry+1
		}
		if n != want {
			t.Errorf("%d plays from %s, want %d", n, from, want)
		}
	}
}

// TestCut_KeepsTheEntry: what is cut by the next era is still known.
func TestCut_KeepsTheEntry(t *testing.T) {
	item := NewItem(lay(t, rendition(2*second, 2*second, 2*second)), 7).As(3)
	if cut := item.Cut(3 * second); cut.Whole() || cut.Entry != 3 || cut.ID != 7 {
		t.Errorf("cut: %+v", cut)
	}
}
