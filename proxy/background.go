package proxy

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// How long work for a viewer may take.
const (
	loadTimeouts = 6               // of the origin, that fetching one VOD may take
	viewerSlack  = 2 * time.Second // a viewer waits for the origin's timeout and this
)

// background is work that goes on beside requests, and ends with the Station.
type background struct {
	context context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	closing sync.RWMutex // guards that no work begins once the context is done
}

func newBackground() *background {
	b := &background{}
	b.context, b.cancel = context.WithCancel(context.Background())
	return b
}

// begin says whether work may begin; it ends with done.
func (b *background) begin() bool {
	b.closing.RLock()
	defer b.closing.RUnlock()
	if b.context.Err() != nil {
		return false
	}
	b.running.Add(1)
	return true
}

func (b *background) done() { b.running.Done() }

// close ends all work and waits for it.
func (b *background) close() {
	b.closing.Lock()
	b.cancel()
	b.closing.Unlock()
	b.running.Wait()
}

// ended says whether no more work begins.
func (b *background) ended() bool { return b.context.Err() != nil }

// pause waits, unless the work is to end meanwhile.
func (b *background) pause(d time.Duration) bool { return pause(b.context, d) }

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// jitter spreads a pause, so that not all come back at the same moment.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }
