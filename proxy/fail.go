package proxy

import (
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"

	"vod2live/proxy/failure"
)

// statusClientGone is the status in log and metrics for a viewer that left
// before there was an answer, as in nginx. It is never sent.
const statusClientGone = 499

// fail answers with an error: the one place where a status is chosen.
func (s *Server) fail(w *recorder, r *http.Request, err error) {
	if errors.Is(err, failure.ErrCrowded) {
		s.config.Metrics.RequestsRejected.Inc()
	}
	abandon(w, r, err)
	a := failure.Of(err)
	w.identify()
	failureHeader(w.Header(), a)
	line := a.Line + "\n"
	if errors.Is(err, failure.ErrCrowded) && r.ProtoMajor > 1 {
		line = "" // it would be under way until the viewer takes it
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(line)))
	w.WriteHeader(a.Status)
	if !w.head && line != "" {
		_, _ = io.WriteString(w, line) // the viewer may have left
	}
}

// abandon cuts the connection if no answer can be sent: the text would be taken for a
// part of another answer.
func abandon(w *recorder, r *http.Request, err error) {
	switch {
	case w.status != 0: // too late for another answer
	case r.Context().Err() != nil: // sending nothing would be an empty 200 to a client that still reads
		w.status = statusClientGone
	case errors.Is(err, failure.ErrFlood) && r.ProtoMajor > 1: // the viewer may never read an answer
		w.status = http.StatusServiceUnavailable
	default:
		return
	}
	panic(http.ErrAbortHandler)
}

// failureHeader makes a header that of an error, whatever was in it.
func failureHeader(h http.Header, a failure.Answer) {
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Range", "Etag", "Last-Modified", "Expires", "Age", "Vary", "Accept-Ranges"} {
		h.Del(name)
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if a.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatFloat(math.Ceil(a.RetryAfter.Seconds()), 'f', 0, 64))
	}
	if a.Status == http.StatusMethodNotAllowed {
		h.Set("Allow", allowedMethods)
	}
}
