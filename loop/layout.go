package loop

import (
	"slices"
	"time"
)

// Lay lays a VOD out for looping with a window of at least the given length. The
// error is a *Refusal. It takes time in proportion to the number of
// segments, times its logarithm.
func Lay(renditions []Rendition, window time.Duration) (*VOD, error) {
	return LayFrom(time.Second, renditions, window)
}

// LayFrom is Lay with at least the given target duration. Essential renditions
// are laid out first, as if there were no others.
func LayFrom(target time.Duration, renditions []Rendition, window time.Duration) (*VOD, error) {
	v := &VOD{Tracks: make([]Track, len(renditions)), TargetDuration: target}
	instants, err := v.layEssential(essential(renditions))
	if err != nil {
		return nil, err
	}
	v.Window = LiveWindow(window, v.TargetDuration)
	for n := range v.Tracks {
		if refusal := v.check(n); refusal != nil {
			return nil, refusal
		}
	}
	for n, r := range renditions {
		if r.Optional {
			v.layOptional(n, r, times(instants))
		}
	}
	v.share()
	return v, nil
}

// essential are the renditions with their numbers, those that are optional
// without segments.
func essential(renditions []Rendition) []Rendition {
	renditions = slices.Clone(renditions)
	for n := range renditions {
		if renditions[n].Optional {
			renditions[n] = Rendition{Optional: true}
		}
	}
	return renditions
}

// layEssential lays out the renditions that have segments, and returns their
// discontinuities.
func (v *VOD) layEssential(renditions []Rendition) ([]instant, error) {
	if err := v.measure(renditions); err != nil {
		return nil, err
	}
	for n, r := range renditions {
		if !r.Optional {
			v.Tracks[n] = cutAt(v.Length, r.Segments)
			v.TargetDuration = max(v.TargetDuration, v.Tracks[n].target()) // RFC 8216bis 4.4.3.1, 6.2.4
		}
	}
	return v.align(renditions)
}

// measure finds the reference and with it the length of the loop: that of the audio
// where the two end about together. Chromium counts audio frames: picture and sound
// drift apart at every loop by what the loop is longer or shorter than its audio.
func (v *VOD) measure(renditions []Rendition) error {
	reference, sound, longest, err := leads(renditions)
	if err != nil {
		return err
	}
	audio, over := renditions[sound].Sound, measured
	if audio == 0 && renditions[sound].Audio {
		audio, _ = renditions[sound].length(sound)
		over = longer
	}
	v.Reference, v.Length = reference, longest
	if audio >= MinLength && longest-audio <= shorter && audio-longest <= over {
		v.Length = audio
	}
	if v.Length < MinLength {
		return refuse(CodeLoopTooShort, v.Reference, "the loop is %s long, at least %s are needed", v.Length, MinLength)
	}
	return nil
}

// Sound is the rendition whose audio determines the length of the loop, and the sum
// of the reference's segments. The error is a *Refusal.
func Sound(renditions []Rendition) (rendition int, length time.Duration, err error) {
	_, rendition, length, err = leads(renditions)
	return rendition, length, err
}

// leads finds the reference with the sum of its segments, and the rendition whose
// audio determines the length: the first audio rendition, else the reference.
func leads(renditions []Rendition) (reference, sound int, longest time.Duration, err error) {
	longest, sound = -1, -1
	segments := 0
	for n, r := range renditions {
		if r.Optional {
			continue
		}
		if segments += len(r.Segments); segments > MaxSegments {
			return 0, 0, 0, refuse(CodeTooManySegments, n, "more than %d segments in all renditions", MaxSegments)
		}
		length, refusal := r.length(n)
		if refusal != nil {
			return 0, 0, 0, refusal
		}
		if r.Leads && length > longest {
			reference, longest = n, length
		}
		if r.Audio && sound < 0 {
			sound = n
		}
	}
	if longest < 0 {
		return 0, 0, 0, refuse(CodeEmpty, -1, "no rendition")
	}
	if sound < 0 {
		sound = reference
	}
	return reference, sound, longest, nil
}

// length is the sum of the segments of rendition n.
func (r *Rendition) length(n int) (sum time.Duration, refusal *Refusal) {
	if r.Refused != nil {
		return 0, r.Refused
	}
	if len(r.Segments) == 0 {
		return 0, refuse(CodeEmpty, n, "no segment")
	}
	for i, s := range r.Segments {
		if s.Duration <= 0 {
			return 0, refuse(CodeBadDuration, n, "segment %d has the duration %s", i, s.Duration)
		}
		if sum += s.Duration; sum < 0 {
			return 0, refuse(CodeBadDuration, n, "segment %d ends later than can be counted", i)
		}
	}
	return sum, nil
}

// cutAt ends a rendition where the loop ends.
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

// share makes equal tracks share their edges: most renditions of a VOD have the
// same boundaries, and there may be thousands of VODs.
func (v *VOD) share() {
	for n := range v.Tracks {
		t := &v.Tracks[n]
		like := slices.IndexFunc(v.Tracks[:n], func(o Track) bool { return slices.Equal(o.edges, t.edges) })
		if like >= 0 {
			t.edges = v.Tracks[like].edges
		} else {
			t.edges = slices.Clone(t.edges) // without spare capacity
		}
		t.marks = slices.Clone(t.marks)
	}
}

// Bytes is about the memory that the VOD uses.
func (v *VOD) Bytes() (size int) {
	shared := map[*time.Duration]bool{}
	for n := range v.Tracks {
		t := &v.Tracks[n]
		size += 96 + 8*cap(t.marks)
		if t.Len() > 0 && !shared[&t.edges[0]] {
			shared[&t.edges[0]] = true
			size += 8 * cap(t.edges)
		}
	}
	return size
}

// check rejects a rendition whose segments or windows can't be served.
func (v *VOD) check(n int) *Refusal {
	t := &v.Tracks[n]
	shortest := MaxSegment
	for i := range t.Len() {
		d := t.Duration(i)
		if d > MaxSegment {
			return refuse(CodeSegmentTooLong, n, "segment %d lasts %s, at most %s can be served", i, d, MaxSegment)
		}
		shortest = min(shortest, d)
	}
	shown := v.atMost(shortest)
	if time.Duration(shown-1)*MinInterval > v.Window || shown > MaxWindow {
		shown = v.fullest(n)
	}
	if time.Duration(shown-1)*MinInterval > v.Window {
		return refuse(CodeChangesTooOften, n, "a window of %s holds %d segments, at most one for every %s can be served", v.Window, shown, MinInterval)
	}
	if shown > MaxWindow {
		return refuse(CodeWindowTooLong, n, "a window of %s holds %d segments, at most %d can be served", v.Window, shown, MaxWindow)
	}
	return nil
}

// atMost is how many segments a window shows at most if none is shorter: it begins with
// the reference's segment that is on air a window before the reference's newest boundary,
// which may be a segment ago.
func (v *VOD) atMost(shortest time.Duration) int64 {
	longest := v.TargetDuration + time.Second/2
	return int64((v.Window+2*longest+tolerance)/shortest) + 2
}

// fullest is the largest number of segments in a window of a rendition: just
// after one of its own segments was published.
func (v *VOD) fullest(n int) (most int64) {
	var epoch time.Time
	line, _ := NewTimeline(epoch, v.Window, Plan{At: epoch, Loop: []*Item{NewItem(v, 0)}}) // one era is never refused
	loops := v.Window/v.Length + 2
	for i := range v.Tracks[n].Len() {
		e := loops*v.Length + v.Tracks[n].edges[i+1]
		most = max(most, line.published(n, e)-line.head(n, 0, e))
	}
	return most
}
