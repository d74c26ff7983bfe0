package segmentcache

import (
	"net/http"
	"strconv"
	"strings"

	"vod2live/proxy/negotiate"
)

// unpart turns a range over the whole resource into the whole, as some players
// request it: bytes=0-.
func (h *head) unpart() {
	size := strconv.FormatInt(h.length, 10)
	all := "bytes 0-" + strconv.FormatInt(h.length-1, 10) + "/" + size
	if h.status == http.StatusPartialContent && h.length > 0 && h.header.Get("Content-Range") == all {
		h.status = http.StatusOK
		delete(h.header, "Content-Range")
	}
}

// notModified reports whether a viewer already has the answer (RFC 9110
// 13.2.2).
func (h *head) notModified(viewer http.Header) bool {
	if tags := viewer["If-None-Match"]; tags != nil {
		return negotiate.Names(tags, h.etag)
	}
	since, err := http.ParseTime(viewer.Get("If-Modified-Since"))
	return err == nil && !h.modified.IsZero() && !h.modified.After(since)
}

// inRange reports whether a Range applies: If-Range must name this answer
// (RFC 9110 13.1.5).
func (h *head) inRange(viewer http.Header) bool {
	condition := viewer.Get("If-Range")
	if condition == "" || strings.HasPrefix(condition, `"`) && condition == h.etag {
		return true
	}
	date, err := http.ParseTime(condition)
	return err == nil && !h.modified.IsZero() && date.Equal(h.modified)
}

// conditional reports whether a viewer's request has conditions.
func conditional(viewer http.Header) bool {
	return viewer["If-None-Match"] != nil || viewer["If-Modified-Since"] != nil || viewer["If-Range"] != nil
}
