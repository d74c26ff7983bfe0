package loop

import (
	"slices"
	"time"
)

// Lay lays a VOD out for looping with a window of at least the length asked
// for. The error is a *Refusal. It takes time in proportion to the number of
// segments, times its logarithm.
func Lay(renditions []Rendition, window time.Duration) (*VOD, error) {
	return layFrom(time.Second, renditions, window)
}

// layFrom does so with at least the target duration given.
func layFrom(target time.Duration, renditions []Rendition, window time.Duration) (*VOD, error) {
	v := &VOD{Tracks: make([]Track, len(renditions)), TargetDuration: target}
	steps := []func([]Rendition) error{v.measure, v.cut, v.target, v.align, v.checkLengths}
	for _, step := range steps {
		if err := step(renditions); err != nil {
			return nil, err
		}
	}
	v.share()
	v.Window = max(window, v.leastWindow())
	v.ready = v.firstReady()
	return v, v.checkWindow()
}

// measure finds the reference and with it the length of the loop.
func (v *VOD) measure(renditions []Rendition) error {
	if len(renditions) == 0 {
		return refuse(CodeEmpty, -1, "no rendition")
	}
	v.Length = -1
	segments := 0
	for n, r := range renditions {
		if segments += len(r.Segments); segments > MaxSegments {
			return refuse(CodeTooManySegments, n, "more than %d segments in all renditions", MaxSegments)
		}
		length, err := total(n, r.Segments)
		if err != nil {
			return err
		}
		if r.Leads && length > v.Length {
			v.Reference, v.Length = n, length
		}
	}
	if v.Length < MinLength {
		return refuse(CodeLoopTooShort, v.Reference, "the loop is %s long, at least %s are needed", max(v.Length, 0), MinLength)
	}
	return nil
}

func total(n int, segments []Segment) (sum time.Duration, err error) {
	if len(segments) == 0 {
		return 0, refuse(CodeEmpty, n, "no segment")
	}
	for i, s := range segments {
		if s.Duration <= 0 {
			return 0, refuse(CodeBadDuration, n, "segment %d has the duration %s", i, s.Duration)
		}
		if sum += s.Duration; sum < 0 {
			return 0, refuse(CodeBadDuration, n, "segment %d ends later than can be counted", i)
		}
	}
	return sum, nil
}

// cut lets every rendition end with the loop.
func (v *VOD) cut(renditions []Rendition) error {
	for n, r := range renditions {
		v.Tracks[n] = cutAt(v.Length, r.Segments)
	}
	return nil
}

func cutAt(length time.Duration, segments []Segment) Track {
	edges := make([]time.Duration, 1, len(segments)+1)
	var start time.Duration
	for _, s := range segments {
		end := start + s.Duration
		if start >= length || end > length && length-start <= sliver {
			break
		}
		start = min(end, length)
		edges = append(edges, start)
	}
	return Track{Kept: len(edges) - 1, edges: edges}
}

// target finds the one target duration (RFC 8216bis 4.4.3.1, 6.2.4). What can
// be sliced does not raise it.
func (v *VOD) target(renditions []Rendition) error {
	for n := range renditions {
		if !v.sliceable(renditions, n) {
			v.TargetDuration = max(v.TargetDuration, v.Tracks[n].target())
		}
	}
	for n := range renditions {
		v.Tracks[n].Sliced = v.sliceable(renditions, n) && v.Tracks[n].target() > v.TargetDuration
	}
	return nil
}

// sliceable is false of the reference, which all others are measured by.
func (v *VOD) sliceable(renditions []Rendition, n int) bool {
	return renditions[n].Sliceable && n != v.Reference
}

// target is the largest duration of a segment, rounded to whole seconds, half up.
func (t *Track) target() time.Duration {
	var most time.Duration
	for i := range t.Len() {
		most = max(most, t.Duration(i))
	}
	return (most + time.Second/2) / time.Second * time.Second
}

// pad fills a track that ends early with gaps of at most the target duration,
// cut at the instants of discontinuities (4.4.4.7).
func (v *VOD) pad(t *Track, instants []time.Duration) {
	end := t.edges[t.Len()]
	if v.Length-end <= tolerance {
		return
	}
	for _, cut := range append(slices.Clip(instants), v.Length) {
		for ; end < cut; end = t.edges[t.Len()] {
			t.edges = append(t.edges, min(end+v.TargetDuration, cut))
		}
	}
	t.Gaps = t.Len() - t.Kept
}

func (v *VOD) checkLengths([]Rendition) error {
	for n := range v.Tracks {
		for i := range v.Tracks[n].Len() {
			if d := v.Tracks[n].Duration(i); d > MaxSegment {
				return refuse(CodeSegmentTooLong, n, "segment %d lasts %s, at most %s can be served", i, d, MaxSegment)
			}
		}
	}
	return nil
}

// leastWindow is the shortest window that always holds six segments and three
// target durations of every rendition (6.2.2; Apple 8.11).
func (v *VOD) leastWindow() time.Duration {
	var six, one time.Duration
	for n := range v.Tracks {
		v.Tracks[n].intervals(minimum, v.Length, func(d time.Duration) { six = max(six, d) })
		v.Tracks[n].intervals(1, v.Length, func(d time.Duration) { one = max(one, d) })
	}
	return max(six, 3*(v.TargetDuration+tolerance)+one)
}

func (v *VOD) firstReady() (ready time.Duration) {
	for n := range v.Tracks {
		t := &v.Tracks[n]
		ready = max(ready, t.nextEnd(3*v.TargetDuration-1, v.Length)) // the first end that is not before
	}
	return ready
}

// share lets tracks that are alike have their edges in common: most renditions of
// a VOD are cut at the same instants, and there may be thousands of VODs.
func (v *VOD) share() {
	for n := range v.Tracks {
		t := &v.Tracks[n]
		like := slices.IndexFunc(v.Tracks[:n], func(o Track) bool { return slices.Equal(o.edges, t.edges) })
		if like >= 0 {
			t.edges = v.Tracks[like].edges
		} else {
			t.edges = slices.Clone(t.edges) // without the room to grow
		}
		t.marks = slices.Clone(t.marks)
	}
}

// Bytes is about what the VOD takes of memory.
func (v *VOD) Bytes() (size int) {
	shared := map[*time.Duration]bool{}
	for n := range v.Tracks {
		t := &v.Tracks[n]
		size += 96 + 8*cap(t.marks)
		if !shared[&t.edges[0]] {
			shared[&t.edges[0]] = true
			size += 8 * cap(t.edges)
		}
	}
	return size
}

// checkWindow counts the fullest window of each rendition.
func (v *VOD) checkWindow() error {
	for n := range v.Tracks {
		shown := v.fullest(n)
		if time.Duration(shown-1)*MinInterval > v.Window {
			return refuse(CodeChangesTooOften, n, "a window of %s holds %d segments, at most one for every %s can be served", v.Window, shown, MinInterval)
		}
		if shown > MaxWindow {
			return refuse(CodeWindowTooLong, n, "a window of %s holds %d segments, at most %d can be served", v.Window, shown, MaxWindow)
		}
	}
	return nil
}

// fullest is the most segments of a rendition that a window shows: when one of
// its own has just been published.
func (v *VOD) fullest(n int) (most int64) {
	loops := v.Window/v.Length + 2
	for i := range v.Tracks[n].Len() {
		most = max(most, v.span(n, loops*v.Length+v.Tracks[n].edges[i+1]).Len())
	}
	return most
}
