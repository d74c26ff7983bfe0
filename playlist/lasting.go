package playlist

import (
	"cmp"
	"slices"
	"time"

	"vod2live/loop"
)

// Bounds of the ranges whose segments have left the window: each is repeated in
// every loop.
const (
	maxLasting     = 24 * time.Hour // maximum time for which a range is kept after its start
	maxLastingText = 64 << 10       // bytes of all ranges in a window
)

// setUntil determines how long each range is kept: the longest duration of all tags
// with its ID, or with END-ON-NEXT until the next range of its class. Where that
// exceeds the bounds, a shorter limit applies to all, and it returns true.
func setUntil(all []rangeText, vod *loop.VOD, track *loop.Track) (cut bool) {
	next := nextOfClass(all, vod.Length)
	ends := make(map[string]time.Duration, len(all))
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
			r.until = max(min(ends[r.id], r.start+lasting), r.start+1) // later than its start
			cut = cut || ends[r.id] > r.until && ends[r.id] > r.start
		}
		if lasting < time.Second || mostText(all, vod, track) <= maxLastingText {
			return cut
		}
	}
}

// mostText is about the most bytes of ranges in a window: each range is in it from
// its segment on, until its end is before the window's start.
func mostText(all []rangeText, vod *loop.VOD, track *loop.Track) int {
	type change struct {
		at    time.Duration // in the loop
		bytes int
	}
	changes := make([]change, 0, 2*len(all))
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
