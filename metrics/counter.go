package metrics

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Counter counts up. The operator's API reads it, and Prometheus collects it. It is
// safe for concurrent use.
type Counter struct {
	labels []string // values, in the order of the family's labels
	n      atomic.Int64
}

// Inc counts one more.
func (c *Counter) Inc() { c.n.Add(1) }

// Add counts n more; n is not negative.
func (c *Counter) Add(n int64) { c.n.Add(n) }

// Value is the count since the start of the process.
func (c *Counter) Value() int64 { return c.n.Load() }

// Gauge is a number that rises and falls, for the same readers. It is safe for
// concurrent use.
type Gauge struct{ *Counter }

// Set makes the number n.
func (g Gauge) Set(n float64) { g.n.Store(int64(n)) }

// family is the counters of one name, or a gauge. It is a prometheus.Collector.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	mu   sync.RWMutex // guards all
	all  map[string]*Counter
}

func (f factory) family(kind prometheus.ValueType, name, help string, labels ...string) *family {
	all := &family{desc: prometheus.NewDesc(namespace+"_"+name, help, labels, nil), kind: kind, all: map[string]*Counter{}}
	f.registry.MustRegister(all)
	return all
}

// with is the counter with such values of the labels.
func (f *family) with(values ...string) *Counter {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := strings.Join(values, "\x00")
	c := f.all[key]
	if c == nil {
		c = &Counter{labels: slices.Clone(values)}
		f.all[key] = c
	}
	return c
}

// by adds up the counters by the value of a label, given by its place.
func (f *family) by(label int) map[string]int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	sums := map[string]int64{}
	for _, c := range f.all {
		sums[c.labels[label]] += c.Value()
	}
	return sums
}

// Describe implements prometheus.Collector.
func (f *family) Describe(to chan<- *prometheus.Desc) { to <- f.desc }

// Collect implements prometheus.Collector.
func (f *family) Collect(to chan<- prometheus.Metric) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for _, c := range f.all {
		to <- prometheus.MustNewConstMetric(f.desc, f.kind, float64(c.Value()), c.labels...)
	}
}
