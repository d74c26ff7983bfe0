package onair

import (
	"errors"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist/mask"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
	"vod2live/proxy/vod"
)

// leastRecheck is the soonest that a failed revalidation is tried again.
const leastRecheck = 5 * time.Second

// revalidate compares a requested stream with its origin, in the background and
// at most once at a time. Only a viewer of a stream without recent viewers
// waits for it, see awaitLook. Whatever it finds, the stream continues; only a
// VOD that has been gone for long enough ends.
func (f *follower) revalidate(v Form, now time.Time) {
	switch next := v.check.Load(); {
	case (next == nil || next.left(now) == 0) && !f.leaves(v, now):
		f.begin(&v.look, func() { f.check(v) })
	case v.state != nil && v.state.due(f.askEvery(v.Stream), now):
		f.begin(&v.state.look, func() { f.ask(v) })
	}
}

// begin has a look done in the background, unless one is under way.
func (f *follower) begin(l *look, do func()) {
	end, first := l.begin()
	if !first {
		return
	}
	if !f.work.Begin() { // another Station may have the stream now
		end()
		return
	}
	go func() {
		defer f.work.Done()
		defer end()
		defer panics.Survive(f.config.Log)
		do()
	}()
}

// check asks the origin, at the address of a form, and handles its answer. The
// caller has begun the look, and work.
func (f *follower) check(v Form) metrics.Revalidation {
	found, err := f.compare(v)
	if !f.work.Ended() {
		f.config.Metrics.Revalidations[found].Inc()
		f.noteRevalidation(v, found, err)
	}
	return found
}

func (f *follower) noteRevalidation(v Form, found metrics.Revalidation, err error) {
	st, now := v.Stream, f.config.Now()
	if _, refused := errors.AsType[*vod.RefusedError](err); v.state != nil && refused {
		f.refuse(v, err, now)
		if f.othersAreGood(v, now) {
			return // and revalidate the VOD
		}
	}
	f.settle(st)
	log := f.config.Log.With(zap.String("mount", st.key.Mount), zap.String("path", mask.Line(st.key.Path)))
	next := f.LookEvery(st)
	defer func() { st.checkIn(next, now) }() // also after a panic, which the next viewer would repeat
	wasCut := f.noteCut(st, found, err, log)
	if v.state != nil {
		v.state.asked.Store(now.UnixNano())
	}
	switch found {
	case metrics.Unchanged:
		f.confirm(v, log, now)
		next = f.LookEvery(st)
	case metrics.Changed:
		soon := f.update(v, log)
		if next = f.LookEvery(st); soon {
			next = min(next, leastRecheck)
		}
	case metrics.Gone:
		f.gone(st, err, log, now)
	case metrics.Unknowable:
		next = max(min(next, leastRecheck), origin.PauseOf(err))
		panics.Log(log, err)
		if !wasCut {
			f.failures.Warn(log, "stream not revalidated; it plays on", st.key.Mount, err)
		}
	}
}

// noteCut notes whether the origin failed a stream, and reports whether it did
// before.
func (e *env) noteCut(st *Stream, found metrics.Revalidation, err error, log *zap.Logger) (wasCut bool) {
	if found != metrics.Gone {
		st.gone.end()
	}
	if errors.Is(err, origin.ErrBusy) || errors.Is(err, room.ErrFull) {
		return st.cut.holds() // no request to the origin
	}
	if found == metrics.Unknowable || found == metrics.Gone {
		return !st.cut.begin(e.config.Now(), failure.Cause(err))
	}
	if wasCut = st.cut.end(); wasCut {
		log.Info("stream revalidated again")
	}
	return wasCut
}

// confirm notes that the origin has a stream as it is on air.
func (f *follower) confirm(v Form, log *zap.Logger, now time.Time) {
	st := v.Stream
	if v.state != nil {
		v.state.good(frontOf(st.sources), now)
	}
	st.confirmedAt.Store(now.UnixNano())
	st.renewed.stop()
	st.forgetSeen() // an edit that could not take over is undone
	if f.astray(st, now) {
		log.Warn("the clock was ahead when the VOD changed: the stream is reloaded", zap.Time("begins", st.newest.Load().live.Begins()))
		f.ended(st)
	}
}

// gone notes that the origin has a VOD no more, and ends the stream after a while.
func (f *follower) gone(st *Stream, err error, log *zap.Logger, now time.Time) {
	after := f.mounts[st.key.Mount].goneAfter
	if st.gone.begin(now, "") {
		log.Warn("the origin no longer has the VOD; the stream continues until gone_after has passed", zap.Duration("ends_in", after), zap.String("code", CodeVODGone), zap.Error(err))
	}
	if now.Sub(st.gone.at()) >= after {
		log.Warn("stream ended: the origin no longer has the VOD", zap.Error(err))
		f.ended(st)
	}
}

// checkIn sets the next revalidation.
func (st *Stream) checkIn(wait time.Duration, now time.Time) {
	next := dueIn(wait, now)
	st.check.Store(&next)
}

// compare compares a stream with its origin.
func (f *follower) compare(v Form) (metrics.Revalidation, error) {
	ctx, cancel := f.within(f.work.Context)
	defer cancel()
	share := f.room.Open()
	defer share.Close()
	m := f.mounts[v.Stream.key.Mount]
	if v.state != nil {
		address, err := m.address(v.key())
		if err != nil {
			return metrics.Unknowable, err
		}
		v.sources = v.sources.As(address.String(), v.state.front.Load().validators)
	}
	return v.sources.Compare(ctx, m.client.Within(share), v.renewed.sure)
}
