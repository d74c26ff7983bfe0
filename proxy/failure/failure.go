// Package failure has the errors besides those of origins and VODs, the code of each
// error as package codes describes it, the line that a viewer gets, and the log
// lines, which are bounded.
package failure

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy/codes"
	"vod2live/proxy/origin"
	"vod2live/proxy/room"
	"vod2live/proxy/schedule"
	"vod2live/proxy/timeshift"
)

// The errors of the handlers, besides those of an origin or a VOD.
var (
	ErrNoSuchPath   = errors.New("nothing is mounted at this address")
	ErrBadPath      = errors.New("the address is malformed")
	ErrTooLong      = errors.New("the address is too long")
	ErrMethod       = errors.New("only GET, HEAD and OPTIONS are answered")
	ErrLoading      = errors.New("the stream is still being loaded")
	ErrViews        = errors.New("too many views of the stream are being written")
	ErrBusy         = errors.New("too many streams are being loaded")
	ErrFull         = errors.New("no memory for another stream: streams in use whose origin fails take it")
	ErrQueryRefused = errors.New("the origin rejects this query, but accepts others")
	ErrGap          = errors.New("this segment is a gap: there is no media")
)

// errCrowded is of a request beyond the bound, errFlood of one far beyond it.
var (
	ErrCrowded = errors.New("too many requests are under way")
	ErrFlood   = fmt.Errorf("%w, and far more are rejected", ErrCrowded)
)

// ErrPlaylistName refuses a playlist at an address that is not one of a stream:
// players would get a VOD there, and seek in it.
var ErrPlaylistName = errors.New("a playlist whose address is not named like one")

// Answer is the answer to a viewer for an error.
type Answer struct {
	Code       string
	Status     int
	Line       string
	RetryAfter time.Duration // 0: the answer has no Retry-After
}

// The codes of errors that are no refusal of a VOD.
const (
	CodeNotFound        = "not-found"        // the origin does not have it
	CodeForbidden       = "forbidden"        // the origin does not let us have it
	CodeQueryRefused    = "query-refused"    // the same of the query alone: others are let in
	CodeUnreachable     = "unreachable"      // the origin fails or can't be reached, and the stream is not loaded
	CodeOriginFails     = "origin-fails"     // the same of a segment, and of a stream that is loaded
	CodeOriginPaused    = "origin-paused"    // the origin failed again and again, or has sent Retry-After
	CodeOriginTimeout   = "origin-timeout"   // the origin was too slow
	CodeCredentials     = "credentials"      // none to sign requests with
	CodeRedirectRefused = "redirect-refused" // the origin redirects elsewhere
	CodeBadResponse     = "bad-response"     // the origin's answer can't be used
	CodePlaylistName    = "playlist-name"    // a playlist at an address that is not named like one
	CodeOutsideOrigin   = "outside-origin"   // an address would leave its origin
	CodeUnknownAddress  = "unknown-address"  // nothing is mounted there
	CodeBadAddress      = "bad-address"
	CodeAddressTooLong  = "address-too-long"
	CodeBadMethod       = "bad-method"
	CodeGap             = "gap"       // a segment without media
	CodeLoading         = "loading"   // the first load is under way
	CodeNotBegun        = "not-begun" // the epoch lies ahead
	CodeTooManyLoads    = "too-many-loads"
	CodeTooManyRequests = "too-many-requests" // under way in this process
	CodeTooManyViews    = "too-many-views"    // are written at once
	CodeNoConnection    = "no-connection"     // or no file, to request anything from the origin
	CodeMemoryFull      = "memory-full"
	CodeStopping        = "stopping"
	CodeItemUnavailable = "item-unavailable" // a VOD of a channel, at its origin
)

// sentinels are the codes of errors without further details, with the time
// after which the viewer may try again; the first match counts.
var sentinels = []struct {
	err        error
	code       string
	retryAfter time.Duration // 0: not sent
}{
	{ErrNoSuchPath, CodeUnknownAddress, 0},
	{ErrBadPath, CodeBadAddress, 0},
	{ErrTooLong, CodeAddressTooLong, 0},
	{ErrMethod, CodeBadMethod, 0},
	{ErrGap, CodeGap, 0},
	{ErrPlaylistName, CodePlaylistName, 0},
	{ErrLoading, CodeLoading, time.Second},
	{ErrQueryRefused, CodeQueryRefused, 0},
	{origin.ErrCredentials, CodeCredentials, 0},
	{context.Canceled, CodeStopping, time.Second},
	{ErrFull, CodeMemoryFull, 5 * time.Second},
	{ErrBusy, CodeTooManyLoads, 2 * time.Second},
	{room.ErrFull, CodeTooManyLoads, 2 * time.Second},
	{ErrViews, CodeTooManyViews, time.Second},
	{ErrCrowded, CodeTooManyRequests, 2 * time.Second},
	{origin.ErrBusy, CodeNoConnection, 2 * time.Second},
	{origin.ErrOutside, CodeOutsideOrigin, 0},
	{origin.ErrNotFound, CodeNotFound, 0},
	{origin.ErrTimeout, CodeOriginTimeout, 0},
	{origin.ErrRedirect, CodeRedirectRefused, 0},
	{origin.ErrTooLarge, string(playlist.CodeTooLarge), 0},
	{origin.ErrBody, CodeBadResponse, 0},
}

// maxRetryAfter is the longest Retry-After, whatever a clock shows: players and
// caches follow it.
const maxRetryAfter = time.Minute

// CodeOf is the code of an error, as package codes describes it.
func CodeOf(err error) string {
	code, _ := classify(err)
	return code
}

// classify finds the code of an error, and when the viewer may try again.
func classify(err error) (code string, retryAfter time.Duration) {
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		return string(refusal.Code), 0
	}
	if code := schedule.CodeOf(err); code != "" {
		return string(code), max(origin.PauseOf(err), 5*time.Second)
	}
	if _, is := errors.AsType[*ItemError](err); is {
		return CodeItemUnavailable, max(origin.PauseOf(err), 5*time.Second)
	}
	if view, is := errors.AsType[*timeshift.Error](err); is {
		return view.Code, 0
	}
	if early, is := errors.AsType[*NotYet](err); is {
		return CodeNotBegun, early.Wait
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.code, s.retryAfter
		}
	}
	if forbidden(err) {
		return CodeForbidden, 0
	}
	if pause := origin.PauseOf(err); pause > 0 || errors.Is(err, origin.ErrPaused) {
		return CodeOriginPaused, max(pause, time.Second)
	}
	if _, is := errors.AsType[*LoadError](err); is {
		return CodeUnreachable, time.Second
	}
	return CodeOriginFails, 0
}

func forbidden(err error) bool {
	status, answered := errors.AsType[*origin.StatusError](err)
	return answered && status.Code < http.StatusInternalServerError && status.Code != http.StatusTooManyRequests
}

// Of turns an error into the answer to a viewer. It contains nothing of the
// origin's address: the whole cause is for the log.
func Of(err error) Answer {
	code, retryAfter := classify(err)
	if held, is := errors.AsType[*Held](err); is && retryAfter > 0 {
		retryAfter = max(held.Left, time.Second)
	}
	of := codes.Of(code)
	line := of.Line
	if _, is := errors.AsType[*ItemError](err); is && code != CodeItemUnavailable {
		line = codes.ItemLine(code) // not "This VOD"
	}
	return Answer{code, of.Status, line, min(retryAfter, maxRetryAfter)}
}

// NotYet is the error of a stream that begins in a while.
type NotYet struct{ Wait time.Duration }

func (e *NotYet) Error() string { return "the stream begins in " + e.Wait.String() }

func (e *NotYet) Unwrap() error { return loop.ErrNotYet }

// LoadError is an origin's failure while a stream is loaded.
type LoadError struct{ Err error }

func (e *LoadError) Error() string { return e.Err.Error() }

func (e *LoadError) Unwrap() error { return e.Err }

// ItemError is why an item of a channel can't be played.
type ItemError struct {
	Item  string // its VOD: origin and path
	Query string // of its VOD
	Err   error
}

func (e *ItemError) Error() string { return e.Item + ": " + e.Err.Error() }

func (e *ItemError) Unwrap() error { return e.Err }

// BoundDetail keeps a line of an origin's playlist, which an error may repeat,
// from filling memory and log.
func BoundDetail(err error) {
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		refusal.Detail = strings.ToValidUTF8(mask.Line(refusal.Detail), "")
	}
}

// causeOf is the cause for an operator, besides the code.
func causeOf(err error) string {
	refusal, is := errors.AsType[*loop.Refusal](err)
	object, ofSchedule := errors.AsType[*schedule.Refusal](err)
	switch {
	case ofSchedule:
		return object.Detail
	case !is:
		return err.Error()
	}
	detail := refusal.Detail
	if request, of := errors.AsType[*origin.RequestError](err); of {
		detail = (&origin.RequestError{Method: request.Method, Address: request.Address, Err: errors.New(detail)}).Error()
	}
	if item, of := errors.AsType[*ItemError](err); of {
		return item.Item + ": " + detail
	}
	return detail
}

// Cause is the cause without the requested address, so that it is equal for all streams
// that fail for the same reason.
func Cause(err error) string {
	if paused, is := errors.AsType[*origin.PausedError](err); is && paused.Cause != "" {
		return paused.Cause
	}
	if request, is := errors.AsType[*origin.RequestError](err); is {
		return causeOf(request.Err)
	}
	return causeOf(err)
}

// Explain returns why a stream could not be loaded: the status for viewers, the
// code, and the whole cause without secrets.
func Explain(err error) (status int, code, cause string) {
	told := Of(err)
	return told.Status, told.Code, causeOf(err)
}

// Held is a cached load error with the time left.
type Held struct {
	Err  error
	Left time.Duration
}

func (e *Held) Error() string { return e.Err.Error() }

func (e *Held) Unwrap() error { return e.Err }
