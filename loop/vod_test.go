package loop

import (
	"time"

	"pgregory.net/rapid"
)

const second = time.Second

// epoch of the tests.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// rendition makes a rendition of segments of the given lengths; a negative
// length is a segment with a discontinuity before it.
func rendition(durations ...time.Duration) Rendition {
	r := Rendition{Leads: true}
	for _, d := range durations {
		r.Segments = append(r.Segments, Segment{Duration: d.Abs(), Discontinuity: d < 0})
	}
	return r
}

// vods draws VODs that can be looped: renditions cut at about the same
// instants or at their own, some shorter or longer than the reference, some
// that lack the discontinuities of others.
func vods() *rapid.Generator[[]Rendition] {
	return rapid.Custom(func(t *rapid.T) []Rendition {
		if rapid.IntRange(0, 4).Draw(t, "apart") == 0 {
			return apart(t, rapid.IntRange(1, 3).Draw(t, "renditions"))
		}
		reference := leading(t)
		all := []Rendition{reference}
		for range rapid.IntRange(0, 3).Draw(t, "others") {
			other := following(t, reference)
			other.Audio = rapid.Bool().Draw(t, "audio")
			all = append(all, other)
		}
		return all
	})
}

// apart draws renditions that have as many discontinuities each, up to a second
// from each other.
func apart(t *rapid.T, renditions int) []Rendition {
	all := make([]Rendition, renditions)
	shifts := make([]time.Duration, len(all))
	for period := range rapid.IntRange(1, 4).Draw(t, "periods") {
		length := time.Duration(rapid.IntRange(4, 20).Draw(t, "length")) * second
		for n := range all {
			next := time.Duration(rapid.Int64Range(0, int64(second)).Draw(t, "shift"))
			pieces := rapid.IntRange(1, 4).Draw(t, "pieces")
			d := length + next - shifts[n]
			shifts[n] = next
			for i := range pieces {
				all[n].Segments = append(all[n].Segments, Segment{d / time.Duration(pieces), period > 0 && i == 0})
			}
			all[n].Segments[len(all[n].Segments)-1].Duration += d % time.Duration(pieces)
		}
	}
	all[0].Leads = true
	return all
}

func leading(t *rapid.T) (r Rendition) {
	r.Leads = true
	for range rapid.IntRange(1, 12).Draw(t, "segments") {
		r.Segments = append(r.Segments, Segment{
			Duration:      duration(t),
			Discontinuity: rapid.IntRange(0, 4).Draw(t, "discontinuity") == 0,
		})
	}
	return r
}

// duration is often a whole number of seconds, as in most VODs.
func duration(t *rapid.T) time.Duration {
	d := time.Duration(rapid.Int64Range(int64(second), int64(9*second)).Draw(t, "duration"))
	if rapid.Bool().Draw(t, "whole") {
		d = d.Round(second)
	}
	return d
}

// following cuts a rendition within 0.25 s of the reference's boundaries, some
// of its segments in two, and lets it end early or late.
func following(t *rapid.T, reference Rendition) (r Rendition) {
	shift := time.Duration(0)
	for _, s := range reference.Segments {
		next := time.Duration(rapid.Int64Range(int64(-second/8), int64(second/8)).Draw(t, "shift"))
		d := s.Duration + next - shift
		shift = next
		own := s.Discontinuity && rapid.Bool().Draw(t, "tag")
		if rapid.IntRange(0, 3).Draw(t, "split") == 0 {
			r.Segments = append(r.Segments, Segment{d / 3, own}, Segment{d - d/3, false})
		} else {
			r.Segments = append(r.Segments, Segment{d, own})
		}
	}
	switch rapid.IntRange(0, 3).Draw(t, "tail") {
	case 0:
		r.Segments = append(r.Segments, Segment{Duration: 3 * second})
	case 1:
		r.Segments = r.Segments[:max(1, len(r.Segments)/2)]
	}
	return r
}

// looped is the timeline of a VOD that repeats.
func looped(vod *VOD) *Timeline {
	line, err := NewTimeline(epoch, vod.Window, Plan{At: epoch, Loop: []*Item{NewItem(vod, 0)}})
	if err != nil {
		panic(err)
	}
	return line
}

// loops draws the timeline of a VOD with a random window.
func loops(t *rapid.T) (*VOD, *Timeline) {
	vod, err := Lay(vods().Draw(t, "vod"), time.Duration(rapid.Int64Range(0, int64(90*second)).Draw(t, "window")))
	if err != nil {
		t.Fatalf("Lay: %v", err)
	}
	return vod, looped(vod)
}

// instants draws an instant of a loop at most a million loops after its epoch.
func instants(t *rapid.T, vod *VOD) time.Time {
	loop := rapid.SampledFrom([]int64{0, 1, 2, 1000, 1_000_000}).Draw(t, "loop")
	in := rapid.Int64Range(0, int64(3*vod.Length)).Draw(t, "in")
	return maxTime(epoch.Add(time.Duration(loop)*vod.Length+time.Duration(in)), looped(vod).Ready())
}
