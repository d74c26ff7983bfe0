package loop

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// rules draws a rule for breaks in items of some seconds.
func rules(t *rapid.T) (r Rule) {
	if rapid.Bool().Draw(t, "every") {
		r.Every = time.Duration(rapid.IntRange(1000, 10_000).Draw(t, "milliseconds")) * ms
	}
	for range rapid.IntRange(0, 3).Draw(t, "offsets") {
		r.At = append(r.At, time.Duration(rapid.IntRange(1, 20_000).Draw(t, "at"))*ms)
	}
	return r
}

// TestPlace_PartsHaveAllSegmentsOnce: in every rendition the parts between the breaks
// have the segments of the item, each once, and no gap is added.
func TestPlace_PartsHaveAllSegmentsOnce(t *testing.T) {
	inside := 0
	rapid.Check(t, func(t *rapid.T) {
		all, vod := clips(t)
		in, err := vod.In(all, 0)
		if err != nil {
			return
		}
		placed := vod.Place(rules(t), all, in, vod.Length)
		entries := []Entry{in}
		for _, p := range placed.Inside {
			entries = append(entries, p.Entry)
		}
		inside += len(placed.Inside)
		played := make([]int, len(all))
		for n, from := range entries {
			to := vod.whole()
			if n+1 < len(entries) {
				to = entries[n+1]
			}
			part, err := vod.Part(from, to, all)
			if err != nil {
				t.Fatalf("the part from %s to %s: %v", from.At, to.At, err)
			}
			if part.Reference != vod.Reference || part.TargetDuration != vod.TargetDuration {
				t.Fatalf("the part has the reference %d and TD %s", part.Reference, part.TargetDuration)
			}
			for r := range part.Tracks {
				track := &part.Tracks[r]
				if track.LeftOut != nil || track.Sliced || from.First[r] < 0 || to.First[r] < 0 {
					played[r] = -1 << 40
					continue
				}
				if played[r] += track.Kept; played[r] >= 0 && n+1 < len(entries) && (played[r] != to.First[r] || track.Gaps > 0) {
					t.Fatalf("rendition %d has played %d segments and %d gaps at %s, want %d", r, played[r], track.Gaps, to.At, to.First[r])
				}
			}
			if len(entries) > 1 && part.Length < part.shortestPart()-tolerance {
				t.Fatalf("a part of %s", part.Length)
			}
		}
	})
	if inside == 0 {
		t.Error("no break was placed inside an item")
	}
}

// TestPlace_IsTheNextSharedBoundary: a film of segments of 6 s with audio of 4 s shares
// a boundary every 12 s.
func TestPlace_IsTheNextSharedBoundary(t *testing.T) {
	film := lay(t, rendition(repeat(20, 6*second)...), rendition(repeat(30, 4*second)...))
	renditions := []Rendition{rendition(repeat(20, 6*second)...), rendition(repeat(30, 4*second)...)}
	in, _ := film.In(renditions, 0)
	for name, c := range map[string]struct {
		rule    Rule
		inside  []time.Duration
		atEnd   bool
		moved   int
		outside int
	}{
		"every 30 s":                                {Rule{Every: 30 * second}, []time.Duration{36 * second, 60 * second, 96 * second}, false, 0, 0},
		"every 100 s: the last quarter is free":     {Rule{Every: 100 * second}, nil, false, 0, 0},
		"at 1 s: too short a part before":           {Rule{At: []time.Duration{second}}, []time.Duration{12 * second}, false, 1, 0},
		"at a boundary":                             {Rule{At: []time.Duration{24 * second}}, []time.Duration{24 * second}, false, 0, 0},
		"two within a part":                         {Rule{At: []time.Duration{20 * second, 21 * second}}, []time.Duration{24 * second, 36 * second}, false, 1, 0},
		"at 115 s: too short a part after":          {Rule{At: []time.Duration{115 * second}}, nil, true, 0, 0},
		"at 5 m of 2":                               {Rule{At: []time.Duration{5 * time.Minute}}, nil, false, 0, 1},
		"between":                                   {Rule{Between: true}, nil, true, 0, 0},
		"every 10 m of an item of two minutes":      {Rule{Every: 10 * time.Minute}, nil, false, 0, 0},
		"every 20 s and at 40 s: at 40 s only once": {Rule{Every: 40 * second, At: []time.Duration{40 * second}}, []time.Duration{48 * second, 84 * second}, false, 1, 0},
	} {
		got := film.Place(c.rule, renditions, in, film.Length)
		var at []time.Duration
		for _, p := range got.Inside {
			at = append(at, p.At)
		}
		if !slices.Equal(at, c.inside) || got.AtEnd != c.atEnd || len(got.Moved) != c.moved || len(got.Outside) != c.outside {
			t.Errorf("%s: %v, at the end %v, moved %v, outside %v", name, at, got.AtEnd, got.Moved, got.Outside)
		}
	}
}

// TestFill_IsTheSlateUntilTheLengthIsReached: whole plays, and one that is cut at a
// boundary, not too short.
func TestFill_IsTheSlateUntilTheLengthIsReached(t *testing.T) {
	slate := NewItem(lay(t, rendition(repeat(5, 2*second)...)), 3)
	for length, want := range map[time.Duration][]time.Duration{
		10 * second: {10 * second},
		25 * second: {10 * second, 10 * second, 6 * second},
		4 * second:  {4 * second},
		ms:          {2 * second},
	} {
		var got []time.Duration
		var total time.Duration
		plays := slate.Fill(length, 7)
		for n, p := range plays {
			if b, is := p.Filled(); !is || b.At != -total || b.ID != 7 || p.Joined != (n > 0) {
				t.Errorf("%s: play %d is %+v", length, n, b)
			}
			got, total = append(got, p.Length()), total+p.Length()
		}
		if b, _ := plays[0].Filled(); !slices.Equal(got, want) || b.Length != total {
			t.Errorf("%s: %v, a break of %s, want %v", length, got, b.Length, want)
		}
	}
}

// TestFill_CutsNoPartThatIsTooShort: 11 s are the slate and a second, at which it could be
// cut, but then for a target duration.
func TestFill_CutsNoPartThatIsTooShort(t *testing.T) {
	slate := NewItem(lay(t, rendition(second, second, 4*second, 4*second)), 0)
	plays := slate.Fill(11*second, 0)
	if len(plays) != 2 || plays[1].Length() != 6*second {
		t.Errorf("%d plays, the last of %s, want two, and 6s", len(plays), plays[len(plays)-1].Length())
	}
}

// TestPlace_LeavesNoShortPartBeforeTheEndOfAClip: of a VOD of 120 s 100 are played.
func TestPlace_LeavesNoShortPartBeforeTheEndOfAClip(t *testing.T) {
	renditions := []Rendition{rendition(repeat(20, 6*second)...)}
	film := lay(t, renditions...)
	in, _ := film.In(renditions, 0)
	for wish, inside := range map[time.Duration]int{90 * second: 1, 95 * second: 0} {
		if b := film.Place(Rule{At: []time.Duration{wish}}, renditions, in, 100*second); len(b.Inside) != inside || b.AtEnd == (inside > 0) {
			t.Errorf("a break at %s: %+v", wish, b)
		}
	}
}

// interrupted is a loop of one film of two parts of 20 s, with a slate of 10 s between
// them and one of 10 s behind; segments last 2 s.
func interrupted(t *testing.T) *Timeline {
	part := NewItem(lay(t, rendition(repeat(10, 2*second)...)), 0)
	slate := NewItem(lay(t, rendition(repeat(5, 2*second)...)), 1)
	items := []*Item{part}
	items = append(items, slate.Fill(10*second, 0)...)
	items = append(items, part.With(nil, true))
	items[1].Joined = true
	items = append(items, slate.Fill(10*second, 1)...)
	line, err := NewTimeline(start, 0, Plan{At: start, Loop: items})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// TestEra_BreaksInsideAnItemAreNoEndsOfIt: an era waits for the end of the whole item,
// begins with it, or cuts what is on air.
func TestEra_BreaksInsideAnItemAreNoEndsOfIt(t *testing.T) {
	next := NewItem(lay(t, rendition(repeat(10, 2*second)...)), 2)
	for _, c := range []struct{ at, wait, begins time.Duration }{
		{61 * second, 0, 60 * second},                      // with the item's beginning
		{60*second + 21*second, 0, 60*second + 22*second},  // cut in the slate, not begun with it
		{60*second + 20*second, 0, 60*second + 20*second},  // where the slate begins
		{60*second + 31*second, 0, 60*second + 32*second},  // cut after the slate
		{60*second + 21*second, time.Minute, 110 * second}, // the item's end
		{60*second + 49*second, 0, 110 * second},           // the same, a target duration before it
		{60*second + 55*second, 0, 60*second + 56*second},  // the break behind it is cut
	} {
		line, err := interrupted(t).Then(Plan{At: start.Add(c.at), Wait: c.wait, Loop: []*Item{next}})
		if err != nil {
			t.Fatal(err)
		}
		if got := line.Begins().Sub(start); got != c.begins {
			t.Errorf("wished for at %s, waiting %s: it begins at %s, want %s", c.at, c.wait, got, c.begins)
		}
	}
	if got := interrupted(t).Free(start.Add(75 * second)).Sub(start); got != 110*second {
		t.Errorf("free at %s, want the item's end", got)
	}
}

// TestBreaks_AreThoseOfTheWindow: at random instants as by listing all.
func TestBreaks_AreThoseOfTheWindow(t *testing.T) {
	line := interrupted(t)
	rapid.Check(t, func(t *rapid.T) {
		from := time.Duration(rapid.Int64Range(0, int64(5*time.Minute)).Draw(t, "from"))
		to := from + time.Duration(rapid.Int64Range(0, int64(3*time.Minute)).Draw(t, "span"))
		if rapid.Bool().Draw(t, "whole") {
			from, to = from.Truncate(10*second), to.Truncate(10*second)
		}
		var want []Aired
		for turn := range time.Duration(20) {
			for id, at := range []time.Duration{turn*60*second + 20*second, turn*60*second + 50*second} {
				if at < to && at+10*second > from {
					want = append(want, Aired{start.Add(at), 10 * second, start.Add(at + 10*second), id})
				}
			}
		}
		if got := slices.Collect(line.Breaks(start.Add(from), start.Add(to))); !slices.Equal(got, want) {
			t.Fatalf("from %s to %s: %v, want %v", from, to, got, want)
		}
		var items []Programme
		for turn := range time.Duration(20) {
			if at := turn * 60 * second; at < to && at+60*second > from {
				items = append(items, Programme{start.Add(at), 0})
			}
		}
		if got := line.Programmes(start.Add(from), start.Add(to)); from < to && !slices.Equal(got, items) {
			t.Fatalf("from %s to %s: %v, want %v", from, to, got, items)
		}
	})
}

// TestBreaks_MarksAtTheEndOfAnItem are part of it, unless an era cuts it before.
func TestBreaks_MarksAtTheEndOfAnItem(t *testing.T) {
	marked := NewItem(lay(t, rendition(repeat(10, 2*second)...)), 0).With([]Break{{At: 6 * second}, {At: 20 * second}}, false)
	line, err := NewTimeline(start, 0, Plan{At: start, Loop: []*Item{marked}})
	if err != nil {
		t.Fatal(err)
	}
	if line, err = line.Then(Plan{At: start.Add(48 * second), Loop: []*Item{NewItem(marked.VOD, 1)}}); err != nil {
		t.Fatal(err)
	}
	var got []time.Duration
	for b := range line.Breaks(start, start.Add(5*time.Minute)) {
		got = append(got, b.Start.Sub(start))
	}
	if want := []time.Duration{6 * second, 20 * second, 26 * second, 40 * second, 46 * second}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestBreaks_AProcessThatKnowsTheNewestEraAloneSaysTheSame from its beginning on, be it
// that a break or a mark was at its joint.
func TestBreaks_AProcessThatKnowsTheNewestEraAloneSaysTheSame(t *testing.T) {
	film := NewItem(lay(t, rendition(repeat(10, 2*second)...)), 0)
	marked := film.With([]Break{{At: 6 * second}, {At: 20 * second}}, false)
	slate := NewItem(lay(t, rendition(repeat(5, 2*second)...)), 1)
	for name, items := range map[string][]*Item{"marks": {marked}, "slates": append([]*Item{film}, slate.Fill(10*second, 0)...)} {
		line, err := NewTimeline(start, 0, Plan{At: start, Loop: items})
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []time.Duration{40 * second, 60 * second, 66 * second} {
			both, err := line.Then(Plan{At: start.Add(at), Loop: items})
			if err != nil {
				t.Fatal(err)
			}
			for from := both.Begins(); from.Before(both.Begins().Add(2 * time.Minute)); from = from.Add(second) {
				got, want := slices.Collect(both.Newest().Breaks(from, from.Add(time.Minute))), slices.Collect(both.Breaks(from, from.Add(time.Minute)))
				if !slices.Equal(got, want) || len(want) == 0 {
					t.Fatalf("%s, an era at %s, from %s: %v, and with the era before %v", name, both.Begins().Sub(start), from.Sub(start), got, want)
				}
				w, err := both.Window(0, from)
				if alone, later := both.Newest().Window(0, from); err == nil && later == nil && alone.First == w.First {
					if got, want := slices.Collect(both.Newest().Breaks(alone.Since, alone.Ahead)), slices.Collect(both.Breaks(w.Since, w.Ahead)); !slices.Equal(got, want) {
						t.Fatalf("%s, an era at %s, the window at %s: %v, and with the era before %v", name, both.Begins().Sub(start), from.Sub(start), got, want)
					}
				}
			}
		}
	}
}

// TestWindow_AnnouncesAtTheSameInstantInAllRenditions, and not within what lasts
// between two changes of it.
func TestWindow_AnnouncesAtTheSameInstantInAllRenditions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, _ := timelines(t)
		at := line.Ready().Add(time.Duration(rapid.Int64Range(0, int64(horizon(line))).Draw(t, "at")))
		var first Window
		for r := range line.eras[0].first {
			w, err := line.Window(r, at)
			if err != nil {
				continue
			}
			if first.Edge.IsZero() {
				first = w
			}
			if !w.Edge.Equal(first.Edge) || !w.Ahead.Equal(first.Ahead) || !w.Since.Equal(first.Since) || w.Edge.After(at) {
				t.Fatalf("rendition %d at %s: the edge is %s, announced from %s until %s, in another %s, %s, %s", r, at, w.Edge, w.Since, w.Ahead, first.Edge, first.Since, first.Ahead)
			}
			if head := line.Run(r, w.First); head.Start(r, head.From).Before(w.Since) {
				t.Fatalf("rendition %d at %s begins at %s, announced is from %s", r, at, head.Start(r, head.From), w.Since)
			}
			for _, same := range []time.Time{w.Changed, w.Next.Add(-1)} {
				if before, err := line.Window(r, same); err == nil && !w.Ended && (!before.Edge.Equal(w.Edge) || !before.Ahead.Equal(w.Ahead)) {
					t.Fatalf("rendition %d: at %s and at %s differ without a change", r, same, at)
				}
			}
		}
	})
}

// TestPlace_NoSegmentIsLost: at 6 s the last segment of the audio would begin within a
// sliver of the picture's end.
func TestPlace_NoSegmentIsLost(t *testing.T) {
	renditions := []Rendition{rendition(repeat(5, 6*second)...), rendition(repeat(272, 110*ms)...)}
	film := lay(t, renditions...)
	in, _ := film.In(renditions, 0)
	placed := film.Place(Rule{At: []time.Duration{5 * second}}, renditions, in, film.Length).Inside
	if len(placed) != 1 || placed[0].At != 12*second {
		t.Fatalf("%+v, want one break at 12s", placed)
	}
	part, err := film.Part(in, placed[0].Entry, renditions)
	if err != nil || part.Tracks[1].Kept != placed[0].First[1] {
		t.Errorf("%d segments of audio, %v, want %d", part.Tracks[1].Kept, err, placed[0].First[1])
	}
}

// TestBreaks_OneThatAnEraCutsEndsThere, whatever was planned, and one that is played by
// several plays of the slate ends with the last, also where a list ends inside it.
func TestBreaks_OneThatAnEraCutsEndsThere(t *testing.T) {
	slate := NewItem(lay(t, rendition(repeat(5, 2*second)...)), 1)
	items := append([]*Item{NewItem(lay(t, rendition(repeat(10, 2*second)...)), 0)}, slate.Fill(30*second, 0)...)
	line, err := NewTimeline(start, 0, Plan{At: start, Loop: items})
	if err != nil {
		t.Fatal(err)
	}
	whole := Aired{start.Add(20 * second), 30 * second, start.Add(50 * second), 0}
	for _, to := range []time.Duration{21 * second, 30 * second, 35 * second, 60 * second} {
		if got := slices.Collect(line.Breaks(start.Add(25*second), start.Add(to))); !slices.Equal(got, []Aired{whole}) {
			t.Errorf("up to %s: %v, want %v", to, got, whole)
		}
	}
	cut, err := line.Then(Plan{At: start.Add(84 * second), Loop: items[:1]})
	if err != nil {
		t.Fatal(err)
	}
	short := Aired{start.Add(70 * second), 30 * second, start.Add(84 * second), 0}
	for _, from := range []time.Duration{70 * second, 82 * second, 84*second - 1} {
		if got := slices.Collect(cut.Breaks(start.Add(from), start.Add(5*time.Minute))); !slices.Equal(got, []Aired{short}) {
			t.Errorf("from %s: %v, want %v", from, got, short)
		}
	}
	if got := slices.Collect(cut.Breaks(start.Add(84*second), start.Add(5*time.Minute))); got != nil {
		t.Errorf("after its end: %v", got)
	}
}
