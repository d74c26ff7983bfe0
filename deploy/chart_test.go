package deploy

import "testing"

// A chart reads no file outside of itself, so it has the rules again.
func TestChart_HasTheRules(t *testing.T) {
	for _, name := range []string{"alerts.yml", "recording.yml"} {
		if read(t, "prometheus/"+name) != read(t, "helm/vod2live/rules/"+name) {
			t.Errorf("helm/vod2live/rules/%[1]s is another than prometheus/%[1]s: cp deploy/prometheus/%[1]s deploy/helm/vod2live/rules/", name)
		}
	}
}
