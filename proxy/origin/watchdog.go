package origin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"vod2live/metrics"
	"vod2live/proxy/room"
)

// watchdog ends a request that makes no progress.
type watchdog struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	timeout time.Duration
	outer   *watchdog // of what the request is a part of; nil: nothing
}

type watchdogKey struct{} // of the innermost watchdog of a context

// watch starts a watchdog; the request must be made with the context returned,
// and stop must be called in the end.
func watch(ctx context.Context, timeout time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(timeout, func() { cancel(ErrTimeout) })
	outer, _ := ctx.Value(watchdogKey{}).(*watchdog)
	d := &watchdog{ctx, cancel, timer, timeout, outer}
	return context.WithValue(ctx, watchdogKey{}, d), d
}

// ourTurn holds all watchdogs of a context while we let the origin wait.
func ourTurn(ctx context.Context, wait func() error) error {
	innermost, _ := ctx.Value(watchdogKey{}).(*watchdog)
	for d := innermost; d != nil; d = d.outer {
		d.rest()
		defer d.wake()
	}
	return wait()
}

// rest holds the watchdog until wake.
func (d *watchdog) rest() { d.timer.Stop() }

func (d *watchdog) wake() { d.timer.Reset(d.timeout) }

func (d *watchdog) stop() {
	d.timer.Stop()
	d.cancel(context.Canceled)
}

// explain replaces an error by what made us give up, if we did.
func (d *watchdog) explain(err error) error {
	cause := context.Cause(d.ctx)
	if cause == nil || errors.Is(err, room.ErrFull) {
		return err
	}
	if cause == ErrTimeout { //nolint:errorlint // one that wraps it is another request's
		return cause
	}
	return context.Canceled // the cause is another request's, as of a rendition beside this one
}

// watchedBody is a body with a watch on every read, but not on the pauses
// between reads. The request is counted when the body is closed.
type watchedBody struct {
	io.ReadCloser
	dog     *watchdog
	counter *metrics.Origin
	outcome metrics.Outcome
	failed  func(error)         // called with a read error; nil: not called
	uses    *semaphore.Weighted // free again when it is closed; nil: nothing is
	closed  bool
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.dog.wake()
	n, err := b.ReadCloser.Read(p)
	b.dog.rest()
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.dog.explain(unquoted{err}) // of a malformed trailer
		b.outcome = outcome(err)
		if b.failed != nil {
			b.failed(broken(err))
		}
	}
	return n, err
}

func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.dog.stop()
	if !b.closed {
		b.closed = true
		b.counter.Done(b.outcome)
		give(b.uses)
	}
	return err
}

// fail notes why an answer is of no use, to be counted so.
func fail(resp *http.Response, err error) {
	if body, watched := resp.Body.(*watchedBody); watched {
		body.outcome = outcome(err)
	}
}
