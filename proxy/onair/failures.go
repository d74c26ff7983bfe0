package onair

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
)

const (
	maxFailures = 10_000 // streams that could not be loaded, remembered

	notFoundFor = 5 * time.Second  // a 404 is remembered
	fullFor     = 5 * time.Second  // a memory-full error is remembered
	leastPause  = time.Second      // before the next attempt after a failure
	mostPause   = 15 * time.Second // … after many
	mostOutage  = time.Second      // … of an origin that may be back at any moment
)

// failures are the keys that could not be loaded, remembered for a while.
type failures struct {
	mu   sync.Mutex // guards all below
	kept *simplelru.LRU[digest, remembered]
}

func newFailures() *failures {
	kept, _ := simplelru.NewLRU[digest, remembered](maxFailures, nil) // the number is valid
	return &failures{kept: kept}
}

// remembered is a cached load error, with the instant until which it is
// repeated without a request to the origin.
type remembered struct {
	err     error
	cause   error     // the last one of its own: a load without a request says nothing about the stream
	since   time.Time // when the first attempt failed
	until   due
	backoff time.Duration // of an origin that fails: longer each time
}

// digest is the hash of a failure's key: a stranger's addresses may be long.
type digest [sha256.Size]byte

func (k Key) digest() digest { return sha256.Sum256([]byte(k.String())) }

// add remembers a load error: each time for longer, and for as long as the
// origin requests. It returns the error to repeat meanwhile.
func (s *failures) add(k Key, err error, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, _ := s.kept.Get(k.digest())
	most := mostPause
	if origin.Sick(err) {
		most = mostOutage
	}
	f := remembered{err: err, cause: err, since: now, backoff: min(max(2*last.backoff, leastPause), most)}
	if last.err != nil {
		f.since = last.since
	}
	if unasked := errors.Is(err, origin.ErrPaused) || errors.Is(err, origin.ErrBusy); unasked && last.cause != nil {
		f.cause = last.cause
	}
	pause := max(f.backoff, origin.PauseOf(err))
	switch {
	case errors.Is(err, origin.ErrNotFound):
		pause = notFoundFor
	case errors.Is(err, failure.ErrFull):
		pause = fullFor
	case errors.Is(err, origin.ErrPaused): // and so not requested
		pause, f.backoff = origin.PauseOf(err), last.backoff
	case errors.Is(err, origin.ErrBusy): // not requested, either
		pause, f.backoff = leastPause, last.backoff
	}
	f.until = dueIn(pause, now)
	s.kept.Add(k.digest(), f)
	return &failure.Held{Err: err, Left: pause}
}

// now returns why a stream could not be loaded a moment ago, or nil.
func (s *failures) now(k Key, now time.Time) error {
	d := k.digest()
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _ := s.kept.Get(d)
	if left := f.until.left(now); left > 0 {
		return &failure.Held{Err: f.err, Left: left}
	}
	return nil
}

// last is the error of the last load that reached the origin, and its start; nil:
// there was no such load.
func (s *failures) last(k Key) (since time.Time, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _ := s.kept.Peek(k.digest())
	return f.since, f.cause
}

// forget is for a key that has been loaded.
func (s *failures) forget(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Remove(k.digest())
}

func (s *failures) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.Len()
}
