package metrics

import (
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// everything has a series of each metric.
func everything() *Metrics {
	m := New("1.2.3")
	m.Origins.Origin("vod")
	m.Watched("vod")
	m.SegmentFailures("news")
	m.ErasSkipped("news")
	m.CertificateExpiry.WithLabelValues().Set(1)
	m.Follow(func() State {
		return State{Channels: []ChannelState{{Name: "news", Loaded: true, Loop: 7, Unconfirmed: time.Second}, {Name: "sport"}, {Name: "films", Loaded: true, Items: &ItemState{Number: 3, Next: time.Minute, Unavailable: 1, Missing: 2, StandIns: StandIns{Slate: 3, Gaps: 4}, Left: new(7200.0)}, Break: new(90.5)}}, Paused: map[string]int{"vod": 1}}
	})
	return m
}

func scrape(m *Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// listed are our metrics as the golden list has them: name, type, labels.
func listed(text string) (lines []string) {
	types, labels := map[string]string{}, map[string]map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (vod2live_\w+) (\w+)$`).FindAllStringSubmatch(text, -1) {
		types[m[1]], labels[m[1]] = m[2], map[string]bool{}
	}
	for _, m := range regexp.MustCompile(`(?m)^(vod2live_\w+)\{(.*)\} `).FindAllStringSubmatch(text, -1) {
		name := m[1]
		if _, known := types[name]; !known {
			name = regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		}
		for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(m[2], -1) {
			if label[1] != "le" {
				labels[name][label[1]] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		line := append([]string{name, types[name]}, slices.Sorted(maps.Keys(labels[name]))...)
		lines = append(lines, strings.Join(line, " "))
	}
	return lines
}

// TestMetrics_AreTheGoldenList: names, types and labels are a contract with
// dashboards and alerts.
func TestMetrics_AreTheGoldenList(t *testing.T) {
	want, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(listed(scrape(everything())), "\n") + "\n"; got != string(want) {
		t.Errorf("the metrics are\n%s\nthe list has\n%s", got, want)
	}
}

func TestMetrics_AreInTheREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| metric | labels | |")
	table, _, _ = strings.Cut(table, "\n\n")
	var documented, there []string
	for row := range strings.Lines(table) {
		names, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, m := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(names, -1) {
			documented = append(documented, "vod2live_"+m[1])
		}
	}
	for _, line := range listed(scrape(everything())) {
		name, _, _ := strings.Cut(line, " ")
		there = append(there, name)
	}
	slices.Sort(documented)
	if !slices.Equal(documented, there) {
		t.Errorf("the README has\n%s\nthere are\n%s", strings.Join(documented, "\n"), strings.Join(there, "\n"))
	}
}

func TestMetrics_OfAChannelThatIsNotLoadedSayOnlyThat(t *testing.T) {
	text := scrape(everything())
	for series, want := range map[string]bool{
		`vod2live_channel_loaded{channel="news"} 1`: true, `vod2live_channel_loop_number{channel="news"} 7`: true,
		`vod2live_channel_unconfirmed_seconds{channel="news"} 1`: true, `vod2live_origin_places_paused{origin="vod"} 1`: true,
		`vod2live_channel_eras_missing{channel="films"} 2`: true, `vod2live_channel_stand_ins{by="slate",channel="films"} 3`: true, `vod2live_channel_stand_ins{by="gaps",channel="films"} 4`: true,
		`vod2live_channel_loaded{channel="sport"} 0`: true, `vod2live_channel_loop_number{channel="sport"}`: false, `vod2live_channel_unconfirmed_seconds{channel="sport"}`: false,
	} {
		if strings.Contains(text, series) != want {
			t.Errorf("%s: %v, want %v", series, !want, want)
		}
	}
}

// TestCounters_AreWhatPrometheusCollects: one number for the API and for /metrics.
func TestCounters_AreWhatPrometheusCollects(t *testing.T) {
	m := everything()
	m.HTTP.Done(RouteMedia, 200, time.Second, 100)
	m.HTTP.Done(RouteMedia, 404, time.Second, 10)
	m.HTTP.Done(RouteSegment, 200, time.Second, 1000)
	m.Origins.Origin("other").Done(OK)
	m.Loads[LoadOK].Inc()
	m.CacheWaits.Inc()
	m.Segments.Bytes.Set(1 << 40)
	if got := m.HTTP.Bytes(); got != 1110 {
		t.Errorf("%d bytes, want 1110", got)
	}
	for name, c := range map[string]struct {
		got  map[string]int64
		want map[string]int64
	}{
		"routes": {m.HTTP.ByRoute(), map[string]int64{"media": 2, "segment": 1, "options": 0}}, "codes": {m.HTTP.ByCode(), map[string]int64{"200": 2, "404": 1, "503": 0}},
		"an origin": {m.Origins.Origin("other").Requests(), map[string]int64{"ok": 1, "timeout": 0}}, "another": {m.Origins.Origin("vod").Requests(), map[string]int64{"ok": 0}},
		"all": {m.Origins.Requests(), map[string]int64{"ok": 1}}, "loads": {m.Loads.Values(), map[string]int64{"ok": 1, "failed": 0}},
		"cache": {m.CacheRequests(), map[string]int64{"hit": 0, "wait": 1}},
	} {
		for label, want := range c.want {
			if got, has := c.got[label]; got != want || !has {
				t.Errorf("%s: %q is %d, want %d", name, label, got, want)
			}
		}
	}
	text := scrape(m)
	for _, series := range []string{
		`vod2live_http_requests_total{code="404",route="media"} 1`, `vod2live_http_response_bytes_total{route="segment"} 1000`, `vod2live_origin_requests_total{origin="other",outcome="ok"} 1`,
		`vod2live_stream_loads_total{outcome="ok"} 1`, `vod2live_cache_requests_total{result="wait"} 1`, `vod2live_segment_cache_bytes 1.099511627776e+12`,
	} {
		if !strings.Contains(text, series) {
			t.Errorf("/metrics does not have %s", series)
		}
	}
}
