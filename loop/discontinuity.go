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
// are tried again without it.
func (v *VOD) align(renditions []Rendition) error {
	for {
		instants := v.instants(renditions)
		odd, err := v.markAll(instants, renditions)
		if err != nil {
			return err
		}
		if odd < 0 {
			v.slice()
			return nil
		}
		v.Tracks[odd].Sliced = true
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
	t.marks = make([]int, 0, len(instants))
	last := 0
	for n, in := range instants {
		segment, own := in.of(rendition)
		if !own {
			segment = t.boundary(in.at(), last+1, t.before(rendition, instants[n+1:]))
		}
		if segment <= last {
			return n
		}
		t.marks = append(t.marks, segment)
		last = segment
	}
	return -1
}

// before is the first segment that a later instant needs for itself.
func (t *Track) before(rendition int, later []instant) int {
	for _, in := range later {
		if segment, own := in.of(rendition); own {
			return segment
		}
	}
	return t.Len()
}

// boundary is the segment in [from, to) that begins nearest to the instant,
// within the tolerance; 0 if there is none.
func (t *Track) boundary(at time.Duration, from, to int) (best int) {
	low, _ := slices.BinarySearch(t.edges[:t.Len()], at-tolerance)
	for i := max(low, from); i < to && t.edges[i] <= at+tolerance; i++ {
		if best == 0 || (t.edges[i]-at).Abs() < (t.edges[best]-at).Abs() {
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
