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
	m.CertificateExpiry.WithLabelValues().Set(1)
	m.Follow(func() State {
		return State{Channels: []ChannelState{{Name: "news", Loaded: true, Loop: 7, Unconfirmed: time.Second}, {Name: "sport"}}, Paused: map[string]int{"vod": 1}}
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
		`vod2live_channel_loaded{channel="sport"} 0`: true, `vod2live_channel_loop_number{channel="sport"}`: false, `vod2live_channel_unconfirmed_seconds{channel="sport"}`: false,
	} {
		if strings.Contains(text, series) != want {
			t.Errorf("%s: %v, want %v", series, !want, want)
		}
	}
}

func TestReading_AddsUpSeries(t *testing.T) {
	m := everything()
	m.HTTP.Done(RouteMedia, 200, time.Second, 100)
	m.HTTP.Done(RouteMedia, 404, time.Second, 10)
	m.HTTP.Done(RouteSegment, 200, time.Second, 1000)
	m.Origins.Origin("other").Done(OK)
	r := m.Read()
	if got := r.Value("http_response_bytes_total"); got != 1110 {
		t.Errorf("%d bytes, want 1110", got)
	}
	if got := r.By("http_requests_total", "route"); got["media"] != 2 || got["segment"] != 1 || got["options"] != 0 {
		t.Errorf("by route: %v", got)
	}
	if got := r.By("http_requests_total", "code"); got["200"] != 2 || got["404"] != 1 {
		t.Errorf("by code: %v", got)
	}
	if got := r.Where("origin_requests_total", "origin", "vod").By("origin_requests_total", "outcome"); got["ok"] != 0 {
		t.Errorf("of another origin: %v", got)
	}
	if got := r.By("absent", "x"); len(got) != 0 || r.Value("absent") != 0 {
		t.Errorf("of what is absent: %v", got)
	}
}
