package admin

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vod2live/metrics"
)

// ask asks a handler as from this machine. Headers follow as name, value.
func ask(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "127.0.0.1:9180"
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var (
	loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9180}
	anywhere = &net.TCPAddr{IP: net.IPv6zero, Port: 9180}
)

func TestHandler(t *testing.T) {
	m := metrics.New("1.2.3")
	h := New(Config{Metrics: m, Ready: NewReadiness(m), Listener: loopback})
	for _, c := range []struct {
		method, path string
		status       int
		has          string
	}{
		{"GET", "/healthz", 200, "ok\n"},
		{"HEAD", "/healthz", 200, ""},
		{"GET", "/readyz", 503, "not ready"},
		{"GET", "/metrics", 200, `vod2live_build_info{goversion="go`},
		{"GET", "/debug/pprof/", 200, "goroutine"},
		{"GET", "/debug/pprof/goroutine?debug=1", 200, "goroutine profile"},
		{"GET", "/debug/pprof/cmdline", 404, ""}, // arguments may hold a password
		{"GET", "/", 200, "/api/status"},
		{"GET", "/debug/pprof/symbol", 200, ""},
		{"POST", "/healthz", 405, ""},
		{"DELETE", "/metrics", 405, ""},
		{"GET", "/live/master.m3u8", 404, ""},
		{"GET", "/healthz/", 404, ""},
	} {
		if w := ask(h, c.method, c.path); w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s %s: %d %.80q, want %d %q", c.method, c.path, w.Code, w.Body, c.status, c.has)
		}
	}
}

func TestReadiness_IsToldByHandlerAndMetric(t *testing.T) {
	m := metrics.New("test")
	ready := NewReadiness(m)
	h := New(Config{Metrics: m, Ready: ready, Listener: loopback})
	for _, step := range []struct {
		set    bool
		status int
		metric string
	}{{true, 200, "1"}, {false, 503, "0"}, {true, 200, "1"}} {
		ready.Set(step.set)
		if w := ask(h, "GET", "/readyz"); w.Code != step.status {
			t.Errorf("Set(%v): /readyz %d, want %d", step.set, w.Code, step.status)
		}
		if w := ask(h, "GET", "/metrics"); !strings.Contains(w.Body.String(), "\nvod2live_ready "+step.metric+"\n") {
			t.Errorf("Set(%v): vod2live_ready is not %s", step.set, step.metric)
		}
		if w := ask(h, "GET", "/healthz"); w.Code != 200 {
			t.Errorf("Set(%v): /healthz %d", step.set, w.Code)
		}
	}
}
