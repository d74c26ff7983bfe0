package proxy

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"vod2live/proxy/media"
	"vod2live/proxy/origin"
)

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
	start := m.place(h, status)
	h.Del("Content-Range")
	switch {
	case m.of.Format == media.WebVTT:
		m.skip, m.left = m.base-start, m.last
		m.check(status)
		h.Del("Accept-Ranges")
		h.Del("Content-Length")
		return http.StatusOK
	case m.ranged && m.last >= 0 && m.first >= m.last:
		m.left = 0
		h["Content-Range"] = []string{fmt.Sprintf("bytes */%d", m.length)}
		h["Content-Length"] = []string{"0"}
		return http.StatusRequestedRangeNotSatisfiable
	}
	from, _ := m.of.Format.Span(m.first, m.first+1)
	if m.skip = m.base + from - start; !m.check(status) {
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

// place learns from the header how long the segment is, and so where the part ends that
// the viewer gets. It returns the place of the body's first byte in the resource.
func (m *mover) place(h http.Header, status int) (start int64) {
	size := int64(-1)
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		size = n
	}
	if status == http.StatusPartialContent {
		part, _ := origin.ParseContentRange(h["Content-Range"]) // one that does not fit has been refused
		start, size = part.First, part.Size
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
	return start
}

// check notes an error where the body can't be what was requested.
func (m *mover) check(status int) bool {
	switch {
	case m.skip < 0 || m.length < 0 && m.ranged:
		m.err = fmt.Errorf("%w: the segment has no length, or does not begin where requested", origin.ErrBody)
	case status == http.StatusOK && m.base > mostSkipped:
		m.err = fmt.Errorf("%w: the answer is the whole file, not the requested part", origin.ErrBody)
	}
	return m.err == nil
}
