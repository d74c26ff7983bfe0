package onair

import (
	"sync"
	"sync/atomic"
	"time"

	"vod2live/proxy/answer"
)

// idleFor is how long an unrequested live playlist is kept.
const idleFor = time.Minute

// tally is what the answers of a stream take of memory, and the store that counts it.
type tally struct {
	mu    sync.Mutex // guards all below
	bytes int64
	store *store // nil: none counts it
}

// add counts an answer, or one that is dropped.
func (t *tally) add(bytes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += int64(bytes)
	if t.store != nil {
		t.store.usage.addAnswers(int64(bytes))
	}
}

// move counts in another store; nil: in none.
func (t *tally) move(to *store) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(to)
}

// turn is move with the lock held.
func (t *tally) turn(to *store) {
	if t.store != nil {
		t.store.usage.addAnswers(-t.bytes)
	}
	if t.store = to; to != nil {
		to.usage.addAnswers(t.bytes)
	}
}

// leave ends the counting in a store, unless another counts already.
func (t *tally) leave(s *store) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.store == s {
		t.turn(nil)
	}
}

// in is the store that counts, and how much it counts.
func (t *tally) in() (s *store, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.store, t.bytes
}

// set makes an answer the newest; nil: there is none any more.
func (r *rendition) set(a *answer.Answer, count func(bytes int)) {
	if a != nil {
		a.Keep(count) // before anybody can drop it
	}
	if old := r.current.Swap(a); old != nil {
		old.Drop()
	}
}

// drop drops an answer, unless there is a newer one.
func (r *rendition) drop(a *answer.Answer) {
	if r.current.CompareAndSwap(a, nil) {
		a.Drop()
	}
}

// keep keeps the newest answer of a rendition, if there is memory for it. Viewers
// that have it now may write it in any case.
func (st *Stream) keep(r *rendition, a *answer.Answer) {
	r.set(a, st.answers.add)
	if s, _ := st.answers.in(); s != nil && !s.roomForAnswers(st.key) {
		r.drop(a)
	}
}

// dropIdle drops the answers without requests for a while.
func (st *Stream) dropIdle(now time.Time) {
	if _, bytes := st.answers.in(); bytes == 0 {
		return
	}
	for n := range st.renditions {
		r := &st.renditions[n]
		if a := r.current.Load(); a != nil && r.asked.idle(now) {
			r.drop(a)
		}
	}
}

// moment is an instant, to a second.
type moment struct{ nanos atomic.Int64 }

// set notes an instant, and reports whether it is another second. The clock may
// step back.
func (m *moment) set(now time.Time) bool {
	nanos, last := now.UnixNano(), m.nanos.Load()
	ago := nanos - last
	return (ago > int64(time.Second) || ago < 0) && m.nanos.CompareAndSwap(last, nanos)
}

// idle reports whether it was long ago. One in the future was long ago, too: the
// clock has stepped back since.
func (m *moment) idle(now time.Time) bool {
	ago := now.UnixNano() - m.nanos.Load()
	return ago >= int64(idleFor) || ago < -int64(answer.HoldBack)
}

// roomForAnswers makes room for what the answers of a stream take: idle ones go,
// then other streams. It reports whether there is enough. As it is called at each
// change, it looks at all streams once a second at most.
func (s *store) roomForAnswers(of Key) bool {
	if s.usage.total() <= s.limit {
		return true
	}
	if s.usage.tried.set(s.now()) {
		s.usage.sweep()
	} else if s.usage.full.Load() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.count()
	fits := s.shrink(of)
	s.usage.full.Store(!fits)
	return fits
}
