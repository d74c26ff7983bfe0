package onair

import (
	"math"
	"sync/atomic"
	"time"
)

// viewing counts the seconds watched of a stream in stretches of time, the
// newest in the place of the oldest. A poll costs one atomic addition.
type viewing struct {
	stretches [8]atomic.Uint64 // number of the stretch in the upper half, seconds in the lower
}

const (
	stretch = 10 * time.Second
	counted = 6 // whole intervals from which the number of viewers is estimated, and the current one
)

func stretchOf(t time.Time) uint64 { return uint64(max(t.Unix(), 0)) / uint64(stretch/time.Second) }

// add counts the time watched of one poll.
func (v *viewing) add(now time.Time, watched time.Duration) {
	n := stretchOf(now)
	place := &v.stretches[n%uint64(len(v.stretches))]
	for {
		old := place.Load()
		sum := old
		if old>>32 != n {
			sum = n << 32
		}
		if place.CompareAndSwap(old, sum+uint64(watched/time.Second)) {
			return
		}
	}
}

// estimate is the approximate number of viewers.
func (v *viewing) estimate(now time.Time) float64 {
	newest := stretchOf(now)
	oldest, sum := newest, uint64(0)
	for n := newest; n+counted >= newest && n <= newest; n-- {
		if s := v.stretches[n%uint64(len(v.stretches))].Load(); s>>32 == n {
			oldest, sum = n, sum+s&math.MaxUint32
		}
	}
	over := now.Sub(time.Unix(int64(oldest)*int64(stretch/time.Second), 0))
	return math.Round(10*float64(sum)/max(over, stretch).Seconds()) / 10
}

// CountPoll counts a poll of a live media playlist.
func (s *Station) CountPoll(st *Stream, n int, now time.Time) {
	if st.cut.holds() {
		s.config.Metrics.StalePlaylists.Inc()
	}
	if !st.renditions[n].variant {
		return // audio and subtitles are polled beside one that is
	}
	watched := st.TargetDuration(now)
	st.viewing.add(now, watched)
	s.mounts[st.key.Mount].watched.Add(watched.Seconds())
}
