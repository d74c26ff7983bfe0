package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// soakTime is how long the soak lasts; VOD2LIVE_SOAK=10m lets it last longer.
const soakTime = 8 * time.Second

const (
	soakViewers = 500
	soakReaders = 20
	soakVODs    = 12
)

// soak is the whole program under random load: viewers who poll, readers of
// segments who leave half-way, edits of VODs and of the configuration file, and
// an origin that fails now and then.
type soak struct {
	t      *testing.T
	origin *wildOrigin
	config string
	from   string // the viewers' listener
	client *http.Client
	polls  atomic.Int64
	edits  atomic.Int64
}

func TestSoak_NothingIsLeftAndNoNumberFalls(t *testing.T) {
	total := soakTime
	if asked := os.Getenv("VOD2LIVE_SOAK"); asked != "" {
		var err error
		if total, err = time.ParseDuration(asked); err != nil {
			t.Fatal(err)
		}
	}
	s := &soak{t: t, origin: newWildOrigin()}
	server := httptest.NewServer(s.origin)
	defer server.Close()
	s.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: soakViewers}}
	s.config = filepath.Join(t.TempDir(), "vod2live.yaml")
	s.configure(server.URL, 0)

	before := measure()
	end := s.begin()
	ctx, cancel := context.WithTimeout(t.Context(), total)
	defer cancel()
	curve := s.play(ctx, server.URL, total)
	s.client.CloseIdleConnections()
	end()
	server.CloseClientConnections()
	s.checkLeft(before)
	if total >= time.Minute { // a curve of seconds tells nothing
		s.checkMemory(curve)
	}
	t.Logf("%d polls, %d edits; %d requests at the origin", s.polls.Load(), s.edits.Load(), s.origin.asked.Load())
}

// configure writes the file; turn changes what may change without a trace.
func (s *soak) configure(origin string, turn int) {
	text := fmt.Sprintf("origins:\n  live: { url: %s/vod, revalidate: 1s, timeout: 2s }\nlive: { window: 10s }\nchannels:\n  one: { loop: [ live/0/master.m3u8 ] }\n", origin)
	if turn%2 == 1 {
		text += "  two: { loop: [ live/1/master.m3u8 ] }\n"
	}
	if turn%5 == 4 {
		text += "nonsense: true\n"
	}
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		s.t.Error(err)
	}
}

// begin runs the program; the function returned stops it and waits.
func (s *soak) begin() (end func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	log := &soakLog{listening: make(chan string, 2)}
	exit := make(chan int, 1)
	args := []string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-config", s.config, "-drain", "20s"}
	go func() { exit <- run(ctx, args, environment(), terminal{io.Discard, log}) }()
	s.from = "http://" + <-log.listening
	return func() {
		cancel()
		if code := <-exit; code != 0 {
			s.t.Errorf("exit status %d", code)
		}
	}
}

// play lets all do what they do until the context is done, and measures.
func (s *soak) play(ctx context.Context, origin string, total time.Duration) (curve []measurement) {
	var all sync.WaitGroup
	for range soakViewers {
		all.Go(func() { s.watch(ctx) })
	}
	for range soakReaders {
		all.Go(func() { s.read(ctx) })
	}
	all.Go(func() { s.every(ctx, 700*time.Millisecond, func(int) { s.origin.edit(); s.edits.Add(1) }) })
	all.Go(func() { s.every(ctx, 900*time.Millisecond, func(turn int) { s.configure(origin, turn) }) })
	all.Go(func() { s.every(ctx, 1500*time.Millisecond, func(turn int) { s.origin.sick.Store(turn%4 == 0) }) })
	s.every(ctx, total/20, func(int) { curve = append(curve, measure()) })
	all.Wait()
	for i, m := range curve {
		s.t.Logf("%3d %%: %s", 100*(i+1)/20, m)
	}
	return curve
}

func (s *soak) every(ctx context.Context, d time.Duration, f func(turn int)) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for turn := 0; ; turn++ {
		select {
		case <-tick.C:
			f(turn)
		case <-ctx.Done():
			return
		}
	}
}

// watch is a viewer: of one rendition for a while, then of another.
func (s *soak) watch(ctx context.Context) {
	for ctx.Err() == nil {
		address := fmt.Sprintf("%s/live/%d/master.m3u8/%d.m3u8", s.from, rand.IntN(soakVODs), rand.IntN(2))
		if rand.IntN(10) == 0 {
			address = s.from + "/one/master.m3u8/0.m3u8"
		}
		last, tag := [2]int64{}, ""
		for range 1 + rand.IntN(30) {
			last, tag = s.poll(ctx, address, last, tag)
			select {
			case <-time.After(time.Duration(500+rand.IntN(1000)) * time.Millisecond):
			case <-ctx.Done():
				return
			}
		}
	}
}

// poll asks for a playlist and holds its numbers against the last ones.
func (s *soak) poll(ctx context.Context, address string, last [2]int64, tag string) ([2]int64, string) {
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if rand.IntN(2) == 0 {
		req.Header.Set("If-None-Match", tag)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			s.t.Errorf("GET %s: %v", address, err)
		}
		return last, tag
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	s.polls.Add(1)
	if resp.StatusCode != http.StatusOK {
		if resp.StatusCode != http.StatusNotModified && (last[0] > 0 || resp.StatusCode < 500) {
			s.t.Errorf("GET %s: %d %s", address, resp.StatusCode, body)
		}
		return last, tag
	}
	now := [2]int64{number(body, "#EXT-X-MEDIA-SEQUENCE:"), number(body, "#EXT-X-DISCONTINUITY-SEQUENCE:")}
	if now[0] < last[0] || now[1] < last[1] {
		s.t.Errorf("GET %s: the numbers fell from %v to %v", address, last, now)
	}
	return now, resp.Header.Get("ETag")
}

func number(body []byte, tag string) int64 {
	_, rest, _ := strings.Cut(string(body), tag)
	digits, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// read is a viewer who asks for segments and leaves most of them half-way.
func (s *soak) read(ctx context.Context) {
	for ctx.Err() == nil {
		one, leave := context.WithTimeout(ctx, time.Duration(1+rand.IntN(300))*time.Millisecond)
		req, _ := http.NewRequestWithContext(one, http.MethodGet, fmt.Sprintf("%s/live/%d/s%d.ts", s.from, rand.IntN(soakVODs), rand.IntN(9)), nil)
		if rand.IntN(3) == 0 {
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-", rand.IntN(1<<20)))
		}
		if resp, err := s.client.Do(req); err == nil {
			_, _ = io.CopyN(io.Discard, resp.Body, rand.Int64N(2<<20))
			_ = resp.Body.Close()
		}
		leave()
	}
}

// wildOrigin has VODs of two bit rates that are edited, and segments.
type wildOrigin struct {
	mu    sync.Mutex // guards files
	files map[string]string
	asked atomic.Int64
	sick  atomic.Bool
}

func newWildOrigin() *wildOrigin {
	o := &wildOrigin{files: map[string]string{}}
	for n := range soakVODs {
		o.files[fmt.Sprintf("/vod/%d/master.m3u8", n)] = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n"
		o.write(n, 4)
	}
	return o
}

func (o *wildOrigin) write(vod, segments int) {
	text := "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
	for i := range segments {
		text += fmt.Sprintf("#EXTINF:%d,\ns%d.ts\n", 1+(vod+i)%2, i)
	}
	for _, name := range []string{"a", "b"} {
		o.files[fmt.Sprintf("/vod/%d/%s.m3u8", vod, name)] = text + "#EXT-X-ENDLIST\n"
	}
}

// edit gives a VOD another length, or breaks one of its playlists.
func (o *wildOrigin) edit() {
	o.mu.Lock()
	defer o.mu.Unlock()
	vod := rand.IntN(soakVODs)
	o.write(vod, 2+rand.IntN(7))
	if rand.IntN(6) == 0 {
		o.files[fmt.Sprintf("/vod/%d/b.m3u8", vod)] = "#EXTM3U\n#EXTINF:2,\n"
	}
}

func (o *wildOrigin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.asked.Add(1)
	o.mu.Lock()
	text, has := o.files[r.URL.Path]
	o.mu.Unlock()
	switch {
	case o.sick.Load() && rand.IntN(2) == 0:
		http.Error(w, "not now", http.StatusServiceUnavailable)
	case has:
		http.ServeContent(w, r, r.URL.Path, time.Time{}, strings.NewReader(text))
	case strings.HasSuffix(r.URL.Path, ".ts"):
		http.ServeContent(w, r, r.URL.Path, time.Unix(1e9, 0), strings.NewReader(strings.Repeat("media 42", 1<<17)))
	default:
		http.NotFound(w, r)
	}
}

// soakLog finds out where the program listens.
type soakLog struct{ listening chan string }

func (l *soakLog) Write(p []byte) (int, error) {
	var entry struct{ Msg, Listener, Addr string }
	if json.Unmarshal(p, &entry) == nil && entry.Msg == "listening" && entry.Listener == "viewers" {
		l.listening <- entry.Addr
	}
	return len(p), nil
}

// measurement is what the process takes.
type measurement struct {
	goroutines, descriptors int
	heap                    uint64 // bytes in use after a collection
}

func (m measurement) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %.1f MiB", m.goroutines, m.descriptors, float64(m.heap)/(1<<20))
}

func measure() measurement {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	files, _ := os.ReadDir("/proc/self/fd")
	return measurement{runtime.NumGoroutine(), len(files), stats.HeapAlloc}
}

// checkLeft waits until no goroutine and no descriptor is left.
func (s *soak) checkLeft(before measurement) {
	var after measurement
	for range 200 {
		if after = measure(); after.goroutines <= before.goroutines+2 && after.descriptors <= before.descriptors+2 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	s.t.Errorf("left are %s; at first there were %s\n%s", after, before, stacks[:runtime.Stack(stacks, true)])
}

// checkMemory wants the last third of the curve no higher than the second, but
// for what a load that changes at random needs.
func (s *soak) checkMemory(curve []measurement) {
	var middle, last uint64
	for i, m := range curve {
		switch {
		case i >= 2*len(curve)/3:
			last = max(last, m.heap)
		case i >= len(curve)/3:
			middle = max(middle, m.heap)
		}
	}
	if last > middle+middle/2+16<<20 {
		s.t.Errorf("the heap grew from %d to %d bytes", middle, last)
	}
}
