package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long a server may take to start or to end.
const patience = 20 * time.Second

// process is a server that was started here, with its children.
type process struct {
	name  string
	url   string // http://127.0.0.1:…
	admin string // the operator's listener, of vod2live
	cmd   *exec.Cmd
	log   string // where its output goes
	ended chan struct{}
}

// start starts a server; it is ended with the group.
func (b *bench) start(name string, env []string, command ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(b.dir, fmt.Sprintf("%s-%d.log", name, len(b.running))), ended: make(chan struct{})}
	out, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, b.dir
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	b.running = append(b.running, p)
	go func() { // ends with the process, which endAll sees to
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// endAll ends the started processes, the newest first.
func (b *bench) endAll() {
	for _, p := range slices.Backward(b.running) {
		p.end()
	}
	b.running = nil
}

func (p *process) end() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// await polls until ready returns true.
func (p *process) await(ctx context.Context, ready func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !ready() {
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: %s", p.name, p.said())
		case <-ctx.Done():
			return fmt.Errorf("%s does not start: %s", p.name, p.said())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// listens reports whether connections to an address are accepted.
func listens(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// said is the end of its output.
func (p *process) said() string {
	text, _ := os.ReadFile(p.log)
	return string(bytes.TrimSpace(text[max(0, len(text)-500):]))
}

// freeAddr is an address that nothing listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// tick is the unit of CPU times in /proc (USER_HZ, which is 100 everywhere).
const tick = 10 * time.Millisecond

// cpu is what the process and its children have taken so far.
func (p *process) cpu() (c cost, err error) {
	family := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		pid, parent, user, system := parseStat(string(text))
		if pid == p.cmd.Process.Pid || parent == p.cmd.Process.Pid {
			c.user += time.Duration(user) * tick
			c.system += time.Duration(system) * tick
			family++
		}
	}
	if family == 0 {
		return c, fmt.Errorf("%s has ended: %s", p.name, p.said())
	}
	return c, nil
}

// parseStat reads /proc/PID/stat (proc(5)); the name in it may hold anything.
func parseStat(text string) (pid, parent int, user, system int64) {
	before, _, _ := strings.Cut(text, " ")
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 {
		return 0, 0, 0, 0
	}
	pid, _ = strconv.Atoi(before)
	parent, _ = strconv.Atoi(fields[1])
	user, _ = strconv.ParseInt(fields[11], 10, 64)
	system, _ = strconv.ParseInt(fields[12], 10, 64)
	return pid, parent, user, system
}

// resident is the memory it holds, in bytes.
func (p *process) resident() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, "VmRSS:"); is {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("no VmRSS: the process has ended")
}
