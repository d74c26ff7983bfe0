// Package background runs work beside requests.
package background

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// How long work for a viewer may take.
const (
	LoadTimeouts = 6               // of the origin, that fetching one VOD may take
	ViewerSlack  = 2 * time.Second // a viewer waits for the origin's timeout and this
)

// Work is the work beside requests. It ends with the Station.
type Work struct {
	Context context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	closing sync.RWMutex // guards that no work begins once the context is done
}

// New is ready for work.
func New() *Work {
	b := &Work{}
	b.Context, b.cancel = context.WithCancel(context.Background())
	return b
}

// Begin reports whether work may begin; call done at its end.
func (b *Work) Begin() bool {
	b.closing.RLock()
	defer b.closing.RUnlock()
	if b.Context.Err() != nil {
		return false
	}
	b.running.Add(1)
	return true
}

// Done ends work that has begun.
func (b *Work) Done() { b.running.Done() }

// Close ends all work and waits for it.
func (b *Work) Close() {
	b.closing.Lock()
	b.cancel()
	b.closing.Unlock()
	b.running.Wait()
}

// Ended reports whether no more work may begin.
func (b *Work) Ended() bool { return b.Context.Err() != nil }

// Pause waits, unless the work is to end meanwhile.
func (b *Work) Pause(d time.Duration) bool { return Pause(b.Context, d) }

// PauseUntil is Pause that a signal ends earlier.
func (b *Work) PauseUntil(signal <-chan struct{}, d time.Duration) bool {
	return pause(b.Context, signal, d)
}

// Pause waits, unless the context is done meanwhile.
func Pause(ctx context.Context, d time.Duration) bool { return pause(ctx, nil, d) }

func pause(ctx context.Context, signal <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-signal:
		return true
	case <-ctx.Done():
		return false
	}
}

// Jitter spreads a pause, so that not all come back at the same moment.
func Jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// Rest waits until all work that has begun is done. It is for tests.
func (b *Work) Rest() {
	b.closing.Lock()   // so that what has begun is counted
	b.closing.Unlock() //nolint:staticcheck // nothing is guarded but the order
	b.running.Wait()
}
