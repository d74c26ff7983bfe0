package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHealth_AsksTheProcessOfTheSameSettings(t *testing.T) {
	p := start(t)
	p.awaitReady(t)
	admin := strings.TrimPrefix(p.operator, "http://")
	_, port, _ := strings.Cut(admin, ":")
	for _, c := range []struct {
		name string
		args []string
		env  []string
		code int
		text string
	}{
		{"flag", []string{"-admin", admin}, nil, exitOK, "ok\n"},
		{"environment", nil, []string{"VOD2LIVE_ADMIN", admin}, exitOK, "ok\n"},
		{"ready", []string{"-ready", "-admin", admin}, nil, exitOK, "ready\n"},
		{"ready, behind", []string{"-admin", admin, "--ready"}, nil, exitOK, "ready\n"},
		{"any address", []string{"-admin", ":" + port}, nil, exitOK, "ok\n"},
		{"all addresses", []string{"-admin", "0.0.0.0:" + port}, nil, exitOK, "ok\n"},
		{"another setting is wrong", []string{"-admin", admin}, []string{"VOD2LIVE_ORIGIN", "ftp://x/", "VOD2LIVE_CONFIG", "/absent"}, exitOK, "ok\n"},
		{"nobody there", []string{"-admin", "127.0.0.1:1"}, nil, exitFailure, "vod2live health: GET http://127.0.0.1:1/healthz: connection refused: start vod2live, or give its -admin address"},
		{"no address", []string{"-admin", "127.0.0.1"}, nil, exitUsage, "not an address"},
		{"no flag", []string{"-nonsense"}, nil, exitUsage, "Run vod2live health -help"},
		{"ready, no flag", []string{"-admin", admin, "ready"}, nil, exitUsage, "did you mean -ready?"},
		{"a file named ready", []string{"-admin", admin, "-config", "ready"}, nil, exitOK, "ok\n"},
		{"a value named ready", []string{"-admin", "ready"}, nil, exitUsage, "not an address"},
		{"another argument", []string{"-admin", admin, "http://user:hunter2@a.test/"}, nil, exitUsage, "***@a.test"},
		{"help", []string{"-help"}, nil, exitOK, healthHead},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"health"}, c.args...), environment(c.env...), terminal{&stdout, &stderr})
		if text := stdout.String() + stderr.String(); code != c.code || !strings.Contains(text, c.text) || c.text != healthHead && strings.Count(text, "\n") > 3 {
			t.Errorf("%s: exit %d, %q; want %d, %q", c.name, code, text, c.code, c.text)
		}
	}
}

// awaitReady waits until the program says that it is ready.
func (p *program) awaitReady(t *testing.T) {
	t.Helper()
	for range 1000 {
		if status, _ := get(t, p.operator+"/readyz"); status == http.StatusOK {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the program is not ready within ten seconds")
}

// TestHealth_TellsAliveFromReady: a channel's origin does not answer yet.
func TestHealth_TellsAliveFromReady(t *testing.T) {
	release := make(chan bool)
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer away.Close()
	defer close(release)
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, "origins: { vod: { url: "+away.URL+" } }\nchannels: { news: { loop: [ vod/a.m3u8 ] } }\n")
	p := start(t, "-config", path)
	for arg, want := range map[string]int{"-ready": exitFailure, "-config=" + path: exitOK} {
		var stdout, stderr bytes.Buffer
		args := []string{"health", arg, "-admin", strings.TrimPrefix(p.operator, "http://")}
		if code := run(t.Context(), args, environment(), terminal{&stdout, &stderr}); code != want || want == exitFailure && !strings.Contains(stderr.String(), "503: not ready") {
			t.Errorf("%s: exit %d, %s%s", arg, code, stdout.String(), stderr.String())
		}
	}
}
