package answer

import (
	"bytes"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// TestNew_TakesFourAllocations at most, beside the body: a live playlist has a new answer
// at each change, and its header values are read from cold memory.
func TestNew_TakesFourAllocations(t *testing.T) {
	body, now := make([]byte, 1000), time.Now()
	if n := testing.AllocsPerRun(100, func() { New(body, "8d0e1f2a-13-1d-18b5", now, now) }); n > 4 {
		t.Errorf("%v allocations, want 4 at most", n)
	}
}

// TestAnswer_HasTheHeadersOfItsEncoding: its own tag, and the length of its own body.
func TestAnswer_HasTheHeadersOfItsEncoding(t *testing.T) {
	changed := time.Date(2026, 11, 28, 22, 0, 6, 5, time.UTC)
	a := New(bytes.Repeat([]byte("#EXTINF:6,\nsegment.ts\n"), 200), "8d0e-13", changed, changed.Add(time.Second))
	for _, c := range []struct{ accept, tag, length string }{
		{"identity", `"8d0e-13"`, strconv.Itoa(len(a.Body))},
		{"gzip", `"8d0e-13-gzip"`, strconv.Itoa(len(a.Pack()))},
	} {
		r, w := httptest.NewRequest("HEAD", "/live/a.m3u8", nil), httptest.NewRecorder()
		r.Header.Set("Accept-Encoding", c.accept)
		if err := a.Write(w, r, MimePlaylist, MaxAge(time.Second)); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"Etag": c.tag, "Content-Length": c.length, "Last-Modified": "Sat, 28 Nov 2026 22:00:06 GMT"} {
			if got := w.Header()[name]; len(got) != 1 || cap(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q, want %q", c.accept, name, got, want)
			}
		}
	}
}
