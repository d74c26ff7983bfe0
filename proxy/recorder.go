package proxy

import (
	"net/http"
	"sync"
	"time"
)

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0: nothing yet
	bytes  int64
	head   bool // a HEAD request: no body
	varies bool // by the request's Origin

	id    string // of the request; empty: it has none yet
	ids   *requestIDs
	mount string // that the request is for; empty: none
}

var recorders = sync.Pool{New: func() any { return new(recorder) }}

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		if w.varies {
			varyByOrigin(w.Header())
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes of the body.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// giveTime lets an answer begin when the origin has been asked twice at most, each
// time within its timeout: a newer configuration may have a longer one than the
// listener was made for.
func (w *recorder) giveTime(timeout time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2*timeout + viewerStall)) // not every ResponseWriter can
}
