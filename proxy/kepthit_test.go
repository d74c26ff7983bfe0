package proxy

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"vod2live/proxy/origin"
)

// keptRig has two segments in memory, of 1 KiB and of 8 MiB.
func keptRig(t testing.TB) *rig {
	files := newVODs(map[string]string{"small.ts": numbered(1 << 10), "large.ts": numbered(8 << 20)})
	r := newRig(t, files, keeping(t, 128<<20), func(c *Config) { c.Log = zap.NewNop() })
	for _, address := range []string{"/live/small.ts", "/live/large.ts"} {
		r.ok(address)
		for !r.isHit(address) { //nolint:revive // the fetch ends a moment after its last byte
		}
	}
	return r
}

func (r *rig) isHit(address string) bool {
	hits := r.results()["hit"]
	r.ok(address)
	return r.results()["hit"] > hits
}

// quiet is a ResponseWriter that can all that a server's can, and allocates nothing.
type quiet struct{ reused }

func (w *quiet) SetWriteDeadline(time.Time) error { return nil }
func (w *quiet) FlushError() error                { return nil }

func newQuiet() *quiet { return &quiet{reused{header: http.Header{}}} }

// The budget of a segment from memory: the same few allocations for any size.
func TestKept_AHitAllocatesNothingPerByte(t *testing.T) {
	r := keptRig(t)
	for _, c := range []struct {
		headers []string
		budget  float64
	}{{nil, 10}, {[]string{"Range", "bytes=10-"}, 20}} {
		var allocations []float64
		for _, address := range []string{"/live/small.ts", "/live/large.ts"} {
			req := request(http.MethodGet, address, c.headers...)
			w := newQuiet()
			n := testing.AllocsPerRun(100, func() { clear(w.header); r.ServeHTTP(w, req) })
			allocations = append(allocations, n)
		}
		if small, large := allocations[0], allocations[1]; large > small+5 || large > c.budget { // pools may lose something under -race
			t.Errorf("%v: %v allocations of 1 KiB, %v of 8 MiB; want no more than %v", c.headers, small, large, c.budget)
		}
	}
}

func BenchmarkKept_Hit(b *testing.B) {
	r := keptRig(b)
	for _, address := range []string{"/live/small.ts", "/live/large.ts"} {
		b.Run(strings.TrimPrefix(address, "/live/"), func(b *testing.B) {
			b.ReportAllocs()
			req := request(http.MethodGet, address)
			w := newQuiet()
			for b.Loop() {
				clear(w.header)
				r.ServeHTTP(w, req)
			}
		})
	}
}

// BenchmarkSegment_Kept streams 8 MiB of memory over a real connection; compare
// BenchmarkSegment.
func BenchmarkSegment_Kept(b *testing.B) {
	media := numbered(8 << 20)
	from := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "1.ts", epoch, strings.NewReader(media))
	}))
	defer from.Close()
	direct := NewTransport(10 * time.Second)
	defer direct.CloseIdleConnections()
	r := newRig(b, nil, keeping(b, 128<<20), func(c *Config) {
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
