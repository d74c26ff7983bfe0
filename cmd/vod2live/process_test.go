package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// process is the program as a process of its own.
type process struct {
	*exec.Cmd
	log   *written
	ended chan struct{} // closed
	err   error         // of the end
}

// written can be read while it is written.
type written struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// spawn starts the program with sockets as systemd hands them over: the
// operator's and the viewers'.
func spawn(t *testing.T, sockets []*os.File, args ...string) *process {
	t.Helper()
	p := &process{log: &written{}, ended: make(chan struct{})}
	args = append([]string{"-c", `LISTEN_PID=$$ exec "$0" "$@"`, os.Args[0], "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0"}, args...)
	p.Cmd = exec.Command("sh", args...)
	p.Env = append(os.Environ(), asProgram+"=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=operator:viewers")
	p.ExtraFiles = sockets
	p.Stderr = p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.err = p.Wait()
	}()
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p
}

// says waits until the log has a text.
func (p *process) says(t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(p.log.String(), text) {
		select {
		case <-p.ended:
			t.Fatalf("the process ended (%v) before it said %q: %s", p.err, text, p.log)
		case <-time.After(time.Millisecond):
		}
	}
}

// stop asks the process to end, and wants it to do so well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if <-p.ended; p.err != nil {
		t.Errorf("the process ended with %v: %s", p.err, p.log)
	}
}

// socket listens and hands the file of it over.
func socket(t *testing.T) (address string, f *os.File) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if f, err = l.(*net.TCPListener).File(); err != nil {
		t.Fatal(err)
	}
	_ = l.Close() // the file keeps it
	t.Cleanup(func() { _ = f.Close() })
	return "http://" + l.Addr().String(), f
}

// TestProcess_ARestartWithInheritedSocketsRefusesNoConnection: what comes
// between two processes waits for the next.
func TestProcess_ARestartWithInheritedSocketsRefusesNoConnection(t *testing.T) {
	operator, forOperator := socket(t)
	viewers, forViewers := socket(t)
	p := spawn(t, []*os.File{forOperator, forViewers})
	ctx, stop := context.WithCancel(t.Context())
	var answered atomic.Int64
	failed := make(chan string, 4)
	for range cap(failed) {
		go func() { failed <- visit(ctx, viewers+"/live/demo.m3u8/0.m3u8", &answered) }()
	}
	for range 4 {
		p.says(t, `"inherited":true`)
		for more := answered.Load() + 20; answered.Load() < more && len(failed) == 0; {
			time.Sleep(time.Millisecond)
		}
		p.stop(t)
		p = spawn(t, []*os.File{forOperator, forViewers})
	}
	p.says(t, "listening")
	if status, _ := get(t, operator+"/healthz"); status != http.StatusOK {
		t.Errorf("the operator is answered %d", status)
	}
	stop()
	for range cap(failed) {
		if why := <-failed; why != "" {
			t.Errorf("after %d good answers: %s", answered.Load(), why)
		}
	}
	p.stop(t)
}

// visit asks by new connections until ctx is done, or says what was wrong.
func visit(ctx context.Context, address string, answered *atomic.Int64) string {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for ctx.Err() == nil {
		resp, err := client.Get(address)
		if err != nil {
			return err.Error()
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(string(body), "#EXTM3U") {
			return resp.Status + ": " + string(body)
		}
		answered.Add(1)
	}
	return ""
}

func TestProcess_ASecondSignalEndsItAtOnce(t *testing.T) {
	asked := make(chan bool)
	vods := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer vods.Close()
	viewers, forViewers := socket(t)
	_, forOperator := socket(t)
	p := spawn(t, []*os.File{forOperator, forViewers}, "-origin", vods.URL, "-drain", "1h", "-timeout", "1h")
	cut := make(chan error, 1)
	go func() {
		resp, err := http.Get(viewers + "/live/1.ts")
		if err == nil {
			resp.Body.Close()
		}
		cut <- err
	}()
	<-asked
	_ = p.Process.Signal(syscall.SIGTERM)
	p.says(t, "stopping")
	_ = p.Process.Signal(syscall.SIGTERM)
	<-p.ended
	if code := p.ProcessState.ExitCode(); code != exitFailure {
		t.Errorf("exit %d, want %d", code, exitFailure)
	}
	if err := <-cut; err == nil {
		t.Error("the request under way was answered")
	}
}

// TestProcess_WhatAnOriginSendsUnaskedIsNotLogged: it may repeat the request, with
// the password of the origin's URL.
func TestProcess_WhatAnOriginSendsUnaskedIsNotLogged(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ended := make(chan error)
	go func() { ended <- repeat(l) }()
	_, forOperator := socket(t)
	viewers, forViewers := socket(t)
	p := spawn(t, []*os.File{forOperator, forViewers}, "-origin", "http://user:hunter2@"+l.Addr().String())
	p.says(t, `"listener":"viewers"`)
	resp, err := http.Get(viewers + "/live/1.ts?token=hunter2")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	p.stop(t)
	if log := p.log.String(); strings.Contains(log, "hunter2") || strings.Contains(log, "dXNlcjpodW50ZXIy") || strings.Contains(log, "nsolicited") {
		t.Errorf("%s", log)
	}
}

// repeat answers one request and sends the request after it, until the other side
// has closed the connection.
func repeat(l net.Listener) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	request := make([]byte, 64<<10)
	n, err := conn.Read(request)
	if err != nil {
		return err
	}
	if _, err := conn.Write(append([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), request[:n]...)); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, conn) // an error is a connection that is reset
	return nil
}
