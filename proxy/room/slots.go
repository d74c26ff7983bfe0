package room

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrNoSlot is the error of a load that got no slot: too many loads wait already, or
// its time is over.
var ErrNoSlot = errors.New("other loads use all slots")

// Slots bounds how many loads are under way. A load that finds no free slot waits in
// a fair queue: first come, first served within a folder, one folder after the other.
// So a flood of loads in one folder delays a load in another by one turn. It is safe
// for concurrent use.
type Slots struct {
	mu      sync.Mutex // guards all below
	free    int
	room    int                // for more loads that wait
	waiting map[string][]*turn // by folder, never empty, first come first
	order   []string           // the folders of waiting, the next first
}

// turn is one load that waits.
type turn struct {
	folder  string
	granted chan struct{} // closed when the load has a slot
}

// NewSlots makes Slots for a number of loads, and a number of others that wait.
func NewSlots(loads, waiting int) *Slots {
	return &Slots{free: loads, room: waiting, waiting: map[string][]*turn{}}
}

// Acquire takes a slot for a load in a folder, and waits for it. release gives the
// slot back; only its first call counts. The error is ErrNoSlot at once if too many
// loads wait, or when the deadline of ctx passes; context.Canceled when ctx is
// canceled.
func (s *Slots) Acquire(ctx context.Context, folder string) (release func(), err error) {
	t, err := s.join(folder)
	if err != nil {
		return nil, err
	}
	select {
	case <-t.granted:
		return sync.OnceFunc(s.release), nil
	case <-ctx.Done():
	}
	s.leave(t)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, ErrNoSlot
	}
	return nil, context.Canceled
}

// join grants a free slot, or adds a load to the queue.
func (s *Slots) join(folder string) (*turn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &turn{folder, make(chan struct{})}
	switch {
	case s.free > 0:
		s.free--
		close(t.granted)
		return t, nil
	case s.room == 0:
		return nil, ErrNoSlot
	}
	s.room--
	if s.waiting[folder] == nil {
		s.order = append(s.order, folder)
	}
	s.waiting[folder] = append(s.waiting[folder], t)
	return t, nil
}

// leave takes a load out of the queue; one that got its slot meanwhile gives it back.
func (s *Slots) leave(t *turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := slices.Index(s.waiting[t.folder], t)
	if n < 0 {
		s.next()
		return
	}
	s.remove(t.folder, n)
	if s.waiting[t.folder] == nil {
		n := slices.Index(s.order, t.folder)
		s.order = slices.Delete(s.order, n, n+1)
	}
}

func (s *Slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next()
}

// next hands a slot to the first load of the next folder, which is the last folder
// then. The lock is held, here and below.
func (s *Slots) next() {
	if len(s.order) == 0 {
		s.free++
		return
	}
	folder := s.order[0]
	s.order = slices.Delete(s.order, 0, 1)
	close(s.remove(folder, 0).granted)
	if s.waiting[folder] != nil {
		s.order = append(s.order, folder)
	}
}

// remove takes the nth load of a folder out of the queue.
func (s *Slots) remove(folder string, n int) *turn {
	of := s.waiting[folder]
	t := of[n]
	s.room++
	if len(of) == 1 {
		delete(s.waiting, folder)
		return t
	}
	s.waiting[folder] = slices.Delete(of, n, n+1)
	return t
}
