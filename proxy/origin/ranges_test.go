package origin

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"vod2live/metrics"
)

func TestRange_OfOnePart(t *testing.T) {
	for text, want := range map[string]string{
		"bytes=0-0": "bytes=0-0", "bytes=5-": "bytes=5-", "bytes=-5": "bytes=-5", "BYTES=00-007": "bytes=0-7",
		"bytes=": "", "bytes=-": "", "bytes=5-2": "", "bytes=1-2,3-4": "", "bytes=a-b": "", "bytes=+1-2": "", "bytes=1-2-3": "", "bytes= 1-2": "",
		"lines=1-2": "", "": "", "bytes": "", "bytes=9999999999999999999-": "", "bytes=--5": "", "bytes=1 -2": "",
	} {
		s, ok := ParseRange([]string{text})
		if ok != (want != "") || ok && s.String() != want {
			t.Errorf("%q: %v, %v", text, s, ok)
		}
	}
	if _, ok := ParseRange([]string{"bytes=0-1", "bytes=0-1"}); ok {
		t.Error("two headers are one range")
	}
}

func TestRange_WithinABody(t *testing.T) {
	for _, c := range []struct {
		text               string
		size, from, length int64
		ok                 bool
	}{
		{"bytes=0-0", 10, 0, 1, true},
		{"bytes=0-99", 10, 0, 10, true},
		{"bytes=9-", 10, 9, 1, true},
		{"bytes=10-", 10, 0, 0, false},
		{"bytes=-3", 10, 7, 3, true},
		{"bytes=-30", 10, 0, 10, true},
		{"bytes=-0", 10, 10, 0, false},
		{"bytes=3-999999999999999999", 10, 3, 7, true},
	} {
		s, _ := ParseRange([]string{c.text})
		if from, length, ok := s.Within(c.size); ok != c.ok || ok && (from != c.from || length != c.length) {
			t.Errorf("%s of %d: %d, %d, %v", c.text, c.size, from, length, ok)
		}
	}
}

// FuzzRange: what is understood lies in the body, and means the same when it is
// asked for again.
func FuzzRange(f *testing.F) {
	f.Add("bytes=0-5", int64(10))
	f.Add("bytes=-5", int64(3))
	f.Add("bytes=7-", int64(1<<40))
	f.Fuzz(func(t *testing.T, text string, size int64) {
		s, ok := ParseRange([]string{text})
		if !ok || size < 0 {
			return
		}
		if again, ok := ParseRange([]string{s.String()}); !ok || again != s {
			t.Errorf("%q is %q, which is %v", text, s, again)
		}
		if from, length, ok := s.Within(size); ok && (from < 0 || length <= 0 || from+length > size) {
			t.Errorf("%q of %d: %d, %d", text, size, from, length)
		}
	})
}

// misfits are 206 that answer something else than "Range: bytes=10-19" of a
// resource of 100 bytes; their bodies have ten, or what their name says.
var misfits = map[string]http.Header{
	"no Content-Range":     {},
	"garbage":              {"Content-Range": {"garbage"}},
	"an empty one":         {"Content-Range": {""}},
	"two":                  {"Content-Range": {"bytes 10-19/100", "bytes 10-19/100"}},
	"another unit":         {"Content-Range": {"lines 10-19/100"}},
	"no size":              {"Content-Range": {"bytes 10-19"}},
	"a size of nothing":    {"Content-Range": {"bytes 10-19/"}},
	"unsatisfied":          {"Content-Range": {"bytes */100"}},
	"a start before":       {"Content-Range": {"bytes 0-9/100"}},
	"a start behind":       {"Content-Range": {"bytes 11-20/100"}},
	"an end too late":      {"Content-Range": {"bytes 10-20/100"}},
	"an end too early":     {"Content-Range": {"bytes 10-18/100"}},
	"the end of a suffix":  {"Content-Range": {"bytes 90-99/100"}},
	"backwards":            {"Content-Range": {"bytes 19-10/100"}},
	"beyond the size":      {"Content-Range": {"bytes 10-19/15"}},
	"its size is its end":  {"Content-Range": {"bytes 10-19/19"}},
	"a sign":               {"Content-Range": {"bytes +10-19/100"}},
	"too large to count":   {"Content-Range": {"bytes 10-19/9999999999999999999999"}},
	"a wrong length":       {"Content-Range": {"bytes 10-19/100"}, "Content-Length": {"9"}},
	"no length, too much":  {"Content-Range": {"bytes 10-19/100"}, "Content-Length": {""}},
	"several parts":        {"Content-Type": {"multipart/byteranges; boundary=x"}},
	"several parts of one": {"Content-Type": {"Multipart/Byteranges;boundary=x"}, "Content-Range": {"bytes 10-19/100"}},
	"a part of gzip":       {"Content-Range": {"bytes 10-19/100"}, "Content-Encoding": {"gzip"}},
	"unknown size, early":  {"Content-Range": {"bytes 10-18/*"}},
}

// answerOf makes the answer of an origin; a Content-Length of nothing says none.
func answerOf(h http.Header, body string) *http.Response {
	resp := &http.Response{StatusCode: http.StatusPartialContent, Header: h, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}
	if length, said := h["Content-Length"]; said {
		n, err := strconv.ParseInt(length[0], 10, 64)
		if err != nil {
			n = -1
			h.Del("Content-Length")
		}
		resp.ContentLength = n
	}
	return resp
}

// partial asks an origin that answers with a 206 for a range, and reads the answer.
func partial(t *testing.T, asked http.Header, h http.Header, body string) (*Response, string, error) {
	t.Helper()
	o, err := New("live", "http://origin.test", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(roundTripper(func(*http.Request) (*http.Response, error) { return answerOf(h.Clone(), body), nil }), metrics.New("test"), o)
	address, _ := o.URL("a.ts", "")
	resp, err := c.Do(t.Context(), http.MethodGet, address, asked)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return resp, string(got), err
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestPart_ThatWasNotAskedForIsAnError(t *testing.T) {
	for name, h := range misfits {
		body := "0123456789"
		if strings.HasSuffix(name, "too much") {
			body += "x"
		}
		if resp, got, err := partial(t, http.Header{"Range": {"bytes=10-19"}}, h, body); err == nil || resp == nil && Sick(err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestPart_ThatWasAskedForIsHandedOn(t *testing.T) {
	for name, c := range map[string]struct {
		asked, said string
		more        http.Header // of the answer
		body        string
		ok          bool
	}{
		"all of it":              {"bytes=10-19", "bytes 10-19/100", nil, "0123456789", true},
		"in other letters":       {"Bytes=10-19", "BYTES 10-19/100", nil, "0123456789", true},
		"size unknown":           {"bytes=10-19", "bytes 10-19/*", nil, "0123456789", true},
		"length unknown":         {"bytes=10-19", "bytes 10-19/100", http.Header{"Content-Length": {""}}, "0123456789", true},
		"to the end":             {"bytes=10-", "bytes 10-19/20", nil, "0123456789", true},
		"to an end":              {"bytes=10-", "bytes 10-19/*", nil, "0123456789", true},
		"not to the end":         {"bytes=10-", "bytes 10-19/21", nil, "0123456789", true},
		"beyond the end":         {"bytes=10-99", "bytes 10-19/20", nil, "0123456789", true},
		"the last":               {"bytes=-10", "bytes 90-99/100", nil, "0123456789", true},
		"more than all":          {"bytes=-99", "bytes 0-9/10", nil, "0123456789", true},
		"not the last":           {"bytes=-10", "bytes 0-9/100", nil, "0123456789", false},
		"the last of what?":      {"bytes=-10", "bytes 90-99/*", nil, "0123456789", false},
		"one of several":         {"bytes=10-19,30-39", "bytes 30-39/100", nil, "0123456789", true},
		"none of several":        {"bytes=10-19,30-39", "bytes 20-29/100", nil, "0123456789", false},
		"several":                {"bytes=0-1, 5-6", "", http.Header{"Content-Type": {"multipart/byteranges; boundary=x"}}, "--x--", true},
		"malformed":              {"bytes=5-2", "bytes 2-5/100", nil, "0123", false},
		"other units":            {"lines=2-5", "bytes 2-5/100", nil, "0123", false},
		"all that is compressed": {"bytes=0-", "bytes 0-9/10", http.Header{"Content-Encoding": {"gzip"}}, "0123456789", true},
		"no coding":              {"bytes=10-19", "bytes 10-19/100", http.Header{"Content-Encoding": {"aws-chunked"}}, "0123456789", true},
	} {
		h := http.Header{}
		maps.Copy(h, c.more)
		if c.said != "" {
			h.Set("Content-Range", c.said)
		}
		resp, got, err := partial(t, http.Header{"Range": {c.asked}}, h, c.body)
		if (err == nil) != c.ok || c.ok && (got != c.body || resp.ContentLength != int64(len(got))) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestPart_OfAnotherVersionIsNoAnswerToIfRange: a player would join the two.
func TestPart_OfAnotherVersionIsNoAnswerToIfRange(t *testing.T) {
	const date, later = "Sat, 01 Jan 2000 00:00:00 GMT", "Sun, 02 Jan 2000 00:00:00 GMT"
	for _, c := range []struct {
		condition string
		header    http.Header
		ok        bool
	}{
		{`"a"`, http.Header{"Etag": {`"a"`}}, true},
		{`"a"`, http.Header{"Etag": {`"b"`}}, false},
		{`"a"`, http.Header{"Etag": {`W/"a"`}}, false},
		{`"a"`, http.Header{}, true},
		{date, http.Header{"Last-Modified": {date}}, true},
		{date, http.Header{"Last-Modified": {later}}, false},
		{date, http.Header{}, true},
	} {
		c.header.Set("Content-Range", "bytes 0-3/10")
		if _, _, err := partial(t, http.Header{"Range": {"bytes=0-3"}, "If-Range": {c.condition}}, c.header, "0123"); (err == nil) != c.ok {
			t.Errorf("If-Range %s, %v: %v", c.condition, c.header, err)
		}
	}
}

// TestPart_WithoutALengthIsAsLongAsItsRange, or breaks off for the viewer, too.
func TestPart_WithoutALengthIsAsLongAsItsRange(t *testing.T) {
	h := http.Header{"Content-Range": {"bytes 0-9/100"}, "Content-Length": {""}}
	for body, want := range map[string]string{"0123456789": "0123456789", "01234": "01234", "0123456789abc": "0123456789", "": ""} {
		resp, got, err := partial(t, http.Header{"Range": {"bytes=0-9"}}, h, body)
		if (err == nil) != (body == want && len(body) == 10) || got != want || resp.Header.Get("Content-Length") != "10" {
			t.Errorf("%q: %q, %v", body, got, err)
		}
	}
}

func TestCodings_AreThoseThatChangeBytes(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "gzip": "gzip", "GZip": "gzip", "br": "br", "aws-chunked": "", "identity": "identity", "utf-8": "", "gzip, aws-chunked": "gzip", "aws-chunked,gzip": "gzip", "none": "",
	} {
		if got := Codings(http.Header{"Content-Encoding": {said}}); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
