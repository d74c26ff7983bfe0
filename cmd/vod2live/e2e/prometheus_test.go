package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// scraper is a running Prometheus that scrapes one vod2live every second.
type scraper struct{ url string }

const scraperConfig = `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: vod2live
    static_configs: [ { targets: [ "%s" ] } ]
`

// startPrometheus starts a Prometheus for one test, which it ends with.
func startPrometheus(t *testing.T, target string) *scraper {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, scraperConfig, target), 0o600); err != nil {
		t.Fatal(err)
	}
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("prometheus", "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr, "--log.level=warn")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatalf("start prometheus, of Debian's package of that name: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	if err := awaitPort(addr); err != nil {
		t.Fatalf("start prometheus: %v", err)
	}
	return &scraper{url: "http://" + addr}
}

// targets are how the scrapes went.
func (s *scraper) targets() (health, lastError string, err error) {
	var answer struct {
		Data struct {
			ActiveTargets []struct{ Health, LastError string }
		}
	}
	if err := s.get("/api/v1/targets", &answer); err != nil {
		return "", "", err
	}
	if n := len(answer.Data.ActiveTargets); n != 1 {
		return "", "", fmt.Errorf("%d targets", n)
	}
	target := answer.Data.ActiveTargets[0]
	return target.Health, target.LastError, nil
}

// query returns the values of a query, as texts.
func (s *scraper) query(promQL string) (values []string, err error) {
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := s.get("/api/v1/query?query="+url.QueryEscape(promQL), &answer); err != nil {
		return nil, err
	}
	for _, series := range answer.Data.Result {
		values = append(values, fmt.Sprint(series.Value[1]))
	}
	return values, nil
}

func (s *scraper) get(path string, into any) error {
	got, err := fetch(s.url+path, "")
	if err != nil {
		return err
	}
	if got.status != http.StatusOK {
		return fmt.Errorf("%s: %d %s", path, got.status, got.body)
	}
	return json.Unmarshal(got.body, into)
}

// A real Prometheus scrapes the program while viewers watch, and its queries find who does.
func TestPrometheus_ScrapesTheProgram(t *testing.T) {
	t.Parallel()
	ts.ready(t)
	p := startConfigured(t, nil, fmt.Sprintf("origins:\n  vod: { url: %s/vods }\nchannels:\n  news: { loop: [ vod/ts/master.m3u8 ] }\n", shared.origin.url))
	prometheus := startPrometheus(t, strings.TrimPrefix(p.operator, "http://"))
	viewer, err := pollAll(p.viewers + "/news/master.m3u8")
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.stop()

	if err := await(func() error {
		health, failed, err := prometheus.targets()
		if err == nil && health != "up" {
			err = fmt.Errorf("the target is %s: %s", health, failed)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, promQL := range []string{
		`up{job="vod2live"} == 1`,
		`vod2live_channel_loaded{channel="news"} == 1`,
		`vod2live_channel_loop_number{channel="news"} > 0`,
		`rate(vod2live_stream_watched_seconds_total{mount="news"}[10s]) > 0`,
		`sum by (route) (vod2live_http_requests_total{route="media", code="200"}) > 0`,
		`histogram_quantile(0.5, sum by (le) (rate(vod2live_http_request_duration_seconds_bucket[10s]))) >= 0`,
	} {
		if err := await(func() error {
			values, err := prometheus.query(promQL)
			if err == nil && len(values) != 1 {
				err = fmt.Errorf("%s finds %v", promQL, values)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}
}

// What a program with a stream and a channel exposes passes promtool.
func TestPrometheus_PromtoolFindsNothing(t *testing.T) {
	t.Parallel()
	ts.ready(t)
	p := startConfigured(t, nil, fmt.Sprintf("origins:\n  vod: { url: %s/vods }\nchannels:\n  news: { loop: [ vod/ts/master.m3u8 ] }\n", shared.origin.url))
	if _, err := fetchText(p.viewers + "/news/master.m3u8"); err != nil {
		t.Fatal(err)
	}
	text, err := fetchText(p.operator + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	check := exec.Command("promtool", "check", "metrics")
	check.Stdin = strings.NewReader(text)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}
