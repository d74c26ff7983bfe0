package origin

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	mostWait   = 2 * time.Second // a request waits for a paused place
	maxWaiting = 1000            // requests of an origin wait at once
)

// queue is of the requests that wait until one of an origin's places answers
// again. A nil queue is empty.
type queue struct {
	mu       sync.Mutex // guards all below
	waiting  int
	released chan struct{} // closed when a place recovers; nil: nobody waits
}

// next is closed at the next recovery.
func (q *queue) next() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.released == nil {
		q.released = make(chan struct{})
	}
	return q.released
}

// release lets all waiting requests continue.
func (q *queue) release() {
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.released != nil {
		close(q.released)
		q.released = nil
	}
}

// enter reports whether one more request may wait; leave ends the wait.
func (q *queue) enter() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == maxWaiting {
		return false
	}
	q.waiting++
	return true
}

func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting--
}

// await sends a request to the places of an origin. While all of them are
// paused, it waits for a recovery, or to be the next probe.
func (c *Client) await(ctx context.Context, o *Origin, w want) (*answer, error) {
	late := time.Now().Add(mostWait)
	for {
		released := o.queue.next() // before the request, so that no recovery is missed
		a, err := c.askConnected(ctx, o, w)
		paused, is := errors.AsType[*PausedError](err)
		if !is {
			return a, err
		}
		patience := time.Until(late)
		if patience <= 0 || paused.Left > mostWait || !o.queue.enter() {
			return nil, err
		}
		err = sleep(ctx, min(patience, paused.Left), released)
		o.queue.leave()
		if err != nil {
			return nil, err
		}
	}
}

// sleep waits for a while, or until it is released. The error is the context's.
func sleep(ctx context.Context, d time.Duration, released <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-released:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// deferred are the objects that a place has answered with a Retry-After, and when
// they may be requested again. The zero value is empty.
type deferred struct {
	objects *simplelru.LRU[uint64, time.Time]
}

// left is for how long an object must not be requested.
func (d *deferred) left(o object, now time.Time) time.Duration {
	if d.objects == nil {
		return 0
	}
	until, _ := d.objects.Get(o.hash())
	return until.Sub(now)
}

func (d *deferred) add(o object, err error, now time.Time) {
	wait := PauseOf(err)
	if wait == 0 {
		return
	}
	if d.objects == nil {
		d.objects, _ = simplelru.NewLRU[uint64, time.Time](maxSuspects, nil)
	}
	d.objects.Add(o.hash(), now.Add(wait))
}
