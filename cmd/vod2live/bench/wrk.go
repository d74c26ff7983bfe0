package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// load is what wrk requests from a server.
type load struct {
	url         string
	connections int
	header      []string // lines
	turns       int      // that it lasts; 0: one
	paths       int      // number of random values for %d in the URL; 0: no random values
}

// counted makes wrk print exact numbers.
const counted = `
done = function(s, latency, requests)
  io.write(string.format("counted %d %d %d\n", s.requests, s.bytes,
    s.errors.connect + s.errors.read + s.errors.write + s.errors.status + s.errors.timeout))
end
`

// anyPath makes wrk request one of many.
const anyPath = `
local at = %q
function init(args) math.randomseed(os.time()) end
function request() return wrk.format("GET", string.format(at, math.random(0, %d))) end
`

// wrk runs for one turn.
func (b *bench) wrk(l load) (c cost, err error) {
	script := counted
	url := l.url
	if l.paths > 0 {
		host, path, _ := strings.Cut(strings.TrimPrefix(l.url, "http://"), "/")
		url = "http://" + host + "/"
		script += fmt.Sprintf(anyPath, "/"+path, l.paths-1)
	}
	file := filepath.Join(b.dir, "load.lua")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		return c, err
	}
	lasts := b.turn * time.Duration(max(1, l.turns))
	args := []string{"-t2", fmt.Sprintf("-c%d", l.connections), fmt.Sprintf("-d%ds", int(lasts.Seconds())), "--timeout", "10s", "-s", file}
	for _, line := range l.header {
		args = append(args, "-H", line)
	}
	ctx, cancel := context.WithTimeout(b.ctx, lasts+patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "wrk", append(args, url)...).CombinedOutput()
	if err != nil {
		return c, fmt.Errorf("wrk: %w: %s", err, out)
	}
	_, counts, _ := strings.Cut(string(out), "counted ")
	if _, err := fmt.Sscan(counts, &c.requests, &c.bytes, &c.failed); err != nil {
		return c, fmt.Errorf("wrk said %s", out)
	}
	time.Sleep(20 * time.Millisecond) // including the remaining cost of closed connections
	return c, nil
}
