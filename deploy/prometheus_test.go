package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rule is a rule of Prometheus, as far as it is looked at here.
type rule struct {
	Alert, Record, Expr string
	Labels, Annotations map[string]string
}

func rules(t *testing.T, file string) (all []rule) {
	t.Helper()
	var groups struct {
		Groups []struct{ Rules []rule }
	}
	if err := yaml.Unmarshal([]byte(read(t, file)), &groups); err != nil {
		t.Fatal(err)
	}
	for _, g := range groups.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) == 0 {
		t.Fatalf("%s has no rules", file)
	}
	return all
}

func yamlExpressions(t *testing.T, file string) string {
	t.Helper()
	var all strings.Builder
	for _, r := range rules(t, file) {
		all.WriteString(r.Expr + "\n")
	}
	return all.String()
}

func TestRules_EachAlertSaysWhatToDo(t *testing.T) {
	tested, listed := read(t, "prometheus/alerts_test.yml"), read(t, "README.md")
	for _, r := range rules(t, "prometheus/alerts.yml") {
		for _, name := range []string{"summary", "description", "runbook"} {
			if r.Annotations[name] == "" {
				t.Errorf("%s has no %s", r.Alert, name)
			}
		}
		if !slices.Contains([]string{"critical", "warning"}, r.Labels["severity"]) {
			t.Errorf("%s has the severity %q", r.Alert, r.Labels["severity"])
		}
		if !strings.Contains(tested, `alertname="`+r.Alert+`"`) {
			t.Errorf("alerts_test.yml does not see %s fire", r.Alert)
		}
		if name := strings.TrimPrefix(r.Alert, "Vod2live"); !strings.Contains(listed, "`"+name+"`") {
			t.Errorf("README.md does not list %s", r.Alert)
		}
	}
}

// The address before deploy/ is the operator's, who puts it there by a line of sed or a value of the chart.
func TestRules_EachRunbookIsASectionOfAPage(t *testing.T) {
	for _, r := range rules(t, "prometheus/alerts.yml") {
		page, section, _ := strings.Cut(r.Annotations["runbook_url"], "#")
		name, is := strings.CutPrefix(page, "deploy/")
		if !is || !anchors(read(t, name))[section] {
			t.Errorf("%s has the runbook_url %q, which is no section", r.Alert, r.Annotations["runbook_url"])
		}
	}
}

// dashboard are the queries of the dashboard's panels, as Grafana sends them, by the panel's title.
func dashboard(t *testing.T) map[string][]string {
	t.Helper()
	var d struct {
		Annotations struct{ List []struct{ Name, Expr string } }
		Panels      []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "grafana/vod2live.json")), &d); err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*")
	queries := map[string][]string{}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			queries[p.Title] = append(queries[p.Title], filled.Replace(target.Expr))
		}
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %q shows nothing", p.Title)
		}
	}
	for _, a := range d.Annotations.List {
		queries[a.Name] = []string{filled.Replace(a.Expr)}
	}
	return queries
}

var legendLabel = regexp.MustCompile(`\$[a-z_]+`)

// Grafana itself is not run. Its queries are checked by promtool, as rules that record something.
func TestDashboard_QueriesAreValid(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Fatal("promtool is needed: apt-get install prometheus")
	}
	var text strings.Builder
	text.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	for title, queries := range dashboard(t) {
		for i, query := range queries {
			if left := legendLabel.FindString(query); left != "" {
				t.Errorf("%s: nothing is known of the variable %s", title, left)
			}
			fmt.Fprintf(&text, "      # %s\n      - record: query_%d\n        labels: {panel: %q}\n        expr: %q\n", title, i, title, query)
		}
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("promtool", "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, text.String())
	}
}
