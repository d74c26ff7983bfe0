package admin

import (
	"maps"
	"net/http"
	"runtime"
	runtimemetrics "runtime/metrics"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/wire"
)

// Status is how the process has been doing.
type Status struct {
	Version   string       `json:"version"`
	GoVersion string       `json:"go_version"`
	Started   wire.Instant `json:"started"`
	Now       wire.Instant `json:"now"`
	Ready     bool         `json:"ready"`
	Viewers   string       `json:"viewers_address"` // HOST:PORT of the viewers' listener
	Streams   int64        `json:"streams"`         // loaded
	Memory    int64        `json:"memory_bytes"`    // that the runtime has of the system
	Totals    Totals       `json:"totals"`
}

// Totals count since the start of the process.
type Totals struct {
	Requests       map[string]int64 `json:"requests"`  // of viewers, by route
	Responses      map[string]int64 `json:"responses"` // to them, by class: 2xx, 3xx, 4xx, 5xx
	ResponseBytes  int64            `json:"response_bytes"`
	OriginRequests map[string]int64 `json:"origin_requests"` // ok or failed
	Cache          map[string]int64 `json:"cache"`           // requests for a stream: hit, miss, wait
	SegmentCache   map[string]int64 `json:"segment_cache"`   // requests for a segment, by result
	Loads          map[string]int64 `json:"loads"`           // of streams, by outcome
	Eras           map[string]int64 `json:"eras"`            // of changed VODs: begun, refused
}

func (a *api) status(*http.Request) (Status, error) {
	m := a.Metrics
	return Status{
		Version: a.Version, GoVersion: runtime.Version(),
		Started: wire.Instant(a.Started), Now: wire.Instant(time.Now()), Ready: a.Ready.ready.Load(), Viewers: a.Viewers.String(),
		Streams: int64(a.Station().Store().Streams), Memory: memory(),
		Totals: Totals{
			Requests: m.HTTP.ByRoute(), Responses: classes(m.HTTP.ByCode()),
			ResponseBytes: m.HTTP.Bytes(), OriginRequests: answered(m.Origins.Requests()),
			Cache: m.CacheRequests(), SegmentCache: m.Segments.Requests.Values(),
			Loads: m.Loads.Values(), Eras: m.Eras.Values(),
		},
	}, nil
}

func classes(byCode map[string]int64) map[string]int64 {
	sums := map[string]int64{"2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0}
	for code, n := range byCode {
		if class := code[:1] + "xx"; len(code) == 3 && class >= "2xx" && class <= "5xx" {
			sums[class] += n
		}
	}
	return sums
}

// answered counts requests to origins that were answered and that failed. A
// request that its viewer abandoned is neither.
func answered(byOutcome map[string]int64) map[string]int64 {
	sums := map[string]int64{"ok": 0, "failed": 0}
	left := maps.Clone(byOutcome)
	for _, outcome := range []metrics.Outcome{metrics.OK, metrics.NotModified, metrics.NotFound, metrics.ClientError} {
		sums["ok"] += left[string(outcome)]
		delete(left, string(outcome))
	}
	delete(left, string(metrics.Canceled))
	for _, n := range left {
		sums["failed"] += n
	}
	return sums
}

func memory() int64 {
	samples := []runtimemetrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	runtimemetrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}
