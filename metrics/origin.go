package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Outcome is how a request to an origin ended.
type Outcome string

// The outcomes.
const (
	OK              Outcome = "ok"
	NotModified     Outcome = "not_modified"
	NotFound        Outcome = "not_found"
	Forbidden       Outcome = "forbidden"
	ClientError     Outcome = "client_error" // another 4xx
	ServerError     Outcome = "server_error"
	Timeout         Outcome = "timeout"
	Canceled        Outcome = "canceled" // the viewer left
	Busy            Outcome = "busy"     // we had no connection or file for it
	Network         Outcome = "network"
	RedirectRefused Outcome = "redirect_refused"
	TooLarge        Outcome = "too_large"
)

// Origins counts the requests to origins. It is safe for concurrent use.
type Origins struct {
	requests  *family
	durations *prometheus.HistogramVec
}

// Origin counts the requests to one of them.
type Origin struct {
	outcomes Outcomes[Outcome]
	duration prometheus.Observer
}

func newOrigins(f factory) *Origins {
	return &Origins{
		requests: f.family(prometheus.CounterValue, "origin_requests_total", "Origin requests by outcome.", "origin", "outcome"),
		durations: f.histograms("origin_request_duration_seconds", "Time until the response headers of an origin.",
			[]float64{.001, .005, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}, "origin"),
	}
}

// Origin resolves the counters of a configured origin.
func (o *Origins) Origin(name string) *Origin {
	all := Outcomes[Outcome]{}
	for _, outcome := range []Outcome{OK, NotModified, NotFound, Forbidden, ClientError, ServerError, Timeout, Canceled, Busy, Network, RedirectRefused, TooLarge} {
		all[outcome] = o.requests.with(name, string(outcome))
	}
	return &Origin{outcomes: all, duration: o.durations.WithLabelValues(name)}
}

// Requests are those to all origins by outcome.
func (o *Origins) Requests() map[string]int64 { return o.requests.by(1) }

// Requests are those to the origin by outcome.
func (o *Origin) Requests() map[string]int64 { return o.outcomes.Values() }

// Done counts one request by its outcome.
func (o *Origin) Done(outcome Outcome) { o.outcomes[outcome].Inc() }

// Headers notes the time that an origin's headers took.
func (o *Origin) Headers(took time.Duration) { o.duration.Observe(took.Seconds()) }
