package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"vod2live/proxy/media"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/route"
)

// serveMoved answers with a segment whose timestamps continue over the loop: the bytes
// of the origin, or of a slice, patched on their way.
func (s *Server) serveMoved(w *recorder, r *http.Request, st onair.Form, t route.Target) (err error) {
	m, err := s.station.Moved(st, t, s.station.Now())
	if err != nil {
		return err
	}
	out := &mover{ResponseWriter: w.ResponseWriter, rec: w, of: m, requests: s.config.Requests}
	defer out.done()
	asked := out.ask(r)
	w.ResponseWriter = out
	defer func() { w.ResponseWriter = out.ResponseWriter }()
	if m.Target.Kind == route.Slice {
		err = s.serveSlice(w, asked, st, m.Target)
	} else {
		err = s.resources.serve(w, asked, m.Target)
	}
	if failedByOrigin(r, err) {
		s.station.MovedFailed(st.Stream, err)
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	if wrong := out.end(err == nil); wrong != nil {
		return wrong
	}
	return err
}

// mover is a viewer's ResponseWriter that shifts the timestamps in what is written. Its
// header is that of the segment as it is until WriteHeader.
type mover struct {
	http.ResponseWriter
	rec *recorder
	of  *onair.Moved

	base, length int64 // of the segment in its resource; a length below 0 is not known
	ranged       bool  // the viewer requested a part
	unchanged    bool  // … if the segment is still the one that the viewer has a part of
	first, last  int64 // … from first to before last of the segment; a last below 0 is its end

	status int  // of the answer; 0: it has none yet
	sent   bool // the header is on its way
	gone   bool // the viewer is
	patch  *media.Writer
	skip   int64 // bytes of the body that come before what can be patched
	drop   int64 // … and of the patched ones, before what the viewer gets
	left   int64 // bytes that the viewer gets still; below 0: all
	past   int   // bytes that came after them
	err    error

	whole    bytes.Buffer // WebVTT
	requests *Requests
	held     func() // ends what is counted of it; nil: nothing is yet
}

const (
	mostSkipped = 8 << 20  // bytes before a part of a file, where the origin sends all of it
	mostPast    = 64 << 10 // bytes that are read after all has been written: the connection is used again then
)

// errEnough ends a transfer that has given all that was wanted.
var errEnough = fmt.Errorf("%w: it has all that it asked for", errClientGone)

// ask is the request for what the segment is made of.
func (m *mover) ask(r *http.Request) *http.Request {
	asked := *r
	address := *r.URL
	address.RawQuery = m.of.Query
	asked.URL = &address
	asked.Header = http.Header{}
	if r.Header["If-None-Match"] == nil { // which takes precedence
		copyHeader(asked.Header, r.Header, []string{"If-Modified-Since"})
	}
	m.condition(asked.Header, r.Header, "If-None-Match")
	m.length = -1
	if n, o, ranged := strings.Cut(m.of.ByteRange, "@"); ranged {
		m.length, _ = strconv.ParseInt(n, 10, 64)
		m.base, _ = strconv.ParseInt(o, 10, 64)
	}
	m.first, m.last = 0, m.length
	if m.of.Format != media.WebVTT && m.condition(asked.Header, r.Header, "If-Range") {
		m.unchanged = asked.Header.Get("If-Range") != ""
		m.part(r.Header["Range"])
	}
	from, to := m.base, int64(-1)
	if m.ranged {
		spanFrom, spanTo := m.of.Format.Span(m.first, max(m.last, m.first+1))
		from = m.base + spanFrom
		if m.last >= 0 {
			to = m.base + spanTo
		}
	}
	if m.length >= 0 && (to < 0 || to > m.base+m.length) {
		to = m.base + m.length
	}
	if to >= 0 || from > 0 {
		asked.Header.Set("Range", origin.Range{First: from, Last: max(to-1, -1)}.String())
	}
	return &asked
}

// part notes the part that a viewer requests, from a first byte on; any other is answered
// with all of the segment (RFC 9110 14.2).
func (m *mover) part(asked []string) {
	r, ok := origin.ParseRange(asked)
	if !ok || r.First < 0 {
		return
	}
	m.ranged, m.first = true, r.First
	if r.Last >= 0 && (m.length < 0 || r.Last+1 < m.length) {
		m.last = r.Last + 1
	}
}

// mark is at the end of the ETag of a moved segment.
func (m *mover) mark() string { return "-" + m.of.Tag }

// condition passes on a condition with the ETags of what the segment is made of. ETags of
// others match nothing: it returns false if there are no other ones.
func (m *mover) condition(to, from http.Header, name string) bool {
	given, mark := from.Get(name), m.mark()+`"`
	if strings.Contains(given, `"`) && !strings.Contains(given, mark) {
		return false
	}
	if given != "" {
		to.Set(name, strings.ReplaceAll(given, mark, `"`))
	}
	return true
}
