package onair

import (
	"errors"
	"fmt"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/vod"
)

const (
	leastAsk   = time.Minute      // between two requests for a form, at the least
	mostLeft   = 15 * time.Second // how long a look at a VOD is left to another form
	refusalsOf = 2                // end a form
)

// askEvery is the interval of origin requests about a form, while viewers use
// it.
func (e *env) askEvery(st *Stream) time.Duration {
	return max(e.mounts[st.key.Mount].revalidate, leastAsk)
}

// due reports whether a request about a form is due.
func (one *form) due(every time.Duration, now time.Time) bool {
	return since(one.asked.Load(), now) >= every+one.spread(every)
}

// leaves reports whether the revalidation of the VOD is left to viewers with other
// queries: this query was rejected, has another text, or was revalidated a moment ago.
func (f *follower) leaves(v Form, now time.Time) bool {
	if v.state == nil || !f.othersAreGood(v, now) {
		return false
	}
	if v.state.refusedAt.Load() != 0 {
		return true
	}
	next := v.check.Load()
	if next == nil {
		return since(v.state.differsAt.Load(), now) < mostLeft
	}
	every := f.askEvery(v.Stream)
	return next.wait >= every && since(v.state.asked.Load(), now) < every && now.Sub(next.at) < mostLeft
}

// othersAreGood reports whether the origin has accepted another query of the stream
// since all of them were last due.
func (f *follower) othersAreGood(v Form, now time.Time) bool {
	every := f.askEvery(v.Stream)
	return since(v.good.others(v.state), now) < every+every/2
}

// ask asks the origin whether it still accepts a form, with the same text. The
// caller has begun the look of the form, and work.
func (f *follower) ask(v Form) {
	one := v.state
	got, err := f.open(v)
	now := f.config.Now()
	if f.work.Ended() {
		return
	}
	one.asked.Store(now.UnixNano())
	shared := one.st.front.Load()
	switch {
	case err == nil && got.text == shared.text:
		f.config.Metrics.Revalidations[metrics.Unchanged].Inc()
		one.good(got, now)
		one.st.gone.end()
	case err == nil:
		f.config.Metrics.Revalidations[metrics.Changed].Inc()
		f.differs(one, now)
	case vod.Refused(err):
		f.config.Metrics.Revalidations[metrics.Gone].Inc()
		f.refuse(v, err, now)
	default: // the look at the VOD reports it
		f.config.Metrics.Revalidations[metrics.Unknowable].Inc()
	}
}

// open is what the origin has now at the address of a form.
func (f *follower) open(v Form) (*front, error) {
	had := v.state.front.Load()
	got, err := f.openVOD(f.work.Context, v.key(), had.validators)
	defer got.Close() //nolint:staticcheck // it is not nil with an error either
	if err != nil {
		return nil, err
	}
	if got.Unchanged() {
		return had, nil
	}
	return &front{text: got.Sources.Text(), validators: got.Sources.Validators()}, nil
}

// differs notes that the origin has another text at the address of a form. If the VOD
// has changed, all have another text; if not, the form has its own text, and is loaded
// separately.
func (f *follower) differs(one *form, now time.Time) {
	at := one.differsAt.Load()
	switch {
	case at == 0:
		one.differsAt.Store(now.UnixNano())
		one.st.check.Store(nil)
	case one.st.confirmedAt.Load() > at:
		f.store.expel(one)
	}
}

// refuse notes that the origin refuses a form. The second time ends it, if others are
// let in meanwhile.
func (f *follower) refuse(v Form, err error, now time.Time) {
	one := v.state
	one.asked.Store(now.UnixNano())
	at := one.refusedAt.Load()
	if at == 0 {
		at = now.UnixNano()
		one.refusedAt.Store(at)
	}
	if one.refusals.Add(1) < refusalsOf || v.good.others(one) <= at {
		return
	}
	if !errors.Is(err, origin.ErrNotFound) {
		err = fmt.Errorf("%w: %w", failure.ErrQueryRefused, err)
	}
	f.store.expel(one)
	_ = f.store.failures.add(one.key(), &failure.LoadError{Err: err}, now)
}
