package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// launched is the program as a process that answers viewers by TLS.
type launched struct {
	*process
	viewers, operator string
	client            *tls.Config
}

// build makes the binary that users have, without the race detector: its memory is
// that of the product.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "vod2live")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "vod2live/cmd/vod2live").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// launch starts a binary of the program with so many open files.
func launch(t *testing.T, binary string, files int, args ...string) *launched {
	t.Helper()
	i := issue(t, 1, time.Now().AddDate(0, 1, 0))
	cert, key := i.save(t, t.TempDir())
	args = append([]string{
		"-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, files), binary,
		"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-tls-cert", cert, "-tls-key", key,
	}, args...)
	p := &launched{process: &process{log: &written{}, ended: make(chan struct{})}, client: trust(i)}
	p.Cmd = exec.CommandContext(context.Background(), "sh", args...)
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stderr = p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.err = p.Wait()
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	p.says(t, `"listener":"operator"`)
	for line := range strings.Lines(p.log.String()) {
		p.learn(line)
	}
	return p
}

// learn reads an address from a line of the log.
func (p *launched) learn(line string) {
	var entry struct{ Listener, Addr string }
	_ = json.Unmarshal([]byte(line), &entry)
	switch entry.Listener {
	case "viewers":
		p.viewers = "https://" + entry.Addr
	case "operator":
		p.operator = "http://" + entry.Addr
	}
}

// metric reads one series from the operator's listener.
func (p *launched) metric(t *testing.T, name string) int {
	t.Helper()
	_, text := get(t, p.operator+"/metrics")
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no metric %s in %s", name, text)
	}
	value, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(value)
}

// await waits until a metric has a value, at least; the test's own limit is the
// end.
func (p *launched) await(t *testing.T, name string, least int) {
	t.Helper()
	for p.metric(t, name) < least {
		time.Sleep(20 * time.Millisecond)
	}
}

// awaitQuiet waits until no request is under way.
func (p *launched) awaitQuiet(t *testing.T) {
	t.Helper()
	for p.metric(t, inFlight) > 0 {
		time.Sleep(20 * time.Millisecond) // the test's own limit is the end
	}
}
