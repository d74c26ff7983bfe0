package loop

import (
	"slices"
	"time"
)

// layOptional lays an optional rendition out so that it fits the essential ones,
// whose discontinuities are at the given instants: unchanged, sliced, or left
// out.
func (v *VOD) layOptional(n int, r Rendition, instants []time.Duration) {
	if r.Absent {
		v.layAbsent(n, r, instants)
	} else if refusal := v.fit(n, r, instants); refusal != nil && len(r.Segments) == 0 {
		v.Tracks[n] = Track{LeftOut: refusal}
	} else if refusal != nil {
		v.replace(n, r, refusal)
	}
}

// replace slices an optional rendition that does not fit, or leaves it out.
func (v *VOD) replace(n int, r Rendition, refusal *Refusal) {
	if r.Sliceable && r.Refused == nil {
		reference := v.Tracks[v.Reference]
		v.Tracks[n] = Track{}
		refusal = v.room(n, reference.Len())
		v.Tracks[n] = Track{Sliced: true, edges: reference.edges, marks: reference.marks}
	}
	if refusal != nil {
		v.Tracks[n] = Track{LeftOut: refusal}
	}
}

// layAbsent lays out the stand-in for a rendition that the VOD does not have.
func (v *VOD) layAbsent(n int, r Rendition, instants []time.Duration) {
	if r.Sliceable {
		v.replace(n, r, nil)
		return
	}
	t := Track{edges: make([]time.Duration, 1)}
	v.pad(&t, instants)
	if refusal := v.room(n, t.Len()); refusal != nil {
		t = Track{LeftOut: refusal}
	} else if !t.fitMarks(nil, instants, v.TargetDuration) {
		t = Track{LeftOut: refuse(CodeDiscontinuityUnmatch, n, "two discontinuities are too close for gaps between them")}
	}
	v.Tracks[n] = t
}

// Without is the VOD with an optional rendition left out for a reason.
func (v *VOD) Without(rendition int, why *Refusal) *VOD {
	without := *v
	without.Tracks = slices.Clone(v.Tracks)
	without.Tracks[rendition] = Track{LeftOut: why}
	return &without
}

// WithWindow is the VOD with windows of another length; nil if any rendition has too
// many segments in them.
func (v *VOD) WithWindow(least time.Duration) *VOD {
	with := *v
	with.Window = LiveWindow(least, v.TargetDuration)
	for n := range with.Tracks {
		if with.Tracks[n].LeftOut == nil && with.check(n) != nil {
			return nil
		}
	}
	return &with
}

// fit lays an optional rendition out with its own segments.
func (v *VOD) fit(n int, r Rendition, instants []time.Duration) *Refusal {
	if _, refusal := r.length(n); refusal != nil {
		return refusal
	}
	t := cutAt(v.Length, r.Segments)
	if longest := t.target(); longest > v.TargetDuration {
		return refuse(CodeTargetExceeded, n, "it has a segment of about %s, the target duration is %s", longest, v.TargetDuration)
	}
	v.pad(&t, instants)
	if refusal := v.room(n, t.Len()); refusal != nil {
		return refusal
	}
	if !t.fitMarks(t.ownMarks(n, r.Segments), instants, v.TargetDuration) {
		return refuse(CodeDiscontinuityUnmatch, n, "its discontinuities are not those of the essential renditions, and it has no segments that begin within %s of theirs", tolerance)
	}
	v.Tracks[n] = t
	return v.check(n)
}

// room rejects n more segments if all renditions would then have too many.
func (v *VOD) room(n, segments int) *Refusal {
	if v.Segments()+segments > MaxSegments {
		return refuse(CodeTooManySegments, n, "more than %d segments in all renditions, with those that pad the shorter ones", MaxSegments)
	}
	return nil
}

// fitMarks marks the track at the instants: by its own marks where they are close
// to these, else, with as many of both, each at most a target duration apart, in
// their order.
func (t *Track) fitMarks(own []mark, instants []time.Duration, target time.Duration) bool {
	segments := make([]int, len(instants))
	joined := 0
	for i, at := range match(instants, own) {
		if at >= 0 {
			segments[at] = own[i].segment
			joined++
		}
	}
	if joined == len(own) && t.setMarks(segments, instants) < 0 {
		return true
	}
	if len(own) != len(instants) {
		return false
	}
	for i, m := range own {
		if (m.at - instants[i]).Abs() > target {
			return false
		}
		segments[i] = m.segment
	}
	return t.setMarks(segments, instants) < 0
}
