package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// bench is one run.
type bench struct {
	server  string // the program that is measured
	other   string // another build of vod2live; empty: none
	rounds  int
	turn    time.Duration
	vods    int
	verbose bool // print every turn

	ctx     context.Context
	dir     string   // all that is written; removed in the end
	also    []string // files for the servers
	running []*process
}

// begin sees that the parts are there that nothing works without.
func (b *bench) begin(ctx context.Context) (err error) {
	b.ctx = ctx
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = loaders
	for _, part := range []string{"nginx", "wrk", b.server} {
		if _, err := exec.LookPath(part); err != nil {
			return fmt.Errorf("%s is missing (make bench brings it): %w", part, err)
		}
	}
	for _, program := range []*string{&b.server, &b.other} {
		if *program == "" {
			continue
		}
		if *program, err = filepath.Abs(*program); err != nil {
			return err
		}
	}
	if b.dir, err = os.MkdirTemp("", "vod2live-bench-"); err != nil {
		return err
	}
	return os.Chmod(b.dir, 0o755) // nginx's workers may be another user's
}

// clear removes all that was written.
func (b *bench) clear() {
	for _, dir := range append(b.also, b.dir) {
		_ = os.RemoveAll(dir)
	}
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}

// contestant is a server under a load.
type contestant struct {
	name   string
	server *process
	load   load
}

// inTurns puts each contestant under its load once in every round, each round
// beginning with another one, after a turn that is not counted. The costs are in
// the order of the contestants, by round.
func (b *bench) inTurns(all ...contestant) ([][]cost, error) {
	costs := make([][]cost, len(all))
	for i, c := range all {
		if _, err := b.take(c); err != nil {
			return nil, err
		}
		costs[i] = make([]cost, b.rounds)
	}
	for round := range b.rounds {
		for n := range all {
			i := (n + round) % len(all)
			var err error
			if costs[i][round], err = b.take(all[i]); err != nil {
				return nil, err
			}
		}
	}
	return costs, nil
}

// take puts one contestant under its load.
func (b *bench) take(c contestant) (cost, error) {
	before, err := c.server.cpu()
	if err != nil {
		return cost{}, err
	}
	done, err := b.wrk(c.load)
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w", c.name, err)
	}
	after, err := c.server.cpu()
	if err != nil {
		return cost{}, err
	}
	done.user, done.system = after.user-before.user, after.system-before.system
	if b.verbose {
		b.say("%s: %d requests, %d bytes, user %s, system %s", c.name, done.requests, done.bytes, done.user, done.system)
	}
	if done.failed > 0 || done.requests == 0 {
		return cost{}, fmt.Errorf("%s: %d requests, %d failed", c.name, done.requests, done.failed)
	}
	return done, nil
}

// cost is the CPU time of a turn, and the work done in it.
type cost struct {
	user, system            time.Duration
	requests, bytes, failed int64
}

func perRequest(c cost) float64 { return float64(c.user+c.system) / float64(c.requests) }

func userPerRequest(c cost) float64 { return float64(c.user) / float64(c.requests) }

// perByte is in nanoseconds, which are seconds per GB.
func perByte(c cost) float64 { return float64(c.user+c.system) / float64(c.bytes) }

func microsPerRequest(c cost) float64 { return perRequest(c) / 1e3 }

// costsOf are those of one contestant, by round.
func costsOf(one []cost, of func(cost) float64) (s sample) {
	for _, c := range one {
		s = append(s, of(c))
	}
	return s
}

// ratios are those of two contestants, by round.
func ratios(one, other []cost, of func(cost) float64) sample {
	s := make(sample, len(one))
	for i := range one {
		s[i] = of(one[i]) / of(other[i])
	}
	return s
}
