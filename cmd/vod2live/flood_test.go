package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"vod2live/cmd/vod2live/builtin"
)

const (
	inFlight      = "vod2live_http_requests_in_flight"
	originHeaders = `vod2live_origin_request_duration_seconds_count{origin="live"}`
)

// endless is an origin of the built-in VOD and of segments under /endless that go
// on as long as anybody reads them.
func endless(t *testing.T) string {
	t.Helper()
	files, piece := http.FileServerFS(builtin.Files()), bytes.Repeat([]byte("segment "), 8<<10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/endless/") {
			files.ServeHTTP(w, r)
			return
		}
		for {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	}))
	t.Cleanup(func() { // the program may be stopped already
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// flood opens HTTP/2 connections with as many unread requests each as they may
// have, and returns when all are sent. The function returned resets them.
func (p *launched) flood(t *testing.T, connections, window int, address string) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var all, sent sync.WaitGroup
	var transports []*http.Transport
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent.Done() }})
	for range connections {
		transport := &http.Transport{
			TLSClientConfig: p.client.Clone(), ForceAttemptHTTP2: true, MaxConnsPerHost: 1,
			HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: window, StrictMaxConcurrentRequests: true},
		}
		transports = append(transports, transport)
		for range maxStreams {
			sent.Add(1)
			all.Go(func() { p.leaveUnread(ctx, transport, address) })
		}
	}
	end = sync.OnceFunc(func() {
		cancel()
		all.Wait()
		for _, transport := range transports {
			transport.CloseIdleConnections()
		}
	})
	t.Cleanup(end)
	sent.Wait()
	return end
}

// leaveUnread makes a request and reads nothing until its context is done.
func (p *launched) leaveUnread(ctx context.Context, transport *http.Transport, address string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.viewers+address, http.NoBody)
	if err != nil {
		return
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return // it never began
	}
	<-ctx.Done()
	_ = resp.Body.Close()
}

// wantOthersServed wants what a flood must not take from other viewers, from the
// operator and from the origin.
func (p *launched) wantOthersServed(t *testing.T) {
	t.Helper()
	for _, http2 := range []bool{true, false} {
		other := newClient(t, p.client.Clone(), http2)
		for _, path := range []string{"/live/demo.m3u8", "/live/demo.m3u8/0.m3u8", "/live/360p/index.m3u8", "/live/360p/seg0.ts"} {
			if a := ask(t, other, p.viewers+path); a.status != http.StatusOK {
				t.Errorf("%s by %s: %d: %s", path, a.proto, a.status, a.body)
			}
		}
	}
	operator := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if a := ask(t, operator, p.operator+"/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz: %d", a.status)
	}
	if n := p.metric(t, `vod2live_origin_places_paused{origin="live"}`); n != 0 {
		t.Error("the origin is paused")
	}
	if strings.Contains(p.log.String(), syscall.EMFILE.Error()) {
		t.Error("there were too many open files")
	}
}

// TestFlood_UnreadSegmentsLeaveFilesForOthers: 1,100 segments that nobody reads,
// over 11 HTTP/2 connections, with 1,024 open files; reloads don't make them more.
func TestFlood_UnreadSegmentsLeaveFilesForOthers(t *testing.T) {
	const connections = 11
	config := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, config, "origins: { live: { url: "+endless(t)+" } }\n")
	p := launch(t, os.Args[0], 1024, "-config", config)
	end := p.flood(t, connections, 16<<10, "/live/endless/1.ts")
	p.await(t, inFlight, connections*maxStreams)
	p.await(t, originHeaders, 32*connections)
	p.wantOthersServed(t)
	for n := range 4 {
		if err := p.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		p.await(t, `vod2live_config_reloads_total{outcome="ok"}`, n+1)
		p.wantOthersServed(t)
	}
	if n := p.metric(t, inFlight); n < connections*maxStreams {
		t.Errorf("%d requests were under way all the time, want %d", n, connections*maxStreams)
	}
	if n := p.metric(t, "vod2live_connections"); n < connections {
		t.Errorf("%d connections, want %d", n, connections)
	}
	t.Logf("%d open files", p.metric(t, "process_open_fds"))
	end()
	p.awaitQuiet(t)
	p.stop(t)
}

// TestFlood_MoreThanAllOfSegmentsLeavesPlaylists: with every connection to the
// origin that is for segments in use by viewers who read nothing, VODs load.
func TestFlood_MoreThanAllOfSegmentsLeavesPlaylists(t *testing.T) {
	p := launch(t, os.Args[0], 256, "-origin", endless(t), "-timeout", "1s")
	p.flood(t, 20, 16<<10, "/live/endless/1.ts")
	p.await(t, `vod2live_origin_requests_total{origin="live",outcome="busy"}`, 1)
	other := newClient(t, p.client.Clone(), true)
	for _, path := range []string{"/live/demo.m3u8", "/live/demo.m3u8/0.m3u8", "/live/360p/index.m3u8"} {
		if a := ask(t, other, p.viewers+path); a.status != http.StatusOK {
			t.Errorf("%s: %d: %s", path, a.status, a.body)
		}
	}
	if a := ask(t, other, p.viewers+"/live/360p/seg0.ts"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("a segment: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	if n := p.metric(t, `vod2live_origin_places_paused{origin="live"}`); n != 0 {
		t.Error("the origin is paused")
	}
}

// TestFlood_MemoryIsBoundedPerRequest: 12 connections of 100 unread segments each,
// of which 32 are passed through at a time. Those that wait take far less.
func TestFlood_MemoryIsBoundedPerRequest(t *testing.T) {
	const connections = 12
	p := launch(t, build(t), 8192, "-origin", endless(t))
	ask(t, newClient(t, p.client.Clone(), true), p.viewers+"/live/demo.m3u8/0.m3u8")
	idle := p.metric(t, "process_resident_memory_bytes")
	p.flood(t, connections, 16<<10, "/live/endless/1.ts")
	p.await(t, inFlight, connections*maxStreams)
	p.await(t, originHeaders, 32*connections)
	busy := p.metric(t, "process_resident_memory_bytes")
	limit := idle/4*5 + connections*(32*(64<<10)+(maxStreams-32)*(16<<10))
	if busy > limit {
		t.Errorf("%d MiB, %d MiB before; want at most %d MiB", busy>>20, idle>>20, limit>>20)
	}
	t.Logf("%.1f MiB, %.1f MiB before", float64(busy)/(1<<20), float64(idle)/(1<<20))
}

// TestFlood_SmallAnswersThatNobodyReadsAreCounted: all but the few of each
// connection that net/http sends by itself.
func TestFlood_SmallAnswersThatNobodyReadsAreCounted(t *testing.T) {
	const connections = 20
	p := launch(t, os.Args[0], 1024)
	end := p.flood(t, connections, 1, "/nothing")
	p.await(t, inFlight, connections*maxStreams/2)
	end()
	p.awaitQuiet(t)
}

// TestFlood_RejectedRequestsDontWaitForTheirViewers: 1,000 segments whose viewers
// take nothing, where 512 requests may be under way. Playlists are answered.
func TestFlood_RejectedRequestsDontWaitForTheirViewers(t *testing.T) {
	const connections, segments = 10, 512 - 512/8
	p := launch(t, os.Args[0], 1024, "-origin", endless(t), "-memory", "32MiB")
	p.flood(t, connections, 1, "/live/endless/1.ts")
	p.await(t, "vod2live_http_requests_rejected_total", connections*maxStreams-segments)
	other := newClient(t, p.client.Clone(), true)
	for range 10 {
		if a := ask(t, other, p.viewers+"/live/demo.m3u8/0.m3u8"); a.status != http.StatusOK {
			t.Fatalf("a playlist: %d: %s", a.status, a.body)
		}
	}
	if a := ask(t, other, p.viewers+"/live/360p/seg0.ts"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("a segment: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
}

// TestFlood_RapidResetsLeaveNothing: requests that are reset as soon as they are
// sent.
func TestFlood_RapidResetsLeaveNothing(t *testing.T) {
	p := launch(t, os.Args[0], 1024, "-origin", endless(t))
	var all sync.WaitGroup
	for range 10 {
		client := newClient(t, p.client.Clone(), true)
		for range 10 {
			all.Go(func() {
				for range 20 {
					ctx, cancel := context.WithCancel(context.Background())
					ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { cancel() }})
					p.leaveUnread(ctx, client.Transport.(*http.Transport), "/live/endless/1.ts")
					cancel()
				}
			})
		}
	}
	all.Wait()
	p.awaitQuiet(t)
	p.wantOthersServed(t)
}

// TestFlood_EndsWithTheDrain: requests that nobody reads, and those that wait
// behind them, hold up a stop for no longer than -drain.
func TestFlood_EndsWithTheDrain(t *testing.T) {
	p := launch(t, os.Args[0], 1024, "-origin", endless(t), "-drain", "1s")
	p.flood(t, 1, 16<<10, "/live/endless/1.ts")
	p.await(t, inFlight, maxStreams)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.ended
	if code := p.ProcessState.ExitCode(); code != exitFailure || !strings.Contains(p.log.String(), "requests were still under way after -drain 1s") {
		t.Errorf("exit %d, want %d; the log: %s", code, exitFailure, p.log)
	}
}
