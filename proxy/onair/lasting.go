package onair

import (
	"sync/atomic"
	"time"
)

// lasting is a state that a stream may be in, with the instant at which it began and its
// newest cause. The zero value is that it is not in it. It is safe for concurrent use.
type lasting struct {
	nanos atomic.Int64
	why   atomic.Pointer[string] // nil: unknown
}

// begin reports whether the state is a new one: a state that continues keeps its start.
// The cause is empty if it is not known.
func (s *lasting) begin(now time.Time, cause string) bool {
	s.why.Store(&cause)
	return s.nanos.CompareAndSwap(0, now.UnixNano())
}

// end reports whether there was something to end.
func (s *lasting) end() bool {
	s.why.Store(nil)
	return s.nanos.Swap(0) != 0
}

// cause is empty where none is known.
func (s *lasting) cause() string {
	if why := s.why.Load(); why != nil {
		return *why
	}
	return ""
}

func (s *lasting) holds() bool { return s.nanos.Load() != 0 }

// at is the zero time while the state does not hold.
func (s *lasting) at() time.Time { return instantOf(s.nanos.Load()) }
