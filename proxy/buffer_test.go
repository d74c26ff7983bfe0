package proxy

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/proxy/origin"
)

// TestSegment_AViewersPausesAreNotTheOriginsStalls: the origin's timeout runs
// only while it is waited for.
func TestSegment_AViewersPausesAreNotTheOriginsStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		media := strings.Repeat("x", 200_000)
		r := newRig(t, newVODs(map[string]string{"1.ts": media}))
		w := &slowWriter{httptest.NewRecorder(), 15 * time.Second}
		r.ServeHTTP(w, request(http.MethodGet, "/live/1.ts"))
		if w.Body.String() != media {
			t.Errorf("%d bytes of %d", w.Body.Len(), len(media))
		}
	})
}

// sizes notes how much is asked for at a time.
type sizes struct {
	io.Reader
	most int
	last int
}

func (s *sizes) Read(p []byte) (int, error) {
	s.most, s.last = max(s.most, len(p)), len(p)
	return s.Reader.Read(p)
}

// slowWriter holds each write up.
type slowWriter struct {
	*httptest.ResponseRecorder
	pause time.Duration
}

func (w *slowWriter) Write(p []byte) (int, error) {
	time.Sleep(w.pause)
	return w.ResponseRecorder.Write(p)
}

func TestSegment_OnlyQuickViewersGetALargeBuffer(t *testing.T) {
	for pause, most := range map[time.Duration]int{0: largeBuffer, time.Millisecond: smallBuffer, time.Second: smallBuffer} {
		synctest.Test(t, func(t *testing.T) {
			body := &sizes{Reader: bytes.NewReader(make([]byte, 2<<20))}
			w := &slowWriter{httptest.NewRecorder(), pause}
			if err := streamBody(&recorder{ResponseWriter: w}, body); err != nil {
				t.Fatal(err)
			}
			if body.most != most || w.Body.Len() != 2<<20 {
				t.Errorf("writes that take %s: a buffer of %d, want %d; %d bytes", pause, body.most, most, w.Body.Len())
			}
		})
	}
}

func TestSegment_AViewerWhoBecomesSlowGivesTheBufferBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := &sizes{}
		w := &slowWriter{httptest.NewRecorder(), 0}
		body.Reader = io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), readFunc(func([]byte) (int, error) {
			w.pause = time.Second
			return 0, io.EOF
		}), bytes.NewReader(make([]byte, 1<<20)))
		if err := streamBody(&recorder{ResponseWriter: w}, body); err != nil {
			t.Fatal(err)
		}
		if body.most != largeBuffer || body.last != smallBuffer {
			t.Errorf("at most %d at a time, in the end %d", body.most, body.last)
		}
	})
}

func TestSegment_LargeBuffersAreFew(t *testing.T) {
	var taken []*[largeBuffer]byte
	for b := takeLarge(); b != nil; b = takeLarge() {
		taken = append(taken, b)
	}
	if len(taken) != largeOnes {
		t.Errorf("%d large buffers, want %d", len(taken), largeOnes)
	}
	stream := func() *sizes {
		body := &sizes{Reader: bytes.NewReader(make([]byte, 2<<20))}
		w := httptest.NewRecorder()
		if err := streamBody(&recorder{ResponseWriter: w}, body); err != nil || w.Body.Len() != 2<<20 {
			t.Errorf("%d bytes, %v", w.Body.Len(), err)
		}
		return body
	}
	if body := stream(); body.most != smallBuffer {
		t.Errorf("a buffer of %d while all large ones are in use, want %d", body.most, smallBuffer)
	}
	for _, b := range taken {
		giveLarge(b)
	}
	if n := largeInUse.Load(); n != 0 {
		t.Errorf("%d large buffers are in use, want 0", n)
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// BenchmarkSegment streams 8 MiB over real connections on both sides.
func BenchmarkSegment(b *testing.B) {
	media := bytes.Repeat([]byte("0123456789abcdef"), 1<<19)
	from := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "1.ts", epoch, bytes.NewReader(media))
	}))
	defer from.Close()
	direct := NewTransport(10 * time.Second)
	defer direct.CloseIdleConnections()
	r := newRig(b, nil, func(c *Config) {
		c.Origins = []*origin.Origin{newOrigin(b, "live", from.URL)}
		c.Transport = direct
		c.Log = zap.NewNop()
	})
	viewers := httptest.NewServer(r.Server)
	defer viewers.Close()
	b.SetBytes(int64(len(media)))
	b.ReportAllocs()
	for b.Loop() {
		resp, err := viewers.Client().Get(viewers.URL + "/live/1.ts")
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != int64(len(media)) {
			b.Fatalf("%d bytes, %v", n, err)
		}
		resp.Body.Close()
	}
}
