package origin

import (
	"errors"
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A place that has failed so often in a row is not asked for a while, then by
// one request to see whether it is back.
const (
	enough     = 5
	leastPause = time.Second
	mostPause  = 5 * time.Second

	maxSuspects = 1000 // folders; with more all are suspect
)

// health of a place, as its last answers show it. The zero value is healthy.
//
// A pause is for the folders that have failed: where one VOD fails and another
// does not, the other is asked on, and its answers end the pause.
type health struct {
	mu       sync.Mutex // guards all below
	failures int        // in a row; of one object, which alone may be bad, one counts
	object   uint64     // that failed last
	suspects map[uint64]struct{}
	good     time.Time // when it answered last
	pause    time.Duration
	until    time.Time // it is not asked before

	cause   string        // of the last failure, see causeOf; empty: none yet
	bad     time.Time     // when that was
	latency time.Duration // until headers, the mean of about the last ten; 0: not known
}

var seed = maphash.MakeSeed()

// folder and object of an escaped path are told apart by their hashes: strangers
// may choose the path.
func folder(path string) uint64 {
	return maphash.String(seed, path[:strings.LastIndexByte(path, '/')+1])
}

func object(path string) uint64 { return maphash.String(seed, path) }

// ask says whether the place may be asked now. One that fails lets one request
// through after each pause.
func (h *health) ask(path string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, suspect := h.suspects[folder(path)]
	if h.failures < enough || !suspect && len(h.suspects) < maxSuspects {
		return true
	}
	if now.Before(h.until) {
		return false
	}
	h.pause = min(max(2*h.pause, leastPause), mostPause)
	h.until = now.Add(h.pause)
	return true
}

// note takes the end of a request into account, which began at an instant.
func (h *health) note(path string, err error, began, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remember(err, began, now)
	if neutral(err) {
		return
	}
	if Sick(err) {
		h.failed(path, err, began, now)
		return
	}
	h.good, h.failures, h.pause = now, 0, 0
	if _, suspect := h.suspects[folder(path)]; suspect {
		clear(h.suspects)
	}
}

// failed counts a failure, but none of a request that has waited for longer than
// others that were answered. The lock is held.
func (h *health) failed(path string, err error, began, now time.Time) {
	if began.Before(h.good) {
		return
	}
	if h.suspects == nil {
		h.suspects = map[uint64]struct{}{}
	}
	if len(h.suspects) < maxSuspects {
		h.suspects[folder(path)] = struct{}{}
	}
	if this := object(path); errors.Is(err, ErrNetwork) || h.object != this || h.failures == 0 {
		h.object = this
		h.failures++
	}
	if h.failures == enough && h.pause == 0 {
		h.pause = leastPause
		h.until = now.Add(h.pause)
	}
}

// failing says whether the last that the place was asked for has failed.
func (h *health) failing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failures > 0
}

// Failing says whether all places of the origin have failed when they were asked
// last.
func (o *Origin) Failing() bool {
	for _, p := range o.places {
		if !p.health.failing() {
			return false
		}
	}
	return true
}

// Sick says whether an error may be one of the whole place, not of what was
// asked.
func Sick(err error) bool {
	return errors.Is(err, ErrNetwork) || errors.Is(err, ErrTimeout) || failingStatus(err)
}

func failingStatus(err error) bool {
	status, is := errors.AsType[*StatusError](err)
	return is && (status.Code >= http.StatusInternalServerError || status.Code == http.StatusTooManyRequests)
}

// Retryable says whether asking again soon may help: the origin failed before
// there was an answer, and has not said when to come back.
func Retryable(err error) bool {
	status, is := errors.AsType[*StatusError](err)
	if is {
		return status.Code >= http.StatusInternalServerError && status.RetryAfter == 0
	}
	return errors.Is(err, ErrNetwork) && !errors.Is(err, ErrPaused)
}
