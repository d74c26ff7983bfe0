package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// alarms is a running Prometheus with the rules of deploy/prometheus, in a hurry.
type alarms struct{ url string }

var (
	spans = regexp.MustCompile(`\[([0-9]+)m\]`)
	holds = regexp.MustCompile(`for: ([0-9]+)m\b`)
)

// hurried are rules whose minutes last 3 s, so that five hold several of the probes of an origin that is down, which
// are up to 5 s apart. What must hold for minutes must hold for as many tenths of a second here.
func hurried(rules string) string {
	rules = holds.ReplaceAllString(rules, "for: ${1}00ms")
	return spans.ReplaceAllStringFunc(rules, func(span string) string {
		minutes, _ := strconv.Atoi(spans.FindStringSubmatch(span)[1])
		return fmt.Sprintf("[%ds]", 3*minutes)
	})
}

// startAlarms scrapes instances several times a second. It ends with the test.
func startAlarms(t *testing.T, instances ...*process) *alarms {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"recording.yml", "alerts.yml"} {
		text, err := os.ReadFile("../../../deploy/prometheus/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(hurried(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var targets []string
	for _, p := range instances {
		targets = append(targets, `"`+strings.TrimPrefix(p.operator, "http://")+`"`)
	}
	config := fmt.Sprintf(`global: {scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms}
rule_files: [recording.yml, alerts.yml]
scrape_configs: [{job_name: vod2live, static_configs: [{targets: [%s]}]}]
`, strings.Join(targets, ", "))
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("prometheus", "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+addr, "--log.level=warn")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	if err := awaitPort(addr); err != nil {
		t.Fatalf("start prometheus: %v", err)
	}
	return &alarms{"http://" + addr}
}

// firing are the alerts that fire, each by its name and one label.
func (p *alarms) firing(label string) (map[string]bool, error) {
	text, err := fetchText(p.url + "/api/v1/alerts")
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data struct {
			Alerts []struct {
				State  string
				Labels map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, a := range answer.Data.Alerts {
		if a.State == "firing" {
			names[a.Labels["alertname"]+" "+a.Labels[label]] = true
		}
	}
	return names, nil
}

// awaitData waits until a query has an answer.
func (p *alarms) awaitData(query string) error {
	return await(func() error {
		text, err := fetchText(p.url + "/api/v1/query?query=" + url.QueryEscape(query))
		if err == nil && strings.Contains(text, `"result":[]`) {
			err = fmt.Errorf("no data: %s", query)
		}
		return err
	})
}

// await waits until an alert fires, or fires no more.
func (p *alarms) await(name, label, value string, fires bool) error {
	var last error
	every(250*time.Millisecond, 2*startTimeout, func() bool {
		names, err := p.firing(label)
		if err == nil && names[name+" "+value] != fires {
			err = fmt.Errorf("%s of %q fires: %v, want %v; firing: %v", name, value, !fires, fires, names)
		}
		last = err
		return err == nil
	})
	return last
}

// The rules as they are, in a Prometheus as it is: an origin that fails is told, and that it is back; so is a process.
func TestDrill_AnOutageFiresAndResolves(t *testing.T) {
	t.Parallel()
	origin := ownNginx(t)
	kindNamed(t, "ts").ready(t)
	args := append(streamArgs(), "-origin", origin.url+"/unkept", "-revalidate", "1s", "-timeout", "2s")
	admin, err := fixedAddr()
	if err != nil {
		t.Fatal(err)
	}
	watched, killed := start(t, args...), start(t, append(args, "-admin", admin)...)
	seen := startAlarms(t, watched, killed)

	viewers := t.Context()
	var watching sync.WaitGroup
	for range 16 { // each waits for up to 2 s while the origin is paused
		watching.Go(func() { // requests all there is, whatever comes, until the test has ended
			entry := watched.viewers + "/live/ts/master.m3u8"
			for viewers.Err() == nil {
				for _, path := range []string{"", "/0.m3u8"} {
					_, _ = fetch(entry+path, "")
				}
				_, _ = fetch(watched.viewers+"/live/ts/270p/seg000.ts", "")
				_, _ = fetch(watched.viewers+"/live/absent/seg.ts", "")
				time.Sleep(200 * time.Millisecond)
			}
		})
	}
	t.Cleanup(watching.Wait)

	steps := []struct {
		name         string
		do           func() error
		alert, label string
		value        string
		fires        bool
	}{
		{
			"before", func() error {
				return seen.awaitData(`origin:vod2live_origin_failures:ratio_rate5m{origin="live"} < 0.05`)
			},
			"Vod2liveOriginFails", "origin", "live", false,
		},
		{"the origin stops", func() error { origin.stop(); return nil }, "Vod2liveOriginFails", "origin", "live", true},
		{"viewers notice", func() error { return nil }, "Vod2liveViewersGetErrors", "route", "segment", true},
		{"the origin is back", origin.start, "Vod2liveOriginFails", "origin", "live", false},
		{"viewers are served", func() error { return nil }, "Vod2liveViewersGetErrors", "route", "segment", false},
		{"an instance is killed", func() error { killed.kill(); return nil }, "Vod2liveDown", "instance", admin, true},
		{"it is started again", func() error {
			start(t, append(args, "-admin", admin)...)
			return nil
		}, "Vod2liveDown", "instance", admin, false},
	}
	for _, s := range steps {
		began := time.Now()
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if err := seen.await(s.alert, s.label, s.value, s.fires); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		t.Logf("%s: %s fires: %v, after %v", s.name, s.alert, s.fires, time.Since(began).Round(100*time.Millisecond))
	}
}
