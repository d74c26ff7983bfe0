package proxy

import (
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"

	"vod2live/proxy/failure"
)

// statusClientGone stands in log and metrics for a viewer who left before there
// was an answer, as nginx has it. It is never sent.
const statusClientGone = 499

// fail answers with an error: the one place where a status is chosen.
func (s *Server) fail(w *recorder, r *http.Request, err error) {
	if r.Context().Err() != nil && w.status == 0 {
		w.status = statusClientGone
		panic(http.ErrAbortHandler) // nothing said would be an empty answer of 200 to one who still reads
	}
	if errors.Is(err, failure.ErrCrowded) {
		s.config.Metrics.RequestsRejected.Inc()
	}
	if errors.Is(err, failure.ErrFlood) && r.ProtoMajor > 1 {
		w.status = http.StatusServiceUnavailable
		panic(http.ErrAbortHandler) // the viewer may never read an answer
	}
	if w.status != 0 {
		panic(http.ErrAbortHandler) // too late for another answer: cut it off
	}
	a := failure.Of(err)
	w.identify()
	h := w.Header()
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
	line := a.Line + "\n"
	if errors.Is(err, failure.ErrCrowded) && r.ProtoMajor > 1 {
		line = "" // it would be under way until the viewer takes it
	}
	h.Set("Content-Length", strconv.Itoa(len(line)))
	w.WriteHeader(a.Status)
	if !w.head && line != "" {
		_, _ = io.WriteString(w, line) // the viewer may have left
	}
}
