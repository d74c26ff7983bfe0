package schedule

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// lockedFor is an object of eras of one hour that loop items of so many stretches, as the
// tool writes it; the first era begins at noon, and the object is written before.
func lockedFor(hours int) *Object {
	o := &Object{Name: "kids", Written: noon.Add(-time.Hour), Frozen: noon.Add(-55 * time.Minute)}
	o.Target, o.Model = 6*time.Second, &Item{Origin: "vod", Path: "a.m3u8"}
	number, dsn := int64(0), int64(0)
	for n := range hours {
		i := Item{Origin: "vod", Path: fmt.Sprintf("%d.m3u8", n%7), Sum: "0123456789abcdef", Stretches: []Stretch{
			{Length: 36 * time.Second, Segments: []int64{6, 6, Absent}}, {Length: 24 * time.Second, Segments: []int64{4, 4, Absent}},
		}}
		at := noon.Add(time.Duration(n) * time.Hour)
		o.Eras = append(o.Eras, Era{At: at, Starts: at, Numbers: &Numbers{[]int64{number, number, Absent}, dsn}, Loop: []Item{i}})
		number, dsn = number+600, dsn+120
	}
	return o
}

func lockedText(t *testing.T) string {
	t.Helper()
	return string(lockedFor(5).Encode())
}

// reread is an object as servers have it.
func reread(t *testing.T, o *Object) *Object {
	t.Helper()
	again, err := Read("o", o.Encode())
	if err != nil {
		t.Fatalf("%v\n%s", err, o.Encode())
	}
	return again
}

// TestEncode_IsReadAsItWas, and is written the same again.
func TestEncode_IsReadAsItWas(t *testing.T) {
	o := lockedFor(30)
	o.Title, o.Slate, o.Withdrawn = "Kids \"TV\" <&>", &Item{Origin: "vod", Path: "slate.m3u8", Query: "v=1"}, []Item{{Origin: "vod", Path: "x.m3u8"}}
	o.Eras[3].Wait, o.Eras[3].Loop[0].In, o.Eras[3].Loop[0].Out, o.Eras[3].Loop[0].Title = 5*time.Minute, 1500*time.Millisecond, time.Hour, "Ö"
	again := reread(t, o)
	if string(again.Encode()) != string(o.Encode()) {
		t.Errorf("\n%s\nand not\n%s", again.Encode(), o.Encode())
	}
	if at, differs := FirstChange(o, again, noon); differs {
		t.Errorf("they differ at %s", at)
	}
}

var rules = Rules{Channel: "kids", Lead: 3 * time.Minute, Window: time.Minute, Origins: []string{"vod"}}

// TestCheck_OfRandomEditsAdoptsThoseThatAuthorsMayMake: an edit is adopted if, and only if,
// nothing that begins before now, or before it is frozen, is another, to a target duration;
// what another one may have changed that was missed does not count.
func TestCheck_OfRandomEditsAdoptsThoseThatAuthorsMayMake(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	adopted, refused := 0, 0
	for range 1000 {
		held := lockedFor(48)
		now := noon.Add(time.Duration(random.IntN(47*3600)) * time.Second)
		o := held.Alike()
		o.Written = now.Add(-time.Duration(random.IntN(600)) * time.Second)
		o.Frozen = o.Written.Add(5 * time.Minute)
		first := edit(random, o)
		seen := now.Add(-time.Duration(random.IntN(10)) * time.Minute)
		err := rules.Check(held, reread(t, o), seen, now)
		until := earlier(earlier(o.Frozen, now), seen.Add(rules.Lead))
		if may := first < 0 || !held.Eras[first].At.Before(until.Add(o.Target)); may != (err == nil) {
			t.Fatalf("at %s, frozen at %s, first changed at %s: %v", now, o.Frozen, held.Eras[max(first, 0)].At, err)
		}
		if err == nil {
			adopted++
		} else if refused++; CodeOf(err) != CodeRewritesPast {
			t.Fatal(err)
		}
	}
	if adopted < 100 || refused < 100 {
		t.Errorf("%d are adopted, %d refused", adopted, refused)
	}
}

// edit changes an object, and returns the first era that is another; below 0: none is.
func edit(random *rand.Rand, o *Object) (first int) {
	if random.IntN(10) == 0 {
		return -1
	}
	n := random.IntN(len(o.Eras))
	for k := n; k < len(o.Eras); k += 1 + random.IntN(9) {
		if k > 0 && k == n && random.IntN(2) == 0 {
			o.Eras = o.Eras[:k]
			return k
		}
		o.Eras[k].Loop[0].Title = "Another"
	}
	return n
}

// TestCheck_TheFrontMayBeDroppedOnceItEnded long enough ago, and with numbers left.
func TestCheck_TheFrontMayBeDroppedOnceItEnded(t *testing.T) {
	for _, c := range []struct {
		dvr     time.Duration
		hours   float64 // after noon
		dropped int
		bare    bool // the first that is left has no numbers
		want    Code
	}{
		{hours: 5.1, dropped: 5},
		{hours: 5.1, dropped: 1},
		{hours: 5.01, dropped: 5, want: CodeRewritesPast},
		{hours: 5.1, dropped: 6, want: CodeRewritesPast},
		{hours: 5.1, dropped: 4, dvr: time.Hour, want: CodeRewritesPast},
		{hours: 30.2, dropped: 5, dvr: time.Hour},
		{hours: 5.1, dropped: 4, bare: true, want: CodeNumbersNeeded},
	} {
		held := lockedFor(48)
		now := noon.Add(time.Duration(c.hours * float64(time.Hour)))
		o := held.Alike()
		o.Written, o.Frozen, o.Eras = now.Add(-time.Minute), now.Add(4*time.Minute), o.Eras[c.dropped:]
		if c.bare {
			o.Eras[0].Numbers, o.Eras[0].Starts = nil, time.Time{}
			o.Eras[0].Loop[0].Sum, o.Eras[0].Loop[0].Stretches = "", nil
		}
		r := rules
		r.DVR = c.dvr
		if err := r.Check(held, reread(t, o), now, now); CodeOf(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestCheckNumbers_HoldsStartsAndNumbersAgainstTheStretches.
func TestCheckNumbers_HoldsStartsAndNumbersAgainstTheStretches(t *testing.T) {
	if err := lockedFor(48).CheckNumbers(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(o *Object){
		"a media number":     func(o *Object) { o.Eras[7].Numbers.Media[1]++ },
		"a later number":     func(o *Object) { o.Eras[47].Numbers.Media[0] -= 10 },
		"the discontinuity":  func(o *Object) { o.Eras[7].Numbers.Discontinuity++ },
		"a start":            func(o *Object) { o.Eras[7].Starts = o.Eras[7].Starts.Add(2 * time.Minute) },
		"a start before":     func(o *Object) { o.Eras[7].Starts = o.Eras[5].Starts },
		"a stretch":          func(o *Object) { o.Eras[7].Loop[0].Stretches[0].Segments[0]++ },
		"a length":           func(o *Object) { o.Eras[7].Loop[0].Stretches[0].Length += time.Minute },
		"renditions":         func(o *Object) { o.Eras[7].Numbers.Media = o.Eras[7].Numbers.Media[:2] },
		"one that is absent": func(o *Object) { o.Eras[7].Loop[0].Stretches[0].Segments[2] = 3 },
		"none in a stretch":  func(o *Object) { o.Eras[7].Loop[0].Stretches[1].Segments[0] = 0 },
		"far too many":       func(o *Object) { o.Eras[47].Loop[0].Stretches[1].Segments[0] = 1 << 61 },
	} {
		o := lockedFor(48)
		for n := range o.Eras { // nothing is shared
			i := &o.Eras[n].Loop[0]
			i.Stretches = slices.Clone(i.Stretches)
			for k := range i.Stretches {
				i.Stretches[k].Segments = slices.Clone(i.Stretches[k].Segments)
			}
		}
		change(o)
		if err := o.CheckNumbers(); CodeOf(err) != CodeNumbersDiffer {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCheckAlone_SaysWhatIsMissing.
func TestCheckAlone_SaysWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *Object)
		want   Code
	}{
		"nothing":              {func(*Object) {}, ""},
		"not locked":           {func(o *Object) { o.Written, o.Frozen = time.Time{}, time.Time{} }, CodeUnreadable},
		"no model":             {func(o *Object) { o.Model = nil }, CodeUnreadable},
		"no target duration":   {func(o *Object) { o.Target = 0 }, CodeUnreadable},
		"of another channel":   {func(o *Object) { o.Name = "news" }, CodeChanged},
		"too short a lead":     {func(o *Object) { o.Frozen = o.Written.Add(2 * time.Minute) }, CodeLeadTooShort},
		"an origin it may not": {func(o *Object) { o.Eras[1].Loop[0].Origin = "private" }, CodeUnreadable},
		"such a slate":         {func(o *Object) { o.Slate = &Item{Origin: "private", Path: "a.m3u8"} }, CodeUnreadable},
	} {
		o := lockedFor(3)
		c.change(o)
		if err := rules.CheckAlone(o); CodeOf(err) != c.want || err != nil && !strings.Contains(err.Error(), "("+string(c.want)+")") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPlays_AreThoseOfTheEras from an instant on, each until the next era, under their
// numbers.
func TestPlays_AreThoseOfTheEras(t *testing.T) {
	o := lockedFor(3)
	o.Eras[1].Starts = noon.Add(time.Hour + 36*time.Second) // the item before is cut
	var all []string
	for p := range o.Plays(noon.Add(time.Hour - 90*time.Second)) {
		all = append(all, fmt.Sprintf("%s %s %s %d", p.Item.Path, p.Start.Sub(noon), p.End.Sub(p.Start), p.Media))
		if len(all) == 5 {
			break
		}
	}
	want := "0.m3u8 58m0s 1m0s [580 580 -1]\n0.m3u8 59m0s 1m0s [590 590 -1]\n0.m3u8 1h0m0s 36s [600 600 -1]\n1.m3u8 1h0m36s 1m0s [600 600 -1]\n1.m3u8 1h1m36s 1m0s [610 610 -1]"
	if got := strings.Join(all, "\n"); got != want {
		t.Errorf("\n%s\nand not\n%s", got, want)
	}
	item, before := o.Eras[0].CutBy(noon.Add(time.Hour+36*time.Second), []int64{606, 606, Absent})
	if item == nil || before.Length != 36*time.Second || !slices.Equal(before.Segments, []int64{6, 6, Absent}) {
		t.Errorf("cut: %+v %+v", item, before)
	}
	if item, _ := o.Eras[0].CutBy(noon.Add(time.Hour), []int64{600, 600, Absent}); item != nil {
		t.Errorf("at its end %+v is cut", item)
	}
}
