package proxy

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"vod2live/proxy/failure"
)

// Requests counts the viewer requests under way in the process and bounds them.
// It outlives a Server. A nil Requests bounds nothing.
type Requests struct {
	limit int64
	now   atomic.Int64
	large atomic.Int64 // bytes that some of them hold beyond the share of each
}

// NewRequests bounds the requests under way.
func NewRequests(limit int64) *Requests { return &Requests{limit: limit} }

// enter begins a request, which must end with leave even after an error:
// errCrowded beyond the limit, errFlood beyond five quarters of it.
func (q *Requests) enter() error {
	if q == nil {
		return nil
	}
	switch n := q.now.Add(1); {
	case n <= q.limit:
		return nil
	case n <= q.limit+q.limit/4:
		return failure.ErrCrowded
	}
	return failure.ErrFlood
}

func (q *Requests) leave() {
	if q != nil {
		q.now.Add(-1)
	}
}

// shareOfRequest is the share of the memory for each request.
const shareOfRequest = 64 << 10

// hold counts bytes that are made for one request and that its viewer may be slow to take,
// until done: an eighth of the memory for all requests is for those that hold more than
// their share. The error is failure.ErrCrowded if others hold that, failure.ErrTooLong if
// it is more than all of that.
func (q *Requests) hold(bytes int64) (done func(), err error) {
	if q == nil || bytes <= shareOfRequest {
		return func() {}, nil
	}
	most := q.limit / 8 * shareOfRequest
	if bytes > most {
		return nil, failure.ErrTooLong
	}
	for {
		now := q.large.Load()
		if now+bytes > most {
			return nil, failure.ErrCrowded
		}
		if q.large.CompareAndSwap(now, now+bytes) {
			return func() { q.large.Add(-bytes) }, nil
		}
	}
}

// hasRoom reports whether one more resource may be passed through. The last
// eighth of the limit is for playlists, which take less and sooner.
func (q *Requests) hasRoom() bool { return q == nil || q.now.Load() <= q.limit-q.limit/8 }

// maxTransfers is how many resources are passed through at once to one HTTP/2
// connection, which may have more requests under way.
const maxTransfers = 32

// connection is what the requests of one HTTP/2 connection share.
type connection struct {
	transfers *semaphore.Weighted
	finishing atomic.Int32 // requests that wait until the viewer takes the end of an answer
}

type connectionKey struct{}

// ConnContext bounds what one HTTP/2 connection takes: it is for
// http.Server.ConnContext.
func ConnContext(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, &connection{transfers: semaphore.NewWeighted(maxTransfers)})
}

// connectionOf is nil for HTTP/1.1, where a connection has one request.
func connectionOf(r *http.Request) *connection {
	if r.ProtoMajor < 2 {
		return nil
	}
	c, _ := r.Context().Value(connectionKey{}).(*connection)
	return c
}

// probe: one answer in this many is ended from here.
const probe = 8

// finish sends what net/http still holds back of an HTTP/2 answer. Otherwise
// net/http sends it after the handler, and the requests of a viewer that reads
// nothing would not be counted. That costs one more frame, so only some answers
// are sent this way: all of them while a viewer keeps one waiting.
func finish(w *recorder, r *http.Request) {
	c := connectionOf(r)
	if c == nil || w.bytes == 0 || c.finishing.Load() == 0 && rand.N(probe) != 0 {
		return
	}
	c.finishing.Add(1)
	defer c.finishing.Add(-1)
	_ = http.NewResponseController(w).Flush() // the viewer may have left
}
