package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// innerLimit is what the Go benchmarks may take, building them included.
const innerLimit = 2 * time.Minute

// inner takes over the results of the Go benchmarks.
func (b *bench) inner() ([]row, error) {
	found, err := b.benchmarks(`^(BenchmarkPlaylist_Hit|BenchmarkAppendMedia|BenchmarkNewLive|BenchmarkGrafov)$`, "./playlist", "./proxy")
	if err != nil {
		return nil, err
	}
	const µs, ms = 1e3, 1e6
	rows := []row{
		found.row("playlist hit: allocations per request", "Playlist_Hit/identity", "allocs/op", 1, 0),
		found.row("the same with gzip", "Playlist_Hit/gzip", "allocs/op", 1, 0),
		found.row("new window of 10 segments rendered", "AppendMedia/10/plain", "cpu-ns/op", µs, 1),
		found.row("new window of 1,000 segments rendered", "AppendMedia/1000/plain", "cpu-ns/op", µs, 60),
		found.row("their allocations besides the buffer", "AppendMedia/1000/plain", "allocs/op", 1, 0),
		found.ratio("VOD of 1,200 segments decoded and made ready: CPU, grafov's decoder of the same text is 1", "NewLive/plain", "Grafov", "cpu-ns/op", 1.5),
		found.row("for comparison: it takes", "NewLive/plain", "cpu-ns/op", ms, 0),
		found.row("for comparison: an encrypted one", "NewLive/encrypted", "cpu-ns/op", ms, 0),
		found.row("for comparison: one with a date range on each segment", "NewLive/dateranges", "cpu-ns/op", ms, 0),
	}
	for i := range rows {
		rows[i].free = strings.HasPrefix(rows[i].what, "for comparison")
	}
	return rows, nil
}

// eras measures schedule objects with as many eras as their bytes hold.
func (b *bench) eras() ([]row, error) {
	found, err := b.benchmarks(`^(BenchmarkSchedule_Change|BenchmarkRead)$`, "./proxy", "./proxy/schedule")
	if err != nil {
		return nil, err
	}
	rows := []row{
		found.ratio("new window of a channel with 9,000 eras, with one era is 1", "Schedule_Change/full", "Schedule_Change/one", "ns/op", 5),
		found.ratio("its allocations", "Schedule_Change/full", "Schedule_Change/one", "allocs/op", 1.1),
		found.row("for comparison: an object of 2 MiB is read in", "Read", "ns/op", 1e6, 0),
	}
	rows[2].free = true
	return rows, nil
}

// benchmarks runs Go benchmarks of some packages.
func (b *bench) benchmarks(names string, packages ...string) (benchmarks, error) {
	ctx, cancel := context.WithTimeout(b.ctx, innerLimit)
	defer cancel()
	args := []string{"test", "-run", "^$", "-benchmem", "-benchtime", "50ms", "-count", strconv.Itoa(b.rounds), "-bench", names}
	out, err := exec.CommandContext(ctx, "go", append(args, packages...)...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test: %w: %s", err, out)
	}
	return parseBenchmarks(string(out)), nil
}

// benchmarks are samples by name and unit.
type benchmarks map[string]sample

var benchmarkName = regexp.MustCompile(`^Benchmark(\S+?)(-\d+)?$`)

func parseBenchmarks(out string) benchmarks {
	all := benchmarks{}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !benchmarkName.MatchString(fields[0]) {
			continue
		}
		name := benchmarkName.FindStringSubmatch(fields[0])[1]
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				all[name+" "+fields[i+1]] = append(all[name+" "+fields[i+1]], value)
			}
		}
	}
	return all
}

// ratio is a bound on one benchmark's figure by that of another.
func (all benchmarks) ratio(what, name, other, unit string, bound float64) row {
	r := row{what: what, unit: "x", bound: bound}
	one, bare := all[name+" "+unit], all[other+" "+unit]
	for i := range min(len(one), len(bare)) {
		r.measured = append(r.measured, one[i]/bare[i])
	}
	if len(r.measured) == 0 {
		r.failed = fmt.Errorf("no benchmark %s or %s", name, other)
	}
	return r
}

// row is a limit for the result of a benchmark.
func (all benchmarks) row(what, name, unit string, scale, bound float64) row {
	r := row{what: what, unit: map[float64]string{1: "allocations", 1e3: "µs", 1e6: "ms"}[scale], bound: bound}
	for _, value := range all[name+" "+unit] {
		r.measured = append(r.measured, value/scale)
	}
	if len(r.measured) == 0 {
		r.failed = fmt.Errorf("no benchmark %s", name)
	}
	return r
}
