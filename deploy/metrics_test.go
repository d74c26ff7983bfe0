package deploy

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	recordedMetric = regexp.MustCompile(`record: (\S+)`)
	usedMetric     = regexp.MustCompile(`\b(?:[a-z_]+:)?(?:vod2live|go|process)_[a-z0-9_]+(?::[a-z0-9_]+)?\b`)
)

// defined are the metrics of the program, out of their golden list: name, type and labels in a line.
func defined(t *testing.T) (names []string, histograms []string) {
	t.Helper()
	for line := range strings.Lines(read(t, "../metrics/testdata/metrics.txt")) {
		fields := strings.Fields(line)
		names = append(names, fields[0])
		if fields[1] == "histogram" {
			histograms = append(histograms, fields[0])
		}
	}
	return names, histograms
}

// selectable are those that a query can name: a histogram is three series, and rules record some.
func selectable(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	names, histograms := defined(t)
	for _, name := range names {
		known[name] = true
	}
	for _, name := range histograms {
		known[name+"_bucket"], known[name+"_sum"], known[name+"_count"] = true, true, true
	}
	for _, name := range []string{ // of the Go client
		"go_memstats_heap_alloc_bytes", "go_gc_gomemlimit_bytes", "go_goroutines", "process_cpu_seconds_total",
		"process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds",
	} {
		known[name] = true
	}
	for _, found := range recordedMetric.FindAllStringSubmatch(read(t, "prometheus/recording.yml"), -1) {
		known[found[1]] = true
	}
	return known
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

// What nothing shows is not looked at by anyone.
func TestMetrics_AreShownOrWatched(t *testing.T) {
	var used strings.Builder
	for _, text := range expressions(t) {
		used.WriteString(text + "\n")
	}
	names, _ := defined(t)
	for _, name := range names {
		if !strings.Contains(used.String(), name) {
			t.Errorf("neither the dashboard nor a rule has %s", name)
		}
	}
}
