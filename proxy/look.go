package proxy

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// asleepAfter is how much longer than the revalidation interval nobody has
	// watched a stream of which an edit may have taken over in other replicas.
	asleepAfter = 15 * time.Second
	// lookPatience is how long a viewer waits for the origin then.
	lookPatience = 2 * time.Second
)

// look is a request for changes at the origin that viewers may wait for.
type look struct{ done atomic.Pointer[chan struct{}] }

// begin returns a channel to be closed at the end of the look.
func (l *look) begin() chan struct{} {
	done := make(chan struct{})
	l.done.Store(&done)
	return done
}

// asleep reports whether nobody has watched the stream for so long that two looks
// at an edit may come too late, see agreed. Viewers who poll more often never wait.
func (s *Server) asleep(st *stream, now time.Time) bool {
	return now.Sub(st.answered()) >= s.revalidateEvery(st.key)+asleepAfter
}

// awaitLook waits, for a short time, until a stream that nobody has watched for a
// while has been compared with the origin: an answer from before an edit would
// keep this process from switching when the other replicas did. Where the origin
// signs addresses anew, old ones may have expired.
func (s *Server) awaitLook(ctx context.Context, st *stream, now time.Time) {
	done := st.looked.done.Load()
	waits := s.asleep(st, now) || st.renewed.every.Load() > 0
	if !waits || st.cut.Load() || done == nil || !st.checking.Load() {
		return
	}
	patience := time.NewTimer(lookPatience)
	defer patience.Stop()
	select {
	case <-*done:
	case <-patience.C:
	case <-ctx.Done():
	}
}
