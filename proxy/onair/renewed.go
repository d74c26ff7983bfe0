package onair

import (
	"sync/atomic"
	"time"
)

// renewed is how often a stream must fetch addresses that the origin signs for a
// limited time. That time is not known: an address of an earlier look is tried
// until it fails, and half of that time is safe.
type renewed struct {
	every   atomic.Int64  // nanoseconds; 0: its addresses stay
	sure    bool          // they were seen to change; the look guards this and all below
	address string        // of a segment, tried at each look
	since   time.Time     // when the origin gave it
	proven  time.Duration // that an address was good
}

// expect makes the first look at a VOD with queries a soon one.
func (r *renewed) expect() { r.every.Store(int64(leastRecheck)) }

// begin notes that addresses have changed, and whether that is new.
func (r *renewed) begin() bool {
	begun := !r.sure
	r.sure = true
	return begun
}

// stop notes that they have not.
func (r *renewed) stop() {
	r.every.Store(0)
	r.sure, r.address, r.proven = false, "", 0
}

// learn takes into account whether the address was still good, and has the next one
// tried from now on if it was not, or has been good for as long as matters.
func (r *renewed) learn(good bool, next string, now time.Time, longest time.Duration) {
	if good {
		r.proven = max(r.proven, now.Sub(r.since))
	}
	if !good || r.proven >= 2*longest {
		r.address, r.since = next, now
	}
	r.every.Store(int64(max(min(r.proven/2, longest), min(leastRecheck, longest))))
}
