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
	keptBytes     = 384             // about what one that is kept takes beside its answer
)

// viewKey is what a view's playlist depends on, beside the instant.
type viewKey struct {
	era       *era
	rendition int
	view      timeshift.View
}

// viewCache has the most recently requested playlists of views, within a limit in bytes.
type viewCache struct {
	limit   int64
	usage   *usage
	bytes   atomic.Int64
	lending *lending

	writing *semaphore.Weighted
	anew    *semaphore.Weighted // of uncached ones: the last place is for the others

	mu   sync.Mutex // guards all below
	kept *simplelru.LRU[viewKey, *keptView]
}

// keptView is the newest playlist of a view.
type keptView struct {
	rendition
	writing *semaphore.Weighted // one at a time
}

func newViewCache(limit int64, u *usage) *viewCache {
	v := &viewCache{
		limit: limit / shareOfViews, usage: u, lending: newLending(limit),
		writing: semaphore.NewWeighted(mostWriting), anew: semaphore.NewWeighted(mostWriting - 1),
	}
	v.kept, _ = simplelru.NewLRU(math.MaxInt, func(_ viewKey, r *keptView) { // bounded by bytes instead
		r.set(nil, nil)
		v.count(-keptBytes)
	})
	return v
}

// count counts the cached playlists.
func (v *viewCache) count(bytes int) {
	v.bytes.Add(int64(bytes))
	v.usage.addAnswers(int64(bytes))
}

// get is a playlist that is valid at an instant, or nil, and the turn to
// write one, nil if none is cached.
func (v *viewCache) get(k viewKey, now time.Time) (a *answer.Answer, turn *semaphore.Weighted) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, ok := v.kept.Get(k)
	if !ok {
		return nil, nil
	}
	r.asked.set(now)
	if a := r.current.Load(); a.Holds(now) {
		return a, r.writing
	}
	return nil, r.writing
}

// viewJob is a playlist to be written.
type viewJob struct {
	stream *Stream
	key    viewKey
	size   int // about
	write  func() *answer.Answer
}

// make writes a playlist, in turn, unless it was written meanwhile. Requests for
// uncached views wait for memory and for each other; requests for cached views never
// wait for them. The error is failure.ErrViews if it takes too long.
func (v *viewCache) make(ctx context.Context, job viewJob, now time.Time) (*answer.Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, writePatience, failure.ErrViews)
	defer cancel()
	_, turn := v.get(job.key, now)
	turns := []*semaphore.Weighted{turn, v.writing}
	if turn == nil {
		if err := v.lending.await(ctx, int64(job.size)); err != nil {
			return nil, err
		}
		turns = []*semaphore.Weighted{job.stream.writing, v.anew, v.writing}
	}
	done, err := await(ctx, turns)
	if err != nil {
		return nil, err
	}
	defer done()
	if a, _ := v.get(job.key, now); a != nil {
		return a, nil
	}
	a := job.write()
	v.keep(job.key, a, now)
	return a, nil
}

// await waits for one turn after the other; they end with done.
func await(ctx context.Context, turns []*semaphore.Weighted) (done func(), err error) {
	end := func(those []*semaphore.Weighted) {
		for _, turn := range those {
			turn.Release(1)
		}
	}
	for n, turn := range turns {
		if turn.Acquire(ctx, 1) != nil {
			end(turns[:n])
			return nil, context.Cause(ctx)
		}
	}
	return func() { end(turns) }, nil
}

// keep caches a playlist in place of the least recently requested ones.
func (v *viewCache) keep(k viewKey, a *answer.Answer, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, ok := v.kept.Get(k)
	if !ok {
		r = &keptView{writing: semaphore.NewWeighted(1)}
		v.kept.Add(k, r)
		v.count(keptBytes)
	}
	r.asked.set(now)
	r.set(a, v.count)
	for v.bytes.Load() > v.limit && v.kept.Len() > 0 {
		v.kept.RemoveOldest()
	}
}

// dropOne drops the least recently requested one; false: there was none.
func (v *viewCache) dropOne() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, _, some := v.kept.RemoveOldest()
	return some
}

// dropIdle drops those without requests for a while.
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
