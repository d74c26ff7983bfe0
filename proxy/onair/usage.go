package onair

import (
	"sync/atomic"
	"time"

	"vod2live/metrics"
)

// sweepEvery is how often a store looks for idle answers, while it has any.
const sweepEvery = 15 * time.Second

// usage is what the streams of a store take of memory.
type usage struct {
	streams atomic.Int64 // bytes, without answers
	answers atomic.Int64
	metrics *metrics.Metrics
	retired atomic.Bool // another store updates the metrics now

	tried moment      // when room was last made for answers
	full  atomic.Bool // in vain

	sweep    func() // drops idle answers
	sweeping atomic.Bool
	next     atomic.Pointer[time.Timer]
	closed   atomic.Bool
}

func (u *usage) total() int64 { return u.streams.Load() + u.answers.Load() }

// tell updates the metrics.
func (u *usage) tell() {
	if !u.retired.Load() {
		u.metrics.CacheBytes.Set(float64(u.total()))
	}
}

// addAnswers counts answers, or that they are dropped (bytes are negative).
func (u *usage) addAnswers(bytes int64) {
	u.answers.Add(bytes)
	u.tell()
	if u.answers.Load() > 0 && u.sweeping.CompareAndSwap(false, true) {
		u.sweepLater()
	}
}

// sweepLater sweeps again and again, until no answer is left: an idle process has
// no timer.
func (u *usage) sweepLater() {
	u.next.Store(time.AfterFunc(sweepEvery, func() {
		u.sweep()
		u.sweeping.Store(false)
		u.addAnswers(0) // sweeps again if any are left, or have come since
	}))
	if u.closed.Load() {
		u.close()
	}
}

// close ends that.
func (u *usage) close() {
	u.closed.Store(true)
	if next := u.next.Load(); next != nil {
		next.Stop()
	}
}
