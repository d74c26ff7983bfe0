package proxy

import (
	"net/http"
	"sync"
	"time"
)

// recorder notes the answer to a request.
type recorder struct {
	http.ResponseWriter
	status int // 0: nothing yet
	bytes  int64
	head   bool // a HEAD request: no body
	varies bool // by the request's Origin

	id    string // of the request; empty: none yet
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

// giveTime extends the write deadline to two origin requests, each within the
// origin's timeout: a newer configuration may have a longer timeout than the
// listener was made for.
func (w *recorder) giveTime(timeout time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2*timeout + viewerStall)) // not every ResponseWriter can
}
