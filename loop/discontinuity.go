package loop

import (
	"cmp"
	"slices"
	"time"
)

// mark is a discontinuity that a rendition has of its own.
type mark struct {
	at        time.Duration
	rendition int
	segment   int
}

// instant is one discontinuity of the whole VOD: the marks of different
// renditions that stand for it, the earliest first.
type instant []mark

func (in instant) at() time.Duration { return in[0].at }

func (in instant) of(rendition int) (segment int, ok bool) {
	for _, m := range in {
		if m.rendition == rendition {
			return m.segment, true
		}
	}
	return 0, false
}

// align pads the tracks and gives all of them the same discontinuities (6.2.4;
// Apple 8.15): the union of what the renditions have of their own. Where the
// boundaries of something sliceable don't fit, it is sliced, and the others
// are tried again without it; all that can be, when that has taken too long.
func (v *VOD) align(renditions []Rendition) error {
	for steps := 0; ; steps += v.Segments() {
		odd, err := v.markAll(v.instants(renditions), renditions)
		if err != nil {
			v.sliceAll(renditions)
			if pairs := v.pairs(renditions); pairs != nil {
				odd, err = v.markAll(pairs, renditions)
			}
		}
		if err != nil {
			return err
		}
		if odd < 0 {
			v.slice()
			return nil
		}
		for n := range v.Tracks {
			v.Tracks[n].Sliced = v.Tracks[n].Sliced || n == odd || steps > maxSteps && v.sliceable(renditions, n)
		}
	}
}

// instants joins the marks of different renditions that are at most the
// tolerance apart.
func (v *VOD) instants(renditions []Rendition) (all []instant) {
	marks := v.ownMarks(renditions)
	for _, m := range marks {
		if n := nearest(all, m); n >= 0 {
			all[n] = append(all[n], m)
		} else {
			all = append(all, instant{m})
		}
	}
	return all
}

func (v *VOD) ownMarks(renditions []Rendition) (marks []mark) {
	for n, r := range renditions {
		t := &v.Tracks[n]
		if t.Sliced {
			continue
		}
		for i := 1; i < t.Kept; i++ {
			if r.Segments[i].Discontinuity {
				marks = append(marks, mark{t.edges[i], n, i})
			}
		}
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
	return marks
}

// sliceAll leaves aside all that need not fit.
func (v *VOD) sliceAll(renditions []Rendition) {
	for n := range v.Tracks {
		v.Tracks[n].Sliced = v.Tracks[n].Sliced || v.sliceable(renditions, n)
	}
}

// pairs joins the n-th marks of all renditions, as each encoder cuts at its own
// boundary. There are none where the renditions have not as many discontinuities
// each, or two that belong together are further apart than a target duration.
func (v *VOD) pairs(renditions []Rendition) (all []instant) {
	counts := make([]int, len(renditions))
	for _, m := range v.ownMarks(renditions) {
		n := counts[m.rendition]
		counts[m.rendition]++
		if n == len(all) {
			all = append(all, nil)
		}
		if all[n] = append(all[n], m); m.at-all[n].at() > v.TargetDuration {
			return nil
		}
	}
	for n, count := range counts {
		if !v.Tracks[n].Sliced && count != len(all) {
			return nil
		}
	}
	return all
}

// nearest is the instant that a mark belongs to: the closest one without a
// mark of its rendition; -1 if it begins one.
func nearest(all []instant, m mark) int {
	best := -1
	for n := len(all) - 1; n >= 0 && m.at-all[n].at() <= tolerance; n-- {
		if _, has := all[n].of(m.rendition); has {
			break // a rendition's marks keep their order
		}
		if best < 0 || m.at-all[n].at() < m.at-all[best].at() {
			best = n
		}
	}
	return best
}

// markAll pads and marks every track that is not sliced. It names a sliceable
// rendition that stands in the way, or none (-1), or refuses the VOD.
func (v *VOD) markAll(instants []instant, renditions []Rendition) (odd int, err error) {
	times := make([]time.Duration, len(instants))
	for i, in := range instants {
		times[i] = in.at()
	}
	for n := range v.Tracks {
		t := &v.Tracks[n]
		if t.Sliced {
			continue
		}
		t.edges = t.edges[:t.Kept+1]
		v.pad(t, times)
		if v.Segments() > MaxSegments {
			return 0, refuse(CodeTooManySegments, n, "more than %d segments in all renditions, with those that pad the shorter ones", MaxSegments)
		}
		if missing := t.setMarks(n, instants); missing >= 0 {
			return v.culprit(n, instants[missing], renditions)
		}
	}
	return -1, nil
}

// culprit is the rendition to slice because rendition n has no boundary at the
// instant: n itself, or the only ones that have a mark there.
func (v *VOD) culprit(n int, in instant, renditions []Rendition) (int, error) {
	if v.sliceable(renditions, n) {
		return n, nil
	}
	for _, m := range in {
		if !v.sliceable(renditions, m.rendition) {
			return 0, refuse(CodeDiscontinuityUnmatch, n, "no segment begins within %s of the discontinuity that rendition %d has at %s",
				tolerance, m.rendition, m.at)
		}
	}
	return in[0].rendition, nil
}

// setMarks marks the track at every instant: where it has a mark of its own,
// else at its nearest free boundary. It returns the first instant that can't be
// marked, or -1.
func (t *Track) setMarks(rendition int, instants []instant) int {
	limits := t.limits(rendition, instants)
	t.marks = make([]int, 0, len(instants))
	last := 0
	for n, in := range instants {
		segment, own := in.of(rendition)
		if !own {
			segment = t.boundary(in.at(), last+1, limits[n])
		}
		if segment <= last {
			return n
		}
		t.marks = append(t.marks, segment)
		last = segment
	}
	return -1
}

// limits are, for each instant, the first segment that a later one needs for
// itself.
func (t *Track) limits(rendition int, instants []instant) []int {
	limits, first := make([]int, len(instants)), t.Len()
	for n := len(instants) - 1; n >= 0; n-- {
		limits[n] = first
		if segment, own := instants[n].of(rendition); own {
			first = segment
		}
	}
	return limits
}

// boundary is the segment in [from, to) that begins nearest to the instant,
// within the tolerance; 0 if there is none.
func (t *Track) boundary(at time.Duration, from, to int) (best int) {
	if from >= to {
		return 0
	}
	n, _ := slices.BinarySearch(t.edges[from:to], at)
	for i := max(from+n-1, from); i < min(from+n+1, to); i++ {
		if off := (t.edges[i] - at).Abs(); off <= tolerance && (best == 0 || off < (t.edges[best]-at).Abs()) {
			best = i
		}
	}
	return best
}

// slice lets the sliced tracks share the boundaries of the reference.
func (v *VOD) slice() {
	reference := v.Tracks[v.Reference]
	for n := range v.Tracks {
		if v.Tracks[n].Sliced {
			v.Tracks[n] = Track{Sliced: true, edges: reference.edges, marks: reference.marks}
		}
	}
}
