package metrics

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Route is the kind of resource that a viewer requested.
type Route int

// The routes.
const (
	RouteOther Route = iota // nothing we serve
	RouteMultivariant
	RouteMedia
	RouteSegment // and whatever else is handed through
	RouteOptions
	RouteGuide // the list of channels, and what plays on them
	routes
)

func (r Route) String() string {
	return [routes]string{"other", "multivariant", "media", "segment", "options", "guide"}[r]
}

// answered are the statuses that exist from the start, so that a first
// failure is seen as an increase; 499 is a viewer that left.
var answered = []int{200, 204, 206, 304, 400, 404, 405, 414, 416, 499, 502, 503, 504}

// maxCode is the highest status code with its own label.
const maxCode = 600

// HTTP counts the requests of viewers.
type HTTP struct {
	InFlight prometheus.Gauge

	requests  *family
	codes     [routes][maxCode]atomic.Pointer[Counter] // resolved when first seen
	durations [routes]prometheus.Observer
	bytes     [routes]*Counter
}

func newHTTP(f factory) *HTTP {
	h := &HTTP{
		InFlight: f.gauge("http_requests_in_flight", "Viewer requests in flight."),
		requests: f.family(prometheus.CounterValue, "http_requests_total", "Viewer requests by route and status.", "route", "code"),
	}
	durations := f.histograms("http_request_duration_seconds", "Duration of viewer requests, to the last byte, by route.",
		[]float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5, 10, 60}, "route")
	bytes := f.family(prometheus.CounterValue, "http_response_bytes_total", "Bytes of response bodies, by route.", "route")
	for r := range routes {
		for _, code := range answered {
			h.counter(r, code)
		}
		h.durations[r], h.bytes[r] = durations.WithLabelValues(r.String()), bytes.with(r.String())
	}
	return h
}

// Done counts one answered request.
func (h *HTTP) Done(route Route, code int, took time.Duration, bytes int64) {
	if code < 0 || code >= maxCode {
		code = 0
	}
	h.counter(route, code).Inc()
	h.durations[route].Observe(took.Seconds())
	h.bytes[route].Add(bytes)
}

func (h *HTTP) counter(route Route, code int) *Counter {
	if known := h.codes[route][code].Load(); known != nil {
		return known
	}
	c := h.requests.with(route.String(), strconv.Itoa(code))
	h.codes[route][code].Store(c)
	return c
}

// ByRoute are the requests by route.
func (h *HTTP) ByRoute() map[string]int64 { return h.requests.by(0) }

// ByCode are the requests by status.
func (h *HTTP) ByCode() map[string]int64 { return h.requests.by(1) }

// Bytes of all bodies sent.
func (h *HTTP) Bytes() (sum int64) {
	for _, c := range h.bytes {
		sum += c.Value()
	}
	return sum
}
