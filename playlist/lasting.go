package playlist

import (
	"cmp"
	"slices"
	"time"

	"vod2live/loop"
)

// The bounds of what is kept of ranges whose segments have left the window: each
// comes again in every loop.
const (
	maxLasting     = 24 * time.Hour // after its start a range is kept
	maxLastingText = 64 << 10       // bytes of all ranges in a window
)

// setUntil finds how long each range is kept: the longest that any tag of its
// ID says, with END-ON-NEXT until the next of its class. Where that is too long, or
// too much, all are kept for the same shorter time at most: it reports that.
func setUntil(all []rangeText, vod *loop.VOD, track *loop.Track) (cut bool) {
	next := nextOfClass(all, vod.Length)
	ends := map[string]time.Duration{}
	for _, r := range all {
		end := r.end
		if r.onNext && end == r.start {
			end = next(r)
		}
		ends[r.id] = max(ends[r.id], end)
	}
	for lasting := maxLasting; ; lasting /= 2 {
		cut = false
		for i := range all {
			r := &all[i]
			r.until = max(min(ends[r.id], r.start+lasting), r.start+1) // at least the instant that it starts at is its own
			cut = cut || ends[r.id] > r.until && ends[r.id] > r.start
		}
		if lasting < time.Second || mostText(all, vod, track) <= maxLastingText {
			return cut
		}
	}
}

// mostText is about how many bytes of ranges the fullest window has: each range is
// there from its segment on, until its end has passed the window's start.
func mostText(all []rangeText, vod *loop.VOD, track *loop.Track) int {
	type change struct {
		at    time.Duration // in the loop
		bytes int
	}
	var changes []change
	sum := 0 // at the loop's beginning
	for _, r := range all {
		size := len(r.text) + dateBytes
		from := track.Start(r.segment)
		shown := max(r.until-from, 0) + vod.Window
		to := from + shown%vod.Length
		sum += int(shown/vod.Length) * size
		changes = append(changes, change{from, size}, change{to % vod.Length, -size})
		if to >= vod.Length {
			sum += size
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.bytes, b.bytes)) })
	most := sum
	for _, c := range changes {
		sum += c.bytes
		most = max(most, sum)
	}
	return most
}
