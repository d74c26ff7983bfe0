package admin

import (
	"time"

	"vod2live/metrics"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/wire"
)

// OriginStatus is how an origin has been doing.
type OriginStatus struct {
	Name        string           `json:"name"`
	URL         string           `json:"url"`           // of its first place, without user, password and query
	Signed      bool             `json:"signed"`        // as a private bucket wants it
	Segments    string           `json:"segments"`      // proxy or direct
	State       string           `json:"state"`         // ok, failing (all of its places) or unknown (no request yet)
	Since       wire.Instant     `json:"failing_since"` // null: it is not failing
	Places      []Place          `json:"places"`
	Requests    map[string]int64 `json:"requests"`             // by outcome
	MeanLatency *wire.Seconds    `json:"mean_latency_seconds"` // until headers, of about the last ten requests; null: not known
	LastError   *string          `json:"last_error"`           // null: none yet
	LastErrorAt wire.Instant     `json:"last_error_at"`
	LastOK      wire.Instant     `json:"last_ok"` // null: never
}

// Place is one of the addresses of an origin.
type Place struct {
	URL         string       `json:"url"`
	State       string       `json:"state"`        // ok, failing, paused (it gets probes only) or unknown
	Failures    int          `json:"failures"`     // in a row
	PausedUntil wire.Instant `json:"paused_until"` // null: not paused
}

// ListOrigins returns the state of the origins, with their counters.
func ListOrigins(s *onair.Station, m *metrics.Metrics) []OriginStatus {
	all := make([]OriginStatus, len(s.Origins()))
	for i, o := range s.Origins() {
		all[i] = originStatus(o, s.Now())
		all[i].Requests = m.Origins.Origin(o.Name).Requests()
	}
	return all
}

func originStatus(o *origin.Origin, now time.Time) OriginStatus {
	status := OriginStatus{Name: o.Name, Signed: o.Signed(), Segments: "proxy", State: "unknown"}
	if o.Direct {
		status.Segments = "direct"
	}
	var good, bad time.Time
	for _, p := range o.Status(now) {
		place := Place{p.URL, placeState(p), p.Failures, wire.Instant(p.PausedUntil)}
		status.Places = append(status.Places, place)
		if p.Good.After(good) {
			good = p.Good
			latency := wire.Seconds(p.Latency)
			status.MeanLatency, status.LastOK, status.State = &latency, wire.Instant(good), "ok"
		}
		if p.Bad.After(bad) {
			bad = p.Bad
			status.LastError, status.LastErrorAt = &p.Cause, wire.Instant(bad)
		}
	}
	status.URL = status.Places[0].URL
	if o.Failing() {
		since, _ := o.Outage()
		status.State, status.Since = "failing", wire.Instant(since)
	}
	return status
}

func placeState(p origin.PlaceStatus) string {
	switch {
	case p.Paused:
		return "paused"
	case p.Failing:
		return "failing"
	case p.Good.IsZero():
		return "unknown"
	}
	return "ok"
}

// CacheStatus is the content of both caches.
type CacheStatus struct {
	Streams  StreamCache  `json:"streams"`
	Segments SegmentCache `json:"segments"`
}

// StreamCache are the loaded streams.
type StreamCache struct {
	Bytes     int64 `json:"bytes"`
	Limit     int64 `json:"limit_bytes"`
	Count     int   `json:"count"`
	Evictions int64 `json:"evictions"`           // since the start
	Failures  int   `json:"failures_remembered"` // streams that could not be loaded a moment ago
}

// SegmentCache are the segments that are kept.
type SegmentCache struct {
	Enabled   bool  `json:"enabled"`
	Bytes     int64 `json:"bytes"`
	Limit     int64 `json:"limit_bytes"`
	Objects   int64 `json:"objects"`
	Evictions int64 `json:"evictions"` // since the start
}

// Caches returns the content of both caches, with their counters.
func Caches(s *onair.Station, m *metrics.Metrics) CacheStatus {
	store, segments := s.Store(), m.Segments
	return CacheStatus{Streams: StreamCache{
		Bytes: store.Bytes, Limit: store.Limit, Count: store.Streams, Evictions: m.CacheEvictions.Value(), Failures: store.Failures,
	}, Segments: SegmentCache{
		Enabled: segments.Limit.Value() > 0, Bytes: segments.Bytes.Value(), Limit: segments.Limit.Value(),
		Objects: segments.Objects.Value(), Evictions: segments.Evictions.Value(),
	}}
}
