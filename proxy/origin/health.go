package origin

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// A place that has failed so often in a row is doubted, and asked for a witness;
// one whose witness fails is not asked for a while, then by one request to see
// whether it is back.
const (
	enough     = 5
	leastPause = time.Second
	mostPause  = 5 * time.Second

	maxSuspects = 1000 // folders; with more all are suspect. And objects
)

// health of a place, as its last answers show it. The zero value is healthy.
//
// Strangers choose what is asked for, and some of it may fail though the place is
// well: one object, or a query that a firewall cuts off. So failures of different
// objects in a row are only a doubt, about the folders they are in. Before one of
// those is asked again, the place is asked for a witness, something of that folder
// that was good before, or else of another. If that fails as well, the folders
// that have failed are paused, and probed after each pause, by one witness after
// the other. Any answer ends doubt and pause, of a folder that has failed or of
// another.
//
// As long as nothing of a place has been good, there is no witness: a doubt begins
// a pause, and what is asked for is the probe. The pause is for objects that have
// failed themselves, and for all in their folders where the place can't be reached
// or lets everybody wait.
type health struct {
	mu       sync.Mutex // guards all below
	failures int        // in a row; of one object, which alone may be bad, one counts, but for connections that can't be made
	objects  hashes     // that have failed in the row
	suspects hashes     // folders that have
	answered bool       // the last failure was an answer, or began as one: another object may do better
	paused   bool
	pause    time.Duration
	until    time.Time // it is not asked or probed before

	witnesses witnesses
	good      time.Time // when it answered last
	asked     time.Time // when it was wanted last, whether or not it was asked

	cause   string        // of the last failure, see causeOf; empty: none yet
	bad     time.Time     // when that was
	latency time.Duration // until headers, the mean of about the last ten; 0: not known
}

// ask says whether the place may be asked for an object now, and for which other
// one first. One that fails lets one request through after each pause.
func (h *health) ask(o object, now time.Time) (may bool, first *object) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = now
	if h.failures < enough || !h.suspects.has(o.folder()) && len(h.suspects) < maxSuspects {
		return true, nil
	}
	witness := h.witnesses.of(o)
	if now.Before(h.until) {
		return !h.paused || witness == nil && h.answered && !h.objects.has(o.hash()), nil
	}
	h.pause = min(max(2*h.pause, leastPause), mostPause)
	h.until = now.Add(h.pause)
	return true, witness
}

// note takes the end of a request into account, which began at an instant.
func (h *health) note(o object, err error, began, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remember(err, began, now)
	switch {
	case neutral(err):
	case Sick(err):
		h.failed(o, err, began, now)
	default:
		h.recovered(o, now)
		if err == nil {
			h.witnesses.add(o)
		}
	}
}

// recovered ends doubt and pause. The lock is held.
func (h *health) recovered(o object, now time.Time) {
	h.good, h.failures, h.paused, h.pause = now, 0, false, 0
	clear(h.objects)
	if h.suspects.has(o.folder()) {
		clear(h.suspects)
	}
}

// failed counts a failure, but none of a request that has waited for longer than
// others that were answered. The lock is held.
func (h *health) failed(o object, err error, began, now time.Time) {
	if began.Before(h.good) {
		return
	}
	h.suspects.add(o.folder())
	if h.objects.add(o.hash()) || unmade(err) {
		h.failures++
	}
	h.answered = begun(err) || failingStatus(err)
	if h.failures >= enough && !h.paused && h.witnesses.of(o) == nil {
		h.paused, h.pause = true, leastPause
		h.until = now.Add(h.pause)
	}
}

// testified takes the end of a request for a witness into account, and says
// whether to go on with the one that it was made for.
func (h *health) testified(o object, err error, began, now time.Time) bool {
	h.note(o, err, began, now)
	h.mu.Lock()
	defer h.mu.Unlock()
	if Sick(err) && h.failures >= enough {
		h.paused = true
		h.witnesses.fails(o)
	}
	return !h.paused
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
	return errors.Is(err, ErrNetwork) || errors.Is(err, ErrTimeout) || errors.Is(err, errBroken) || failingStatus(err)
}

func failingStatus(err error) bool {
	status, is := errors.AsType[*StatusError](err)
	return is && (status.Code >= http.StatusInternalServerError || status.Code == http.StatusTooManyRequests)
}

// unmade says whether there was no connection to ask by.
func unmade(err error) bool { return errors.Is(err, ErrNetwork) && !errors.Is(err, errCut) }

// Retryable says whether asking again soon may help: the origin failed before
// there was an answer, and has not said when to come back.
func Retryable(err error) bool {
	status, is := errors.AsType[*StatusError](err)
	if is {
		return status.Code >= http.StatusInternalServerError && status.RetryAfter == 0
	}
	return errors.Is(err, ErrNetwork) && !errors.Is(err, ErrPaused)
}
