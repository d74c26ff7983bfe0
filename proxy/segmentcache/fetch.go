package segmentcache

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
)

// fetch fills an object.
type fetch struct {
	cache   *Cache
	object  *object
	context context.Context
	ask     Fetch
	header  http.Header
	whole   key
	ranged  bool
	head    *head // as it came

	patience time.Duration // separate fetches for readers left behind
}

// begin fetches an object, validating the stale one if there is one. If there is
// no room, that passes by.
func (c *Cache) begin(q *question, k key, stale *object) {
	o := &object{key: k, stale: stale, fetching: true, readers: 1}
	if stale != nil {
		stale.readers++
	}
	if c.closed || !c.reserve(o, overhead) {
		o.fetching, o.readers = false, 0
		c.free(o)
		return
	}
	header := http.Header{}
	if q.parts {
		header["Range"] = []string{q.span.String()}
	}
	if stale != nil {
		stale.kept = false // but held
		stale.head.validators(header)
	}
	c.keep(o)
	f := fetch{cache: c, object: o, ask: q.Fetch, header: header, whole: q.key(""), ranged: q.parts}
	f.context, o.cancel = context.WithCancel(c.context)
	c.work.Go(f.run)
	q.at, q.result = o, metrics.CacheMiss
}

// validators revalidate an answer.
func (h *head) validators(header http.Header) {
	if h.etag != "" {
		header["If-None-Match"] = []string{h.etag}
	}
	if !h.modified.IsZero() {
		header["If-Modified-Since"] = []string{h.modified.UTC().Format(http.TimeFormat)}
	}
}

// run ends with the origin's answer, or when nobody waits for it.
func (f *fetch) run() {
	err := f.guarded()
	c := f.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && f.object.fetching {
		f.end(err)
	}
}

// guarded returns the panic of a fetch as an error for the waiting requests.
func (f *fetch) guarded() (err error) {
	defer panics.Catch(&err)
	f.fetch()
	return nil
}

func (f *fetch) fetch() {
	c, o := f.cache, f.object
	asked := c.now()
	resp, err := f.ask(f.context, http.MethodGet, f.header)
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		f.failed(err)
		return
	}
	h := newHead(resp.Response, asked, c.now())
	if f.ranged {
		h.unpart()
	}
	if !f.begun(resp, h, asked) {
		return
	}
	err = f.read(resp.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		f.end(err)
		return
	}
	o.complete = true
	if !o.over {
		c.shrink(o, overhead+h.bytes+o.held())
	}
	if h.length < 0 {
		o.head = o.head.withLength(o.size)
	}
	f.end(nil)
}

// read reads the body, and closes it.
func (f *fetch) read(body io.ReadCloser) error {
	defer body.Close()
	return f.fill(body)
}

// end ends the fetch, with an error for readers that have not got everything. The
// lock is held, here and below.
func (f *fetch) end(err error) {
	c, o := f.cache, f.object
	o.fetching = false
	o.cancel()
	if o.err == nil {
		o.err = err
	}
	if o.err != nil {
		c.drop(o)
	}
	o.changed()
	c.free(o)
}

// failed is the end of a fetch without an answer. What is stale is better than
// nothing, where the origin allows that.
func (f *fetch) failed(err error) {
	c, o := f.cache, f.object
	if o.err == nil && o.stale != nil && (origin.Sick(err) || errors.Is(err, origin.ErrBusy)) {
		c.putBack(o)
		if !o.stale.head.strict {
			o.stale.retryAt = c.now().Add(failFor)
			o.instead = o.stale
			err = nil
		}
	}
	f.end(err)
}

// begun handles the head of an answer, and reports whether to read its body.
func (f *fetch) begun(resp Response, h *head, asked time.Time) bool {
	c, o := f.cache, f.object
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case o.err != nil: // all have left
		_ = resp.Body.Close()
		f.end(nil)
		return false
	case h.status == http.StatusNotModified && o.stale != nil:
		_ = resp.Body.Close()
		f.confirmed(h, asked)
		return false
	case resp.Elsewhere || !h.storable || !f.room(h):
		f.handOver(resp.Response)
		return false
	}
	if f.ranged && h.status == http.StatusOK {
		f.isWhole()
	}
	f.head, o.head, f.patience = h, h, h.patience()
	if h.length < 0 {
		o.answers = map[*Answer]bool{}
	}
	if stale := o.stale; stale != nil {
		o.stale = nil
		c.leave(stale)
	}
	o.changed()
	return true
}

// room reserves memory for an answer: all of it if its length is known.
func (f *fetch) room(h *head) bool {
	need := h.bytes + max(h.length, 0)
	if h.length < 0 {
		need += 2 * leastBlock
	}
	c := f.cache
	return f.object.cost+need <= c.limit/shares && c.reserve(f.object, need)
}

// confirmed continues with the stale answer, which is still valid.
func (f *fetch) confirmed(h *head, asked time.Time) {
	c, o := f.cache, f.object
	stale := o.stale
	stale.head = stale.head.refreshed(h, asked, c.now())
	stale.retryAt = time.Time{}
	if stale.head.storable {
		c.putBack(o)
	} else {
		c.drop(o)
	}
	o.instead = stale
	f.end(nil)
}

// handOver gives an answer that is not kept to one of the waiting requests.
func (f *fetch) handOver(resp *http.Response) {
	c, o := f.cache, f.object
	o.pass, o.response, o.fetching = true, resp, false
	kept := o.kept
	c.drop(o)
	if kept {
		c.mark(o.key)
	}
	o.changed()
}

// mark notes that the resource of a key is uncacheable, so that later requests
// do not wait for each other in vain.
func (c *Cache) mark(k key) {
	o := &object{key: k, tombstone: tombstone{until: c.now().Add(passFor)}}
	if c.reserve(o, overhead) {
		c.keep(o)
	}
}

// isWhole handles an origin that answers a range with the whole resource: it
// is kept under the key of the whole, if that is free.
func (f *fetch) isWhole() {
	c, o := f.cache, f.object
	if !o.kept {
		return
	}
	c.drop(o)
	if other, has := c.objects.Peek(f.whole); !has || !other.until.IsZero() {
		o.key = f.whole
		c.keep(o)
	}
}
