package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"vod2live/cmd/vod2live/builtin"
)

// systemd is what the program tells it.
type systemd struct{ *net.UnixConn }

// listenAsSystemd makes the process one that systemd has started, with a
// watchdog of a fifth of a second.
func listenAsSystemd(t *testing.T) systemd {
	t.Helper()
	t.Chdir(t.TempDir()) // the name of a socket is short
	const path = "./notify"
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "200000")
	t.Setenv("WATCHDOG_PID", fmt.Sprint(os.Getpid()))
	return systemd{conn}
}

// next is the next message.
func (s systemd) next(t *testing.T) string {
	t.Helper()
	message := make([]byte, 4096)
	n, err := s.Read(message)
	if err != nil {
		t.Fatal(err)
	}
	return string(message[:n])
}

// state is the next message but those for the watchdog.
func (s systemd) state(t *testing.T) string {
	t.Helper()
	for {
		if message := s.next(t); message != "WATCHDOG=1" {
			return message
		}
	}
}

func TestNotify_StartReloadAndStopAreTold(t *testing.T) {
	s := listenAsSystemd(t)
	p := start(t)
	if got := s.state(t); !strings.HasPrefix(got, "READY=1\n") {
		t.Errorf("first %q", got)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if got := s.state(t); !regexp.MustCompile(`^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]+\nSTATUS=`).MatchString(got) {
		t.Errorf("at a hangup %q", got)
	}
	if got := s.state(t); !strings.HasPrefix(got, "READY=1\n") {
		t.Errorf("after a reload %q", got)
	}
	for range 3 {
		for s.next(t) != "WATCHDOG=1" {
			continue
		}
	}
	p.stop()
	if got := s.state(t); !strings.HasPrefix(got, "STOPPING=1\n") {
		t.Errorf("at a stop %q", got)
	}
	if code := <-p.exit; code != exitOK {
		t.Errorf("exit %d: %s", code, p.stderr)
	}
}

// TestNotify_ReadyIsToldWhenReadyzSaysSo: not before channels have been tried.
func TestNotify_ReadyIsToldWhenReadyzSaysSo(t *testing.T) {
	s := listenAsSystemd(t)
	answer := make(chan bool)
	vods := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-answer
		http.FileServerFS(builtin.Files()).ServeHTTP(w, r)
	}))
	defer vods.Close()
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, "origins: { vod: { url: "+vods.URL+", timeout: 1h } }\nchannels: { news: { loop: [ vod/demo.m3u8 ] } }\n")
	p := start(t, "-config", path)
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil { // READY must not come of this either
		t.Fatal(err)
	}
	for range 3 {
		if got := s.next(t); got != "WATCHDOG=1" {
			t.Errorf("before the channel has been tried %q", got)
		}
	}
	if status, _ := get(t, p.operator+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", status)
	}
	close(answer)
	if got := s.state(t); !strings.HasPrefix(got, "READY=1\n") {
		t.Errorf("then %q", got)
	}
	if status, _ := get(t, p.operator+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: %d", status)
	}
}
