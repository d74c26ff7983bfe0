package metrics

import (
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// exposed is what /metrics says, as series without values.
func exposed(t testing.TB, m *Metrics) (series []string) {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Fatalf("%d %s", w.Code, w.Header())
	}
	for line := range strings.Lines(w.Body.String()) {
		if !strings.HasPrefix(line, "#") {
			series = append(series, line[:strings.LastIndexByte(line, ' ')])
		}
	}
	return series
}

func TestMetrics_WhatMayHappenIsThereFromTheStart(t *testing.T) {
	m := New("1.2.3")
	m.Origins.Origin("live")
	got := exposed(t, m)
	for _, want := range []string{
		`vod2live_http_requests_total{code="200",route="media"}`, `vod2live_http_requests_total{code="502",route="segment"}`, `vod2live_http_requests_total{code="503",route="multivariant"}`,
		`vod2live_http_request_duration_seconds_count{route="media"}`, `vod2live_http_response_bytes_total{route="segment"}`, `vod2live_http_requests_in_flight`,
		`vod2live_origin_requests_total{origin="live",outcome="ok"}`, `vod2live_origin_requests_total{origin="live",outcome="not_modified"}`, `vod2live_origin_requests_total{origin="live",outcome="network"}`,
		`vod2live_origin_requests_total{origin="live",outcome="canceled"}`, `vod2live_origin_requests_total{origin="live",outcome="redirect_refused"}`, `vod2live_origin_request_duration_seconds_count{origin="live"}`,
		`vod2live_cache_requests_total{result="hit"}`, `vod2live_cache_requests_total{result="miss"}`, `vod2live_cache_requests_total{result="wait"}`,
		`vod2live_collapsed_requests_total{what="playlist"}`, `vod2live_collapsed_requests_total{what="segment"}`, `vod2live_segment_cache_requests_total{result="hit"}`,
		`vod2live_segment_cache_requests_total{result="pass"}`, `vod2live_segment_cache_bytes`, `vod2live_segment_cache_limit_bytes`, `vod2live_segment_cache_objects`, `vod2live_segment_cache_evictions_total`,
		`vod2live_cache_evictions_total`, `vod2live_cache_bytes`, `vod2live_cache_limit_bytes`, `vod2live_streams_loaded`, `vod2live_ready`,
		`vod2live_stream_loads_total{outcome="ok"}`, `vod2live_stream_loads_total{outcome="not_found"}`, `vod2live_stream_loads_total{outcome="timeout"}`,
		`vod2live_stream_revalidations_total{outcome="unchanged"}`, `vod2live_stream_revalidations_total{outcome="changed"}`, `vod2live_stream_revalidations_total{outcome="failed"}`,
		`go_goroutines`, `go_memstats_heap_alloc_bytes`, `process_start_time_seconds`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// TestMetrics_ValuesAreThoseOfTheRules reads the rules themselves: each value of
// a label that a rule names exists. That the metrics do is tested in deploy.
func TestMetrics_ValuesAreThoseOfTheRules(t *testing.T) {
	var rules []byte
	for _, file := range []string{"recording.yml", "alerts.yml"} {
		text, err := os.ReadFile("../deploy/prometheus/" + file)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, text...)
	}
	got := exposed(t, everything())
	selectors := regexp.MustCompile(`((?:vod2live|go|process)_[a-z_]+)\{([^}]*)\}`).FindAllStringSubmatch(string(rules), -1)
	if len(selectors) < 5 {
		t.Fatalf("%d selectors in the rules", len(selectors))
	}
	for _, s := range selectors {
		name, matchers := s[1], s[2]
		for _, value := range labelValues(matchers) {
			if !slices.ContainsFunc(got, func(series string) bool {
				return (series == name || strings.HasPrefix(series, name+"{")) && strings.Contains(series, value)
			}) {
				t.Errorf("a rule asks for %s with %s, which does not exist", name, value)
			}
		}
	}
}

// labelValues are what matchers ask for, label="value"; an empty one if
// nothing is told apart but the job.
func labelValues(matchers string) (all []string) {
	for _, m := range regexp.MustCompile(`(\w+)(=~|=|!=)"([^"]*)"`).FindAllStringSubmatch(matchers, -1) {
		if m[1] == "job" || m[2] == "!=" {
			continue
		}
		for value := range strings.SplitSeq(m[3], "|") {
			value = strings.ReplaceAll(value, "5..", "502")
			all = append(all, m[1]+`="`+value+`"`)
		}
	}
	if all == nil {
		all = []string{""}
	}
	return all
}

// TestHTTP_LabelsAreClosed: no status and no route adds a series beyond those
// of three digits.
func TestHTTP_LabelsAreClosed(t *testing.T) {
	m := New("test")
	for code := -10; code < 2000; code++ {
		m.HTTP.Done(RouteSegment, code, time.Millisecond, 1)
	}
	label := regexp.MustCompile(`^vod2live_http_requests_total\{code="(0|[1-9][0-9]{0,2})",route="[a-z]+"\}$`)
	for _, series := range exposed(t, m) {
		if strings.HasPrefix(series, "vod2live_http_requests_total") && !label.MatchString(series) {
			t.Errorf("%s", series)
		}
	}
	for r := range routes {
		if r.String() == "" {
			t.Errorf("route %d has no name", r)
		}
	}
}

// Counting is on the way of every request.
func TestHTTP_CountingAllocatesNothing(t *testing.T) {
	m := New("test")
	o := m.Origins.Origin("live")
	if n := testing.AllocsPerRun(1000, func() {
		m.HTTP.InFlight.Inc()
		m.HTTP.Done(RouteMedia, 200, time.Millisecond, 1000)
		o.Done(OK)
		o.Headers(time.Millisecond)
		m.CacheHits.Inc()
	}); n > 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
