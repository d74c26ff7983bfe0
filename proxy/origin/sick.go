package origin

import (
	"errors"
	"net/http"
	"time"
)

// Failing reports whether the last request to each place of the origin failed.
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

// Sick reports whether an error may affect the whole place, not only the
// requested object.
func Sick(err error) bool {
	return errors.Is(err, ErrNetwork) || errors.Is(err, ErrTimeout) || errors.Is(err, errBroken) || failingStatus(err)
}

func failingStatus(err error) bool {
	status, is := errors.AsType[*StatusError](err)
	return is && (status.Code >= http.StatusInternalServerError || status.Code == http.StatusTooManyRequests)
}

// unmade reports whether there was no connection for the request.
func unmade(err error) bool { return errors.Is(err, ErrNetwork) && !errors.Is(err, errCut) }

// Retryable reports whether an early second request may help: the origin
// failed before its answer, and did not request a pause.
func Retryable(err error) bool {
	status, is := errors.AsType[*StatusError](err)
	if is {
		return status.Code >= http.StatusInternalServerError && status.RetryAfter == 0
	}
	return errors.Is(err, ErrNetwork) && !errors.Is(err, ErrPaused)
}
