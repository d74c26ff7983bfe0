package metrics

import "github.com/prometheus/client_golang/prometheus"

// SegmentCache counts what the segment cache does.
type SegmentCache struct {
	Requests     Outcomes[CacheResult]
	Collapsed    *Counter // requests answered by another's fetch
	Evictions    *Counter // objects that others drove out
	Bytes, Limit Gauge
	Objects      Gauge
}

// CacheResult is how the segment cache has answered a request.
type CacheResult string

// The ways to answer.
const (
	CacheHit         CacheResult = "hit"         // from memory
	CacheMiss        CacheResult = "miss"        // by a fetch that began with it
	CacheJoin        CacheResult = "join"        // by another's fetch
	CachePass        CacheResult = "pass"        // by the origin, for it alone
	CacheRevalidated CacheResult = "revalidated" // from memory, after the origin has confirmed it
)

func newSegmentCache(f factory, collapsed *family) *SegmentCache {
	return &SegmentCache{
		Requests: outcomes(f.family(prometheus.CounterValue, "segment_cache_requests_total", "Segment requests by result of the segment cache.", "result"),
			CacheHit, CacheMiss, CacheJoin, CachePass, CacheRevalidated),
		Collapsed: collapsed.with("segment"),
		Evictions: f.family(prometheus.CounterValue, "segment_cache_evictions_total", "Objects evicted because others needed the memory.").with(),
		Bytes:     Gauge{f.family(prometheus.GaugeValue, "segment_cache_bytes", "Memory of the segment cache.").with()},
		Limit:     Gauge{f.family(prometheus.GaugeValue, "segment_cache_limit_bytes", "Memory limit of the segment cache; 0: the cache is off.").with()},
		Objects:   Gauge{f.family(prometheus.GaugeValue, "segment_cache_objects", "Objects in the segment cache.").with()},
	}
}
