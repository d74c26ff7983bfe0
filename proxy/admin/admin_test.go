package admin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vod2live/metrics"
)

func get(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestHandler(t *testing.T) {
	m := metrics.New("1.2.3")
	h := New(m, NewReadiness(m))
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
		{"GET", "/debug/pprof/cmdline", 200, ""},
		{"GET", "/debug/pprof/symbol", 200, ""},
		{"POST", "/healthz", 405, ""},
		{"DELETE", "/metrics", 405, ""},
		{"GET", "/live/master.m3u8", 404, ""},
		{"GET", "/healthz/", 404, ""},
	} {
		if w := get(t, h, c.method, c.path); w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s %s: %d %.80q, want %d %q", c.method, c.path, w.Code, w.Body, c.status, c.has)
		}
	}
}

func TestReadiness_IsToldByHandlerAndMetric(t *testing.T) {
	m := metrics.New("test")
	ready := NewReadiness(m)
	h := New(m, ready)
	for _, step := range []struct {
		set    bool
		status int
		metric string
	}{{true, 200, "1"}, {false, 503, "0"}, {true, 200, "1"}} {
		ready.Set(step.set)
		if w := get(t, h, "GET", "/readyz"); w.Code != step.status {
			t.Errorf("Set(%v): /readyz %d, want %d", step.set, w.Code, step.status)
		}
		if w := get(t, h, "GET", "/metrics"); !strings.Contains(w.Body.String(), "\nvod2live_ready "+step.metric+"\n") {
			t.Errorf("Set(%v): vod2live_ready is not %s", step.set, step.metric)
		}
		if w := get(t, h, "GET", "/healthz"); w.Code != 200 {
			t.Errorf("Set(%v): /healthz %d", step.set, w.Code)
		}
	}
}
