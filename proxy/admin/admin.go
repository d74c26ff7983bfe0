// Package admin answers the operator, on a listener of its own: health, metrics,
// the API that API.md describes, and the console page that uses it.
//
// Every answer is computed at its request, from values that the streams hold
// anyway: without requests nothing runs.
package admin

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vod2live/metrics"
	"vod2live/proxy/admin/console"
	"vod2live/proxy/onair"
)

// Config is what New needs. All fields but the marked ones are required.
type Config struct {
	Metrics  *metrics.Metrics
	Ready    *Readiness
	Station  func() *onair.Station // of the configuration in force
	Settings func() Settings       // in force
	Journal  *Journal
	Version  string
	Started  time.Time
	Address  string   // HOST:PORT, as configured
	Listener net.Addr // where it listens
	Viewers  net.Addr // where the viewers' listener is
}

// Readiness reports whether the process should get viewers. An origin outage
// does not count against it: loaded streams play on. The zero value is not
// usable; it is safe for concurrent use.
type Readiness struct {
	ready atomic.Bool
	gauge prometheus.Gauge
}

// NewReadiness returns one that is not ready yet.
func NewReadiness(m *metrics.Metrics) *Readiness { return &Readiness{gauge: m.Ready} }

// Set sets readiness from now on.
func (r *Readiness) Set(ready bool) {
	r.ready.Store(ready)
	if ready {
		r.gauge.Set(1)
	} else {
		r.gauge.Set(0)
	}
}

// New makes the operator's handler.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", c.Ready.answer)
	g := newGuard(c.Address, c.Listener)
	mux.Handle("GET /metrics", g.metrics(c.Metrics.Handler()))
	a := &api{Config: c}
	for _, r := range a.routes() {
		mux.Handle(r.pattern, g.api(r.handler))
		method, path, _ := strings.Cut(r.pattern, " ")
		mux.Handle(path, g.api(wrongMethod(method)))
	}
	mux.Handle("/api/", g.api(http.HandlerFunc(noSuchRoute)))
	// No pprof.Cmdline: a flag may hold the password of an origin.
	mux.Handle("GET /debug/pprof/", g.profiles(pprof.Index))
	mux.Handle("GET /debug/pprof/profile", g.profiles(pprof.Profile))
	mux.Handle("GET /debug/pprof/symbol", g.profiles(pprof.Symbol))
	mux.Handle("GET /debug/pprof/trace", g.profiles(pprof.Trace))
	mux.Handle("/", g.known(read(console.Handler()))) // a pattern with a method would conflict with those below /api/
	return mux
}

// read answers nothing but GET and HEAD.
func read(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are answered here", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (r *Readiness) answer(w http.ResponseWriter, _ *http.Request) {
	if !r.ready.Load() {
		http.Error(w, "not ready: starting or draining", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
