package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Hashes of the passwords, with bcrypt's least cost.
const (
	firstPassword, firstHash   = "first-geheim", "$2a$04$al39dvZedacXvtZ4Q9UcnuAQKM1SOi.CjXg1BaaDeBQkxYz3niNGi"
	secondPassword, secondHash = "second-geheim", "$2a$04$WuIGcyvZklK1lvHlecoOceiQZsZLw5o2DY1vDFpbUegGcsAKmQfQy"
)

// operatorClient asks as an operator, with or without a password.
type operatorClient struct {
	http.Client
	base string
}

func newOperatorClient(t *testing.T, p *program, c *tls.Config) *operatorClient {
	t.Helper()
	o := &operatorClient{base: p.operator}
	transport := &http.Transport{TLSClientConfig: c, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	o.Transport = transport
	if c != nil {
		o.base = "https" + strings.TrimPrefix(p.operator, "http")
	}
	return o
}

// status asks for a path; an empty password is none.
func (o *operatorClient) status(t *testing.T, path, password string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if password != "" {
		req.SetBasicAuth("operator", password)
	}
	resp, err := o.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func TestWebConfig_PasswordsProtectAllButProbes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yaml")
	write(t, file, "basic_auth_users: { operator: "+firstHash+" }\n")
	p := start(t, "-web-config", file)
	client := newOperatorClient(t, p, nil)
	for _, path := range []string{"/metrics", "/api/config", "/", "/debug/pprof/", "/healthz/"} {
		if status := client.status(t, path, ""); status != http.StatusUnauthorized {
			t.Errorf("%s without a password: %d", path, status)
		}
		if status := client.status(t, path, secondPassword); status != http.StatusUnauthorized {
			t.Errorf("%s with another password: %d", path, status)
		}
	}
	for path, password := range map[string]string{"/healthz": "", "/metrics": firstPassword, "/api/config": firstPassword, "/": firstPassword} {
		if status := client.status(t, path, password); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status := client.status(t, "/readyz", ""); status == http.StatusUnauthorized {
		t.Errorf("/readyz needs a password")
	}
	if status, _ := get(t, p.viewers+"/live/demo.m3u8"); status != http.StatusOK {
		t.Errorf("viewers: %d", status)
	}
}

// TestWebConfig_TLSAndHealth: the certificate names no address of this machine
// that health would have to trust.
func TestWebConfig_TLSAndHealth(t *testing.T) {
	folder := t.TempDir()
	pair := issue(t, 1, time.Now().AddDate(0, 1, 0))
	pair.save(t, folder)
	file := filepath.Join(folder, "web.yaml")
	write(t, file, "tls_server_config: { cert_file: tls.crt, key_file: tls.key }\nbasic_auth_users: { operator: "+firstHash+" }\n")
	p := start(t, "-web-config", file)
	client := newOperatorClient(t, p, trust(pair))
	if status := client.status(t, "/metrics", firstPassword); status != http.StatusOK {
		t.Errorf("by TLS: %d", status)
	}
	if status := newOperatorClient(t, p, nil).status(t, "/healthz", ""); status != http.StatusBadRequest {
		t.Errorf("without TLS: %d", status)
	}
	if !strings.Contains(p.stdout.String(), "console   https://127.0.0.1:") {
		t.Errorf("the greeting has no https: %s", p.stdout)
	}
	var stdout, stderr bytes.Buffer
	args := []string{"health", "-admin", strings.TrimPrefix(p.operator, "http://"), "-web-config", file}
	if code := run(t.Context(), args, environment(), terminal{&stdout, &stderr}); code != exitOK || stdout.String() != "ok\n" {
		t.Errorf("health: exit %d, %s%s", code, stdout.String(), stderr.String())
	}
}

// TestWebConfig_ChangesAreTakenOverAndBrokenOnesCloseAllButProbes.
func TestWebConfig_ChangesAreTakenOverAndBrokenOnesCloseAllButProbes(t *testing.T) {
	folder := t.TempDir()
	pair := issue(t, 1, time.Now().AddDate(0, 1, 0))
	pair.save(t, folder)
	file := filepath.Join(folder, "web.yaml")
	const text = "tls_server_config: { cert_file: tls.crt, key_file: tls.key }\nbasic_auth_users: { operator: %s }\n"
	write(t, file, fmt.Sprintf(text, firstHash))
	p := start(t, "-web-config", file)
	client := newOperatorClient(t, p, trust(pair))
	ask := func(path, password string, want int) {
		t.Helper()
		if status := client.status(t, path, password); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	ask("/metrics", firstPassword, http.StatusOK)
	write(t, file, fmt.Sprintf(text, secondHash))
	ask("/metrics", firstPassword, http.StatusUnauthorized)
	ask("/metrics", secondPassword, http.StatusOK)

	write(t, file, "basic_auth_users: "+secondPassword+"\n")
	ask("/metrics", secondPassword, http.StatusInternalServerError)
	ask("/healthz", "", http.StatusOK)
	for _, want := range []string{"TLS of the operator listener rejected", "web configuration of the operator listener rejected"} {
		if !strings.Contains(p.stderr.String(), want) {
			t.Errorf("the log lacks %q: %s", want, p.stderr)
		}
	}
	if strings.Contains(p.stderr.String(), "geheim") {
		t.Errorf("a password is in the log: %s", p.stderr)
	}
	write(t, file, fmt.Sprintf(text, firstHash))
	ask("/metrics", firstPassword, http.StatusOK)
}

// TestWebConfig_MistakesAreFailuresWithoutSecrets, before anything listens.
func TestWebConfig_MistakesAreFailuresWithoutSecrets(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "web.yaml")
	for text, want := range map[string]string{
		"basic_auth_users: { operator: geheim }":            "basic_auth_users: a password is not a bcrypt hash; make one with htpasswd -nBC 10 NAME",
		"basic_auth_users: geheim":                          "cannot unmarshal !!str … into map",
		"basic_auth: {}":                                    "field basic_auth not found",
		"tls_server_config: { cert_file: none.crt }":        "missing one of key or key_file",
		"tls_server_config: { cert_file: a, key_file: b }":  "failed to read cert_file (" + folder + "/a)",
		"http_server_config: { headers: { Server: none } }": `HTTP header "Server" can not be configured`,
	} {
		write(t, file, text)
		for _, more := range [][]string{nil, {"-validate"}} {
			var stdout, stderr bytes.Buffer
			args := append([]string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-web-config", file}, more...)
			code := run(t.Context(), args, environment(), terminal{&stdout, &stderr})
			if said := stderr.String(); code != exitFailure || !strings.Contains(said, "vod2live: -web-config "+file+": ") || !strings.Contains(said, want) || strings.Contains(said, "geheim") {
				t.Errorf("%s: exit %d, %s; want %s", text, code, said, want)
			}
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-validate", "-web-config", file + ".none"}, environment(), terminal{&stdout, &stderr}); code != exitFailure || !strings.Contains(stderr.String(), ".none: file not found") {
		t.Errorf("exit %d, %s", code, stderr.String())
	}
}
