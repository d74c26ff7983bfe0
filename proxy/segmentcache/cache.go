// Package segmentcache keeps segments, init sections and keys in memory, so that
// the origin sends each of them once for all viewers.
//
// A resource is fetched once, at the origin's pace, however slowly its readers
// read. Later requests read what is there and wait for the rest. A fetch ends when
// its last reader has left, unless three quarters are there. If a body turns out
// to be too large to be kept, readers that hold up the others continue with
// separate fetches; without a strong ETag of the origin, a reader that holds them
// up for ten seconds at a stretch is cut off.
//
// The limit covers all bytes that are kept, fetched or still read. Objects in use
// are not dropped. When all are in use the next resource bypasses the cache, and so
// does one over an eighth of the limit.
//
// It is a shared cache as of RFC 9111, with these choices. A Range on an object that
// is not held is fetched as requested and kept under address and range; on an object
// that is held it is answered from there, several parts by the whole. HEAD and
// conditional requests begin no fetch: on objects that are not held they bypass the
// cache. An answer without explicit freshness is fresh for a minute. Stale answers
// are validated while the viewer waits; if the origin fails meanwhile they are used
// all the same, unless they have must-revalidate, s-maxage or no-cache. A viewer's
// own Cache-Control is ignored. All viewers' requests reach the origin in the same
// form, without their cookies, credentials and other headers. So Vary matters only
// if it is * or names a header that does reach the origin, and our own
// Authorization makes no answer private to a viewer (RFC 9111 3.5).
package segmentcache

import (
	"context"
	"crypto/sha256"
	"math"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"vod2live/metrics"
)

const (
	shares    = 8       // an object of more than such a part of the limit passes by
	overhead  = 2 << 10 // what an object takes beside its bytes and its header
	maxSpared = 64      // objects in use that are looked behind for one to drop

	passFor = time.Minute     // resources found to be uncacheable are requested without waiting for one another
	failFor = 5 * time.Second // a stale answer is not validated again after the origin has failed
)

// key identifies an answer by everything that determines it.
type key [sha256.Size]byte

// Cache keeps what origins answer. It is safe for concurrent use.
type Cache struct {
	now     func() time.Time
	metrics *metrics.SegmentCache
	context context.Context // of all fetches
	cancel  context.CancelFunc
	work    sync.WaitGroup // fetches

	mu      sync.Mutex // guards all below, and what changes of objects and answers
	objects *simplelru.LRU[key, *object]
	limit   int64
	bytes   int64 // of all objects kept, fetched or read
	closed  bool
}

// New makes a Cache of this many bytes. now is the clock for freshness.
func New(limit int64, now func() time.Time, m *metrics.SegmentCache) *Cache {
	c := &Cache{now: now, metrics: m}
	c.context, c.cancel = context.WithCancel(context.Background())
	c.objects, _ = simplelru.NewLRU[key, *object](math.MaxInt, nil) // bounded by bytes instead
	c.Resize(limit)
	return c
}

// Resize changes the limit. The excess is dropped at once, except for what is
// being read.
func (c *Cache) Resize(limit int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = limit
	c.metrics.Limit.Set(float64(limit))
	for c.bytes > limit {
		_, oldest, has := c.objects.GetOldest()
		if !has {
			break
		}
		c.drop(oldest)
	}
	c.count()
}

// Close ends all fetches and waits for that.
func (c *Cache) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.work.Wait()
}

// reserve makes room for n more bytes of an object. What is in use is spared, and
// counts as used just now. The lock is held, here and below.
func (c *Cache) reserve(o *object, n int64) bool {
	for spared := 0; c.bytes+n > c.limit; {
		k, oldest, has := c.objects.GetOldest()
		if !has || spared > min(maxSpared, c.objects.Len()) {
			return false
		}
		if oldest.inUse() {
			c.objects.Get(k)
			spared++
			continue
		}
		c.drop(oldest)
		c.metrics.Evictions.Inc()
	}
	o.cost += n
	c.bytes += n
	c.count()
	return true
}

// shrink gives back what an object did not need.
func (c *Cache) shrink(o *object, cost int64) {
	c.bytes -= o.cost - cost
	o.cost = cost
	c.count()
}

// keep puts an object under its key, in place of another that may be there.
func (c *Cache) keep(o *object) {
	if old, has := c.objects.Peek(o.key); has && old != o {
		c.drop(old)
	}
	c.objects.Add(o.key, o)
	o.kept = true
	c.count()
}

// drop removes an object from the index. Its readers continue.
func (c *Cache) drop(o *object) {
	if !o.kept {
		return
	}
	o.kept = false
	c.objects.Remove(o.key)
	c.free(o)
}

// free returns the memory of an object without readers.
func (c *Cache) free(o *object) {
	if o.kept || o.inUse() {
		return
	}
	c.shrink(o, 0)
	o.blocks = nil
	if stale := o.stale; stale != nil {
		o.stale = nil
		c.leave(stale)
	}
}

func (c *Cache) count() {
	c.metrics.Bytes.Set(float64(c.bytes))
	c.metrics.Objects.Set(float64(c.objects.Len()))
}
