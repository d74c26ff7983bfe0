package proxy

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"vod2live/proxy/origin"
)

// segmentPause is about how long after a failure a segment is asked for again.
const segmentPause = 100 * time.Millisecond

// Retries may be a tenth of the requests, and a few more after a quiet time: an
// origin that is down is not asked twice as often for it.
const (
	retryShare = 0.1
	retryBurst = 10
)

// budget of retries.
type budget struct {
	mu     sync.Mutex // guards tokens
	tokens float64
}

// earn is called with each request.
func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+retryShare, retryBurst)
}

// take says whether one more retry is within the budget.
func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// due is an instant to wait for, and how long the wait was when it began: where
// more than that is left, the clock has stepped back, and the wait is over.
type due struct {
	at   time.Time
	wait time.Duration
}

func dueIn(wait time.Duration, now time.Time) due { return due{now.Add(wait), wait} }

// left is 0 if the wait is over.
func (d due) left(now time.Time) time.Duration {
	left := d.at.Sub(now)
	if left > d.wait {
		return 0
	}
	return max(0, left)
}

// jitter spreads a pause, so that not all come back at the same moment.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// pause waits, unless the server is closed meanwhile.
func (s *Server) pause(d time.Duration) bool { return pause(s.context, d) }

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

// retryable says whether asking again soon may help: the origin failed, and
// fast.
func retryable(err error) bool {
	return origin.Retryable(err) || errors.Is(err, origin.ErrBody)
}
