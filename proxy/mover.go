package proxy

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"vod2live/proxy/media"
	"vod2live/proxy/origin"
)

// WriteHeader makes the header that of the moved segment. It is sent with the first byte
// of the body: until then an error can be answered with.
func (m *mover) WriteHeader(status int) {
	if m.status != 0 {
		return
	}
	h := m.Header()
	if tag := h.Get("Etag"); tag != "" && strings.HasSuffix(tag, `"`) {
		h["Etag"] = []string{strings.TrimSuffix(tag, `"`) + m.mark() + `"`}
	}
	m.age(h)
	if status == http.StatusOK || status == http.StatusPartialContent {
		status = m.begin(h, status)
	}
	m.status = status
	if m.err == nil && !m.text() && (m.patch == nil || m.rec.head) {
		m.send()
	}
}

// send sends the header, once.
func (m *mover) send() {
	if !m.sent {
		m.sent = true
		m.ResponseWriter.WriteHeader(m.status)
	}
}

// note tells the recorder what was sent: else there may be another answer.
func (m *mover) note() {
	if m.rec.status = 0; m.sent {
		m.rec.status = m.status
	}
}

// FlushError passes on what has been written. An answer that has not begun is not begun by
// it.
func (m *mover) FlushError() error {
	if !m.sent {
		return nil
	}
	return http.NewResponseController(m.ResponseWriter).Flush()
}

// text reports whether the body is WebVTT, which is gathered first.
func (m *mover) text() bool { return m.of.Format == media.WebVTT && m.status == http.StatusOK }

// Write shifts what is written of the segment.
func (m *mover) Write(p []byte) (int, error) {
	if m.status == 0 {
		m.WriteHeader(http.StatusOK)
	}
	if m.err != nil {
		return 0, m.err
	}
	n := len(p)
	skipped := min(m.skip, int64(n))
	m.skip -= skipped
	switch p = p[skipped:]; {
	case m.left == 0 && m.status < http.StatusMultipleChoices:
		if m.past += len(p); m.past > mostPast {
			return 0, errEnough
		}
	case m.text():
		m.gather(p)
	case m.patch != nil:
		m.shift(p)
	}
	if m.err != nil {
		return 0, m.err
	}
	return n, nil
}

// shift patches bytes and passes them on.
func (m *mover) shift(p []byte) {
	_, err := m.patch.Write(p)
	switch {
	case err == nil:
	case m.gone:
		m.err = clientGone(err)
	default:
		m.err = fmt.Errorf("%w: %w", origin.ErrBody, err)
	}
}

// gather keeps bytes of WebVTT.
func (m *mover) gather(p []byte) {
	if m.left >= 0 {
		p = p[:min(int64(len(p)), m.left)]
		m.left -= int64(len(p))
	}
	size := m.whole.Len() + len(p)
	if size > media.MaxWebVTT {
		m.err = fmt.Errorf("%w: WebVTT of more than %d bytes", origin.ErrTooLarge, media.MaxWebVTT)
		return
	}
	if size > shareOfRequest/copies && m.held == nil {
		if m.held, m.err = m.requests.hold(copies * media.MaxWebVTT); m.err != nil {
			return
		}
	}
	m.whole.Write(p)
}

// copies of WebVTT are held: a buffer that has grown to twice its size, and the shifted one.
const copies = 3

// done ends what is counted of WebVTT.
func (m *mover) done() {
	if m.held != nil {
		m.held()
	}
}

// shifted takes shifted bytes to the viewer of a mover.
type shifted struct{ *mover }

func (m shifted) Write(p []byte) (n int, err error) {
	n = len(p)
	dropped := min(m.drop, int64(len(p)))
	m.drop -= dropped
	p = p[dropped:]
	if m.left >= 0 {
		p = p[:min(int64(len(p)), m.left)]
		m.left -= int64(len(p))
	}
	if len(p) > 0 {
		m.send()
		_, err = m.ResponseWriter.Write(p)
		m.gone = err != nil
	}
	return n, err
}

// end writes what was held back; complete says that the segment came to its end.
func (m *mover) end(complete bool) error {
	defer m.note()
	switch {
	case !complete || m.err != nil || m.sent && m.patch == nil:
		return m.err
	case m.text():
		return m.endText()
	}
	if err := clientGone(m.patch.Close()); err != nil {
		return err
	}
	m.send() // of an empty one
	return nil
}

// endText writes a WebVTT file.
func (m *mover) endText() error {
	ticks, fits := m.of.Change.Ticks(media.Clock)
	if !fits {
		return media.ErrOverflow
	}
	if m.rec.head {
		m.send()
		return nil
	}
	text, err := media.ShiftWebVTT(m.whole.Bytes(), ticks)
	if err != nil {
		return fmt.Errorf("%w: %w", origin.ErrBody, err)
	}
	m.Header()["Content-Length"] = []string{strconv.Itoa(len(text))}
	m.send()
	_, err = m.ResponseWriter.Write(text)
	return clientGone(err)
}

// Unwrap is for http.ResponseController.
func (m *mover) Unwrap() http.ResponseWriter { return m.ResponseWriter }
