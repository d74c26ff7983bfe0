package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vod2live/cmd/vod2live/config"
)

// secure is a run with TLS of a new pair.
func secure(t *testing.T, args ...string) (*program, issued) {
	t.Helper()
	i := issue(t, 1, time.Now().AddDate(0, 1, 0))
	cert, key := i.save(t, t.TempDir())
	p := start(t, append(args, "-tls-cert", cert, "-tls-key", key)...)
	p.viewers = strings.Replace(p.viewers, "http:", "https:", 1)
	return p, i
}

func newClient(t *testing.T, config *tls.Config, http2 bool) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: http2, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// answered is an answer that was read.
type answered struct {
	status int
	proto  string
	header http.Header
	body   string
}

func ask(t *testing.T, client *http.Client, address string, headers ...string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Proto, resp.Header, string(body)}
}

func TestTLS_ViewersGetAllByHTTP2AndHTTP1(t *testing.T) {
	p, i := secure(t)
	for proto, client := range map[string]*http.Client{"HTTP/2.0": newClient(t, trust(i), true), "HTTP/1.1": newClient(t, trust(i), false)} {
		known := false
		for range 3 { // a change may fall between the two
			a := ask(t, client, p.viewers+"/live/demo.m3u8/0.m3u8", "Accept-Encoding", "gzip")
			if a.status != http.StatusOK || a.proto != proto || a.header.Get("Content-Encoding") != "gzip" || a.body == "" {
				t.Fatalf("%d by %s, want %s; %v, %d bytes", a.status, a.proto, proto, a.header, len(a.body))
			}
			if known = ask(t, client, p.viewers+"/live/demo.m3u8/0.m3u8", "Accept-Encoding", "gzip", "If-None-Match", a.header.Get("ETag")).status == http.StatusNotModified; known {
				break
			}
		}
		if !known {
			t.Errorf("%s: an ETag was never known again", proto)
		}
		if a := ask(t, client, p.viewers+"/live/360p/seg0.ts", "Range", "bytes=0-0"); a.status != http.StatusPartialContent || a.body != "G" {
			t.Errorf("%s: a range is answered by %d %q", proto, a.status, a.body)
		}
		if a := ask(t, client, p.viewers+"/nothing"); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", proto, a.status)
		}
	}
	if !strings.Contains(p.stdout.String(), "ffplay https://") {
		t.Errorf("the greeting: %s", p.stdout)
	}
}

func TestTLS_WhatIsTooOldIsRefused(t *testing.T) {
	p, i := secure(t)
	old := trust(i)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if conn, err := tls.Dial("tcp", strings.TrimPrefix(p.viewers, "https://"), old); err == nil {
		conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
	if a := ask(t, http.DefaultClient, strings.Replace(p.viewers, "https:", "http:", 1)); a.status != http.StatusBadRequest {
		t.Errorf("plain HTTP is answered by %d", a.status)
	}
}

func TestTLS_ABodyThatTheOriginCutsIsCutForHTTP2(t *testing.T) {
	vods := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(make([]byte, 50000))
		panic(http.ErrAbortHandler)
	}))
	defer vods.Close()
	p, i := secure(t, "-origin", vods.URL)
	client := newClient(t, trust(i), true)
	resp, err := client.Get(p.viewers + "/live/1.ts")
	if err == nil {
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
	}
	if err == nil || !strings.Contains(err.Error(), "stream error") {
		t.Errorf("a cut body ends by %v", err)
	}
	if a := ask(t, client, p.viewers+"/nothing"); a.status != http.StatusNotFound {
		t.Errorf("and then %d", a.status)
	}
}

func TestTLS_AStopLetsHTTP2RequestsEnd(t *testing.T) {
	asked, answer := make(chan bool), make(chan bool)
	vods := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-answer
		_, _ = io.WriteString(w, "a segment")
	}))
	defer vods.Close()
	p, i := secure(t, "-origin", vods.URL)
	client := newClient(t, trust(i), true)
	got := make(chan string)
	go func() {
		resp, err := client.Get(p.viewers + "/live/1.ts")
		if err != nil {
			got <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		got <- string(body)
	}()
	<-asked
	p.stop()
	p.await(t, "stopping")
	if status, _ := get(t, p.operator+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", status)
	}
	close(answer)
	if body := <-got; body != "a segment" {
		t.Errorf("the request under way got %q", body)
	}
	if code := <-p.exit; code != exitOK {
		t.Errorf("exit %d: %s", code, p.stderr)
	}
}

// shown is the serial number of the certificate that viewers see.
func (p *program) shown(t *testing.T, config *tls.Config) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.NewReplacer("http://", "", "https://", "").Replace(p.viewers), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// link points a link elsewhere, at once.
func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// TestTLS_AnotherCertificateTakesOver as Kubernetes does it: the files are links
// through the link ..data, and that is changed.
func TestTLS_AnotherCertificateTakesOver(t *testing.T) {
	until := time.Now().AddDate(0, 1, 0)
	first, second, third := issue(t, 1, until), issue(t, 2, until), issue(t, 3, until)
	folder := t.TempDir()
	for n, i := range []issued{first, second, {cert: third.cert, key: first.key}, third} {
		i.save(t, filepath.Join(folder, fmt.Sprint("..", n+1)))
	}
	link(t, "..1", filepath.Join(folder, "..data"))
	link(t, "..data/tls.crt", filepath.Join(folder, "tls.crt"))
	link(t, "..data/tls.key", filepath.Join(folder, "tls.key"))
	p := start(t, "-tls-cert", filepath.Join(folder, "tls.crt"), "-tls-key", filepath.Join(folder, "tls.key"))
	all := trust(first, second, third)
	for _, step := range []struct {
		data, says string
		serial     int64
	}{{"..1", "", 1}, {"..2", "certificate reloaded", 2}, {"..3", "certificate rejected", 2}, {"..none", "certificate rejected", 2}, {"..4", "certificate reloaded", 3}} {
		link(t, step.data, filepath.Join(folder, "..data"))
		if step.says != "" {
			p.await(t, step.says)
		}
		if got := p.shown(t, all); got != step.serial {
			t.Errorf("after %s viewers see certificate %d, want %d", step.data, got, step.serial)
		}
	}
	_, metrics := get(t, p.operator+"/metrics")
	if want := fmt.Sprintf("\nvod2live_tls_certificate_expiry_timestamp_seconds %v\n", float64(until.Unix())); !strings.Contains(metrics, want) {
		t.Errorf("metrics lack %s", want)
	}
	for _, i := range []issued{first, second, third} {
		for line := range bytes.Lines(i.key) {
			if strings.Contains(p.stderr.String()+p.stdout.String(), string(bytes.TrimSpace(line[:min(len(line), 20)]))) {
				t.Errorf("a key is shown: %s", p.stderr)
			}
		}
	}
}

func TestTLS_AHangupReadsTheFilesAgain(t *testing.T) {
	p, _ := secure(t)
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.await(t, "certificate reloaded")
}

func TestTLS_WithoutItNothingIsSaidOfACertificate(t *testing.T) {
	if _, metrics := get(t, start(t).operator+"/metrics"); strings.Contains(metrics, "tls_certificate") {
		t.Error("there is an expiry without a certificate")
	}
}

func TestTLS_AnExpiredCertificateIsServedWithAWarning(t *testing.T) {
	i := issue(t, 1, time.Now().Add(-time.Hour))
	cert, key := i.save(t, t.TempDir())
	p := start(t, "-tls-cert", cert, "-tls-key", key)
	if !strings.Contains(p.stderr.String(), "has expired") {
		t.Errorf("nothing is said of it: %s", p.stderr)
	}
	if got := p.shown(t, &tls.Config{InsecureSkipVerify: true}); got != 1 {
		t.Errorf("certificate %d", got)
	}
}

func TestTLS_MistakesAreExplained(t *testing.T) {
	folder := t.TempDir()
	until := time.Now().AddDate(0, 1, 0)
	cert, key := issue(t, 1, until).save(t, filepath.Join(folder, "1"))
	_, other := issue(t, 2, until).save(t, filepath.Join(folder, "2"))
	file := filepath.Join(folder, "vod2live.yaml")
	write(t, file, "tls_cert: "+cert+"\ntls_key: "+other+"\n")
	for _, c := range []struct {
		want string
		args []string
		code int // with -validate as well
	}{
		{"both are needed, or neither", []string{"-tls-cert", cert}, exitUsage},
		{"both are needed, or neither", []string{"-tls-key", key}, exitUsage},
		{"-tls-cert none: file not found\n-tls-key gone: file not found", []string{"-tls-cert", "none", "-tls-key", "gone"}, exitFailure},
		{"private key does not match", []string{"-tls-cert", cert, "-tls-key", other}, exitFailure},
		{"private key does not match", []string{"-config", file}, exitFailure},
		{"may have been switched", []string{"-tls-cert", key, "-tls-key", cert}, exitFailure},
		{"-tls-cert " + folder + ": a folder, not a file", []string{"-tls-cert", folder, "-tls-key", key}, exitFailure},
	} {
		for _, args := range [][]string{c.args, append(c.args, "-validate")} {
			var stdout, stderr bytes.Buffer
			args = append([]string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0"}, args...)
			if got := run(t.Context(), args, environment(), terminal{&stdout, &stderr}); got != c.code || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("%v: exit %d, %q; want %d, %q", args, got, stderr.String(), c.code, c.want)
			}
		}
	}
}

func TestTLS_TheFileAndTheEnvironmentNameThePair(t *testing.T) {
	cert, key := issue(t, 1, time.Now().AddDate(0, 1, 0)).save(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, file, "tls_cert: "+cert+"\ntls_key: "+key+"\n")
	for _, env := range []config.Environment{environment("VOD2LIVE_CONFIG", file), environment("VOD2LIVE_TLS_CERT", cert, "VOD2LIVE_TLS_KEY", key)} {
		if o, err := parseOptions(nil, env); err != nil || o.tlsCert != cert || o.tlsKey != key {
			t.Errorf("%v, %v", o, err)
		}
	}
}
