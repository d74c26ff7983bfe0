// Package room bounds the memory that playlists and subtitles take while they are
// read and decoded, in the whole process.
//
// A load takes room as it grows, since no origin has to say beforehand how large a
// VOD is. When there is none, it waits, and the smallest of those that wait continues
// first. Loads that hold a part each and wait for more would wait for one another
// without end: so when the room is full, one small and one large load may go beyond
// it, each to its own bounds, until they end. Large loads leave a quarter of the room
// to small ones.
package room

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
)

// largeLoad is about what 50,000 segments take: a load of more is a large one. In a
// small room it is one that takes more than a quarter.
const largeLoad = 32 << 20

// ErrFull means that the time of a load was over before there was room.
var ErrFull = errors.New("other loads use all of the memory for loading")

// Room is the memory for all loads. It is safe for concurrent use; nil is without
// bounds.
type Room struct {
	mu      sync.Mutex // guards all below, and all shares
	limit   int64      // bytes
	used    int64      // except for what is beyond the limit
	waiting []*wait
	beyond  [2]*Share // the small and the large load that may go beyond the limit; nil: none does
}

// Share is what one load has of a Room. It is safe for concurrent use; nil takes
// without bounds.
type Share struct {
	room    *Room
	held    int64 // bytes
	counted int64 // of them, within the room's limit
}

// wait is one call of Take.
type wait struct {
	share   *Share
	bytes   int64
	granted chan struct{}
}

// size is what the load would hold.
func (w *wait) size() int64 { return w.share.held + w.bytes }

// The kinds of loads.
const (
	small = iota
	large
)

// New makes a Room of this many bytes.
func New(limit int64) *Room { return &Room{limit: limit} }

// Resize changes the limit.
func (r *Room) Resize(limit int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limit = limit
	r.settle()
}

// Open begins a load, which ends with Close.
func (r *Room) Open() *Share {
	if r == nil {
		return nil
	}
	return &Share{room: r}
}

// Used is what all loads hold, in bytes.
func (r *Room) Used() (bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	bytes = r.used
	for _, s := range r.beyond {
		if s != nil {
			bytes += s.held - s.counted
		}
	}
	return bytes
}

// TryTake takes room for n more bytes if there is some now, and no smaller load
// waits for it.
func (s *Share) TryTake(n int64) bool {
	if s == nil {
		return true
	}
	r, w := s.room, &wait{share: s, bytes: n}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) > 0 && r.waiting[0].size() <= w.size() && !r.mayGoBeyond(w) {
		return false
	}
	return r.admit(w)
}

// Take takes room for n more bytes, and waits for it. The error is ErrFull when the
// deadline of ctx passes, context.Canceled when ctx is canceled.
func (s *Share) Take(ctx context.Context, n int64) error {
	if s.TryTake(n) {
		return nil
	}
	w := &wait{s, n, make(chan struct{})}
	s.room.enqueue(w)
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	}
	s.room.leave(w)
	return Refused(ctx)
}

// Refused is the error of a load whose ctx is done before its turn.
func Refused(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrFull
	}
	return context.Canceled
}

// Give gives n bytes back.
func (s *Share) Give(n int64) {
	if s == nil {
		return
	}
	s.room.mu.Lock()
	defer s.room.mu.Unlock()
	s.give(n)
	s.room.settle()
}

// Close gives all back.
func (s *Share) Close() {
	if s == nil {
		return
	}
	r := s.room
	r.mu.Lock()
	defer r.mu.Unlock()
	s.give(s.held)
	for kind, other := range r.beyond {
		if other == s {
			r.beyond[kind] = nil
		}
	}
	r.settle()
}

// give counts bytes beyond the limit as the first to go. The lock is held, here
// and below.
func (s *Share) give(n int64) {
	s.held -= n
	if over := s.counted - s.held; over > 0 {
		s.counted -= over
		s.room.used -= over
	}
}

func (r *Room) enqueue(w *wait) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(r.waiting, w)
	r.settle()
}

// leave takes back what was granted to a load that has left meanwhile.
func (r *Room) leave(w *wait) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := slices.Index(r.waiting, w); n >= 0 {
		r.waiting = slices.Delete(r.waiting, n, n+1)
		return
	}
	w.share.give(w.bytes)
	r.settle()
}

// settle lets those loads continue that fit now, the smallest first.
func (r *Room) settle() {
	slices.SortStableFunc(r.waiting, func(a, b *wait) int { return cmp.Compare(a.size(), b.size()) })
	r.waiting = slices.DeleteFunc(r.waiting, func(w *wait) bool {
		admitted := r.admit(w)
		if admitted {
			close(w.granted)
		}
		return admitted
	})
}

// kind is the class of the load with this size, and the room that it may use.
func (r *Room) kind(w *wait) (kind int, limit int64) {
	if w.size() > min(largeLoad, r.limit/4) {
		return large, r.limit / 4 * 3
	}
	return small, r.limit
}

// mayGoBeyond reports whether the load is already allowed beyond the limit.
func (r *Room) mayGoBeyond(w *wait) bool {
	kind, _ := r.kind(w)
	return r.beyond[kind] == w.share || r.beyond[large] == w.share
}

// admit takes room if there is some, or if the load may go beyond.
func (r *Room) admit(w *wait) bool {
	s := w.share
	kind, limit := r.kind(w)
	switch {
	case r.mayGoBeyond(w):
	case r.used+w.bytes <= limit:
		r.used += w.bytes
		s.counted += w.bytes
	case r.beyond[kind] == nil:
		r.beyond[kind] = s
	default:
		return false
	}
	s.held += w.bytes
	return true
}
