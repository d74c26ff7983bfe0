package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startConfigured starts vod2live with a configuration file and more in the environment.
func startConfigured(t *testing.T, env []string, text string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "vod2live.yaml")
	if err := replace(file, text); err != nil {
		t.Fatal(err)
	}
	return startIn(t, env, append(streamArgs(), "-config", file)...)
}

// replace puts another file in the place of one, if there is one.
func replace(file, text string) error {
	if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// A channel plays while its configuration is read again, and no request of a viewer fails.
func TestConfig_AChannelPlaysOnAcrossReloads(t *testing.T) {
	t.Parallel()
	newKind("short", from(ts, shortened)).ready(t)
	file := filepath.Join(t.TempDir(), "vod2live.yaml")
	first := fmt.Sprintf("origins:\n  vod: { url: %s/unkept, revalidate: 1s }\nchannels:\n  news: { loop: [ vod/short/master.m3u8 ] }\n", shared.origin.url)
	second := first + "  sports: { loop: [ vod/ts/master.m3u8 ] }\n"
	if err := replace(file, first); err != nil {
		t.Fatal(err)
	}
	p := start(t, append(streamArgs(), "-config", file)...)
	news, sports := p.viewers+"/news/master.m3u8", p.viewers+"/sports/master.m3u8"

	steps := []struct {
		name string
		do   func() error
		log  string // says that it is done
		of   int    // lines of that are in the log then
	}{
		{"replace", func() error { return replace(file, second) }, "configuration reloaded", 1},
		{"signal", func() error { return p.cmd.Process.Signal(syscall.SIGHUP) }, "configuration reloaded", 2},
		{"break", func() error { return replace(file, second+"  bad: { lop: [ vod/ts/master.m3u8 ] }\n") }, "configuration rejected", 1},
		{"signal, broken", func() error { return p.cmd.Process.Signal(syscall.SIGHUP) }, "configuration rejected", 2},
		{"mend", func() error { return replace(file, second+"# mended\n") }, "configuration reloaded", 3},
	}
	var viewer *poller
	seen := shared.chromium.run(t, play{
		name:   fileName(t),
		player: "hls",
		source: news,
		loop:   shortLoop,
		meanwhile: func() (err error) {
			if err := p.awaitLogged(3, `"msg":"request"`, `"/vod/short/`); err != nil {
				return err
			}
			if err := wantStatus(sports, http.StatusNotFound); err != nil {
				return err
			}
			if viewer, err = pollAll(news); err != nil {
				return err
			}
			defer viewer.stop()
			for _, step := range steps {
				time.Sleep(500 * time.Millisecond)
				if err := step.do(); err != nil {
					return err
				}
				if err := p.awaitLogged(step.of, step.log); err != nil {
					return fmt.Errorf("%s: %w", step.name, err)
				}
				if err := wantStatus(sports, http.StatusOK); err != nil {
					return fmt.Errorf("%s: %w", step.name, err)
				}
			}
			return nil
		},
	})
	checkPlay(t, seen, busy)
	checkFragments(t, seen, p.loopOf(t, news))
	viewer.check(t)
	if len(p.logged("configuration rejected", `:6:10: unknown key \"lop\"`)) == 0 {
		t.Error("the log does not say what is wrong in the file")
	}
	if lines := p.logged(`"request failed"`, `"/news/`); len(lines) > 0 {
		t.Errorf("these failed:\n%s", strings.Join(lines, "\n"))
	}
	metrics, err := fetchText(p.operator + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`config_reloads_total{outcome="ok"} 3`, `config_reloads_total{outcome="refused"} 2`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

// poller asks for a live stream's playlists all the time.
type poller struct {
	stream tracks
	polls  int
	failed error
	done   chan struct{}
	ended  sync.WaitGroup
}

func pollAll(entry string) (*poller, error) {
	stream, err := tracksOf(entry)
	if err != nil {
		return nil, err
	}
	p := &poller{stream: stream, done: make(chan struct{})}
	p.ended.Go(func() {
		for {
			select {
			case <-p.done:
				return
			case <-time.After(10 * time.Millisecond):
			}
			if p.polls++; p.failed == nil {
				p.failed = stream.poll(0)
			}
		}
	})
	return p, nil
}

func (p *poller) stop() {
	close(p.done)
	p.ended.Wait()
}

// check wants no poll to have failed, and rising numbers. A nil poller has not come to be, which is told elsewhere.
func (p *poller) check(t *testing.T) {
	t.Helper()
	if p == nil {
		return
	}
	t.Logf("%d polls", p.polls)
	if p.failed != nil {
		t.Errorf("a poll failed: %v", p.failed)
	}
	for _, r := range p.stream {
		if err := checkVersions(r.versions); err != nil {
			t.Errorf("%s: %v", r.address, err)
		}
	}
}

// A private bucket by a configuration file, with credentials of the environment.
func TestConfig_APrivateBucketPlays(t *testing.T) {
	t.Parallel()
	v, objects := privateBucket(t)
	text := fmt.Sprintf(`origins:
  vod: { url: "%s/vods", s3: { region: %s } }
channels:
  news: { loop: [ "vod/%s/master.m3u8" ] }
`, v.url, s3Region, oddURL)
	p := startConfigured(t, credentials(viewerSecret), text)
	for _, entry := range []string{p.viewers + "/vod/" + oddURL + "/master.m3u8", p.viewers + "/news/master.m3u8"} {
		stream, err := tracksOf(entry)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, s := range stream[0].segments() {
			address, err := resolve(stream[0].address, s.uri)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(address, "/plain.ts") {
				continue
			}
			found++
			if !strings.HasPrefix(address, p.viewers+"/vod/") {
				t.Errorf("the segment is at %s", address)
			}
			got, err := fetch(address, "")
			if err != nil || got.status != http.StatusOK || !bytes.Equal(got.body, objects["plain.ts"]) {
				t.Errorf("%s: %d, %d bytes: %v", address, got.status, len(got.body), err)
			}
		}
		if found == 0 {
			t.Errorf("%s has no plain.ts", stream[0].address)
		}
	}

	wrong := startConfigured(t, credentials("wrong"), text)
	for _, path := range []string{"/vod/" + oddURL + "/master.m3u8", "/vod/" + oddURL + "/v+1/plain.ts", "/news/master.m3u8"} {
		got, err := fetch(wrong.viewers+path, "")
		if err != nil || got.status != http.StatusBadGateway || string(got.body) != "The origin denies access to this server.\n" {
			t.Errorf("%s with a wrong secret: %d %s: %v", path, got.status, got.body, err)
		}
	}
	if len(wrong.logged("request failed", "SignatureDoesNotMatch: the secret access key is wrong")) == 0 {
		t.Errorf("the log does not say why:\n%s", wrong.logTail())
	}
	for _, secret := range []string{viewerSecret, "Signature=", "StringToSign"} {
		if lines := append(p.logged(secret), wrong.logged(secret)...); len(lines) > 0 {
			t.Errorf("the log shows a secret:\n%s", strings.Join(lines, "\n"))
		}
	}
}

// credentials are the variables of the AWS default chain, which finds nothing else.
func credentials(secret string) []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + viewerID, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_SESSION_TOKEN=", "AWS_PROFILE=",
		"AWS_CONFIG_FILE=/absent", "AWS_SHARED_CREDENTIALS_FILE=/absent", "AWS_EC2_METADATA_DISABLED=true",
	}
}
