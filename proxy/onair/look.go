package onair

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// asleepAfter: a stream without viewers for this much longer than the
	// revalidation interval may have missed an edit that has taken over in other
	// replicas.
	asleepAfter = 15 * time.Second
	// lookPatience is how long a viewer waits for the origin then.
	lookPatience = 2 * time.Second
)

// look is a request for changes at the origin, at most one at a time, that others may
// wait for. The zero value is that none is under way.
type look struct{ ended atomic.Pointer[chan struct{}] }

// begin begins a look, which ends with end; not ok if one is under way.
func (l *look) begin() (end func(), ok bool) {
	ended := make(chan struct{})
	if !l.ended.CompareAndSwap(nil, &ended) {
		return nil, false
	}
	return func() {
		l.ended.Store(nil)
		close(ended)
	}, true
}

// underWay is closed when the look ends that is under way; nil if none is.
func (l *look) underWay() <-chan struct{} {
	if ended := l.ended.Load(); ended != nil {
		return *ended
	}
	return nil
}

// asleep reports whether the stream had no viewers for so long that two looks at an
// edit may come too late, see agreed. Viewers that poll more often never wait.
func (f *follower) asleep(st *Stream, now time.Time) bool {
	return now.Sub(st.answered()) >= f.mounts[st.key.Mount].revalidate+asleepAfter
}

// awaitLook waits, for a short time, until a stream without recent viewers has
// been compared with the origin: an answer from before an edit would keep this
// process from switching together with the other replicas. If the origin signs
// addresses for a limited time, old ones may have expired.
func (f *follower) awaitLook(ctx context.Context, st *Stream, now time.Time) {
	ended := st.look.underWay()
	if ended == nil || st.cut.holds() || !f.asleep(st, now) && st.renewed.every.Load() == 0 {
		return
	}
	patience := time.NewTimer(lookPatience)
	defer patience.Stop()
	select {
	case <-ended:
	case <-patience.C:
	case <-ctx.Done():
	}
}
