package onair

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/semaphore"

	"vod2live/proxy/answer"
	"vod2live/proxy/failure"
	"vod2live/proxy/timeshift"
)

const (
	mostWriting   = 4               // views are written at once; of each stream one
	writePatience = 2 * time.Second // how long a viewer waits for his turn
	shareOfViews  = 8               // of the memory for streams
)

// viewKey is what a view's playlist depends on, beside the instant.
type viewKey struct {
	era       *era
	rendition int
	view      timeshift.View
}

// viewCache has the playlists of views, within a bound in bytes, those that were asked for
// last.
type viewCache struct {
	limit   int64
	usage   *usage
	writing *semaphore.Weighted
	bytes   atomic.Int64

	mu   sync.Mutex // guards all below
	kept *simplelru.LRU[viewKey, *rendition]
}

func newViewCache(limit int64, u *usage) *viewCache {
	v := &viewCache{limit: limit / shareOfViews, usage: u, writing: semaphore.NewWeighted(mostWriting)}
	v.kept, _ = simplelru.NewLRU(math.MaxInt, func(_ viewKey, r *rendition) { r.set(nil, nil) }) // bounded by bytes instead
	return v
}

// count counts what is kept.
func (v *viewCache) count(bytes int) {
	v.bytes.Add(int64(bytes))
	v.usage.addAnswers(int64(bytes))
}

// get is a playlist that is right at an instant, nil if there is none.
func (v *viewCache) get(k viewKey, now time.Time) *answer.Answer {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, ok := v.kept.Get(k)
	if !ok {
		return nil
	}
	r.asked.set(now)
	if a := r.current.Load(); a.Holds(now) {
		return a
	}
	return nil
}

// make writes a playlist, in turn, unless somebody else did meanwhile. The error is
// failure.ErrViews if that takes too long.
func (v *viewCache) make(ctx context.Context, st *Stream, k viewKey, now time.Time, write func() *answer.Answer) (*answer.Answer, error) {
	done, err := v.turn(ctx, st)
	if err != nil {
		return nil, err
	}
	defer done()
	if a := v.get(k, now); a != nil {
		return a, nil
	}
	a := write()
	v.keep(k, a, now)
	return a, nil
}

// turn waits for the turn of a stream, which ends with done.
func (v *viewCache) turn(ctx context.Context, st *Stream) (done func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, writePatience, failure.ErrViews)
	defer cancel()
	if st.writing.Acquire(ctx, 1) != nil {
		return nil, context.Cause(ctx)
	}
	if v.writing.Acquire(ctx, 1) != nil {
		st.writing.Release(1)
		return nil, context.Cause(ctx)
	}
	return func() {
		v.writing.Release(1)
		st.writing.Release(1)
	}, nil
}

// keep keeps a playlist in the place of those asked for least recently.
func (v *viewCache) keep(k viewKey, a *answer.Answer, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, ok := v.kept.Get(k)
	if !ok {
		r = &rendition{}
		v.kept.Add(k, r)
	}
	r.asked.set(now)
	r.set(a, v.count)
	for v.bytes.Load() > v.limit && v.kept.Len() > 0 {
		v.kept.RemoveOldest()
	}
}

// dropOne drops the one that was asked for least recently; false: there was none.
func (v *viewCache) dropOne() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, _, some := v.kept.RemoveOldest()
	return some
}

// dropIdle drops those that nobody has asked for in a while.
func (v *viewCache) dropIdle(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for {
		k, r, some := v.kept.GetOldest()
		if !some || !r.asked.idle(now) {
			return
		}
		v.kept.Remove(k)
	}
}

// forget drops those of a stream.
func (v *viewCache) forget(st *Stream) {
	eras := map[*era]bool{}
	for e := st.newest.Load(); e != nil; e = e.earlier {
		eras[e] = true
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, k := range v.kept.Keys() {
		if eras[k.era] {
			v.kept.Remove(k)
		}
	}
}
