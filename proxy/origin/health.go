package origin

import (
	"sync"
	"time"
)

// A place with this many failures in a row is doubted, and a witness is
// requested; a place whose witness fails is paused.
const (
	enough      = 5
	pause       = time.Second // from one probe to the next, whether or not the first has ended
	maxSuspects = 1000        // folders; with more all are suspect. And objects
)

// health of a place, as its last answers show it. The zero value is healthy.
//
//	healthy  five different objects fail in a row                → doubted
//	doubted  the witness answers: healthy; it fails, or none is known → paused
//	paused   anything answers                                    → healthy
//
// Strangers choose what is requested, and some of it may fail though the place is
// healthy: one object, or a query that a firewall blocks. So failures of different
// objects in a row are only a doubt, about the folders they are in. Before one of
// these folders is requested again, the place gets a request for a witness: something of
// that folder that was good before, or else of another folder. If the witness fails
// as well, the folders that failed are paused. A paused folder is probed once a
// second, by one witness after the other, and its viewers wait for that; see
// Client.await. Any answer ends doubt and pause, of a folder that has failed or of
// another.
//
// As long as nothing of a place has been good, there is no witness: a doubt begins
// a pause, and the next request is the probe. That pause is for objects that have
// failed themselves, and for their whole folders where the place can't be reached
// or does not answer.
//
// A Retry-After holds for the object that was answered with it, and for the place
// if the place is paused.
type health struct {
	mu       sync.Mutex // guards all below
	failures int        // in a row; one object counts once, as it alone may be bad, except for connections that can't be made
	objects  hashes     // that have failed in the row
	suspects hashes     // folders that have
	answered bool       // the last failure was an answer, or began as one: another object may do better
	paused   bool
	until    time.Time // no probe begins before
	deferred deferred  // objects to be requested later, at the origin's request

	witnesses witnesses
	good      time.Time // when it answered last
	back      time.Time // start of the request whose answer ended the last silence
	looked    time.Time // last witness request to a silent place
	queue     *queue    // of requests that wait for the place; nil: none can
	asked     time.Time // when it was last needed, with or without a request

	cause   string        // of the last failure, see causeOf; empty: none yet
	bad     time.Time     // when that was
	latency time.Duration // until headers, the mean of about the last ten; 0: not known

	outage  outage
	changed func(Change) // called at changes; nil: not called
}

// ask returns how long an object must wait for the next probe; 0: it may be
// requested now, after the witness if one is returned. One caller a second becomes
// the probe of a failing place.
func (h *health) ask(o object, now time.Time) (first *object, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = now
	if left := h.deferred.left(o, now); left > 0 {
		return nil, left
	}
	if h.failures < enough || !h.suspects.has(o.folder()) && len(h.suspects) < maxSuspects {
		return nil, 0
	}
	witness := h.witnesses.of(o)
	if left := h.until.Sub(now); left > 0 {
		if !h.paused || witness == nil && h.answered && !h.objects.has(o.hash()) {
			left = 0
		}
		return nil, left
	}
	h.until = now.Add(pause)
	return witness, 0
}

// note takes the end of a request into account, which began at an instant.
func (h *health) note(o object, err error, began, now time.Time) {
	h.mu.Lock()
	h.take(o, err, began, now)
	change := h.turn(err, now)
	h.mu.Unlock()
	h.report(change)
}

// take counts the end of a request. The lock is held.
func (h *health) take(o object, err error, began, now time.Time) {
	h.remember(err, began, now)
	switch {
	case neutral(err):
	case Sick(err):
		h.failed(o, err, began, now)
	default:
		h.recovered(o, began, now)
		if err == nil {
			h.witnesses.add(o)
		}
	}
}

// recovered ends doubt and pause. The lock is held.
func (h *health) recovered(o object, began, now time.Time) {
	if now.Sub(h.good) >= silence {
		h.back = began
	}
	if h.paused {
		h.queue.release()
	}
	h.good, h.failures, h.paused = now, 0, false
	clear(h.objects)
	if h.suspects.has(o.folder()) {
		clear(h.suspects)
	}
}

// failed counts a failure, unless the request began before the last answer: it has
// waited for longer than requests that were answered. The lock is held.
func (h *health) failed(o object, err error, began, now time.Time) {
	h.deferred.add(o, err, now)
	if began.Before(h.good) {
		return
	}
	h.suspects.add(o.folder())
	if h.objects.add(o.hash()) || unmade(err) {
		h.failures++
	}
	h.answered = begun(err) || failingStatus(err)
	if h.failures >= enough && !h.paused && h.witnesses.of(o) == nil {
		h.until = now.Add(pause)
		h.suspend(err, now)
	}
}

// testified handles the end of a witness request. It returns how long the waiting
// request must wait; may: it need not.
func (h *health) testified(o object, err error, began, now time.Time) (wait time.Duration, may bool) {
	h.mu.Lock()
	h.take(o, err, began, now)
	if Sick(err) && h.failures >= enough {
		h.suspend(err, now)
		h.witnesses.fails(o)
	}
	wait, may = max(0, h.until.Sub(now)), !h.paused
	change := h.turn(err, now)
	h.mu.Unlock()
	h.report(change)
	return wait, may
}

// suspend begins or prolongs a pause: for as long as the origin requests, if it
// does. The lock is held.
func (h *health) suspend(err error, now time.Time) {
	h.paused = true
	if asked := now.Add(PauseOf(err)); asked.After(h.until) {
		h.until = asked
	}
}

// failing reports whether the last request to the place failed.
func (h *health) failing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failures > 0
}
