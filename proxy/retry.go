package proxy

import (
	"sync"
	"time"
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
