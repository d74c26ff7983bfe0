package segmentcache

import (
	"net/http"
	"strconv"
	"strings"
)

// span is a Range of one part: from first to last, from first to the end (last
// is -1), or the last bytes (first is -1).
type span struct{ first, last int64 }

// parseRange reads a Range. What has several parts or is malformed is not ok.
func parseRange(values []string) (s span, ok bool) {
	if len(values) != 1 {
		return s, false
	}
	unit, part, _ := strings.Cut(values[0], "=")
	first, last, dash := strings.Cut(part, "-")
	if !strings.EqualFold(unit, "bytes") || !dash || first == "" && last == "" {
		return s, false
	}
	s.first, ok = position(first)
	if !ok {
		return s, false
	}
	s.last, ok = position(last)
	return s, ok && (s.first < 0 || s.last < 0 || s.first <= s.last)
}

// position reads digits; none are -1.
func position(digits string) (int64, bool) {
	if digits == "" {
		return -1, true
	}
	if len(digits) > 18 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// String is the one way that a range is asked for and kept.
func (s span) String() string {
	b := []byte("bytes=")
	if s.first >= 0 {
		b = strconv.AppendInt(b, s.first, 10)
	}
	b = append(b, '-')
	if s.last >= 0 {
		b = strconv.AppendInt(b, s.last, 10)
	}
	return string(b)
}

// within is where the range lies in a body of a size; not ok: outside.
func (s span) within(size int64) (from, length int64, ok bool) {
	if s.first < 0 {
		length = min(s.last, size)
		return size - length, length, length > 0
	}
	if s.first >= size {
		return 0, 0, false
	}
	last := size - 1
	if s.last >= 0 {
		last = min(last, s.last)
	}
	return s.first, last - s.first + 1, true
}

// unpart makes a whole of a range that is all there is, as some players ask for
// it: bytes=0-.
func (h *head) unpart() {
	size := strconv.FormatInt(h.length, 10)
	all := "bytes 0-" + strconv.FormatInt(h.length-1, 10) + "/" + size
	if h.status == http.StatusPartialContent && h.length > 0 && h.header.Get("Content-Range") == all {
		h.status = http.StatusOK
		delete(h.header, "Content-Range")
	}
}

// notModified says whether a viewer has the answer already (RFC 9110 13.2.2).
func (h *head) notModified(viewer http.Header) bool {
	if tags := viewer["If-None-Match"]; tags != nil {
		return h.matches(tags)
	}
	since, err := http.ParseTime(viewer.Get("If-Modified-Since"))
	return err == nil && !h.modified.IsZero() && !h.modified.After(since)
}

// matches compares weakly (RFC 9110 8.8.3.2).
func (h *head) matches(tags []string) bool {
	own := strings.TrimPrefix(h.etag, "W/")
	for _, value := range tags {
		for tag := range strings.SplitSeq(value, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == "*" || tag == own && own != "" {
				return true
			}
		}
	}
	return false
}

// inRange says whether a Range counts: If-Range must name this very answer
// (RFC 9110 13.1.5).
func (h *head) inRange(viewer http.Header) bool {
	condition := viewer.Get("If-Range")
	if condition == "" || strings.HasPrefix(condition, `"`) && condition == h.etag {
		return true
	}
	date, err := http.ParseTime(condition)
	return err == nil && !h.modified.IsZero() && date.Equal(h.modified)
}

// conditional says whether a viewer asks with conditions.
func conditional(viewer http.Header) bool {
	return viewer["If-None-Match"] != nil || viewer["If-Modified-Since"] != nil || viewer["If-Range"] != nil
}
