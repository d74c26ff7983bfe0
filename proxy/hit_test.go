package proxy

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
)

func TestPlaylist_OneRenderForAllViewersOfAChange(t *testing.T) {
	r := newRig(t, newVODs(seed()))
	r.ok(seedAddresses[1])
	st := r.store.get(key{mount: "live", path: "master.m3u8"})
	for change := range 500 {
		at := time.Now().Add(time.Duration(change) * 4 * time.Second)
		var wg sync.WaitGroup
		answers := make([]*answer, 8)
		packed := make([][]byte, len(answers))
		begin := make(chan struct{})
		for i := range answers {
			wg.Go(func() {
				<-begin
				answers[i], _ = st.media(0, at)
				packed[i] = answers[i].pack()
			})
		}
		close(begin)
		wg.Wait()
		for i := range answers {
			if answers[i] != answers[0] || &packed[i][0] != &packed[0][0] {
				t.Fatalf("change %d was rendered or packed twice", change)
			}
		}
	}
}

// reused is a ResponseWriter that itself allocates nothing.
type reused struct {
	header http.Header
	bytes  int
}

func (w *reused) Header() http.Header         { return w.header }
func (w *reused) WriteHeader(int)             {}
func (w *reused) Write(p []byte) (int, error) { w.bytes += len(p); return len(p), nil }

// hitServer has a stream loaded and logs as the program does.
func hitServer(t testing.TB, log *zap.Logger) *Server {
	p := listen(t, newVODs(seed()))
	s := New(Config{
		Origins: []*origin.Origin{newOrigin(t, "live", originURL)}, Transport: transport(t, p), Now: time.Now, Log: log, Metrics: metrics.New("test"),
		Options:    playlist.Options{Window: time.Minute, Epoch: epoch},
		Revalidate: time.Hour, GoneAfter: time.Hour, Timeout: 10 * time.Second, CacheBytes: 64 << 20,
	})
	t.Cleanup(s.Close)
	w := &reused{header: http.Header{}}
	s.ServeHTTP(w, request(http.MethodGet, seedAddresses[1], "Accept-Encoding", "gzip"))
	if w.bytes == 0 {
		t.Fatal("not loaded")
	}
	return s
}

func logAt(level zapcore.Level) zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), level)
}

// The budget of a playlist that is rendered already: nothing of ours.
func TestPlaylist_AHitAllocatesNothing(t *testing.T) {
	logs := map[string]*zap.Logger{
		"level":   zap.New(logAt(zapcore.WarnLevel)),
		"sampled": zap.New(zapcore.NewSamplerWithOptions(logAt(zapcore.InfoLevel), time.Hour, 1, 1<<30)),
	}
	for name, log := range logs {
		t.Run(name, func(t *testing.T) {
			s := hitServer(t, log)
			for _, address := range seedAddresses {
				for _, accept := range []string{"", "gzip, deflate, br"} {
					r := request(http.MethodGet, address, "Accept-Encoding", accept)
					w := &reused{header: http.Header{}}
					if n := testing.AllocsPerRun(1000, func() { clear(w.header); s.ServeHTTP(w, r) }); n > 0 {
						t.Errorf("GET %s, Accept-Encoding %q: %v allocations, want 0", address, accept, n)
					}
				}
			}
		})
	}
}

func BenchmarkPlaylist_Hit(b *testing.B) {
	s := hitServer(b, zap.New(zapcore.NewSamplerWithOptions(logAt(zapcore.InfoLevel), time.Second, 100, 100)))
	for _, accept := range []string{"identity", "gzip"} {
		b.Run(accept, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				r := request(http.MethodGet, seedAddresses[1], "Accept-Encoding", accept)
				w := &reused{header: http.Header{}}
				for pb.Next() {
					clear(w.header)
					s.ServeHTTP(w, r)
				}
			})
		})
	}
}

func BenchmarkPlaylist_Change(b *testing.B) {
	s := hitServer(b, zap.NewNop())
	st := s.store.get(key{mount: "live", path: "master.m3u8"})
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(4 * time.Second)
		a, err := st.media(0, now)
		if err != nil {
			b.Fatal(err)
		}
		a.pack()
	}
}
