package proxy

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
)

// What the handlers say beside the errors of an origin and of a VOD.
var (
	errNoSuchPath = errors.New("nothing is mounted at this address")
	errBadPath    = errors.New("the address is malformed")
	errTooLong    = errors.New("the address is too long")
	errMethod     = errors.New("only GET, HEAD and OPTIONS are answered")
	errLoading    = errors.New("the stream is still being loaded")
	errBusy       = errors.New("too many streams are being loaded")
	errFull       = errors.New("the memory for streams is taken by others, whose origin fails")
	errGap        = errors.New("this segment is a gap: there is no media")
)

// errCrowded is of a request beyond the bound, errFlood of one far beyond it.
var (
	errCrowded = errors.New("too many requests are under way")
	errFlood   = fmt.Errorf("%w, and far more are rejected", errCrowded)
)

// errPlaylistName refuses a playlist at an address that is not one of a stream:
// players would get a VOD there, and seek in it.
var errPlaylistName = errors.New("a playlist whose address is not named like one")

// answerTo is what a viewer is told of an error.
type answerTo struct {
	code       string
	status     int
	line       string
	retryAfter time.Duration // 0: the answer has no Retry-After
}

// The codes of errors that are no refusal of a VOD.
const (
	CodeNotFound        = "not-found"        // the origin does not have it
	CodeForbidden       = "forbidden"        // the origin does not let us have it
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
	CodeNoConnection    = "no-connection"     // or no file, to request anything from the origin
	CodeMemoryFull      = "memory-full"
	CodeStopping        = "stopping"
)

// sentinels are the codes of errors that say all by themselves, and when the
// viewer may try again; the first that matches counts.
var sentinels = []struct {
	err        error
	code       string
	retryAfter time.Duration // 0: nothing is said of that
}{
	{errNoSuchPath, CodeUnknownAddress, 0},
	{errBadPath, CodeBadAddress, 0},
	{errTooLong, CodeAddressTooLong, 0},
	{errMethod, CodeBadMethod, 0},
	{errGap, CodeGap, 0},
	{errPlaylistName, CodePlaylistName, 0},
	{errLoading, CodeLoading, time.Second},
	{origin.ErrCredentials, CodeCredentials, 0},
	{context.Canceled, CodeStopping, time.Second},
	{errFull, CodeMemoryFull, 5 * time.Second},
	{errBusy, CodeTooManyLoads, 2 * time.Second},
	{room.ErrFull, CodeTooManyLoads, 2 * time.Second},
	{errCrowded, CodeTooManyRequests, 2 * time.Second},
	{origin.ErrBusy, CodeNoConnection, 2 * time.Second},
	{origin.ErrOutside, CodeOutsideOrigin, 0},
	{origin.ErrNotFound, CodeNotFound, 0},
	{origin.ErrTimeout, CodeOriginTimeout, 0},
	{origin.ErrRedirect, CodeRedirectRefused, 0},
	{origin.ErrTooLarge, string(playlist.CodeTooLarge), 0},
	{origin.ErrBody, CodeBadResponse, 0},
}

// maxRetryAfter is how long a viewer is asked to wait at most, whatever a clock
// says: players and caches heed it.
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
	if early, is := errors.AsType[*notYet](err); is {
		return CodeNotBegun, early.wait
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
	if _, is := errors.AsType[*loadError](err); is {
		return CodeUnreachable, time.Second
	}
	return CodeOriginFails, 0
}

func forbidden(err error) bool {
	status, answered := errors.AsType[*origin.StatusError](err)
	return answered && status.Code < http.StatusInternalServerError && status.Code != http.StatusTooManyRequests
}

// explain turns an error into what the viewer is told. It names nothing of the
// origin's address: the whole cause is for the log.
func explain(err error) answerTo {
	code, retryAfter := classify(err)
	if held, is := errors.AsType[*held](err); is && retryAfter > 0 {
		retryAfter = max(held.left, time.Second)
	}
	of := codes.Of(code)
	return answerTo{code, of.Status, of.Line, min(retryAfter, maxRetryAfter)}
}

// notYet is the error of a stream that begins in a while.
type notYet struct{ wait time.Duration }

func (e *notYet) Error() string { return "the stream begins in " + e.wait.String() }

func (e *notYet) Unwrap() error { return loop.ErrNotYet }

// loadError is an origin's failure while a stream is loaded.
type loadError struct{ Err error }

func (e *loadError) Error() string { return e.Err.Error() }

func (e *loadError) Unwrap() error { return e.Err }

// boundDetail keeps a line of an origin's playlist, which an error may repeat,
// from filling memory and log.
func boundDetail(err error) {
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		refusal.Detail = strings.ToValidUTF8(mask.Line(refusal.Detail), "")
	}
}

// causeOf is what an operator is told of an error, beside its code.
func causeOf(err error) string {
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		return refusal.Detail
	}
	return err.Error()
}

// Explain says why a stream could not be loaded: the status that viewers get, the
// code, and the whole cause without secrets.
func Explain(err error) (status int, code, cause string) {
	told := explain(err)
	return told.status, told.code, causeOf(err)
}

// held is a failure that is remembered, and for how long yet.
type held struct {
	Err  error
	left time.Duration
}

func (e *held) Error() string { return e.Err.Error() }

func (e *held) Unwrap() error { return e.Err }
