package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTimeout bounds what a part of the test may take to start or to stop.
const startTimeout = 30 * time.Second

// process is a running vod2live.
type process struct {
	viewers  string // the address of the listener for players, http://127.0.0.1:…
	operator string // the address of the operator's listener

	cmd    *exec.Cmd
	exited chan struct{} // closed once ended is set
	ended  error         // how the process ended

	mu  sync.Mutex // guards log
	log []string   // lines of standard error
}

// startProcess starts vod2live on free ports with further arguments and waits until it listens.
func startProcess(args ...string) (*process, error) { return startProcessIn(nil, args...) }

// startProcessIn is startProcess with more in the environment, each NAME=VALUE.
func startProcessIn(env []string, args ...string) (*process, error) {
	args = append([]string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0"}, args...)
	p := &process{cmd: exec.Command(shared.binary, args...), exited: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start vod2live: %w", err)
	}
	listening := make(chan struct{})
	go p.follow(stderr, listening)
	select {
	case <-listening:
		return p, nil
	case <-p.exited:
		return nil, fmt.Errorf("vod2live %q ended before it listened: %w\n%s", args, p.ended, p.logTail())
	case <-time.After(startTimeout):
		p.kill()
		return nil, fmt.Errorf("vod2live %q does not listen\n%s", args, p.logTail())
	}
}

// start is startProcess for one test, which the process ends with, by SIGTERM and with exit code 0.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startIn(t, nil, args...)
}

// startIn is start with more in the environment.
func startIn(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p, err := startProcessIn(env, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.terminate(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the end of the log of vod2live:\n%s", p.logTail())
		}
	})
	return p
}

// follow collects the log until the process ends, and closes listening once both addresses are known.
func (p *process) follow(stderr io.Reader, listening chan<- struct{}) {
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		p.log = append(p.log, lines.Text())
		p.mu.Unlock()
		if listening != nil && p.learnAddress(lines.Bytes()) {
			close(listening)
			listening = nil
		}
	}
	p.ended = p.cmd.Wait()
	close(p.exited)
}

// learnAddress reads a log line and says whether both listeners are known now.
func (p *process) learnAddress(line []byte) bool {
	var entry struct{ Msg, Listener, Addr string }
	if json.Unmarshal(line, &entry) != nil || entry.Msg != "listening" {
		return false
	}
	switch entry.Listener {
	case "viewers":
		p.viewers = "http://" + entry.Addr
	case "operator":
		p.operator = "http://" + entry.Addr
	}
	return p.viewers != "" && p.operator != ""
}

// terminate asks the process to end, by SIGTERM, and returns an error unless it does with exit code 0.
// A process that was killed by the test is no error.
func (p *process) terminate() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		var exit *exec.ExitError
		if errors.As(p.ended, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
			return nil
		}
		return fmt.Errorf("vod2live ended by itself: %w\n%s", p.ended, p.logTail())
	}
	select {
	case <-p.exited:
	case <-time.After(startTimeout):
		p.kill()
		return fmt.Errorf("vod2live does not end by SIGTERM\n%s", p.logTail())
	}
	if p.ended != nil {
		return fmt.Errorf("vod2live after SIGTERM: %w\n%s", p.ended, p.logTail())
	}
	return nil
}

// kill ends the process as a crash would, and waits for its end. It does nothing to a process that has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// logged returns the lines of the log so far that have all of some texts.
func (p *process) logged(texts ...string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.log), func(line string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) })
	})
}

// awaitLogged waits until so many lines of the log have all of some texts.
func (p *process) awaitLogged(count int, texts ...string) error {
	return await(func() error {
		if lines := p.logged(texts...); len(lines) < count {
			return fmt.Errorf("%d lines of the log have %q, want %d", len(lines), texts, count)
		}
		return nil
	})
}

// logTail is the end of the process's log.
func (p *process) logTail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.log[max(0, len(p.log)-30):], "\n")
}

// loopOf is the length of the loop of a stream, as the operator's listener tells it: a VOD that was cut short, or whose
// media was measured, is not as long as its EXTINFs are.
func (p *process) loopOf(t tester, entry string) time.Duration {
	t.Helper()
	text, err := fetchText(p.operator + "/api/streams")
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Streams []struct {
			Address string  `json:"address"`
			Length  float64 `json:"length_seconds"`
		} `json:"streams"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	for _, s := range list.Streams {
		if s.Address == strings.TrimPrefix(entry, p.viewers) {
			return time.Duration(math.Round(s.Length * float64(time.Second)))
		}
	}
	t.Fatal("no stream has the address " + entry)
	return 0
}
