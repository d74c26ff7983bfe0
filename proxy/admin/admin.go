// Package admin answers the operator, on a listener of its own.
package admin

import (
	"fmt"
	"net/http"
	"net/http/pprof"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"vod2live/metrics"
)

// Readiness says whether the process should be sent viewers. An origin's
// outage is no reason not to be: what is loaded plays on. The zero value is not
// usable; it is safe for concurrent use.
type Readiness struct {
	ready atomic.Bool
	gauge prometheus.Gauge
}

// NewReadiness is not ready yet.
func NewReadiness(m *metrics.Metrics) *Readiness { return &Readiness{gauge: m.Ready} }

// Set says from now on.
func (r *Readiness) Set(ready bool) {
	r.ready.Store(ready)
	if ready {
		r.gauge.Set(1)
	} else {
		r.gauge.Set(0)
	}
}

// New makes the operator's handler: /metrics, /healthz, /readyz and
// /debug/pprof/.
func New(m *metrics.Metrics, ready *Readiness) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready.ready.Load() {
			http.Error(w, "not ready: starting or draining", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
