package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Reload is how taking over a changed configuration file ended.
type Reload string

// The ends of a reload.
const (
	ReloadOK      Reload = "ok"
	ReloadRefused Reload = "refused" // the previous configuration stays in force
)

// Configuration counts reloads, and shows how the newest one ended. Its gauges are named as
// those of Prometheus and Alertmanager.
type Configuration struct {
	reloads            Outcomes[Reload]
	successful, loaded prometheus.Gauge
}

func newConfiguration(f factory) *Configuration {
	return &Configuration{
		reloads:    outcomes(f.family(prometheus.CounterValue, "config_reloads_total", "Changes of the configuration file by outcome.", "outcome"), ReloadOK, ReloadRefused),
		successful: f.gauge("config_last_reload_successful", "1 if the last attempt to load the configuration was successful, else 0."),
		loaded:     f.gauge("config_last_reload_success_timestamp_seconds", "When the configuration in force was loaded."),
	}
}

// Begin notes that the process starts with a valid configuration.
func (c *Configuration) Begin(now time.Time) {
	c.successful.Set(1)
	c.loaded.Set(float64(now.Unix()))
}

// Reloaded notes a reload.
func (c *Configuration) Reloaded(outcome Reload, now time.Time) {
	c.reloads[outcome].Inc()
	if outcome == ReloadOK {
		c.Begin(now)
		return
	}
	c.successful.Set(0)
}
