package segmentcache

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// object is one answer of an origin, from its request on. The cache's lock
// guards it.
type object struct {
	key      key
	cancel   context.CancelFunc // ends its fetch
	fetching bool
	readers  int  // and waiters
	behind   int  // readers that were too slow for the others
	kept     bool // found by others
	cost     int64
	head     *head         // nil: not there yet
	err      error         // that ended the fetch
	more     chan struct{} // closed at the next change; nil: nobody waits

	// Its body. Only the fetch changes it.
	blocks   [][]byte
	size     int64 // of all that has come
	complete bool
	tooLarge

	stale   *object   // validated by this fetch, and held meanwhile
	instead *object   // to be read instead: the stale one
	retryAt time.Time // a stale one is not validated before
	tombstone
}

// tooLarge is the state of a body that is too large to be kept: only bytes that some
// reader has not read are held. The zero value is that of other bodies.
type tooLarge struct {
	over    bool
	gone    int              // blocks in front of those, which all have read
	answers map[*Answer]bool // readers that keep up
	pinned  int64            // bytes still referenced by readers that were left behind
}

// tombstone replaces an answer that must not be shared. The zero value is none.
type tombstone struct {
	pass     bool           // the one response is for the first request that takes it
	response *http.Response // that one; nil: taken
	until    time.Time      // until then others need not wait for such an answer; zero: they wait
}

// state determines what a request for an object gets.
type state int

// The states, and what leads from one to another. An event that is not listed changes
// nothing.
//
//	event                 asked       coming      whole   replaced   passing   failed
//	headers come          coming      –           –       –          –         –
//	 … 304                replaced    –           –       –          –         –
//	 … not to be shared   passing     –           –       –          –         –
//	the body ends         –           whole       –       –          –         –
//	the fetch fails       failed (1)  failed      –       –          –         –
//	nobody waits          failed (1)  failed (2)  –       –          –         –
//	it is taken           –           –           –       –          gone      –
//
// (1) With a stale answer that may still be used: replaced. (2) Unless three quarters
// are there. A failed object is not found any more; its readers read to where it ends.
// A passing one leaves its tombstone for a minute.
const (
	asked    state = iota // of the origin; all wait
	coming                // its headers are there; all read, and wait for the rest
	whole                 // complete
	replaced              // by the stale object that it has validated
	passing               // it must not be shared: one gets the response, the others pass by
	failed                // waiting requests get the error; readers get the bytes before it
)

func (o *object) state() state {
	switch {
	case o.instead != nil:
		return replaced
	case o.pass:
		return passing
	case o.err != nil:
		return failed
	case o.head == nil:
		return asked
	case o.complete:
		return whole
	}
	return coming
}

func (o *object) inUse() bool { return o.readers > 0 || o.fetching }

// waiting is closed at the next change.
func (o *object) waiting() <-chan struct{} {
	if o.more == nil {
		o.more = make(chan struct{})
	}
	return o.more
}

// changed wakes all waiting requests.
func (o *object) changed() {
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
}

// isStale reports whether an answer must be validated before use.
func (o *object) isStale(now time.Time) bool {
	left := o.retryAt.Sub(now)
	return o.head != nil && !o.head.fresh(now) && (left <= 0 || left > failFor) // longer: the clock has stepped back
}

// nearlyThere reports whether a fetch without waiting requests continues:
// players that change renditions leave, and others need the rest.
func (o *object) nearlyThere() bool {
	return o.err == nil && o.head != nil && o.head.length >= 0 && o.size >= o.head.length-o.head.length/4
}

// settled reports whether a request need not wait to know what to do.
func (o *object) settled() bool { return o.state() != asked }

// marks reports whether an object is only a note that nothing is kept.
func (t *tombstone) marks() bool { return !t.until.IsZero() }

// holds reports whether that note is still valid.
func (t *tombstone) holds(now time.Time) bool {
	left := t.until.Sub(now)
	return left > 0 && left <= passFor // longer: the clock has stepped back
}

// held is what the blocks take.
func (o *object) held() (bytes int64) {
	for _, block := range o.blocks {
		bytes += int64(cap(block))
	}
	return bytes
}

// uniform reports whether all blocks except the last are equally long.
func (t *tooLarge) uniform() bool { return t.answers == nil }

// join lets a question wait for an object, or read it.
func (c *Cache) join(q *question, o *object) {
	o.readers++
	q.at = o
}

// leave ends that. With the last waiting request it ends a fetch.
func (c *Cache) leave(o *object) {
	o.readers--
	if o.over {
		o.changed()
	}
	if o.readers > o.behind {
		return
	}
	if o.fetching && !o.nearlyThere() {
		c.abandon(o)
	}
	if o.response != nil {
		_ = o.response.Body.Close() // needed for the connection only
		o.response = nil
		o.cancel()
	}
	c.free(o)
}

// abandon ends a fetch; the next request begins another.
func (c *Cache) abandon(o *object) {
	if o.err == nil {
		o.err = context.Canceled
	}
	o.cancel()
	if o.head == nil && o.stale != nil {
		c.putBack(o)
		return
	}
	c.drop(o)
}

// putBack puts the stale object in the place of the fetch that has validated it.
func (c *Cache) putBack(o *object) {
	if o.kept {
		o.kept = false
		c.objects.Remove(o.key)
		if o.stale.err == nil {
			c.keep(o.stale)
		}
	}
}

var errCut = errors.New("the cached body is incomplete")
