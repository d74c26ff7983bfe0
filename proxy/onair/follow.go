package onair

import (
	"errors"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
	"vod2live/proxy/vod"
)

// follower keeps loaded streams like what their origins have.
type follower struct {
	*env
	ended func(*Stream) // its VOD has been gone for long enough
}

// update lets the new version take over at the end of a loop, once two fetches
// have found it: an edit takes a while to upload. It reports whether to
// revalidate soon.
func (f *follower) update(of Form, log *zap.Logger) (soon bool) {
	st := of.Stream
	release, err := f.slot(f.work.Context, st.key.Mount, st.key.Path)
	if err != nil {
		return true
	}
	defer release()
	v, err := f.fetchVOD(f.work.Context, of.key())
	defer v.Close() //nolint:staticcheck // it is not nil with an error either
	panics.Log(log, err)
	if errors.Is(err, room.ErrFull) || f.sick(st, err, log) {
		return true
	}
	return f.takeIn(st, v, err, log)
}

// takeIn lets a VOD that was fetched again, or could not be, take over. It reports
// whether to revalidate soon.
func (f *follower) takeIn(st *Stream, v *vod.VOD, err error, log *zap.Logger) (soon bool) {
	if err == nil && v.Sources.SignedAnew(st.sources) {
		if err = f.renew(st, v, log); err == nil {
			return false
		}
	}
	now := f.clock.Now()
	if sum := v.Sources.Sum(err); sum != st.seen.sum {
		odd := st.seen != seen{}
		st.noteSeen(sum, now)
		f.noteUnsettled(st, log)
		if err != nil || !f.stood(st, v, now) {
			return !odd // a version that differs each time does not justify the haste
		}
	}
	if err == nil {
		err = f.measure(f.work.Context, st.key, v)
	}
	if f.sick(st, err, log) {
		return true
	}
	if err == nil {
		err = f.follow(st, v, log)
	}
	if err == nil {
		return false
	}
	failure.BoundDetail(err)
	if st.refused.begin(now, failure.Cause(err)) {
		panics.Log(log, err)
		f.failures.Warn(log, "the VOD has changed, and the new version can't take over; the old one plays on", st.key.Mount, err)
		f.config.Metrics.Eras[metrics.EraRefused].Inc()
	}
	return false
}

// sick reports whether an edit could not be loaded because the origin fails.
func (f *follower) sick(st *Stream, err error, log *zap.Logger) bool {
	failed, is := errors.AsType[*failure.LoadError](err)
	if !is || !origin.Sick(failed) {
		return false
	}
	f.failures.Warn(log, "the VOD has changed, and could not be loaded again; the old version plays on", st.key.Mount, err)
	return true
}

// follow lets a new version take over from the one on air. A version that is
// waiting to take over is replaced.
func (f *follower) follow(st *Stream, v *vod.VOD, log *zap.Logger) (err error) {
	defer panics.Catch(&err)
	now := f.clock.Now()
	wish, late := f.takeoverOf(st, v, now)
	on := st.at(wish)
	e, err := f.newEra(st.key, v, nil, func(a *addresses) (*playlist.Live, error) {
		return on.live.Follow(v.Multivariant, v.Media, a, f.mounts[st.key.Mount].options, wish)
	})
	if err != nil {
		return err
	}
	live := e.live
	st.settle(v, now)
	if st.renewed.stop(); v.Sources.MayBeSigned() {
		st.renewed.expect()
	}
	if live.Text == on.live.Text {
		f.play(st, on) // nothing that is seen has changed, or the change is undone
		return nil
	}
	e.earlier = on
	e = e.within(f.mostOf(), f.keeps(st, f.clock.Now()), now)
	f.play(st, e)
	fields := []zap.Field{zap.Time("at", live.Begins()), zap.Int("era", live.Era), zap.Duration("length", live.VOD.Length)}
	if old, target := on.live.VOD.TargetDuration, live.VOD.TargetDuration; target > old {
		fields = append(fields, zap.String("code", CodeTargetRaised), zap.Duration("target_duration", target), zap.Duration("from", old))
	}
	f.config.Metrics.Eras[metrics.EraBegun].Inc()
	if late {
		log.Warn("the VOD has changed: replicas may switch to the new version at another instant", zap.String("code", CodeEditSeenLate))
	}
	log.Info("the VOD has changed: the new version takes over at the end of a loop", fields...)
	return nil
}

// play makes an era the newest of a stream.
func (f *env) play(st *Stream, e *era) {
	st.play(e, f.config.Now())
	f.store.resize(st)
}

// settle forgets eras that nothing shows any more, and outdated addresses.
func (f *follower) settle(st *Stream) {
	e := st.newest.Load()
	if e.earlier == nil && len(e.outdated) == 0 {
		return
	}
	now := f.config.Now()
	if rest := e.within(f.mostOf(), f.keeps(st, now), now); rest.live.Versions() < e.live.Versions() || len(rest.outdated) < len(e.outdated) {
		f.play(st, rest)
	}
}
