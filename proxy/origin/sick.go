package origin

import (
	"errors"
	"net/http"
	"time"
)

// Failing says whether all places of the origin have failed when they were asked
// last.
func (o *Origin) Failing() bool {
	for _, p := range o.places {
		if !p.health.failing() {
			return false
		}
	}
	return true
}

// Outage is since when the origin has been failing, and how the request failed that
// did last; zero and empty: it answers.
func (o *Origin) Outage() (since time.Time, cause string) {
	var last time.Time
	for _, p := range o.places {
		began, bad, why := p.health.outageOf()
		if began.IsZero() {
			return time.Time{}, ""
		}
		if began.After(since) {
			since = began // before that another place answered
		}
		if bad.After(last) {
			last, cause = bad, why
		}
	}
	return since, cause
}

// Sick says whether an error may be one of the whole place, not of what was
// asked.
func Sick(err error) bool {
	return errors.Is(err, ErrNetwork) || errors.Is(err, ErrTimeout) || errors.Is(err, errBroken) || failingStatus(err)
}

func failingStatus(err error) bool {
	status, is := errors.AsType[*StatusError](err)
	return is && (status.Code >= http.StatusInternalServerError || status.Code == http.StatusTooManyRequests)
}

// unmade says whether there was no connection to ask by.
func unmade(err error) bool { return errors.Is(err, ErrNetwork) && !errors.Is(err, errCut) }

// Retryable says whether asking again soon may help: the origin failed before
// there was an answer, and has not said when to come back.
func Retryable(err error) bool {
	status, is := errors.AsType[*StatusError](err)
	if is {
		return status.Code >= http.StatusInternalServerError && status.RetryAfter == 0
	}
	return errors.Is(err, ErrNetwork) && !errors.Is(err, ErrPaused)
}
