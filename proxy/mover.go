package proxy

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"vod2live/proxy/media"
	"vod2live/proxy/origin"
)

// WriteHeader makes the header that of the moved segment.
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
	if m.status = status; m.err != nil {
		m.rec.status = 0 // an error is answered with
		return
	}
	if m.rec.status = status; !m.text() {
		m.ResponseWriter.WriteHeader(status)
	}
}

// text says whether the body is WebVTT, which is gathered first.
func (m *mover) text() bool { return m.of.Format == media.WebVTT && m.status == http.StatusOK }

// age bounds how long a cache may keep the segment: its number is listed no longer.
func (m *mover) age(h http.Header) {
	most := int64(m.of.Age.Seconds())
	var kept []string
	for part := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
		part = strings.TrimSpace(part)
		name, value, _ := strings.Cut(strings.ToLower(part), "=")
		switch name {
		case "", "immutable", "stale-while-revalidate", "stale-if-error":
			continue
		case "max-age", "s-maxage":
			if age, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 64); err != nil || age > most {
				part = name + "=" + strconv.FormatInt(most, 10)
			}
		}
		kept = append(kept, part)
	}
	h.Del("Expires")
	if len(kept) > 0 {
		h["Cache-Control"] = []string{strings.Join(kept, ", ")}
	}
}

// begin says which bytes of the body the viewer gets, and how they are patched. It
// returns the status of the answer.
func (m *mover) begin(h http.Header, status int) int {
	if coding := h.Get("Content-Encoding"); coding != "" && coding != "identity" {
		m.err = fmt.Errorf("%w: the segment has the encoding %q", origin.ErrBody, coding)
		return status
	}
	start, size := int64(0), length(h.Get("Content-Length"))
	if status == http.StatusPartialContent {
		start, size = contentRange(h.Get("Content-Range"))
	}
	if m.length < 0 && size >= 0 {
		m.length = size - m.base
	}
	if status == http.StatusOK && (m.unchanged || m.length < 0) {
		m.ranged, m.first, m.last = false, 0, m.length // another one than the viewer has a part of, or of no known length
	}
	if m.length >= 0 && (m.last < 0 || m.last > m.length) {
		m.last = m.length
	}
	h.Del("Content-Range")
	if m.of.Format == media.WebVTT {
		h.Del("Accept-Ranges")
		h.Del("Content-Length")
		return http.StatusOK
	}
	if m.ranged && m.last >= 0 && m.first >= m.last {
		h["Content-Range"] = []string{fmt.Sprintf("bytes */%d", m.length)}
		m.left = 0
		h["Content-Length"] = []string{"0"}
		return http.StatusRequestedRangeNotSatisfiable
	}
	from, _ := m.of.Format.Span(m.first, m.first+1)
	if m.skip = m.base + from - start; m.skip < 0 || m.length < 0 && m.ranged {
		m.err = fmt.Errorf("%w: the segment comes without its length, or not from where it was asked for", origin.ErrBody)
		return status
	}
	m.drop, m.left = m.first-from, -1
	if m.last >= 0 {
		m.left = m.last - m.first
		h["Content-Length"] = []string{strconv.FormatInt(m.left, 10)}
	}
	if m.patch, m.err = media.NewWriter(shifted{m}, m.of.Format, m.of.Change); m.err != nil {
		return status
	}
	h["Accept-Ranges"] = []string{"bytes"}
	if !m.ranged {
		return http.StatusOK
	}
	h["Content-Range"] = []string{fmt.Sprintf("bytes %d-%d/%d", m.first, m.last-1, m.length)}
	return http.StatusPartialContent
}

// length reads a number of bytes; below 0: it is not known.
func length(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// contentRange is the first byte and the size of the whole; below 0: not known.
func contentRange(text string) (first, size int64) {
	part, whole, _ := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	from, _, _ := strings.Cut(part, "-")
	return length(from), length(whole)
}

// Write shifts what is written of the segment.
func (m *mover) Write(p []byte) (int, error) {
	if m.status == 0 {
		m.WriteHeader(http.StatusOK)
	}
	n := len(p)
	switch {
	case m.err != nil:
		return 0, m.err
	case m.text():
		if m.whole.Len()+n > maxWhole {
			m.err = fmt.Errorf("%w: WebVTT of more than %d bytes", origin.ErrTooLarge, maxWhole)
			return 0, m.err
		}
		return m.whole.Write(p)
	case m.patch == nil:
		return n, nil // an answer without a body
	}
	skipped := min(m.skip, int64(n))
	m.skip -= skipped
	if _, err := m.patch.Write(p[skipped:]); err != nil {
		m.err = err
		return 0, err
	}
	return n, nil
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
		_, err = m.ResponseWriter.Write(p)
	}
	return n, err
}

// end writes what was held back; complete says that the segment came to its end.
func (m *mover) end(complete bool) error {
	switch {
	case m.text():
		return m.endText(complete)
	case complete && m.err == nil && m.patch != nil:
		return clientGone(m.patch.Close())
	}
	return m.err
}

// endText writes a WebVTT file.
func (m *mover) endText(complete bool) error {
	m.rec.status = 0 // until it is known to be good
	if !complete || m.err != nil {
		return m.err
	}
	ticks, fits := m.of.Change.Ticks(media.Clock)
	if !fits {
		return media.ErrOverflow
	}
	text, err := media.ShiftWebVTT(m.whole.Bytes(), ticks)
	if err != nil && !m.rec.head {
		return fmt.Errorf("%w: %w", origin.ErrBody, err)
	}
	m.rec.status = http.StatusOK
	if m.rec.head {
		m.ResponseWriter.WriteHeader(http.StatusOK)
		return nil
	}
	m.Header()["Content-Length"] = []string{strconv.Itoa(len(text))}
	m.ResponseWriter.WriteHeader(http.StatusOK)
	_, err = m.ResponseWriter.Write(text)
	return clientGone(err)
}

// Unwrap is for http.ResponseController.
func (m *mover) Unwrap() http.ResponseWriter { return m.ResponseWriter }
