package loop

import (
	"time"

	"pgregory.net/rapid"
)

// walked is one play of an item, found by walking from the beginning of a
// stream with counters: no division, no search.
type walked struct {
	era        int
	start      time.Duration // since the epoch
	length     time.Duration
	dsn        int64 // of its first segment
	tagged     bool
	renditions [][]spot
}

// spot is one segment of a walk.
type spot struct {
	number     int64
	start, end time.Duration // since the epoch
	dsn        int64
	tagged     bool
}

// walker plays eras one item after the other.
type walker struct {
	plans   []Plan
	epoch   time.Time
	at      time.Duration
	numbers []int64
	dsn     int64
	all     []walked
}

// walk plays the eras of a timeline until an instant after the epoch.
func walk(epoch time.Time, plans []Plan, until time.Duration) *walker {
	w := &walker{plans: plans, epoch: epoch, numbers: make([]int64, len(plans[0].first().VOD.Tracks)), dsn: -1}
	w.at = plans[0].At.Sub(epoch)
	for n := range plans {
		w.era(n, until)
	}
	return w
}

// wish of the era after the n-th, and how long that would wait.
func (w *walker) wish(n int) (wish, wait time.Duration, has bool) {
	if n+1 == len(w.plans) {
		return 0, 0, false
	}
	return w.plans[n+1].At.Sub(w.epoch), w.plans[n+1].Wait, true
}

func (w *walker) era(n int, until time.Duration) {
	p := w.plans[n]
	for x := 0; w.at < until; x++ {
		item, turn, looped := p.itemAt(x)
		if item == nil {
			return
		}
		wish, wait, has := w.wish(n)
		length, over := item.Length(), false
		if has && wish < w.at+length {
			length, over = endOf(item, wish-w.at, max(wait, 0), p.target(w.plans[:n])), true
		}
		if length == 0 {
			return
		}
		w.play(n, item, length, !looped || p.Reset <= 1 || turn%p.Reset == 0)
		if over {
			return
		}
	}
}

// target duration of the era, which never falls.
func (p *Plan) target(before []Plan) time.Duration {
	target := p.first().VOD.TargetDuration
	for _, o := range before {
		target = max(target, o.first().VOD.TargetDuration)
	}
	return target
}

// itemAt is the x-th item that the era plays; nil at its end.
func (p *Plan) itemAt(x int) (it *Item, turn int64, looped bool) {
	if x < len(p.Play) {
		return p.Play[x], 0, false
	}
	if len(p.Loop) == 0 {
		return nil, 0, false
	}
	x -= len(p.Play)
	return p.Loop[x%len(p.Loop)], int64(x / len(p.Loop)), true
}

// endOf is how long the item on air at a wish plays: the next era begins there.
func endOf(it *Item, played, wait, target time.Duration) (length time.Duration) {
	left := it.Length() - played
	switch {
	case played < target && played <= left:
		return 0
	case left < max(target, wait):
		return it.Length()
	}
	return cutLength(it, played)
}

// cutLength is where an item is cut at a wish: at the first boundary of the
// reference that leaves the same discontinuities in all renditions.
func cutLength(it *Item, wish time.Duration) time.Duration {
	v := it.VOD
	ref := &v.Tracks[v.Reference]
	for i := 1; i < ref.Len(); i++ {
		c := ref.Start(i)
		if c >= it.Length() {
			break
		}
		if c >= wish && sameMarks(v, c) {
			return c
		}
	}
	return it.Length()
}

func sameMarks(v *VOD, c time.Duration) bool {
	before := 0
	for i := 1; i < v.Tracks[v.Reference].Len(); i++ {
		if v.Tracks[v.Reference].Marked(i) && v.Tracks[v.Reference].Start(i) < c {
			before++
		}
	}
	for n := range v.Tracks {
		begun := 0
		for i := 1; i < v.Tracks[n].Len(); i++ {
			if v.Tracks[n].Marked(i) && v.Tracks[n].Start(i) < c-100*ms {
				begun++
			}
		}
		if begun < before {
			return false
		}
	}
	return true
}

// play adds one play of an item, cut to a length.
func (w *walker) play(era int, it *Item, length time.Duration, tagged bool) {
	if tagged {
		w.dsn++
	}
	p := walked{era: era, start: w.at, length: length, dsn: w.dsn, tagged: tagged && w.dsn != 0}
	marks := int64(0)
	for n := range it.VOD.Tracks {
		spots := w.segments(it, n, length, p)
		p.renditions = append(p.renditions, spots)
		marks = spots[len(spots)-1].dsn - p.dsn
		w.numbers[n] += int64(len(spots))
	}
	w.dsn += marks
	w.at += length
	w.all = append(w.all, p)
}

// segments of one rendition of a play.
func (w *walker) segments(it *Item, n int, length time.Duration, p walked) (all []spot) {
	v := it.VOD
	t := &v.Tracks[n]
	kept := 0
	for i := 1; i < v.Tracks[v.Reference].Len(); i++ {
		if v.Tracks[v.Reference].Marked(i) && v.Tracks[v.Reference].Start(i) < length {
			kept++
		}
	}
	marks, end := 0, time.Duration(0)
	for i := range t.Len() {
		if t.Marked(i) {
			marks++
		}
		whole := length == v.Length
		hangs := t.Start(i)+t.Duration(i) > length
		if !whole && (t.Start(i) >= length || marks > kept || i > 0 && hangs && length-t.Start(i) <= 100*ms) {
			break
		}
		end = min(t.Start(i)+t.Duration(i), length)
		all = append(all, spot{start: w.at + t.Start(i), end: w.at + end, dsn: p.dsn + int64(marks), tagged: t.Marked(i) || i == 0 && p.tagged})
	}
	if length != v.Length && length-end > 500*ms {
		for ; end < length; end += v.TargetDuration {
			all = append(all, spot{start: w.at + end, end: w.at + min(end+v.TargetDuration, length), dsn: all[len(all)-1].dsn})
		}
	}
	for i := range all {
		all[i].number = w.numbers[n] + int64(i)
	}
	return all
}

// of are all segments of a rendition, in their order.
func (w *walker) of(rendition int) (all []spot) {
	for _, p := range w.all {
		all = append(all, p.renditions[rendition]...)
	}
	return all
}

// plans draws the eras of a stream: of one VOD edited again and again, or of
// items whole and cut, played once and in loops.
func plans(t *rapid.T) []Plan {
	renditions := rapid.IntRange(1, 3).Draw(t, "renditions")
	vods := make([][]Rendition, rapid.IntRange(1, 5).Draw(t, "vods"))
	target := second
	for i := range vods {
		if vods[i] = edit(t, renditions); rapid.IntRange(0, 2).Draw(t, "apart") == 0 {
			vods[i] = apart(t, renditions)
		}
		target = max(target, layTest(t, second, vods[i]).TargetDuration)
	}
	rising := rapid.Bool().Draw(t, "rising")
	all := make([]Plan, rapid.IntRange(1, 4).Draw(t, "eras"))
	at, wait := time.Duration(rapid.IntRange(0, 3).Draw(t, "first"))*second/2, time.Duration(0)
	for n := range all {
		if n > 0 {
			at += max(target, wait) + 3*target + time.Duration(rapid.Int64Range(0, int64(rapid.SampledFrom([]time.Duration{2, 20, 100}).Draw(t, "far")*target)).Draw(t, "later"))
		}
		wait = time.Duration(rapid.SampledFrom([]int{0, 0, 3, 30}).Draw(t, "wait")) * second
		all[n] = plan(t, target, vods)
		all[n].At, all[n].Wait = epoch.Add(at), wait
		if rising && rapid.Bool().Draw(t, "rises") {
			target += second
		}
	}
	last := &all[len(all)-1]
	if len(last.Play) > 0 && rapid.IntRange(0, 2).Draw(t, "ends") == 0 {
		last.Loop = nil
	}
	return all
}

func layTest(t *rapid.T, target time.Duration, renditions []Rendition) *VOD {
	vod, err := LayFrom(target, renditions, 0)
	if err != nil {
		t.Fatalf("lay: %v", err)
	}
	return vod
}

func plan(t *rapid.T, target time.Duration, vods [][]Rendition) (p Plan) {
	laid := make([]*VOD, len(vods))
	item := func() *Item {
		x := rapid.IntRange(0, len(vods)-1).Draw(t, "vod")
		if laid[x] == nil {
			laid[x] = layTest(t, target, vods[x])
		}
		it := NewItem(clip(t, laid[x], vods[x]), x)
		if rapid.IntRange(0, 3).Draw(t, "clip") == 0 {
			least := min(max(second, target), it.Length())
			return it.Cut(time.Duration(rapid.Int64Range(int64(least), int64(it.Length())).Draw(t, "out")))
		}
		return it
	}
	for range rapid.IntRange(0, 3).Draw(t, "play") {
		p.Play = append(p.Play, item())
	}
	for range rapid.IntRange(1, 3).Draw(t, "loop") {
		p.Loop = append(p.Loop, item())
	}
	if it := p.Loop[0]; len(p.Loop) == 1 && it.Whole() && it.marks == 0 {
		p.Reset = rapid.Int64Range(0, 5).Draw(t, "reset")
	}
	return p
}

// clip is a VOD, or sometimes a clip of it.
func clip(t *rapid.T, vod *VOD, renditions []Rendition) *VOD {
	if rapid.IntRange(0, 3).Draw(t, "begins inside") > 0 {
		return vod
	}
	in, err := vod.In(renditions, time.Duration(rapid.Int64Range(0, int64(vod.Length)).Draw(t, "wish")))
	if err != nil {
		return vod
	}
	clip, err := vod.From(in, renditions)
	if err != nil {
		return vod
	}
	return clip
}

// timelines draws plans that make a timeline, and that with which they were made.
func timelines(t *rapid.T) (*Timeline, []Plan) {
	all := plans(t)
	window := time.Duration(rapid.Int64Range(0, int64(90*second)).Draw(t, "window"))
	line, err := NewTimeline(epoch, window, all...)
	for codeOf(err) == CodeEraTooShort { // of a cut far behind its wish
		all = all[:len(all)-1]
		if len(all[len(all)-1].Loop) == 0 {
			t.Fatal("only the last era may end the stream")
		}
		line, err = NewTimeline(epoch, window, all...)
	}
	if err != nil {
		t.Fatalf("NewTimeline: %v", err)
	}
	return line, all
}

// edit draws a VOD of so many renditions.
func edit(t *rapid.T, renditions int) []Rendition {
	reference := leading(t)
	all := []Rendition{reference}
	for len(all) < renditions {
		all = append(all, following(t, reference))
	}
	return all
}
