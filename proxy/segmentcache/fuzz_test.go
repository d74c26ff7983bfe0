package segmentcache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// file is an origin's object. http.ServeContent answers for it.
type file struct {
	body     []byte
	modified time.Time
	etag     string
	length   bool // answers with status 200 say how long they are
}

func (f *file) serve(method string, header http.Header) *http.Response {
	r := httptest.NewRequest(method, "/", nil)
	r.Header = header.Clone()
	if unit, part, is := strings.Cut(header.Get("Range"), "="); is && strings.EqualFold(unit, "bytes") {
		r.Header.Set("Range", "bytes="+part) // net/http takes no other letters, against RFC 9110 14.1
	}
	w := httptest.NewRecorder()
	if f.etag != "" {
		w.Header().Set("ETag", f.etag)
	}
	w.Header().Set("Content-Type", "video/mp2t")
	w.Header().Set("Cache-Control", "max-age=600")
	http.ServeContent(w, r, "", f.modified, bytes.NewReader(f.body))
	resp := w.Result()
	if resp.StatusCode == http.StatusOK && !f.length {
		resp.Header.Del("Content-Length")
		resp.ContentLength = -1
	}
	return resp
}

func (f *file) fetch(_ context.Context, method string, header http.Header) (Response, error) {
	return Response{Response: f.serve(method, header)}, nil //nolint:bodyclose // the cache does
}

// told is what a viewer sees of an answer.
type told struct {
	status                      int
	body                        string
	contentRange, length, etag  string
	contentType, accept, expiry string
}

func tellOf(status int, h http.Header, body []byte) told {
	return told{status, string(body), h.Get("Content-Range"), h.Get("Content-Length"), h.Get("ETag"), h.Get("Content-Type"), h.Get("Accept-Ranges"), h.Get("Cache-Control")}
}

// ask asks the cache, and reads all of the answer.
func (f *file) ask(t *testing.T, c *Cache, method string, header http.Header) told {
	t.Helper()
	a, err := c.Get(t.Context(), &Request{Origin: "o", Path: "1.ts", Method: method, Header: header, Fetch: f.fetch})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if a.Direct != nil {
		body, err := io.ReadAll(a.Direct.Body)
		if err != nil {
			t.Fatal(err)
		}
		return tellOf(a.Direct.StatusCode, a.Direct.Header, body)
	}
	h := http.Header{}
	a.Header(h)
	var body []byte
	for method != http.MethodHead && a.Status < 300 {
		p, err := a.Next(t.Context(), func() {})
		body = append(body, p...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s %v: %v", method, header, err)
		}
	}
	return tellOf(a.Status, h, body)
}

// exactRange are ranges that have one right answer; of others a server may answer
// with the whole (RFC 9110 14.2).
var exactRange = regexp.MustCompile(`^bytes=([0-9]{1,18}-([0-9]{1,18})?|-0*[1-9][0-9]{0,16})$`)

var lastNone = regexp.MustCompile(`(?i)^bytes=\s*-\s*0*\s*$`)

func wellFormed(asked string) bool {
	_, part, _ := strings.Cut(asked, "=")
	first, last, _ := strings.Cut(part, "-")
	from, _ := strconv.ParseInt(first, 10, 64)
	to, err := strconv.ParseInt(last, 10, 64)
	return exactRange.MatchString(strings.ToLower(asked)) && (first == "" || err != nil || from <= to)
}

// FuzzCache_AnswersAsServeContentDoes, whatever was asked for before: from what is
// kept, from what is being fetched, and from the origin.
func FuzzCache_AnswersAsServeContentDoes(f *testing.F) {
	f.Add(uint32(10), "bytes=2-4", "bytes=0-", byte(0), byte(0))
	f.Add(uint32(100_000), "", "bytes=-7", byte(0b101), byte(1))
	f.Add(uint32(3<<20), "bytes=1048575-1048577", "bytes=1048576-", byte(0b11_0010), byte(0))
	f.Add(uint32(5), "bytes=5-", "bytes=4-9", byte(0b1000), byte(2))
	f.Add(uint32(1), "bytes=0-0,0-0", "bytes=00-000", byte(0b100_0000), byte(3))
	f.Add(uint32(7), "bytes=9-2", "lines=1-2", byte(0), byte(4))
	f.Fuzz(func(t *testing.T, size uint32, first, second string, flags, condition byte) {
		if size == 0 || size > 4<<20 || lastNone.MatchString(first) || lastNone.MatchString(second) {
			t.Skip("of nothing ServeContent sends a part")
		}
		o := &file{body: pattern(int(size)), modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), etag: []string{`"a"`, `W/"a"`, ""}[flags%3], length: flags&4 != 0}
		c := newCache(t, 64<<20)
		method := http.MethodGet
		if flags&8 != 0 {
			method = http.MethodHead
		}
		for _, asked := range []string{first, second, second, "", first, second} {
			header := http.Header{}
			if asked != "" {
				header.Set("Range", asked)
			}
			if flags&16 != 0 {
				o.condition(header, condition)
			}
			o.compare(t, c, method, header)
		}
	})
}

func pattern(size int) []byte {
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i * 7919 >> 8)
	}
	return body
}

// condition adds one to a request.
func (f *file) condition(h http.Header, which byte) {
	date := f.modified.Add(time.Duration(int(which)%3-1) * time.Hour).Format(http.TimeFormat)
	tag := []string{`"a"`, `W/"a"`, `"b"`, `*`, `"b", W/"a"`, `a`, ""}[which/8%7]
	switch which % 8 {
	case 0:
		h.Set("If-None-Match", tag)
	case 1:
		h.Set("If-Modified-Since", date)
	case 2, 3:
		h.Set("If-Range", tag)
	case 4:
		h.Set("If-Range", date)
	case 5:
		h.Set("If-None-Match", tag)
		h.Set("If-Modified-Since", date)
	case 6:
		h.Set("If-None-Match", tag)
		h.Set("If-Range", date)
	case 7:
		h.Set("If-Modified-Since", "soon")
	}
}

// compare asks the cache and the origin.
func (f *file) compare(t *testing.T, c *Cache, method string, header http.Header) {
	t.Helper()
	got := f.ask(t, c, method, header)
	resp := f.serve(method, header) //nolint:bodyclose // it is text in memory
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := tellOf(resp.StatusCode, resp.Header, body)
	if got.status != want.status && !wellFormed(header.Get("Range")) && header.Get("Range") != "" {
		header.Del("Range")            // the whole will do
		resp = f.serve(method, header) //nolint:bodyclose // as above
		body, _ = io.ReadAll(resp.Body)
		want = tellOf(resp.StatusCode, resp.Header, body)
	}
	if want.length == "" { // it is known by now
		got.length = ""
	}
	switch want.status {
	case http.StatusNotModified: // of which only the status and the tag matter
		want, got = told{status: want.status, etag: want.etag}, told{status: got.status, etag: got.etag}
	case http.StatusRequestedRangeNotSatisfiable: // the body of an error is nobody's business
		want, got = told{status: want.status, contentRange: want.contentRange}, told{status: got.status, contentRange: got.contentRange}
	}
	if strings.HasPrefix(want.contentType, "multipart/") { // its boundary is another each time
		want, got = told{status: want.status, length: want.length}, told{status: got.status, length: got.length}
	}
	if got != want {
		t.Fatalf("%s %v of %d bytes, ETag %s:\n%s\nwant\n%s", method, header, len(f.body), f.etag, got, want)
	}
}

func (t told) String() string {
	return fmt.Sprintf("%d, %d bytes %.20q, %q", t.status, len(t.body), t.body, []string{t.contentRange, t.length, t.etag, t.contentType, t.accept, t.expiry})
}
