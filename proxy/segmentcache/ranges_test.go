package segmentcache

import (
	"net/http"
	"testing"
)

func TestRange_OfOnePart(t *testing.T) {
	for text, want := range map[string]string{
		"bytes=0-0": "bytes=0-0", "bytes=5-": "bytes=5-", "bytes=-5": "bytes=-5", "BYTES=00-007": "bytes=0-7",
		"bytes=": "", "bytes=-": "", "bytes=5-2": "", "bytes=1-2,3-4": "", "bytes=a-b": "", "bytes=+1-2": "", "bytes=1-2-3": "", "bytes= 1-2": "",
		"lines=1-2": "", "": "", "bytes": "", "bytes=9999999999999999999-": "", "bytes=--5": "", "bytes=1 -2": "",
	} {
		s, ok := parseRange([]string{text})
		if ok != (want != "") || ok && s.String() != want {
			t.Errorf("%q: %v, %v", text, s, ok)
		}
	}
	if _, ok := parseRange([]string{"bytes=0-1", "bytes=0-1"}); ok {
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
		s, _ := parseRange([]string{c.text})
		if from, length, ok := s.within(c.size); ok != c.ok || ok && (from != c.from || length != c.length) {
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
		s, ok := parseRange([]string{text})
		if !ok || size < 0 {
			return
		}
		if again, ok := parseRange([]string{s.String()}); !ok || again != s {
			t.Errorf("%q is %q, which is %v", text, s, again)
		}
		if from, length, ok := s.within(size); ok && (from < 0 || length <= 0 || from+length > size) {
			t.Errorf("%q of %d: %d, %d", text, size, from, length)
		}
	})
}

func TestConditions_OfAWeakTagAreWeak(t *testing.T) {
	h := &head{etag: `W/"a"`}
	for tag, want := range map[string]bool{`W/"a"`: true, `"a"`: true, `"b", "a"`: true, `"b"`: false, `*`: true, ``: false} {
		if got := h.notModified(http.Header{"If-None-Match": {tag}}); got != want {
			t.Errorf("If-None-Match %s: %v", tag, got)
		}
	}
	for _, tag := range []string{`W/"a"`, `"a"`} {
		if h.inRange(http.Header{"If-Range": {tag}}) {
			t.Errorf("If-Range %s holds for a weak tag", tag)
		}
	}
	if (&head{}).notModified(http.Header{"If-None-Match": {""}}) {
		t.Error("what has no tag is matched by none")
	}
}
