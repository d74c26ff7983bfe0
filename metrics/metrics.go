// Package metrics holds the Prometheus collectors of vod2live. They have their
// own registry and use base units. Every label has a closed set of values, so
// that no request can multiply them. Counters on the path of a request are
// resolved beforehand and cost no allocation.
package metrics

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "vod2live"

// Metrics are all collectors of one process. The zero value is not usable; a
// Metrics is safe for concurrent use.
type Metrics struct {
	HTTP    *HTTP
	Origins *Origins

	CacheHits, CacheMisses, CacheWaits *Counter // requests for a stream: loaded, to be loaded, being loaded
	CacheEvictions                     *Counter // streams that others drove out
	CacheBytes, CacheLimit             prometheus.Gauge
	Streams                            prometheus.Gauge // loaded at present
	Queries                            prometheus.Gauge // of viewers, admitted
	QueriesDropped                     prometheus.Counter
	Collapsed                          *Counter // playlists answered by another's load
	Segments                           *SegmentCache
	Loads                              Outcomes[Load]
	Revalidations                      Outcomes[Revalidation]
	Eras                               Outcomes[Era]
	Configuration                      *Configuration
	Schedules                          Outcomes[Schedule]
	StalePlaylists                     prometheus.Counter // answered while the origin failed
	Ready                              prometheus.Gauge   // 1 while /readyz succeeds
	Connections                        prometheus.Gauge   // of viewers, open
	ConnectionsRefused                 prometheus.Counter
	RequestsRejected                   prometheus.Counter   // because too many were under way
	GuideCut                           prometheus.Gauge     // programmes that the newest guide has no room for
	CertificateExpiry                  *prometheus.GaugeVec // without labels; no series without TLS

	watched, segmentFailures, erasSkipped *prometheus.CounterVec
	state                                 *stateCollector
	registry                              *prometheus.Registry
}

// Load is how the loading of a stream ended.
type Load string

// The ends of a load.
const (
	LoadOK       Load = "ok"
	LoadNotFound Load = "not_found" // the origin has no such VOD
	LoadRefused  Load = "refused"   // it can't be a live stream
	LoadFailed   Load = "failed"    // the origin failed
	LoadBusy     Load = "busy"      // this process had no connection, file or memory for it
	LoadTimeout  Load = "timeout"   // the origin was too slow
)

// Revalidation is the outcome of revalidating a loaded stream at the origin.
type Revalidation string

// The findings of a revalidation.
const (
	Unchanged  Revalidation = "unchanged"
	Changed    Revalidation = "changed" // another content: not taken over
	Gone       Revalidation = "gone"    // 404 or 410
	Unknowable Revalidation = "failed"  // the origin failed or refused
)

// Era is what became of a VOD that was found changed.
type Era string

// The ends of a change.
const (
	EraBegun   Era = "begun"   // the new version takes over at the end of a loop
	EraRefused Era = "refused" // it can't be looped, or has other renditions; the old one plays on
)

// Schedule is what became of a look at a channel's schedule object that found another,
// or none.
type Schedule string

// The outcomes of such a look.
const (
	ScheduleAdopted    Schedule = "adopted"
	ScheduleLate       Schedule = "late"       // adopted after it was frozen: numbers may have changed
	ScheduleRefused    Schedule = "refused"    // the loaded schedule stays in force
	ScheduleUnreadable Schedule = "unreadable" // there was none to be read
)

// New makes the collectors of a process of the given version.
func New(version string) *Metrics {
	r := prometheus.NewRegistry()
	f := factory{r}
	m := &Metrics{
		HTTP:           newHTTP(f),
		Origins:        newOrigins(f),
		CacheEvictions: f.family(prometheus.CounterValue, "cache_evictions_total", "Streams evicted because others needed the memory.").with(),
		CacheBytes:     f.gauge("cache_bytes", "Approximate memory of the loaded streams."),
		CacheLimit:     f.gauge("cache_limit_bytes", "Memory limit of the loaded streams."),
		Streams:        f.gauge("streams_loaded", "Loaded streams."),
		Queries:        f.gauge("queries_admitted", "Distinct viewer queries admitted to loaded streams. Requests without a query count as one query of their stream."),
		QueriesDropped: f.counter("queries_dropped_total", "Viewer queries evicted because others needed the memory."),
		Configuration:  newConfiguration(f),
		Loads: outcomes(f.family(prometheus.CounterValue, "stream_loads_total", "Loads of streams by outcome.", "outcome"),
			LoadOK, LoadNotFound, LoadRefused, LoadFailed, LoadTimeout, LoadBusy),
		Revalidations: outcomes(f.family(prometheus.CounterValue, "stream_revalidations_total", "Revalidations of loaded streams by outcome.", "outcome"),
			Unchanged, Changed, Gone, Unknowable),
		Eras: outcomes(f.family(prometheus.CounterValue, "stream_eras_total", "Changed VODs: the new version takes over (begun) or can not (refused).", "outcome"), EraBegun, EraRefused),
		Schedules: outcomes(f.family(prometheus.CounterValue, "schedule_looks_total", "Reads of schedule objects that found a changed or unreadable object, by outcome.", "outcome"),
			ScheduleAdopted, ScheduleLate, ScheduleRefused, ScheduleUnreadable),

		StalePlaylists:     f.counter("stale_playlists_total", "Live playlists served while the origin was failing."),
		Ready:              f.gauge("ready", "1 while the process takes requests."),
		Connections:        f.gauge("connections", "Open viewer connections."),
		ConnectionsRefused: f.counter("connections_refused_total", "Viewer connections closed because the limit was reached."),
		RequestsRejected:   f.counter("http_requests_rejected_total", "Viewer requests rejected because too many were in flight."),
		GuideCut:           f.gauge("guide_programmes_cut", "Programmes that were left out of the current guide for lack of room."),
		CertificateExpiry:  f.gauges("tls_certificate_expiry_timestamp_seconds", "Expiry of the TLS certificate for viewers; absent without TLS."),
		watched:            f.counters("stream_watched_seconds_total", "Seconds watched, estimated from media playlist requests. Its rate is the approximate number of viewers.", "mount"),
		segmentFailures:    f.counters("channel_segment_failures_total", "Segment requests of a channel that failed at the origin.", "channel"),
		erasSkipped:        f.counters("channel_eras_skipped_total", "Eras of a channel that were skipped because some of their items could not be loaded.", "channel"),
		state:              newStateCollector(),

		registry: r,
	}
	collapsed := f.family(prometheus.CounterValue, "collapsed_requests_total", "Requests that shared the origin fetch of another request.", "what")
	m.Collapsed, m.Segments = collapsed.with("playlist"), newSegmentCache(f, collapsed)
	cache := f.family(prometheus.CounterValue, "cache_requests_total", "Requests for streams: loaded (hit), caused a load (miss), waited for a load (wait).", "result")
	m.CacheHits, m.CacheMisses, m.CacheWaits = cache.with("hit"), cache.with("miss"), cache.with("wait")
	f.gauges("build_info", "1, with what was built.", "version", "goversion").WithLabelValues(version, runtime.Version()).Set(1)
	r.MustRegister(m.state, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// CacheRequests are the requests for a stream: hit, miss and wait.
func (m *Metrics) CacheRequests() map[string]int64 {
	return map[string]int64{"hit": m.CacheHits.Value(), "miss": m.CacheMisses.Value(), "wait": m.CacheWaits.Value()}
}

// Outcomes are counters by a closed set of outcomes, all there from the start,
// so that a first failure is seen as an increase.
type Outcomes[T ~string] map[T]*Counter

func outcomes[T ~string](all *family, values ...T) Outcomes[T] {
	o := Outcomes[T]{}
	for _, v := range values {
		o[v] = all.with(string(v))
	}
	return o
}

// Values are the values of some counters.
func (o Outcomes[T]) Values() map[string]int64 {
	values := map[string]int64{}
	for outcome, c := range o {
		values[string(outcome)] = c.Value()
	}
	return values
}

// factory makes registered collectors.
type factory struct{ registry *prometheus.Registry }

func (f factory) counter(name, help string) prometheus.Counter {
	return f.counters(name, help).WithLabelValues()
}

func (f factory) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	f.registry.MustRegister(c)
	return c
}

func (f factory) gauge(name, help string) prometheus.Gauge {
	return f.gauges(name, help).WithLabelValues()
}

func (f factory) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	f.registry.MustRegister(g)
	return g
}

func (f factory) histograms(name, help string, buckets []float64, label string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, []string{label})
	f.registry.MustRegister(h)
	return h
}
