package origin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/room"
)

// The failures of an origin, for errors.Is.
var (
	ErrOutside  = errors.New("the address is outside the configured origins")
	ErrRedirect = errors.New("the redirect is not followed")
	ErrNotFound = errors.New("not found at the origin")
	ErrTimeout  = errors.New("the origin took too long")
	ErrTooLarge = errors.New("the origin's answer is too large")
	ErrNetwork  = errors.New("the origin can't be reached")
	ErrBody     = errors.New("the origin's answer is incomplete or unreadable")

	ErrCredentials = errors.New("no credentials to sign with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in the shared files, or run where a web identity or an instance role gives them")
)

// ErrPaused is an ErrNetwork of an origin that got no request; see PausedError.
var ErrPaused = fmt.Errorf("%w: it failed repeatedly and is paused", ErrNetwork)

// PausedError is an ErrPaused.
type PausedError struct {
	Left  time.Duration // of the pause
	Cause string        // of the last failure; empty: not known
}

func (e *PausedError) Error() string {
	if e.Cause == "" {
		return ErrPaused.Error()
	}
	return ErrPaused.Error() + "; its last failure: " + e.Cause
}

// Unwrap returns ErrPaused.
func (e *PausedError) Unwrap() error { return ErrPaused }

// StatusError is an answer of an origin that is no success; 404 and 410, and
// 403 where it means them, are ErrNotFound.
type StatusError struct {
	Code       int
	Said       string        // by S3, for the log; empty: nothing
	RetryAfter time.Duration // requested pause; at most maxRetryAfter; 0: not given
}

// Error has the status, and the reason if it is known.
func (e *StatusError) Error() string {
	text := statusText(e.Code)
	if e.Said != "" {
		text += ": " + e.Said
	}
	return text
}

// maxRetryAfter is the longest pause that an origin may request, so that it is
// not given up for good.
const maxRetryAfter = time.Minute

// wantsPause reads Retry-After, seconds or a date. A date counts by the origin's
// own clock, if the answer shows it: one of the two clocks may be wrong.
func wantsPause(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseUint(value, 10, 32)
		if err != nil { // more than can be counted
			return maxRetryAfter
		}
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	return max(0, min(date.Sub(now), maxRetryAfter))
}

// PauseOf is the time without requests after an error: as the origin
// requested, or the rest of its pause. 0: none.
func PauseOf(err error) time.Duration {
	if paused, is := errors.AsType[*PausedError](err); is {
		return paused.Left
	}
	if status, is := errors.AsType[*StatusError](err); is {
		return status.RetryAfter
	}
	return 0
}

// neutral reports whether an error says nothing about the origin: the client
// has left, or no request was sent.
func neutral(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, room.ErrFull) || errors.Is(err, ErrBusy) || errors.Is(err, ErrCredentials) || errors.Is(err, ErrOutside)
}

// Failures of connections that were made.
var (
	errCut     = fmt.Errorf("%w: the connection was cut before there was an answer", ErrNetwork)
	errBroken  = fmt.Errorf("%w: it ends too early", ErrBody)
	errStalled = fmt.Errorf("%w: it has not sent all of its answer", ErrTimeout)
)

// begun reports whether an answer had begun, as opposed to a connection that
// was cut before.
func begun(err error) bool {
	return errors.Is(err, errCut) || errors.Is(err, errBroken) || errors.Is(err, errStalled)
}

// unreached makes the error of a request without an answer.
func unreached(err error, connected bool) error {
	var late interface{ Timeout() bool }
	if errors.Is(err, ErrCredentials) || errors.Is(err, ErrOutside) || errors.Is(err, ErrBusy) {
		return err
	}
	if lacksFiles(err) {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	if errors.As(err, &late) && late.Timeout() {
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	cause := ErrNetwork
	if connected {
		cause = errCut
	}
	err = unquoted{err}
	if why := networkCause(err); why != "" && why != errno(err) {
		return fmt.Errorf("%w: %s: %w", cause, why, err)
	}
	return fmt.Errorf("%w: %w", cause, err)
}

// connecting reports, once a request has ended, whether there was a connection
// for it.
func connecting(ctx context.Context) (_ context.Context, connected func() bool) {
	var made atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { made.Store(true) }}
	return httptrace.WithClientTrace(ctx, trace), made.Load
}

// outcome of a request, for the metrics.
func outcome(err error) metrics.Outcome {
	var status *StatusError
	switch {
	case err == nil:
		return metrics.OK
	case errors.Is(err, ErrNotFound):
		return metrics.NotFound
	case errors.Is(err, ErrTimeout):
		return metrics.Timeout
	case errors.Is(err, ErrRedirect), errors.Is(err, ErrOutside):
		return metrics.RedirectRefused
	case errors.Is(err, ErrTooLarge):
		return metrics.TooLarge
	case errors.Is(err, context.Canceled), errors.Is(err, room.ErrFull):
		return metrics.Canceled
	case errors.Is(err, ErrBusy):
		return metrics.Busy
	case errors.Is(err, ErrCredentials):
		return metrics.Forbidden
	case errors.As(err, &status):
		return status.outcome()
	}
	return metrics.Network
}

func (e *StatusError) outcome() metrics.Outcome {
	switch {
	case e.Code == http.StatusForbidden || e.Code == http.StatusUnauthorized:
		return metrics.Forbidden
	case e.Code < http.StatusInternalServerError:
		return metrics.ClientError
	}
	return metrics.ServerError
}

// BodyError is an error of reading a body: ErrBody, unless the error is more
// specific.
func BodyError(err error) error {
	if errors.Is(err, ErrTimeout) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrBody, err)
}
