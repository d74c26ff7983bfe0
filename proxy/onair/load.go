package onair

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
	"vod2live/proxy/route"
	"vod2live/proxy/vod"
)

const retryPause = 250 * time.Millisecond

// loader loads streams, each once for all waiting viewers.
type loader struct {
	*env
	loads    singleflight.Group
	waits    waits
	texts    singleflight.Group   // of forms that have the same one at their own address
	handOver func(*Stream, *form) // the loaded stream, and the admitted form; nil: of a channel
}

// await returns a stream once it is loaded, or the error. All viewers that wait
// for a stream wait for the same load, which continues for a while when they
// leave. Its requests to the origin have the id of the first viewer request.
func (l *loader) await(ctx context.Context, k Key) (*Stream, error) {
	if err := l.store.failures.now(k, l.config.Now()); err != nil {
		return nil, err
	}
	k = k.own() // it may stay with the stream
	first := false
	wanted, leave := l.waits.join(l.work.Context, k.String())
	defer leave(func() { l.loads.Forget(k.String()) })
	loaded := l.loads.DoChan(k.String(), func() (any, error) {
		first = true
		if !l.work.Begin() {
			return nil, context.Canceled
		}
		defer l.work.Done()
		defer l.waits.done(k.String())
		return l.load(origin.WithRequestID(wanted, origin.RequestID(ctx)), k)
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

// once loads a stream for all viewers that wait now.
func (l *loader) once(k Key) (*Stream, error) {
	st, err, _ := l.loads.Do(k.String(), func() (any, error) { return l.load(l.work.Context, k) })
	if err != nil {
		return nil, err
	}
	return st.(*Stream), nil
}

// load lets a key's query in, with one retry where that can help and was not tried at
// the last load, or remembers why not. The stream is loaded if need be.
func (l *loader) load(ctx context.Context, k Key) (st *Stream, err error) {
	defer panics.Catch(&err)
	if st := l.store.get(k); st != nil {
		return st, nil // another load ended just before this one began
	}
	start := l.config.Now()
	st, err = l.fetch(ctx, k)
	if _, before := l.store.failures.last(k); before == nil && retryable(err) && l.work.Pause(background.Jitter(retryPause)) {
		st, err = l.fetch(ctx, k)
	}
	if err == nil {
		return st, nil
	}
	if errors.Is(err, failure.ErrBusy) || ctx.Err() != nil && !l.work.Ended() { // nobody waits any more
		return nil, err
	}
	err = l.remember(k, err)
	l.logLoad(l.loadLog(ctx, start), k, nil, err)
	return nil, err
}

// remember caches the error of a load for later requests.
func (l *loader) remember(k Key, err error) error {
	failure.BoundDetail(err)
	if refusesQuery(err) && k.isForm() && len(l.store.books().textsOf(k)) > 0 {
		err = fmt.Errorf("%w: %w", failure.ErrQueryRefused, err)
	}
	if l.work.Ended() {
		return err
	}
	return l.store.failures.add(k, err, l.config.Now())
}

func (l *loader) loadLog(ctx context.Context, start time.Time) *zap.Logger {
	return l.config.Log.With(zap.Duration("took", l.config.Now().Sub(start)), requestID(ctx))
}

// refusesQuery reports whether the origin has rejected this query only, or
// all of them.
func refusesQuery(err error) bool {
	status, is := errors.AsType[*origin.StatusError](err)
	return is && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden)
}

// fetch fetches the playlist at the address of a key, and all others of the VOD where
// that is not as one that is loaded.
func (l *loader) fetch(ctx context.Context, k Key) (st *Stream, err error) {
	defer panics.Catch(&err)
	if p := l.mounts[k.Mount].playout; p != nil {
		return l.whole(ctx, k, p.load)
	}
	v, err := l.openVOD(ctx, k, origin.Validators{})
	defer v.Close() //nolint:staticcheck // it is not nil with an error either
	if err != nil {
		return nil, err
	}
	got := frontOf(v.Sources)
	rest := func(ctx context.Context) (*Stream, error) { return l.rest(ctx, k, v) }
	if l.mounts[k.Mount].channel != "" {
		st, err = l.whole(ctx, k, rest)
		if err == nil {
			l.handOver(st, nil)
		}
		return st, err
	}
	if st = l.store.books().textOf(k, got.text); st == nil {
		name := fmt.Sprintf("%s %x", k.path(), got.text)
		loaded, err, _ := l.texts.Do(name, func() (any, error) { return l.whole(ctx, k, rest) })
		if err != nil {
			return nil, err
		}
		st = loaded.(*Stream)
	}
	l.admit(newForm(st, k.Query, &front{text: got.text, validators: got.validators}, l.config.Now()))
	return st, nil
}

// whole loads all of a VOD and keeps it.
func (l *loader) whole(ctx context.Context, k Key, load func(context.Context) (*Stream, error)) (st *Stream, err error) {
	defer panics.Catch(&err)
	if !l.store.loading.begin(k) {
		return nil, failure.ErrBusy
	}
	defer l.store.loading.done(k)
	release, err := l.slot(ctx, k.Mount, k.Path)
	if err != nil {
		return nil, err
	}
	defer release()
	start := l.config.Now()
	if st, err = load(ctx); err != nil {
		return nil, err
	}
	now := l.config.Now()
	st.checkIn(l.LookEvery(st), now)
	st.confirmedAt.Store(now.UnixNano())
	if err = l.store.add(st); err != nil {
		return nil, err
	}
	l.logLoad(l.loadLog(ctx, start), k, st, nil)
	return st, nil
}

// slot waits for a slot, no longer than a viewer does. The error is failure.ErrBusy or
// context.Canceled.
func (e *env) slot(ctx context.Context, mount, path string) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, e.config.Timeout+background.ViewerSlack)
	defer cancel()
	folder, _ := route.CutLast(path)
	release, err = e.mounts[mount].slots.Acquire(ctx, folder)
	if errors.Is(err, room.ErrNoSlot) {
		err = failure.ErrBusy
	}
	return release, err
}

// rest fetches the other playlists of a VOD, measures its media and makes it ready. One
// that differs from a loaded one in queries of addresses alone has its timeline.
func (l *loader) rest(ctx context.Context, k Key, v *vod.VOD) (*Stream, error) {
	within, cancel := l.within(ctx)
	defer cancel()
	if err := v.Rest(within); err != nil {
		return nil, err
	}
	options := l.mounts[k.Mount].optionsOf(k)
	st := &Stream{key: k, options: options, renditions: make([]rendition, len(v.Media)), sources: v.Sources, kin: &kin{}, writing: semaphore.NewWeighted(1)}
	ready := func(a *addresses) (*playlist.Live, error) {
		return playlist.NewLive(v.Multivariant, v.Media, a, options)
	}
	var like *era
	if kin := l.kinOf(k, v); kin != nil {
		st.kin, like = kin.kin, kin.newest.Load()
		ready = func(a *addresses) (*playlist.Live, error) {
			return like.live.Join(v.Multivariant, v.Media, a, options)
		}
	} else if err := l.measure(ctx, k, v); err != nil {
		return nil, err
	}
	e, err := l.newEra(k, v, like, ready)
	if err != nil {
		return nil, err
	}
	st.newest.Store(e)
	st.front.Store(frontOf(v.Sources))
	if v.Sources.MayBeSigned() {
		st.renewed.expect()
	}
	for n := range st.renditions {
		st.renditions[n].variant = v.Multivariant == nil || v.Multivariant.Renditions[n].Variant
	}
	return st, nil
}

// kinOf is a loaded text of the VOD with other queries in its addresses; nil: there is
// none.
func (l *loader) kinOf(k Key, v *vod.VOD) *Stream {
	for _, st := range l.store.books().textsOf(k) {
		if v.Sources.SameLayout(st.front.Load().sources) {
			return st
		}
	}
	return nil
}

// admit lets a form in, here and where another server has taken over.
func (l *loader) admit(one *form) {
	l.store.admit(one)
	l.handOver(one.st, one)
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
