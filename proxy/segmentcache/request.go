package segmentcache

import (
	"context"
	"crypto/sha256"
	"net/http"

	"vod2live/metrics"
	"vod2live/proxy/origin"
)

// Response is an origin's answer to a fetch.
type Response struct {
	*http.Response      // with the header that viewers may see only
	Elsewhere      bool // it came from another origin, and is not kept
}

// Fetch sends a request to the origin. It may be called after the request
// that caused it has ended.
type Fetch func(ctx context.Context, method string, header http.Header) (Response, error)

// Request is a viewer's request.
type Request struct {
	Origin, Path, Query string // decide about the answer
	Method              string // GET or HEAD
	Header              http.Header
	Fetch               Fetch
}

// question is a request on its way through the cache.
type question struct {
	*Request
	span   origin.Range
	ranged bool // it requests span
	plain  bool // it requests the whole, or what is kept under a key
	parts  bool // the whole did not help: only the range will do

	at     *object // that it waits for; nil: it passes by
	result metrics.CacheResult
}

func ask(r *Request) *question {
	q := &question{Request: r}
	asked := r.Header["Range"]
	q.span, q.ranged = origin.ParseRange(asked)
	q.plain = r.Method == http.MethodGet && !conditional(r.Header) && (q.ranged || asked == nil)
	return q
}

// key is the key of the whole (part is empty) or of a range of it.
func (q *question) key(part string) key {
	b := make([]byte, 0, 512)
	for _, s := range []string{q.Origin, q.Path, q.Query, part} {
		b = append(append(b, s...), 0) // which none of them has
	}
	return sha256.Sum256(b)
}

// Get answers a viewer, and waits for the origin's answer if necessary. The
// error is that of the fetch, or context.Canceled.
func (c *Cache) Get(ctx context.Context, r *Request) (*Answer, error) {
	q := ask(r)
	a, err := c.wait(ctx, q)
	c.metrics.Requests[q.result].Inc()
	if q.result == metrics.CacheJoin {
		c.metrics.Collapsed.Inc()
	}
	if a != nil || err != nil {
		return a, err
	}
	return passBy(ctx, r)
}

// wait returns neither answer nor error for what passes by.
func (c *Cache) wait(ctx context.Context, q *question) (*Answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.find(q); q.at != nil; {
		if a, err := c.settle(ctx, q); a != nil || err != nil {
			return a, err
		}
		if q.at == nil || q.at.settled() {
			continue
		}
		more := q.at.waiting()
		c.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
		}
		c.mu.Lock()
		if ctx.Err() != nil {
			c.leave(q.at)
			return nil, context.Canceled
		}
	}
	return nil, nil
}

// passBy sends one viewer's request to the origin, unchanged.
func passBy(ctx context.Context, r *Request) (*Answer, error) {
	header := http.Header{}
	for _, name := range []string{"Range", "If-Range", "If-None-Match", "If-Modified-Since"} {
		if values := r.Header[name]; values != nil {
			header[name] = values
		}
	}
	resp, err := r.Fetch(ctx, r.Method, header)
	if err != nil {
		return nil, err
	}
	return &Answer{Direct: resp.Response, done: func() {}}, nil
}

// find joins what answers a question, or begins to fetch it. The lock is held,
// here and below.
func (c *Cache) find(q *question) {
	q.at, q.result = nil, metrics.CachePass
	if !q.parts {
		c.lookup(q, q.key(""), q.plain && !q.ranged)
	}
	if q.at == nil && q.ranged && q.plain {
		q.parts = true
		c.lookup(q, q.key(q.span.String()), true)
	}
}

// lookup joins the object of a key, or begins it if requested.
func (c *Cache) lookup(q *question, k key, begin bool) {
	now := c.now()
	o, has := c.objects.Get(k)
	if has && o.marks() {
		if o.holds(now) {
			return
		}
		c.drop(o)
		has = false
	}
	switch {
	case !has && begin:
		c.begin(q, k, nil)
	case !has:
	case !o.isStale(now):
		q.result = metrics.CacheHit
		if o.fetching {
			q.result = metrics.CacheJoin
		}
		c.join(q, o)
	case q.Method == http.MethodGet:
		c.begin(q, k, o)
	}
}

// settle makes the answer of what a question has waited for, or moves it on.
func (c *Cache) settle(ctx context.Context, q *question) (*Answer, error) {
	o := q.at
	switch o.state() {
	case asked:
		return nil, nil
	case replaced:
		c.moveOn(q)
		return nil, nil
	case passing:
		return c.takeOver(ctx, q), nil
	}
	switch {
	case o.head == nil:
		c.leave(o)
		return nil, o.err
	case o.head.length < 0 && q.ranged && !q.parts: // no help
		c.passOn(q)
		return nil, nil
	}
	return c.answer(q), nil
}

// moveOn goes to the stale answer that still holds, or has to.
func (c *Cache) moveOn(q *question) {
	o := q.at
	next := o.instead
	if next.err != nil { // it is not all there
		c.leave(o)
		c.find(q)
		return
	}
	switch {
	case q.result != metrics.CacheMiss:
	case next.retryAt.IsZero():
		q.result = metrics.CacheRevalidated
	default:
		q.result = metrics.CacheHit
	}
	c.join(q, next)
	c.leave(o)
}

// passOn leaves an object that is no help: a range may be had by itself.
func (c *Cache) passOn(q *question) {
	o, again := q.at, q.ranged && !q.parts
	q.at, q.result = nil, metrics.CachePass
	c.leave(o)
	if again {
		q.parts = true
		c.find(q)
	}
}

// takeOver gives the one response that must not be shared to one viewer, and
// answers it.
func (c *Cache) takeOver(ctx context.Context, q *question) (a *Answer) {
	if o := q.at; q.plain && o.response != nil && q.ranged == q.parts {
		stop := context.AfterFunc(ctx, o.cancel)
		a = &Answer{Direct: o.response, done: func() { stop(); o.cancel() }}
		o.response = nil
	}
	c.passOn(q)
	return a
}

// answer is what a viewer gets of an object; it reads it until it is closed.
func (c *Cache) answer(q *question) *Answer {
	o, h := q.at, q.at.head
	a := &Answer{cache: c, object: o, head: h, Status: h.status, age: -1, left: h.length, fetch: q.Fetch}
	if q.result != metrics.CacheMiss {
		a.age = h.age(c.now())
	}
	if h.notModified(q.Header) {
		a.Status, a.left = http.StatusNotModified, 0
	} else if q.ranged && h.status == http.StatusOK && h.length > 0 && h.inRange(q.Header) {
		var ok bool
		a.Status = http.StatusPartialContent
		if a.from, a.left, ok = q.span.Within(h.length); !ok {
			a.Status, a.left = http.StatusRequestedRangeNotSatisfiable, 0
		}
	}
	if a.left > 0 {
		a.seek()
	}
	if a.left < 0 {
		o.answers[a] = true
	}
	return a
}
