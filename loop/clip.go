package loop

import (
	"slices"
	"time"
)

// Entry is a place inside a laid-out VOD at which a clip can begin.
type Entry struct {
	At    time.Duration // a boundary of the reference, from the beginning of the VOD
	Moved bool          // At is more than a target duration after the requested instant
	First []int         // first segment of each rendition; -1: the rendition is sliced, or left out
}

// In returns the first entry not before the requested instant: an instant at
// which every rendition that can't be sliced begins a segment within the
// tolerance, and after which all of them have the same discontinuities. The
// renditions are those from which the VOD was laid out. The error is a
// *Refusal.
func (v *VOD) In(renditions []Rendition, wish time.Duration) (Entry, error) {
	reference := &v.Tracks[v.Reference]
	last := v.Length - v.shortestPart()
	n, _ := slices.BinarySearch(reference.edges, wish)
	for ; n == 0 || n < reference.Len() && reference.edges[n] <= last; n++ {
		if first := v.entry(renditions, n); first != nil {
			at := reference.edges[n]
			return Entry{At: at, Moved: at-wish > v.TargetDuration, First: first}, nil
		}
	}
	if wish >= v.Length {
		return Entry{}, refuse(CodeClipUnaligned, -1, "no clip can begin at %s: the VOD lasts %s", wish, v.Length)
	}
	return Entry{}, refuse(CodeClipUnaligned, -1, "no clip can begin at %s or later: not all renditions begin a segment within %s of the same boundary, with the same discontinuities after it, at least %s before the end", wish, tolerance, v.Length-last)
}

// entry returns the first segment of each rendition for a clip that begins with
// segment n of the reference; nil if a rendition has no such segment.
func (v *VOD) entry(renditions []Rendition, n int) []int {
	first := make([]int, len(v.Tracks))
	marks := v.Tracks[v.Reference].marksUpTo(n)
	for r := range v.Tracks {
		t := &v.Tracks[r]
		if first[r] = -1; t.LeftOut == nil && !t.Sliced {
			first[r] = t.entry(v.Tracks[v.Reference].edges[n], marks)
		}
		if first[r] < 0 && t.LeftOut == nil && !renditions[r].standsIn() {
			return nil
		}
	}
	return first
}

// standsIn reports whether slices or gaps can replace the rendition's own segments.
func (r *Rendition) standsIn() bool { return r.Optional && (r.Sliceable || r.Absent) }

// entry is the segment nearest to an instant, within the tolerance, that has the
// given number of discontinuities up to and including its own; -1: there is none.
// No clip begins with a gap.
func (t *Track) entry(at time.Duration, marks int) int {
	from, to := 0, t.Kept
	if marks > 0 {
		from = t.marks[marks-1]
	}
	if marks < len(t.marks) {
		to = min(to, t.marks[marks])
	}
	return t.boundary(at, from, to)
}

// marksUpTo counts the discontinuities up to segment i, its own included.
func (t *Track) marksUpTo(i int) int {
	return search(len(t.marks), func(m int) bool { return t.marks[m] > i })
}

// From lays the VOD out from an entry on. Length and padding are new; the
// reference, the target duration and the discontinuities are those of the whole
// VOD. The renditions are those from which the VOD was laid out. The error is a
// *Refusal.
func (v *VOD) From(in Entry, renditions []Rendition) (*VOD, error) {
	return v.Part(in, v.whole(), renditions)
}

// whole is the entry at the end of the VOD.
func (v *VOD) whole() Entry {
	end := Entry{At: v.Length, First: make([]int, len(v.Tracks))}
	for r := range v.Tracks {
		end.First[r] = v.Tracks[r].Kept
	}
	return end
}

// Part is like From, but ends where another entry begins.
func (v *VOD) Part(in, to Entry, renditions []Rendition) (*VOD, error) {
	clip := &VOD{Tracks: make([]Track, len(v.Tracks)), TargetDuration: v.TargetDuration, Window: v.Window}
	rest := v.rest(in, to, renditions)
	if err := clip.measure(essential(rest)); err != nil {
		return nil, err
	}
	instants := v.instantsWithin(in, to)
	if refusal := clip.layRest(rest, instants); refusal != nil {
		return nil, refusal
	}
	for n, r := range rest {
		if r.Optional {
			clip.fitOptional(n, r, instants)
		}
	}
	clip.share()
	return clip, nil
}

// fitOptional lays out an optional rendition of a clip: as it is, or sliced, or left
// out.
func (v *VOD) fitOptional(n int, r Rendition, instants []time.Duration) {
	if r.Absent {
		v.layAbsent(n, r, instants)
		return
	}
	refusal := v.fitRest(n, r, instants)
	if refusal == nil {
		refusal = v.check(n)
	}
	if refusal != nil {
		v.replace(n, r, refusal)
	}
}

// layRest lays out the essential renditions of a clip.
func (v *VOD) layRest(rest []Rendition, instants []time.Duration) *Refusal {
	for n, r := range rest {
		if r.Optional {
			continue
		}
		if refusal := v.fitRest(n, r, instants); refusal != nil {
			return refusal
		}
	}
	for n := range rest {
		if refusal := v.check(n); refusal != nil {
			return refusal
		}
	}
	return nil
}

// rest are the renditions between two entries, with the segments and the
// discontinuities that the VOD serves. The reference stays the same, and so does
// whether the audio gives the length.
func (v *VOD) rest(in, to Entry, renditions []Rendition) []Rendition {
	rest := slices.Clone(renditions)
	_, sound, _, _ := leads(essential(rest)) // the VOD has been laid out
	for n := range rest {
		t, r := &v.Tracks[n], &rest[n]
		r.soundsFrom(in.First[n], t, n == sound && r.gives(v.Length))
		if r.Leads = n == v.Reference; t.LeftOut != nil {
			r.Refused = t.LeftOut
		}
		r.Segments = nil
		if to.At < v.Length {
			r.Sound = 0 // that of the part is not known
		}
		for i := in.First[n]; i >= 0 && i < to.First[n]; i++ {
			r.Segments = append(r.Segments, Segment{Duration: t.Duration(i), Discontinuity: t.Marked(i)})
		}
	}
	return rest
}

// gives reports whether the rendition's audio is what a length is taken from.
func (r *Rendition) gives(length time.Duration) bool {
	if r.Sound > 0 {
		return r.Sound == length
	}
	sum, _ := r.length(0)
	return r.Audio && sum == length
}

// soundsFrom sets how long the audio lasts from a segment on, if it gives the length
// of the VOD.
func (r *Rendition) soundsFrom(first int, t *Track, gives bool) {
	if r.Audio = r.Audio && gives; !gives || first < 0 {
		r.Sound = 0
	} else if r.Sound > 0 {
		r.Sound -= t.edges[first]
	}
}

// instantsWithin are the discontinuities of the reference between two entries.
func (v *VOD) instantsWithin(in, to Entry) (all []time.Duration) {
	t := &v.Tracks[v.Reference]
	for _, i := range t.marks[t.marksUpTo(in.First[v.Reference]):] {
		if t.edges[i] < to.At {
			all = append(all, t.edges[i]-in.At)
		}
	}
	return all
}

// fitRest lays out one rendition of a clip. Its own discontinuities are the first
// of those given, in their order; the others are in its padding.
func (v *VOD) fitRest(n int, r Rendition, instants []time.Duration) *Refusal {
	if _, refusal := r.length(n); refusal != nil {
		return refusal
	}
	t := cutAt(v.Length, r.Segments)
	own, at := make([]int, len(instants)), slices.Clone(instants)
	marks := t.ownMarks(n, r.Segments)
	for k := range at {
		if k < len(marks) {
			own[k] = marks[k].segment
		} else {
			at[k] = max(at[k], t.edges[t.Kept])
		}
	}
	v.pad(&t, at)
	if missing := t.setMarks(own, at); missing >= 0 {
		return refuse(CodeDiscontinuityUnmatch, n, "no segment of the clip begins within %s of the discontinuity at %s", tolerance, instants[missing])
	}
	v.Tracks[n] = t
	return nil
}
