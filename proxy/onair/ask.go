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

// askEvery is how often the origin is asked about a form, if viewers use it.
func (e *env) askEvery(st *Stream) time.Duration {
	return max(e.mounts[st.key.Mount].revalidate, leastAsk)
}

// due says whether the origin is to be asked about a form, which is done so often.
func (one *form) due(every time.Duration, now time.Time) bool {
	return since(one.asked.Load(), now) >= every+one.spread(every)
}

// leaves says whether a look at the VOD is left to viewers with other queries: this one
// is refused or has another text, or was asked about a moment ago.
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

// othersAreGood says whether the origin has let in another query of the stream since it
// was last to be asked about all of them.
func (f *follower) othersAreGood(v Form, now time.Time) bool {
	every := f.askEvery(v.Stream)
	return since(v.good.others(v.state), now) < every+every/2
}

// ask asks the origin whether it still lets a form in, and with the same text. The
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
	default: // the look at the VOD says so
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

// differs notes that the origin has another text at the address of a form. Where the VOD
// has changed, all have; where it has not, the form has a text of its own, and is loaded
// anew.
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
