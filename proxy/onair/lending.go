package onair

import (
	"context"
	"fmt"
	"sync"

	"vod2live/proxy/answer"
	"vod2live/proxy/failure"
	"vod2live/proxy/timeshift"
)

const (
	shareOfLent = 4        // of the memory for streams
	leastLent   = 64 << 10 // a smaller playlist is within what counts for a request
)

// lending counts the playlists of views that are being sent, each once: a slow viewer
// keeps a playlist in memory, whatever the cache drops. The last quarter is for
// playlists that were cached at the request.
type lending struct {
	limit int64

	mu    sync.Mutex // guards all below
	lent  map[any]*loan
	bytes int64
	freed chan struct{} // closed when some come back
}

// loan is one playlist that is being sent.
type loan struct {
	bytes   int64
	viewers int
}

func newLending(limit int64) *lending {
	return &lending{limit: limit / shareOfLent, lent: map[any]*loan{}, freed: make(chan struct{})}
}

// forNew is how much may be lent for one that was not kept to be written.
func (l *lending) forNew() int64 { return l.limit - l.limit/4 }

// await waits until there is memory for a new playlist of about this length: a written
// playlist takes memory, whether it is sent or not.
func (l *lending) await(ctx context.Context, size int64) error {
	for {
		l.mu.Lock()
		fits, freed := l.bytes+size <= l.forNew(), l.freed
		l.mu.Unlock()
		if fits || size <= leastLent || size > l.forNew() { // see lend
			return nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// lend is an answer as a viewer with a query gets it, if there is memory for it, which
// ends with back: if it is kept there will be soon. The error is failure.ErrViews, or a
// *timeshift.Error if it takes more than there is.
func (l *lending) lend(ctx context.Context, a *answer.Answer, query string, kept bool) (lent *answer.Answer, back func(), err error) {
	bytes := a.SizeFor(query)
	if bytes <= leastLent {
		return a.For(query), func() {}, nil
	}
	if limit := l.forNew(); bytes > limit {
		return nil, nil, &timeshift.Error{Code: timeshift.CodeTooLong, Detail: fmt.Sprintf("the playlist takes %d bytes of memory, at most %d may be used", bytes, limit)}
	}
	var of any = a
	if a.Own(query) {
		of = new(loan)
	}
	if err := l.takeSoon(ctx, of, bytes, kept); err != nil {
		return nil, nil, err
	}
	return a.For(query), func() { l.back(of) }, nil
}

// takeSoon counts one more viewer of a playlist; of one that is kept, it waits.
func (l *lending) takeSoon(ctx context.Context, of any, bytes int64, kept bool) error {
	if !kept {
		if l.take(of, bytes, l.forNew()) != nil {
			return failure.ErrViews
		}
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, writePatience, failure.ErrViews)
	defer cancel()
	for {
		freed := l.take(of, bytes, l.limit)
		if freed == nil {
			return nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// take counts one more viewer of a playlist. If it does not fit, it returns a
// channel that is closed when it may.
func (l *lending) take(of any, bytes, limit int64) (freed chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.lent[of]
	if one == nil {
		if l.bytes+bytes > limit {
			return l.freed
		}
		one = &loan{bytes: bytes}
		l.lent[of] = one
		l.bytes += bytes
	}
	one.viewers++
	return nil
}

func (l *lending) back(of any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.lent[of]
	if one.viewers--; one.viewers > 0 {
		return
	}
	delete(l.lent, of)
	l.bytes -= one.bytes
	close(l.freed)
	l.freed = make(chan struct{})
}
