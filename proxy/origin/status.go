package origin

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// PlaceStatus is how one of the places of an origin has been doing.
type PlaceStatus struct {
	URL         string        // without user, password and query
	Failing     bool          // the last request failed
	Failures    int           // in a row
	Since       time.Time     // when the first of these was; zero: none
	Paused      bool          // it has failed so often that it gets one request at a time, as long as there are any
	PausedUntil time.Time     // when the next may be made; zero: now
	Good        time.Time     // when it answered last; zero: never
	Cause       string        // of the last failure, without anything that could be a secret; empty: none
	Bad         time.Time     // when that was
	Latency     time.Duration // until headers, the mean of about the last ten; 0: not known
}

// Status is how the places of the origin have been doing.
func (o *Origin) Status(now time.Time) []PlaceStatus {
	all := make([]PlaceStatus, len(o.places))
	for i, p := range o.places {
		all[i] = p.health.status(now)
		all[i].URL = p.base
	}
	return all
}

// forgotten is a place without requests for this long: whether it has recovered
// is not known.
const forgotten = time.Minute

func (h *health) status(now time.Time) PlaceStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := PlaceStatus{
		Failing: h.failures > 0, Failures: h.failures, Since: h.outage.since, Paused: h.paused && now.Sub(h.asked) < forgotten,
		Good: h.good, Cause: h.cause, Bad: h.bad, Latency: h.latency,
	}
	if s.Paused && now.Before(h.until) {
		s.PausedUntil = h.until
	}
	return s
}

// outageOf is since when the place has been failing, and how and when it did last.
func (h *health) outageOf() (since, bad time.Time, cause string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.outage.since, h.bad, h.cause
}

// latencyShare is what the newest request counts in the mean.
const latencyShare = 10

// remember notes the outcome of a request for operators. The lock is held.
func (h *health) remember(err error, began, now time.Time) {
	took := now.Sub(began)
	switch {
	case err == nil && h.latency == 0:
		h.latency = took
	case err == nil:
		h.latency += (took - h.latency) / latencyShare
	case errors.Is(err, context.Canceled), errors.Is(err, ErrBusy), errors.Is(err, ErrOutside), errors.Is(err, ErrNotFound):
	default:
		h.cause, h.bad = causeOf(err), now
	}
}

// lastCause is that of the last failure.
func (h *health) lastCause() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cause
}

// causeOf is the cause of a failure for an operator, in our own words only: an
// error's own text may repeat an address or a header.
func causeOf(err error) string {
	if status, is := errors.AsType[*StatusError](err); is {
		return said(status)
	}
	for _, known := range []error{ErrCredentials, ErrTimeout, ErrRedirect, ErrTooLarge, ErrBody} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if why := networkCause(err); why != "" {
		return ErrNetwork.Error() + ": " + why
	}
	return ErrNetwork.Error()
}

func said(status *StatusError) string {
	text := "the origin answers " + strconv.Itoa(status.Code) + " " + http.StatusText(status.Code)
	for code, remedy := range remedies {
		if strings.HasPrefix(status.Said, code) {
			return text + ": " + code + ": " + remedy
		}
	}
	return text
}

func errno(err error) string {
	if errno, is := errors.AsType[syscall.Errno](err); is {
		return errno.Error()
	}
	return ""
}
