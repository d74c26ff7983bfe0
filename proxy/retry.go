package proxy

import (
	"sync"
	"time"
)

// segmentPause is the approximate pause before a failed segment is requested
// again.
const segmentPause = 100 * time.Millisecond

// Retries may be a tenth of the requests, and a few more after a quiet time: an
// origin that is down does not get twice the requests.
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

// take reports whether one more retry is within the budget.
func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
