package origin

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"

	"golang.org/x/sync/semaphore"

	"vod2live/metrics"
)

// ErrBusy is our own lack of connections or open files: no request was sent to
// the origin.
var ErrBusy = errors.New("no connection to the origin is free")

// connections are those to one origin that may be in use at once: playlists
// need not wait for segments.
type connections struct {
	playlists, segments *semaphore.Weighted // nil: not bounded
}

func newConnections(o *Origin) (c connections) {
	if o.PlaylistConnections > 0 {
		c.playlists = semaphore.NewWeighted(o.PlaylistConnections)
	}
	if o.SegmentConnections > 0 {
		c.segments = semaphore.NewWeighted(o.SegmentConnections)
	}
	return c
}

// of is what limits a request: whatever is read here is a playlist or as small.
func (c connections) of(w want) *semaphore.Weighted {
	if w.read != nil {
		return c.playlists
	}
	return c.segments
}

// askConnected sends a request to the places of an origin once a connection is
// free. The connection is free again at the end of the answer.
func (c *Client) askConnected(ctx context.Context, o *Origin, w want) (*answer, error) {
	free := c.free[o.Name].of(w)
	if err := c.take(ctx, o, free); err != nil {
		return nil, err
	}
	var body *watchedBody // still to be read
	defer func() {
		if body == nil { // also after a panic
			give(free)
		}
	}()
	a, err := c.askPlaces(ctx, o, w)
	if err != nil || a.next != nil || w.read != nil {
		return a, err
	}
	if body, _ = a.Body.(*watchedBody); body != nil {
		body.uses = free
	}
	return a, nil
}

// take waits until a connection to an origin is free, for as long as the origin
// may take to answer. The error is ErrBusy, or context.Canceled.
func (c *Client) take(ctx context.Context, o *Origin, free *semaphore.Weighted) error {
	if free == nil || free.TryAcquire(1) {
		return nil
	}
	return ourTurn(ctx, func() error { return c.queue(ctx, o, free) })
}

func (c *Client) queue(ctx context.Context, o *Origin, free *semaphore.Weighted) error {
	within, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	switch {
	case free.Acquire(within, 1) == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Canceled
	}
	c.counters[o.Name].Done(metrics.Busy)
	return ErrBusy
}

func give(free *semaphore.Weighted) {
	if free != nil {
		free.Release(1)
	}
}

// lacksFiles reports whether this process or system has no file left. The
// resolver keeps only the text of such an error.
func lacksFiles(err error) bool {
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(err, errno) {
			return true
		}
		if lookup, is := errors.AsType[*net.DNSError](err); is && strings.Contains(lookup.Err, errno.Error()) {
			return true
		}
	}
	return false
}

type playlistKey struct{}

// ForPlaylist reports whether a request to an origin is for a playlist, or for
// another resource that is read here as a whole.
func ForPlaylist(ctx context.Context) bool { return ctx.Value(playlistKey{}) != nil }
