package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// sample is one measure, by round.
type sample []float64

func (s sample) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// spread is how far the rounds are apart, as a share of the median.
func (s sample) spread() float64 {
	if len(s) == 0 {
		return 0
	}
	return (slices.Max(s) - slices.Min(s)) / s.median()
}

// maxSpread is the spread of a bare program beyond which a ratio to it means
// nothing.
const maxSpread = 0.1

// row is a line of the table.
type row struct {
	what     string
	unit     string // of what was measured; "x": a ratio
	measured sample // of each round
	bound    float64
	bare     sample // what the bare program cost in each round, where the bound is a ratio to it
	free     bool   // no bound
	note     string // a remark
	failed   error  // why nothing was measured
	absent   string // a remark that is no failure
}

func (r row) limit() string {
	switch {
	case r.free || r.unit == "":
		return ""
	}
	return "≤ " + number(r.bound) + " " + r.unit
}

// found is the median, and in brackets the least and the most.
func (r row) found() string {
	switch {
	case r.failed != nil:
		return "failed: " + strings.ReplaceAll(r.failed.Error(), "\n", " ")
	case r.absent != "":
		return "not measured: " + r.absent
	case len(r.measured) == 1:
		return number(r.measured[0]) + " " + r.unit
	}
	return fmt.Sprintf("%s %s (%s–%s)", number(r.measured.median()), r.unit, number(slices.Min(r.measured)), number(slices.Max(r.measured)))
}

func (r row) verdict() string {
	switch {
	case r.failed != nil:
		return "**FAILED**"
	case r.absent != "":
		return "–"
	case r.free:
		return ""
	}
	if spread := r.bare.spread(); spread > maxSpread {
		return fmt.Sprintf("void: the bare program's own costs spread over %.0f %%", 100*spread)
	}
	m := r.measured.median()
	if m <= r.bound {
		return "reached"
	}
	if r.bound == 0 {
		return "**MISSED**"
	}
	return fmt.Sprintf("**MISSED** by %.0f %%", 100*(m/r.bound-1))
}

// number has three digits that count.
func number(f float64) string {
	if f >= 100 || f == float64(int64(f)) {
		return fmt.Sprintf("%.0f", f)
	}
	if f >= 10 {
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

// markdown is the table of all rows.
func markdown(rows []row, rounds int, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s, in %s: the median of %d rounds, and from the least to the most.\n\n", machine(), took.Round(time.Second), rounds)
	b.WriteString("| what | bound | measured | | |\n|---|---|---|---|---|\n")
	missed := 0
	for _, r := range rows {
		verdict := r.verdict()
		if strings.HasPrefix(verdict, "**") {
			missed++
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.what, r.limit(), r.found(), verdict, r.note)
	}
	fmt.Fprintf(&b, "\n%d of %d rows with a bound are missed or failed.\n", missed, bounded(rows))
	return b.String()
}

func bounded(rows []row) (n int) {
	for _, r := range rows {
		if !r.free || r.failed != nil {
			n++
		}
	}
	return n
}

// machine describes the machine of the measurement.
func machine() string {
	cpu := "an unknown CPU"
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			cpu = strings.TrimSpace(value)
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	load, _ := os.ReadFile("/proc/loadavg")
	busy, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%d cores of %s, Linux %s, %s, load %s at the end", runtime.NumCPU(), cpu, strings.TrimSpace(string(kernel)), runtime.Version(), busy)
}
