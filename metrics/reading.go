package metrics

import "strings"

// Reading is what all counters and gauges said at one moment, by their names
// without prefix.
type Reading map[string][]series

type series struct {
	labels map[string]string
	value  float64
}

// Read reads all of them.
func (m *Metrics) Read() Reading {
	r := Reading{}
	families, _ := m.registry.Gather() // what can't be read is left out
	for _, family := range families {
		name, ours := strings.CutPrefix(family.GetName(), namespace+"_")
		if !ours {
			continue
		}
		for _, one := range family.GetMetric() {
			s := series{labels: map[string]string{}, value: one.GetCounter().GetValue() + one.GetGauge().GetValue()}
			for _, label := range one.GetLabel() {
				s.labels[label.GetName()] = label.GetValue()
			}
			r[name] = append(r[name], s)
		}
	}
	return r
}

// Value adds up all series of a name.
func (r Reading) Value(name string) (sum int64) {
	for _, s := range r[name] {
		sum += int64(s.value)
	}
	return sum
}

// By adds up the series of a name by the values of a label.
func (r Reading) By(name, label string) map[string]int64 {
	sums := map[string]int64{}
	for _, s := range r[name] {
		sums[s.labels[label]] += int64(s.value)
	}
	return sums
}

// Where are the series of a name with a label's value, and no others.
func (r Reading) Where(name, label, value string) Reading {
	var kept []series
	for _, s := range r[name] {
		if s.labels[label] == value {
			kept = append(kept, s)
		}
	}
	return Reading{name: kept}
}
