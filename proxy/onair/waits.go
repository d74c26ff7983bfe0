package onair

import (
	"context"
	"sync"
	"time"
)

// unwanted is how long a load without waiting viewers continues: viewers that were
// asked to retry do so within that time.
const unwanted = 5 * time.Second

// waits are the loads that viewers wait for. The zero value is ready to use.
type waits struct {
	mu sync.Mutex // guards all below
	of map[string]*wait
}

// wait is one load.
type wait struct {
	context.Context
	cancel  context.CancelFunc
	viewers int
	unasked *time.Timer // ends the load; nil: someone waits
}

// join waits for a load with a name. Its context ends a while after all have left, with
// a call of what the last one gives to leave.
func (w *waits) join(parent context.Context, name string) (ctx context.Context, leave func(ended func())) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one := w.of[name]
	if one == nil {
		if w.of == nil {
			w.of = map[string]*wait{}
		}
		one = &wait{}
		one.Context, one.cancel = context.WithCancel(parent)
		w.of[name] = one
	}
	if one.viewers++; one.unasked != nil {
		one.unasked.Stop()
		one.unasked = nil
	}
	return one, func(ended func()) { w.leave(name, one, ended) }
}

func (w *waits) leave(name string, one *wait, ended func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one.viewers--; one.viewers > 0 || w.of[name] != one {
		return
	}
	one.unasked = time.AfterFunc(unwanted, func() { w.end(name, one, ended) })
}

// end ends a load, unless someone waits again.
func (w *waits) end(name string, one *wait, ended func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one.viewers > 0 || w.of[name] != one {
		return
	}
	delete(w.of, name)
	one.cancel()
	ended()
}

// done forgets a load that has ended.
func (w *waits) done(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one := w.of[name]; one != nil {
		delete(w.of, name)
		one.cancel()
	}
}
