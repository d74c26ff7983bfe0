package proxy

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// endless is a segment that goes on so slowly that nothing ends it.
var endless = trickle(9*time.Second, "x")

// under are requests under way until they are left.
type under struct {
	ctx   context.Context
	leave func()
}

// hold starts requests, which are under way when it returns. It is for a bubble.
func (r *rig) hold(paths ...string) *under {
	u := &under{}
	var cancel context.CancelFunc
	u.ctx, cancel = context.WithCancel(r.t.Context())
	var all sync.WaitGroup
	for _, path := range paths {
		all.Go(func() { r.serveOne(request(http.MethodGet, path).WithContext(u.ctx)) })
	}
	u.leave = func() {
		cancel()
		all.Wait()
	}
	synctest.Wait()
	return u
}

func TestRequests_BeyondTheLimitAreRejectedUntilOneEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		for _, name := range []string{"1.ts", "2.ts", "3.ts", "4.ts", "5.ts", "6.ts", "7.ts", "slow.m3u8"} {
			files.fail(name, endless)
		}
		r := newRig(t, files, func(c *Config) { c.Requests = NewRequests(8) })
		playlist := seedAddresses[1]
		r.ok(playlist)
		segments := r.hold("/live/1.ts", "/live/2.ts", "/live/3.ts", "/live/4.ts", "/live/5.ts", "/live/6.ts", "/live/7.ts")
		if a := r.get("/live/8.ts"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("a segment in the last eighth: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
		}
		r.ok(playlist)
		load := r.hold("/live/slow.m3u8")
		if a := r.get(playlist); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("beyond the limit: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
		}
		load.leave()
		r.ok(playlist)
		if n := r.metric("vod2live_http_requests_rejected_total"); n != 2 {
			t.Errorf("%v requests are counted as rejected, want 2", n)
		}
		segments.leave()
		if n := r.config.Requests.now.Load(); n != 0 {
			t.Errorf("%d requests are under way when all have ended", n)
		}
	})
}

// TestRequests_AFloodByHTTP2IsReset: an answer that its viewer never reads would
// be one more request under way.
func TestRequests_AFloodByHTTP2IsReset(t *testing.T) {
	r := newRig(t, newVODs(seed()), func(c *Config) { c.Requests = NewRequests(8) })
	for n, want := range map[int64]bool{8: false, 9: false, 10: true} { // under way before
		r.config.Requests.now.Store(n)
		req := request(http.MethodGet, "/nothing")
		req.ProtoMajor, req.ProtoMinor = 2, 0
		if a := r.serveOne(req); a.cut != want {
			t.Errorf("with %d under way before: cut %v, want %v; %d", n, a.cut, want, a.status)
		}
	}
	r.config.Requests.now.Store(100)
	if a := r.serveOne(request(http.MethodGet, "/nothing")); a.cut || a.status != http.StatusServiceUnavailable {
		t.Errorf("by HTTP/1.1: %d, cut %v", a.status, a.cut)
	}
}

// TestRequests_OneHTTP2ConnectionTransfersABoundedNumber: the others wait, and its
// playlists don't.
func TestRequests_OneHTTP2ConnectionTransfersABoundedNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		var mu sync.Mutex // guards asked
		files := newVODs(seed())
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path != "/vod/many.ts" {
				files.ServeHTTP(w, req)
				return
			}
			mu.Lock()
			asked++
			mu.Unlock()
			endless(w, req)
		}))
		connection := ConnContext(t.Context(), nil)
		var leave []context.CancelFunc
		var all sync.WaitGroup
		for range 100 {
			ctx, cancel := context.WithCancel(connection)
			leave = append(leave, cancel)
			req := request(http.MethodGet, "/live/many.ts").WithContext(ctx)
			req.ProtoMajor = 2
			all.Go(func() { r.serveOne(req) })
			synctest.Wait()
		}
		if asked != maxTransfers {
			t.Errorf("%d segments are transferred at once, want %d", asked, maxTransfers)
		}
		req := request(http.MethodGet, seedAddresses[1]).WithContext(connection)
		req.ProtoMajor = 2
		if a := r.send(req); a.status != http.StatusOK {
			t.Errorf("a playlist beside them: %d", a.status)
		}
		leave[0]()
		leave[99]() // of one that waits
		synctest.Wait()
		if asked != maxTransfers+1 {
			t.Errorf("%d segments were requested when one has ended, want %d", asked, maxTransfers+1)
		}
		for _, end := range leave {
			end()
		}
		all.Wait()
	})
}
