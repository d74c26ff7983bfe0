package onair

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
)

const retryPause = 250 * time.Millisecond

// loader loads streams, each once for all who want it.
type loader struct {
	*env
	loads    singleflight.Group
	handOver func(*Stream) // what was loaded
}

// await returns a stream once it is loaded, or why it can't be. All who wait
// for one wait for the same load, which goes on when they leave; its requests to
// the origin have the id of the first.
func (l *loader) await(ctx context.Context, k Key) (*Stream, error) {
	if err := l.store.failure(k, l.config.Now()); err != nil {
		return nil, err
	}
	k = k.own() // it may stay with the stream
	first := false
	loaded := l.loads.DoChan(k.String(), func() (any, error) {
		first = true
		if !l.work.Begin() {
			return nil, context.Canceled
		}
		defer l.work.Done()
		return l.load(origin.WithRequestID(l.work.Context, origin.RequestID(ctx)), k)
	})
	patience := time.NewTimer(l.config.Timeout + background.ViewerSlack)
	defer patience.Stop()
	select {
	case result := <-loaded:
		l.countMiss(first)
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Stream), nil
	case <-patience.C:
		return nil, failure.ErrLoading
	case <-ctx.Done():
		return nil, context.Canceled
	}
}

func (l *loader) countMiss(first bool) {
	if first {
		l.config.Metrics.CacheMisses.Inc()
	} else {
		l.config.Metrics.CacheWaits.Inc()
		l.config.Metrics.Collapsed.Inc()
	}
}

// once loads a stream for all who want it now.
func (l *loader) once(k Key) (*Stream, error) {
	st, err, _ := l.loads.Do(k.String(), func() (any, error) { return l.load(l.work.Context, k) })
	if err != nil {
		return nil, err
	}
	return st.(*Stream), nil
}

// load loads a stream, with one retry where that can help and was not tried at
// the last load, and keeps it or remembers why not.
func (l *loader) load(ctx context.Context, k Key) (st *Stream, err error) {
	defer panics.Catch(&err)
	if st := l.store.get(k); st != nil {
		return st, nil // another load ended just before this one began
	}
	if !l.store.begin(k) {
		return nil, failure.ErrBusy
	}
	defer l.store.done(k)
	slots := l.mounts[k.Mount].slots
	if !slots.TryAcquire(1) {
		return nil, failure.ErrBusy
	}
	defer slots.Release(1)
	start := l.config.Now()
	st, err = l.fetch(ctx, k)
	if retryable(err) && l.store.lastFailure(k) == nil && l.work.Pause(background.Jitter(retryPause)) {
		st, err = l.fetch(ctx, k)
	}
	failure.BoundDetail(err)
	if err == nil {
		now := l.config.Now()
		st.checkIn(l.LookEvery(st), now)
		st.confirmedAt.Store(now.UnixNano())
		err = l.store.add(st)
		l.handOver(st)
	}
	if err != nil && !l.work.Ended() {
		err = l.store.failed(k, err, l.config.Now())
	}
	l.logLoad(l.config.Log.With(zap.Duration("took", l.config.Now().Sub(start)), requestID(ctx)), k, st, err)
	return st, err
}

// fetch fetches all playlists of a VOD, measures its media and makes it ready.
func (l *loader) fetch(ctx context.Context, k Key) (st *Stream, err error) {
	defer panics.Catch(&err)
	if p := l.mounts[k.Mount].playout; p != nil {
		return p.load(ctx)
	}
	v, err := l.fetchVOD(ctx, k)
	defer v.Close()
	if err == nil {
		err = l.measure(ctx, k, v)
	}
	if err != nil {
		return nil, err
	}
	e, err := l.newEra(k, v, func(a *addresses) (*playlist.Live, error) {
		return playlist.NewLive(v.Multivariant, v.Media, a, l.mounts[k.Mount].options)
	})
	if err != nil {
		return nil, err
	}
	st = &Stream{key: k, options: l.mounts[k.Mount].options, renditions: make([]rendition, len(v.Media)), sources: v.Sources}
	st.newest.Store(e)
	if v.Sources.MayBeSigned() {
		st.renewed.expect()
	}
	for n := range st.renditions {
		st.renditions[n].variant = v.Multivariant == nil || v.Multivariant.Renditions[n].Variant
	}
	return st, nil
}

func loadOutcome(err error) metrics.Load {
	var failed *failure.LoadError
	switch {
	case err == nil:
		return metrics.LoadOK
	case errors.Is(err, origin.ErrNotFound):
		return metrics.LoadNotFound
	case errors.Is(err, origin.ErrBusy), errors.Is(err, room.ErrFull):
		return metrics.LoadBusy
	case errors.Is(err, origin.ErrTimeout):
		return metrics.LoadTimeout
	case errors.As(err, &failed):
		return metrics.LoadFailed
	}
	return metrics.LoadRefused
}
