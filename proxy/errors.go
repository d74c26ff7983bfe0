package proxy

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vod2live/loop"
	"vod2live/proxy/origin"
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

// answerTo is what a viewer is told of an error: a status, one line, and for
// how long not to ask again (0: nothing is said of that).
type answerTo struct {
	status     int
	line       string
	retryAfter time.Duration
}

// sentinels are the errors that say all by themselves; the first that matches
// counts.
var sentinels = []struct {
	err    error
	answer answerTo
}{
	{errNoSuchPath, answerTo{404, "Nothing is here. A stream's address is /MOUNT/PATH, such as /live/movie/master.m3u8.", 0}},
	{errBadPath, answerTo{400, "This address is malformed.", 0}},
	{errTooLong, answerTo{414, "This address is too long.", 0}},
	{errMethod, answerTo{405, "Only GET, HEAD and OPTIONS are answered here.", 0}},
	{errGap, answerTo{404, "This segment is a gap in the VOD: it has no media.", 0}},
	{errLoading, answerTo{503, "The stream is still being loaded; try again.", time.Second}},
	{origin.ErrCredentials, answerTo{502, "The server has no credentials for the origin.", 0}},
	{context.Canceled, answerTo{503, "The server is stopping.", time.Second}},
	{errFull, answerTo{503, "There is no memory for another stream now; try again.", 5 * time.Second}},
	{errBusy, answerTo{503, "Too many streams are being loaded; try again.", 2 * time.Second}},
	{origin.ErrOutside, answerTo{404, "This address leaves the origin.", 0}},
	{origin.ErrNotFound, answerTo{404, "The origin has nothing at this address.", 0}},
	{origin.ErrTimeout, answerTo{504, "The origin took too long to answer.", 0}},
	{origin.ErrRedirect, answerTo{502, "The origin redirects to a place that is not followed.", 0}},
	{origin.ErrTooLarge, answerTo{502, "The origin sends more than a playlist may have.", 0}},
	{origin.ErrBody, answerTo{502, "The origin's answer broke off or can't be read.", 0}},
}

// statusClientGone stands in log and metrics for a viewer who left before there
// was an answer, as nginx has it. It is never sent.
const statusClientGone = 499

// explain turns an error into what the viewer is told. It names nothing of the
// origin's address: the whole cause is for the log.
func explain(err error) answerTo {
	a := explainCause(err)
	if held, is := errors.AsType[*held](err); is && a.retryAfter > 0 {
		a.retryAfter = held.left
	}
	return a
}

func explainCause(err error) answerTo {
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		return answerTo{502, "This VOD can't be a live stream: " + string(refusal.Code) + ". See the log of the server.", 0}
	}
	if early, is := errors.AsType[*notYet](err); is {
		return answerTo{503, "The stream has not begun.", early.wait}
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.answer
		}
	}
	return explainOrigin(err)
}

// explainOrigin is for an origin that fails or forbids.
func explainOrigin(err error) answerTo {
	var load *loadError
	switch {
	case forbidden(err):
		return answerTo{502, "The origin does not let this server have it.", 0}
	case errors.As(err, &load):
		return answerTo{503, "The origin fails; try again.", time.Second}
	}
	return answerTo{502, "The origin fails.", 0}
}

func forbidden(err error) bool {
	status, answered := errors.AsType[*origin.StatusError](err)
	return answered && status.Code < http.StatusInternalServerError && status.Code != http.StatusTooManyRequests
}

// The codes of a VOD that is not loaded, beside those by which one is refused.
const (
	CodeNotFound    = "not-found"   // the origin does not have it
	CodeForbidden   = "forbidden"   // the origin does not let us have it
	CodeUnreachable = "unreachable" // the origin fails or can't be reached
)

// CodeOf is the code of an error of a load.
func CodeOf(err error) string {
	refusal, refused := errors.AsType[*loop.Refusal](err)
	switch {
	case refused:
		return string(refusal.Code)
	case errors.Is(err, origin.ErrNotFound), errors.Is(err, origin.ErrOutside):
		return CodeNotFound
	case forbidden(err):
		return CodeForbidden
	}
	return CodeUnreachable
}

// fail answers with an error: the one place where a status is chosen.
func (s *Server) fail(w *recorder, r *http.Request, err error) {
	if r.Context().Err() != nil && w.status == 0 {
		w.status = statusClientGone
		panic(http.ErrAbortHandler) // nothing said would be an empty answer of 200 to one who still reads
	}
	if w.status != 0 {
		panic(http.ErrAbortHandler) // too late for another answer: cut it off
	}
	a := explain(err)
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Range", "Etag", "Last-Modified", "Expires", "Age", "Vary", "Accept-Ranges"} {
		h.Del(name)
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if a.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatFloat(math.Ceil(a.retryAfter.Seconds()), 'f', 0, 64))
	}
	if a.status == http.StatusMethodNotAllowed {
		h.Set("Allow", allowedMethods)
	}
	h.Set("Content-Length", strconv.Itoa(len(a.line)+1))
	w.WriteHeader(a.status)
	if !w.head {
		fmt.Fprintln(w, a.line)
	}
}

// notYet is the error of a stream that begins in a while.
type notYet struct{ wait time.Duration }

func (e *notYet) Error() string { return "the stream begins in " + e.wait.String() }

func (e *notYet) Unwrap() error { return loop.ErrNotYet }

// loadError is an origin's failure while a stream is loaded.
type loadError struct{ err error }

func (e *loadError) Error() string { return e.err.Error() }

func (e *loadError) Unwrap() error { return e.err }

// boundDetail keeps a line of an origin's playlist, which an error may repeat,
// from filling memory and log.
func boundDetail(err error) {
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		refusal.Detail = strings.ToValidUTF8(shorten(refusal.Detail), "")
	}
}
