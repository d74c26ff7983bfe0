package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	definedMetric  = regexp.MustCompile(`(?:\(|Name: +)"([a-z]+(?:_[a-z]+)*)", (?:"|Help)`)
	recordedMetric = regexp.MustCompile(`record: (\S+)`)
	usedMetric     = regexp.MustCompile(`\b(?:[a-z_]+:)?(?:vod2live|go|process)_[a-z0-9_]+(?::[a-z0-9_]+)?\b`)
)

// defined are the metrics of the program, each with its prefix.
func defined(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	sources, err := filepath.Glob("../metrics/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, found := range definedMetric.FindAllStringSubmatch(read(t, source), -1) {
			names["vod2live_"+found[1]] = true
		}
	}
	if len(names) < 15 {
		t.Fatalf("%d metrics are defined: %v", len(names), slices.Sorted(maps.Keys(names)))
	}
	return names
}

// selectable are those that a query can name: a histogram is three series, and rules record some.
func selectable(t *testing.T) map[string]bool {
	t.Helper()
	names := defined(t)
	for _, name := range []string{
		"vod2live_http_request_duration_seconds", "vod2live_origin_request_duration_seconds",
	} {
		names[name+"_bucket"], names[name+"_sum"], names[name+"_count"] = true, true, true
	}
	for _, name := range []string{ // of the Go client
		"go_memstats_heap_alloc_bytes", "go_gc_gomemlimit_bytes", "go_goroutines", "process_cpu_seconds_total",
		"process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds",
	} {
		names[name] = true
	}
	for _, found := range recordedMetric.FindAllStringSubmatch(read(t, "prometheus/recording.yml"), -1) {
		names[found[1]] = true
	}
	return names
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// expressions are what rules and dashboard ask Prometheus for.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, file := range []string{"prometheus/recording.yml", "prometheus/alerts.yml"} {
		all[file] = yamlExpressions(t, file)
	}
	for title, queries := range dashboard(t) {
		all["dashboard: "+title] = strings.Join(queries, "\n")
	}
	return all
}

func TestMetrics_OfRulesAndDashboardExist(t *testing.T) {
	known := selectable(t)
	for where, text := range expressions(t) {
		for _, name := range usedMetric.FindAllString(text, -1) {
			if !known[name] {
				t.Errorf("%s asks for %s, which does not exist", where, name)
			}
		}
	}
}

func TestMetrics_OfTheUnitTestsExist(t *testing.T) {
	known := selectable(t)
	for _, name := range usedMetric.FindAllString(read(t, "prometheus/alerts_test.yml"), -1) {
		if !known[name] {
			t.Errorf("alerts_test.yml has %s, which does not exist", name)
		}
	}
}

// What nothing shows is not looked at by anyone. These are for queries of one's own.
func TestMetrics_AreShownOrWatched(t *testing.T) {
	var used strings.Builder
	for _, text := range expressions(t) {
		used.WriteString(text + "\n")
	}
	for name := range defined(t) {
		if !strings.Contains(used.String(), name) {
			t.Errorf("neither the dashboard nor a rule has %s", name)
		}
	}
}
