package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/segmentcache"
)

// TestConnections_StalledSegmentsHoldUpNoLoad: those to an origin that are for
// segments are all in use. A VOD loads, more segments wait, and what they wait for
// is not the origin's failure.
func TestConnections_StalledSegmentsHoldUpNoLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		files.fail("1.ts", endless)
		files.fail("2.ts", endless)
		files.fail("3.ts", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "media") })
		r := newRig(t, files, func(c *Config) { c.Origins[0].PlaylistConnections, c.Origins[0].SegmentConnections = 2, 2 })
		stalled := r.hold("/live/1.ts", "/live/2.ts")
		began := time.Now()
		r.ok(seedAddresses[1])
		if took := time.Since(began); took != 0 {
			t.Errorf("a cold load waited for %s", took)
		}
		a := r.get("/live/3.ts")
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("a segment without a connection: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it waited for %s, want the timeout of the origin", took)
		}
		if n := r.metric(`vod2live_origin_requests_total{origin="live",outcome="busy"}`); n != 1 {
			t.Errorf("%v requests are counted as busy, want 1", n)
		}
		r.wantBlameless()
		go func() {
			time.Sleep(9 * time.Second)
			stalled.leave()
		}()
		r.ok("/live/3.ts")
		r.wantBlameless()
	})
}

// wantBlameless wants the origin to have no failures.
func (r *rig) wantBlameless() {
	r.t.Helper()
	for _, p := range r.config.Origins[0].Status(time.Now()) {
		if p.Failing || p.Paused || p.Failures > 0 || p.Cause != "" {
			r.t.Errorf("the origin is blamed: %+v", p)
		}
	}
}

// lacking makes requests fail for want of a file.
type lacking struct {
	http.RoundTripper
	files atomic.Pointer[error] // nil: there are some
}

func (l *lacking) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := l.files.Load(); err != nil {
		return nil, *err
	}
	return l.RoundTripper.RoundTrip(r)
}

// TestConnections_OurLackOfFilesIsNoFailureOfTheOrigin: neither pause nor
// remembered failure outlasts it, and loaded streams are not called stale.
func TestConnections_OurLackOfFilesIsNoFailureOfTheOrigin(t *testing.T) {
	for name, lack := range map[string]error{
		"of the process": &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)},
		"of the system":  &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.ENFILE)},
		"at the resolver": &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{
			Err: "dial udp 192.0.2.1:53: socket: " + syscall.EMFILE.Error(), Name: "origin.test", Server: "192.0.2.1:53",
		}},
		"of connections": fmt.Errorf("proxyconnect: %w", origin.ErrBusy),
	} {
		for _, kept := range []int64{0, 16 << 20} {
			t.Run(fmt.Sprintf("%s, segment cache %d", name, kept), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { lackFiles(t, lack, kept) })
			})
		}
	}
}

func lackFiles(t *testing.T, lack error, kept int64) {
	files := newVODs(seed(), seed())
	files.fail("1.ts", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "media") })
	files.fail("stale.ts", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=1")
		_, _ = io.WriteString(w, "media")
	})
	network := &lacking{RoundTripper: transport(t, listen(t, files))}
	r := newRig(t, files, func(c *Config) {
		c.Transport = network
		if kept > 0 {
			c.Segments = segmentcache.New(kept, time.Now, c.Metrics.Segments)
			t.Cleanup(c.Segments.Close)
		}
	})
	r.ok(seedAddresses[1])
	r.ok("/live/stale.ts")
	network.files.Store(&lack)
	time.Sleep(time.Minute) // until the next request for it compares it
	r.ok(seedAddresses[1])
	r.rest()
	for n := range 20 {
		for _, path := range []string{"/live/%d.ts", "/live/other%d.m3u8"} {
			if a := r.get(fmt.Sprintf(path, n)); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
				t.Fatalf(path+": %d, Retry-After %q", n, a.status, a.header.Get("Retry-After"))
			}
		}
	}
	if kept > 0 {
		if a := r.ok("/live/stale.ts"); a.body != "media" {
			t.Errorf("the segment cache has %q", a.body)
		}
	}
	if n := r.metric(`vod2live_stream_loads_total{outcome="busy"}`); n != 20 {
		t.Errorf("%v loads are counted as busy, want 20", n)
	}
	r.wantBlameless()
	if one := r.snapshot("master.m3u8"); one.State != onair.StateOK {
		t.Errorf("a loaded stream is %s", one.State)
	}
	network.files.Store(nil)
	r.ok("/live/1.ts")
}

// TestConnections_OurLackOfFilesIsNoRecoveryOfTheOrigin: what was counted before
// stays.
func TestConnections_OurLackOfFilesIsNoRecoveryOfTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		for n := range 3 {
			files.fail(fmt.Sprintf("bad%d.ts", n), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
		}
		network := &lacking{RoundTripper: transport(t, listen(t, files))}
		r := newRig(t, files, func(c *Config) { c.Transport = network })
		for n := range 3 {
			r.get(fmt.Sprintf("/live/bad%d.ts", n))
		}
		before := r.config.Origins[0].Status(time.Now())[0].Failures
		lack := error(syscall.EMFILE)
		network.files.Store(&lack)
		r.get("/live/1.ts")
		if after := r.config.Origins[0].Status(time.Now())[0].Failures; before != 3 || after != before {
			t.Errorf("%d failures before, %d after a lack of files, want 3 and 3", before, after)
		}
	})
}

// TestConnections_WaitingForOneIsNoTimeOfTheOrigin: a playlist that has waited for
// long may still take the origin's whole timeout.
func TestConnections_WaitingForOneIsNoTimeOfTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOrigin(t, "live", originURL)
		o.PlaylistConnections = 1
		c := origin.NewClient(transport(t, listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(9 * time.Second)
			_, _ = io.WriteString(w, "#EXTM3U\n")
		}))), metrics.New("test"), o)
		address, err := o.URL("any.m3u8", "")
		if err != nil {
			t.Fatal(err)
		}
		errs, busy := make(chan error, 3), 0 // the third waits for too long
		for range cap(errs) {
			go func() {
				_, err := c.Playlist(t.Context(), address, origin.Validators{})
				errs <- err
			}()
		}
		for range cap(errs) {
			if err := <-errs; errors.Is(err, origin.ErrBusy) {
				busy++
			} else if err != nil {
				t.Error(err)
			}
		}
		if busy != 1 {
			t.Errorf("%d of three had no connection within the timeout, want 1", busy)
		}
		if o.Failing() {
			t.Error("the origin is blamed")
		}
	})
}

// closing notes that its idle connections were closed.
type closing struct {
	http.RoundTripper
	idle atomic.Bool
}

func (c *closing) CloseIdleConnections() { c.idle.Store(true) }

func TestConnections_OfAReplacedServerAreClosedWhenIdle(t *testing.T) {
	network := &closing{}
	before := newRig(t, nil, func(c *Config) { c.Transport = network })
	newRig(t, nil, func(c *Config) { c.Previous, c.Transport = before.Server, &closing{} })
	if !network.idle.Load() {
		t.Error("they stay open beside those of the new server")
	}
}

func requestBy(ctx context.Context, t *testing.T, rt http.RoundTripper, address string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return rt.RoundTrip(req)
}

// TestNetwork_BoundsOpenConnectionsOfAllServers: the second transport is that of a
// server after a reload.
func TestNetwork_BoundsOpenConnectionsOfAllServers(t *testing.T) {
	var servers [3]*httptest.Server
	for i := range servers {
		servers[i] = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			if r.URL.Path == "/held" {
				<-r.Context().Done()
			}
		}))
		defer servers[i].Close()
		defer servers[i].CloseClientConnections()
	}
	n := NewNetwork(1, 2)
	before, after := n.Transport(time.Second), n.Transport(time.Second)
	read := func(rt http.RoundTripper, address string) error { // returns when the connection is not in use
		unused := make(chan bool, 1)
		trace := &httptrace.ClientTrace{PutIdleConn: func(error) { unused <- true }}
		resp, err := requestBy(httptrace.WithClientTrace(t.Context(), trace), t, rt, address)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if _, err = io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		<-unused
		return nil
	}
	for _, s := range servers { // an idle connection gives way to another host's
		if err := read(before, s.URL); err != nil {
			t.Fatal(err)
		}
	}
	awaitClosed(n, before)
	first, err := requestBy(t.Context(), t, before, servers[0].URL+"/held")
	if err != nil {
		t.Fatal(err)
	}
	second, err := requestBy(t.Context(), t, after, servers[1].URL+"/held")
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range []http.RoundTripper{before, after} {
		if err := read(rt, servers[2].URL); !errors.Is(err, origin.ErrBusy) {
			t.Errorf("beyond the limit: %v, want ErrBusy", err)
		}
	}
	o := newOrigin(t, "live", servers[2].URL)
	playlists := origin.NewClient(after, metrics.New("test"), o)
	address, err := o.URL("any.m3u8", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := playlists.Playlist(t.Context(), address, origin.Validators{}); err != nil {
		t.Errorf("a playlist beside them: %v", err)
	}
	first.Body.Close()
	second.Body.Close()
	awaitClosed(n, before, after)
}

// awaitClosed waits until no connection is open: net/http closes some in the
// background.
func awaitClosed(n *Network, transports ...*Transport) {
	for n.segments.open.Load() != 0 || n.playlists.open.Load() != 0 {
		for _, tr := range transports {
			tr.CloseIdleConnections()
		}
		time.Sleep(time.Millisecond) // the test's own limit is the end
	}
}
