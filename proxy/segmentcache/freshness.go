package segmentcache

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// heuristic is the freshness of answers without one: segments hardly ever
// change, but they may be overwritten.
const heuristic = time.Minute

// head is the head of an answer. It is immutable.
type head struct {
	status   int
	header   http.Header
	length   int64 // of the body; -1: not given
	etag     string
	modified time.Time // zero: not given
	born     time.Time // when the origin made or confirmed it
	lifetime time.Duration
	strict   bool // must not be given when stale
	storable bool
	bytes    int64 // about what the header takes
}

// newHead reads an answer with the times of its request and its arrival.
func newHead(resp *http.Response, asked, came time.Time) *head {
	header := http.Header{}
	for name, values := range resp.Header {
		header[name] = slices.Clone(values) // the original shares memory with all other headers
	}
	if header["Date"] == nil {
		header["Date"] = []string{came.UTC().Format(http.TimeFormat)} // RFC 9110 6.6.1
	}
	h := &head{status: resp.StatusCode, header: header, length: resp.ContentLength}
	h.read(asked, came)
	return h
}

// refreshed is the head after a 304 (RFC 9111 3.2): of the body nothing changes.
func (h *head) refreshed(confirmation *head, asked, came time.Time) *head {
	header := maps.Clone(h.header)
	delete(header, "Age") // was that of the old answer
	for name, values := range confirmation.header {
		if name != "Content-Range" && !slices.Contains(ofBody, name) {
			header[name] = values
		}
	}
	n := &head{status: h.status, header: header, length: h.length}
	n.read(asked, came)
	return n
}

// withLength is the head of a body that has come to its end.
func (h *head) withLength(length int64) *head {
	n := *h
	n.length = length
	n.header = maps.Clone(h.header)
	n.header["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	return &n
}

func (h *head) read(asked, came time.Time) {
	h.etag = h.header.Get("Etag")
	h.modified, _ = http.ParseTime(h.header.Get("Last-Modified"))
	cc := parseCacheControl(h.header["Cache-Control"])
	h.lifetime = cc.lifetime(h.header)
	h.strict = cc.strict
	h.born = came.Add(-age(h.header, asked, came))
	h.storable = !cc.never && !varies(h.header["Vary"]) &&
		(h.status == http.StatusOK || h.status == http.StatusPartialContent && onePart(h.header))
	for name, values := range h.header {
		h.bytes += int64(len(name))
		for _, value := range values {
			h.bytes += int64(len(value)) + 32
		}
	}
}

// age is how old an answer was when it came (RFC 9111 4.2.3).
func age(header http.Header, asked, came time.Time) time.Duration {
	corrected := seconds(header.Get("Age")) + came.Sub(asked)
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return max(corrected, came.Sub(date), 0)
	}
	return max(corrected, 0)
}

// age is how old it is now. Clocks may step back.
func (h *head) age(now time.Time) time.Duration { return max(now.Sub(h.born), 0) }

func (h *head) fresh(now time.Time) bool { return h.age(now) < h.lifetime }

// onePart reports whether a 206 has one part, unlike multipart/byteranges.
func onePart(header http.Header) bool { return header.Get("Content-Range") != "" }

// reaching are the headers of viewers that reach an origin.
var reaching = []string{"*", "range", "if-range", "if-none-match", "if-modified-since"}

// varies reports whether another viewer might get another answer.
func varies(values []string) bool {
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			if slices.Contains(reaching, strings.ToLower(strings.TrimSpace(name))) {
				return true
			}
		}
	}
	return false
}

// cacheControl is what concerns us of the directives.
type cacheControl struct {
	never   bool // to be kept
	strict  bool
	noCache bool
	maxAge  string // empty: not given
	sMaxAge string
}

func parseCacheControl(values []string) (cc cacheControl) {
	for _, value := range values {
		for _, directive := range splitQuoted(value) {
			name, argument, _ := strings.Cut(directive, "=")
			argument = strings.Trim(strings.TrimSpace(argument), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "no-store", "private":
				cc.never = true
			case "no-cache":
				cc.noCache, cc.strict = true, true
			case "must-revalidate", "proxy-revalidate":
				cc.strict = true
			case "max-age":
				cc.maxAge = first(cc.maxAge, argument)
			case "s-maxage":
				cc.sMaxAge, cc.strict = first(cc.sMaxAge, argument), true // RFC 9111 5.2.2.10
			}
		}
	}
	return cc
}

// first keeps the first value. An invalid number makes an answer stale.
func first(said, now string) string {
	if said == "" && now == "" {
		return "0"
	}
	if said == "" {
		return now
	}
	return said
}

// splitQuoted splits at commas outside quotes.
func splitQuoted(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
}

// lifetime is for how long an answer is fresh (RFC 9111 4.2.1).
func (cc cacheControl) lifetime(header http.Header) time.Duration {
	switch {
	case cc.noCache:
		return 0
	case cc.sMaxAge != "":
		return seconds(cc.sMaxAge)
	case cc.maxAge != "":
		return seconds(cc.maxAge)
	case header["Expires"] == nil:
		return heuristic
	}
	expires, err := http.ParseTime(header.Get("Expires"))
	date, undated := http.ParseTime(header.Get("Date"))
	if err != nil || undated != nil {
		return 0
	}
	return expires.Sub(date)
}

// seconds reads delta-seconds; too large values count as the maximum (RFC 9111
// 1.2.2), invalid ones as none.
func seconds(text string) time.Duration {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > 1<<31 {
		n = 1 << 31
	}
	return time.Duration(n) * time.Second
}
