package onair

import (
	"sync/atomic"
	"time"
)

// lasting is a state that a stream may be in, with the instant at which it began. The zero
// value is that it is not. It is safe for concurrent use.
type lasting struct{ nanos atomic.Int64 }

// begin reports whether the state is a new one: one that goes on keeps its beginning.
func (s *lasting) begin(now time.Time) bool { return s.nanos.CompareAndSwap(0, now.UnixNano()) }

// end reports whether there was something to end.
func (s *lasting) end() bool { return s.nanos.Swap(0) != 0 }

func (s *lasting) holds() bool { return s.nanos.Load() != 0 }

// at is the zero time while the state does not hold.
func (s *lasting) at() time.Time { return instantOf(s.nanos.Load()) }
