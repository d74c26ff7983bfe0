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
	"vod2live/proxy/answer"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

func TestPlaylist_OneRenderForAllViewersOfAChange(t *testing.T) {
	r := newRig(t, newVODs(seed()))
	r.ok(seedAddresses[1])
	st, _ := r.station.Loaded(t.Context(), onair.Key{Mount: "live", Path: "master.m3u8"})
	for change := range 500 {
		at := time.Now().Add(time.Duration(change) * 4 * time.Second)
		var wg sync.WaitGroup
		answers := make([]*answer.Answer, 8)
		packed := make([][]byte, len(answers))
		begin := make(chan struct{})
		for i := range answers {
			wg.Go(func() {
				<-begin
				answers[i], _ = st.Media(0, at)
				packed[i] = answers[i].Pack()
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
func hitServer(t testing.TB, log *zap.Logger, changes ...func(*Config)) *Server {
	p := listen(t, newVODs(seed()))
	config := Config{Config: onair.Config{
		Origins: []*origin.Origin{newOrigin(t, "live", originURL)}, Transport: transport(t, p), Now: time.Now, Log: log, Metrics: metrics.New("test"),
		Options:    playlist.Options{Window: time.Minute, Epoch: epoch},
		Revalidate: time.Hour, GoneAfter: time.Hour, Timeout: 10 * time.Second, CacheBytes: 64 << 20,
	}, Requests: NewRequests(100)}
	for _, change := range changes {
		change(&config)
	}
	s := New(config)
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
				for name, r := range hits(t, s, address) {
					w := &reused{header: http.Header{}}
					if n := testing.AllocsPerRun(1000, func() { clear(w.header); s.ServeHTTP(w, r) }); n > 0 {
						t.Errorf("%s of %s: %v allocations, want 0", name, address, n)
					}
				}
			}
		})
	}
}

// hits are the ways to ask for what is there.
func hits(t *testing.T, s *Server, address string) map[string]*http.Request {
	w := &reused{header: http.Header{}}
	s.ServeHTTP(w, request(http.MethodGet, address))
	tag := w.header.Get("Etag")
	if tag == "" {
		t.Fatalf("GET %s: %v", address, w.header)
	}
	return map[string]*http.Request{
		"a bare GET":             request(http.MethodGet, address),
		"a GET with gzip":        request(http.MethodGet, address, "Accept-Encoding", "gzip, deflate, br"),
		"a HEAD":                 request(http.MethodHead, address),
		"a HEAD with gzip":       request(http.MethodHead, address, "Accept-Encoding", "gzip"),
		"a GET that knows it":    request(http.MethodGet, address, "If-None-Match", tag),
		"a GET that knows older": request(http.MethodGet, address, "Accept-Encoding", "gzip", "If-None-Match", `W/"a", "b"`),
		"a browser's GET": request(http.MethodGet, address,
			"Accept", "*/*", "Accept-Encoding", "gzip, deflate, br, zstd", "Accept-Language", "en-US,en;q=0.9,de;q=0.8",
			"Origin", "https://player.example.com", "Referer", "https://player.example.com/", "Priority", "u=1, i",
			"Sec-Ch-Ua", `"Chromium";v="140", "Not=A?Brand";v="24"`, "Sec-Ch-Ua-Mobile", "?0", "Sec-Ch-Ua-Platform", `"Windows"`,
			"Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "cross-site",
			"User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"),
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
	st, _ := s.station.Loaded(b.Context(), onair.Key{Mount: "live", Path: "master.m3u8"})
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(4 * time.Second)
		a, err := st.Media(0, now)
		if err != nil {
			b.Fatal(err)
		}
		a.Pack()
	}
}
