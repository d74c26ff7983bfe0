package loop

import (
	"cmp"
	"slices"
	"time"
)

// mark is an EXT-X-DISCONTINUITY in the rendition's own playlist.
type mark struct {
	at        time.Duration
	rendition int
	segment   int
}

// instant is one discontinuity of the whole VOD: the marks of all renditions
// that belong together. The first of them determines its time, that of the
// reference if it has one.
type instant []mark

func (in instant) at() time.Duration { return in[0].at }

// of is the segment with the rendition's own mark; 0: it has no mark.
func (in instant) of(rendition int) (segment int) {
	for _, m := range in {
		if m.rendition == rendition {
			return m.segment
		}
	}
	return 0
}

func times(instants []instant) []time.Duration {
	all := make([]time.Duration, len(instants))
	for i, in := range instants {
		all[i] = in.at()
	}
	return all
}

// align pads the essential tracks and gives all of them the same discontinuities
// (6.2.4; Apple 8.15): the union of their own or, if that is impossible, the
// n-th of one paired with the n-th of all others.
func (v *VOD) align(renditions []Rendition) ([]instant, error) {
	instants := v.instants(renditions)
	err := v.markAll(instants, renditions)
	if err != nil {
		if pairs := v.pairs(renditions); pairs != nil {
			return pairs, v.markAll(pairs, renditions)
		}
	}
	return instants, err
}

// eachOwn calls f with the marks of each essential rendition: the reference first,
// then the others in their order.
func (v *VOD) eachOwn(renditions []Rendition, f func(own []mark)) {
	f(v.Tracks[v.Reference].ownMarks(v.Reference, renditions[v.Reference].Segments))
	for n, r := range renditions {
		if n != v.Reference && !r.Optional {
			f(v.Tracks[n].ownMarks(n, r.Segments))
		}
	}
}

func (t *Track) ownMarks(rendition int, segments []Segment) (marks []mark) {
	for i := 1; i < t.Kept; i++ {
		if segments[i].Discontinuity {
			marks = append(marks, mark{t.edges[i], rendition, i})
		}
	}
	return marks
}

// instants joins the marks of different renditions that are at most the
// tolerance apart.
func (v *VOD) instants(renditions []Rendition) (all []instant) {
	tracks := 0
	v.eachOwn(renditions, func(own []mark) {
		known := len(all)
		if tracks++; tracks*known > MaxSegments {
			return // each track would need a segment for each: more than all may have
		}
		for i, at := range match(times(all), own) {
			if at >= 0 {
				all[at] = append(all[at], own[i])
			} else {
				all = append(all, instant{own[i]})
			}
		}
		if len(all) > known {
			slices.SortStableFunc(all, func(a, b instant) int { return cmp.Compare(a.at(), b.at()) })
		}
	})
	return all
}

// match finds, for each of a rendition's own marks, the instant that it belongs
// to, at most the tolerance away; -1: there is none. Both keep their order.
func match(instants []time.Duration, own []mark) []int {
	all := make([]int, len(own))
	far := func(k, i int) time.Duration { // from an instant to a mark; more than the tolerance past the last of either
		if k >= len(instants) || i >= len(own) {
			return tolerance + 1
		}
		return (instants[k] - own[i].at).Abs()
	}
	k := 0
	for i := range own {
		all[i] = -1
		for k < len(instants) && instants[k] < own[i].at-tolerance {
			k++
		}
		if far(k+1, i) < far(k, i) && far(k+1, i+1) > tolerance {
			k++ // the next instant is closer, and no other mark needs it
		}
		taken := far(k, i+1) < far(k, i) && far(k+1, i+1) > tolerance // the next mark is closer, and has no other instant
		if far(k, i) <= tolerance && !taken {
			all[i] = k
			k++
		}
	}
	return all
}

// pairs joins the n-th marks of all essential renditions: encoders may cut at
// different boundaries. It returns nil where the numbers of discontinuities
// differ, or two of a pair are more than a target duration apart.
func (v *VOD) pairs(renditions []Rendition) (all []instant) {
	fit := true
	v.eachOwn(renditions, func(own []mark) {
		if all == nil {
			all = make([]instant, len(own))
		}
		if fit = fit && len(own) == len(all); !fit {
			return
		}
		for i, m := range own {
			all[i] = append(all[i], m)
		}
	})
	early := func(a, b mark) int { return cmp.Compare(a.at, b.at) }
	for _, in := range all {
		fit = fit && slices.MaxFunc(in, early).at-slices.MinFunc(in, early).at <= v.TargetDuration
	}
	if !fit {
		return nil
	}
	return all
}

// markAll pads and marks every essential track, or refuses the VOD.
func (v *VOD) markAll(instants []instant, renditions []Rendition) error {
	times := times(instants)
	for n := range v.Tracks {
		if renditions[n].Optional {
			continue
		}
		t := &v.Tracks[n]
		t.edges = t.edges[:t.Kept+1]
		v.pad(t, times)
		if refusal := v.room(n, 0); refusal != nil {
			return refusal
		}
		own := make([]int, len(instants))
		for i, in := range instants {
			own[i] = in.of(n)
		}
		if missing := t.setMarks(own, times); missing >= 0 {
			m := instants[missing][0]
			return refuse(CodeDiscontinuityUnmatch, n, "no segment begins within %s of the discontinuity that rendition %d has at %s", tolerance, m.rendition, m.at)
		}
	}
	return nil
}

// setMarks marks the track at every instant: at the segment with its own mark (0:
// none), else at its nearest free boundary. It returns the first instant that
// can't be marked, or -1.
func (t *Track) setMarks(own []int, instants []time.Duration) int {
	limits := t.limits(own)
	t.marks = make([]int, 0, len(instants))
	last := 0
	for n, at := range instants {
		segment := own[n]
		if segment == 0 {
			segment = t.boundary(at, last+1, limits[n])
		}
		if segment <= last {
			return n
		}
		t.marks = append(t.marks, segment)
		last = segment
	}
	return -1
}

// limits are, for each instant, the first segment that a later instant has its own
// mark at.
func (t *Track) limits(own []int) []int {
	limits, first := make([]int, len(own)), t.Len()
	for n := len(own) - 1; n >= 0; n-- {
		limits[n] = first
		if own[n] > 0 {
			first = own[n]
		}
	}
	return limits
}

// boundary is the segment in [from, to) that begins nearest to the instant,
// within the tolerance; the first of two equally near ones; -1: there is
// none.
func (t *Track) boundary(at time.Duration, from, to int) int {
	best := -1
	if from >= to {
		return best
	}
	n, _ := slices.BinarySearch(t.edges[from:to], at)
	for i := max(from+n-1, from); i < min(from+n+1, to); i++ {
		if off := (t.edges[i] - at).Abs(); off <= tolerance && (best < 0 || off < (t.edges[best]-at).Abs()) {
			best = i
		}
	}
	return best
}
