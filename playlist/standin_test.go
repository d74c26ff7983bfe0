package playlist

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
)

// stretchesOf lays a ladder out for a channel of itself, cut at an instant of it.
func stretchesOf(t failer, m *Model, l ladder, out time.Duration) (*loop.Item, error) {
	t.Helper()
	vod, _ := l.source(t)
	p, err := m.Lay(vod, Clip{Target: 6 * time.Second})
	if err != nil {
		return nil, err
	}
	item, _ := p.Item(0, out)
	return item, nil
}

// TestStandIn_CountsForTheSame: whatever the item is, and wherever the next era cuts it.
func TestStandIn_CountsForTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := randomLadder(t, "one", rapid.Bool().Draw(t, "separate"))
		l.bare = false
		vod, _ := l.source(t)
		m := modelOf(t, vod)
		whole, err := stretchesOf(t, m, l, time.Duration(rapid.IntRange(0, 20000).Draw(t, "out"))*time.Millisecond)
		if err != nil {
			t.Skip(err)
		}
		wish := StandIn{Stretches: whole.Stretches()}
		cut := whole.Cut(time.Duration(rapid.IntRange(1, int(whole.Length()/time.Millisecond)).Draw(t, "cut")) * time.Millisecond)
		before := loop.Stretch{Length: cut.Length(), Segments: make([]int64, m.Renditions())}
		for _, s := range cut.Stretches() {
			for n := range before.Segments {
				before.Segments[n] += max(s.Segments[n], 0)
			}
		}
		if cut != whole {
			wish.Cut = before
		}
		slate := ladder{name: "slate", rates: 1, segments: durationsOf(20, rapid.IntRange(1000, 6000).Draw(t, "slate")), separate: l.separate, spoken: []string{"en"}}
		if rapid.Bool().Draw(t, "slated") {
			wish.Slate, _ = slate.source(t)
		}
		p, gaps, err := m.StandIn(wish, Clip{Target: 6 * time.Second}, plain{})
		if err != nil {
			t.Fatal(err)
		}
		item := loop.NewItem(p.VOD, 0)
		if got := item.Stretches(); !slices.EqualFunc(got, wish.Stretches, loop.Stretch.Equal) {
			t.Fatalf("%+v instead of %+v", got, wish.Stretches)
		}
		if wish.Slate.Media == nil && gaps != len(wish.Stretches) {
			t.Fatalf("%d gaps without a slate", gaps)
		}
		if cut != whole {
			if got, want := item.Cut(cut.Length()).Stretches(), cut.Stretches(); !slices.EqualFunc(got, want, loop.Stretch.Equal) {
				t.Fatalf("cut at %s: %+v instead of %+v", cut.Length(), got, want)
			}
		}
		if _, err := p.Render(plain{}, nil); err != nil {
			t.Fatal(err)
		}
	})
}

// TestStandIn_TheSlatePlaysWhereItFits, and gaps elsewhere.
func TestStandIn_TheSlatePlaysWhereItFits(t *testing.T) {
	slate := ladder{name: "slate", rates: 1, segments: durationsOf(20, 4000)}
	for name, c := range map[string]struct {
		segments, breaks []int
		want             string
		gaps             int
	}{
		"as long segments":     {segments: []int{4000, 4000, 2500}, want: "slate0 4 slate1 4 slate2 2.5"},
		"two stretches":        {segments: []int{4000, 3000, 4000, 4000}, breaks: []int{2}, want: "slate0 4 slate1 3 | slate0 4 slate1 4"},
		"other segments":       {segments: []int{5000, 5000}, want: "gap 5 gap 5", gaps: 1},
		"other in one stretch": {segments: []int{5000, 5000, 4000, 4000}, breaks: []int{2}, want: "gap 5 gap 5 | slate0 4 slate1 4", gaps: 1},
		"longer than it":       {segments: durationsOf(21, 4000), want: strings.TrimSpace(strings.Repeat("gap 4 ", 21)), gaps: 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := ladder{name: "one", rates: 1, segments: c.segments, breaks: c.breaks}
			vod, _ := l.source(t)
			m := modelOf(t, vod)
			item, err := stretchesOf(t, m, l, 0)
			if err != nil {
				t.Fatal(err)
			}
			wish := StandIn{Stretches: item.Stretches()}
			wish.Slate, _ = slate.source(t)
			p, gaps, err := m.StandIn(wish, Clip{Target: 6 * time.Second}, plain{})
			if err != nil {
				t.Fatal(err)
			}
			if gaps != c.gaps {
				t.Errorf("%d stretches are gaps, want %d", gaps, c.gaps)
			}
			if got := told(p.source[0]); got != c.want {
				t.Errorf("it plays %s, want %s", got, c.want)
			}
		})
	}
}

// told are the segments of a stand-in.
func told(m *Media) string {
	var all []string
	for _, s := range m.Segments {
		if s.Discontinuity {
			all = append(all, "|")
		}
		name := strings.NewReplacer("v0-", "slate", ".ts", "").Replace(s.URI)
		if s.Gap {
			name = "gap"
		}
		all = append(all, fmt.Sprintf("%s %g", name, s.Duration.Seconds()))
	}
	return strings.Join(all, " ")
}
