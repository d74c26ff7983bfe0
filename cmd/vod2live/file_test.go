package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"vod2live/cmd/vod2live/builtin"
)

// write puts a file where it is read at once and as a whole, as Kubernetes and
// editors do.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// await reads log lines until one has the text.
func (p *program) await(t *testing.T, text string) string {
	t.Helper()
	for {
		select {
		case line := <-p.stderr.lines:
			if strings.Contains(line, text) {
				return line
			}
		case <-t.Context().Done():
			t.Fatalf("no line with %q: %s", text, p.stderr)
		}
	}
}

func TestFile_ChannelsAreServedAndSettingsFollow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, fmt.Sprintf(`
origins:
  vod: { url: %s, query: ignore }
live: { window: 20s }
channels:
  news: { loop: [ vod/demo.m3u8 ], window: 30s }
`, vodServer(t)))
	p := start(t, "-config", path)
	if _, body := get(t, p.viewers+"/news/master.m3u8"); !strings.Contains(body, "master.m3u8/1.m3u8") {
		t.Errorf("channel: %s", body)
	}
	for address, segments := range map[string]int{"/news/master.m3u8/0.m3u8": 15, "/vod/demo.m3u8/0.m3u8?x=y": 10} {
		_, body := get(t, p.viewers+address)
		if got := strings.Count(body, "#EXTINF"); got != segments || strings.Contains(body, "x=y") {
			t.Errorf("%s has %d segments, want %d: %s", address, got, segments, body)
		}
	}
	if _, body := get(t, p.viewers+"/news/master.m3u8/0.m3u8"); !strings.Contains(body, "\n../../vod/360p/seg0.ts\n") {
		t.Errorf("the channel's segments are not at the origin's mount: %s", body)
	}
	for _, address := range []string{"/news/360p/seg0.ts", "/news/other.m3u8", "/live/demo.m3u8"} {
		if status, _ := get(t, p.viewers+address); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", address, status)
		}
	}
}

func TestFile_ReloadKeepsWhatIsLoadedAndRefusesMistakes(t *testing.T) {
	var down atomic.Bool
	vods := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "down", http.StatusInternalServerError)
			return
		}
		http.FileServerFS(builtin.Files()).ServeHTTP(w, r)
	}))
	defer vods.Close()
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	file := "origins: { vod: { url: " + vods.URL + " } }\nchannels: { news: { loop: [ vod/demo.m3u8 ] } }\n"
	write(t, path, file)
	p := start(t, "-config", path)
	wantMetrics(t, p, "vod2live_config_last_reload_successful 1", "vod2live_config_last_reload_success_timestamp_seconds 1.")
	_, first := get(t, p.viewers+"/vod/demo.m3u8")
	get(t, p.viewers+"/news/master.m3u8")
	down.Store(true)

	write(t, path, "origins: { vod: { ulr: x } }\n")
	if line := p.await(t, "configuration rejected"); !strings.Contains(line, "unknown key") {
		t.Errorf("the mistake is not named: %s", line)
	}
	write(t, path, "")
	if line := p.await(t, "configuration rejected"); !strings.Contains(line, "no origin") {
		t.Errorf("an emptied file: %s", line)
	}
	write(t, path, "listen: \"127.0.0.1:0\"\n")
	if line := p.await(t, "configuration rejected"); !strings.Contains(line, "no origin") {
		t.Errorf("a file without origins: %s", line)
	}
	wantMetrics(t, p, "vod2live_config_last_reload_successful 0", "vod2live_config_last_reload_success_timestamp_seconds 1.")
	write(t, path, file+"live: { window: 60s }\n")
	p.await(t, "configuration reloaded")
	for _, address := range []string{"/vod/demo.m3u8", "/news/master.m3u8"} {
		if status, _ := get(t, p.viewers+address); status != http.StatusOK {
			t.Errorf("%s: %d after a reload while the origin is down", address, status)
		}
	}
	if _, again := get(t, p.viewers+"/vod/demo.m3u8"); again != first {
		t.Errorf("after the reload %q, before %q", again, first)
	}
	wantMetrics(t, p, `vod2live_config_reloads_total{outcome="refused"} 3`, `vod2live_config_reloads_total{outcome="ok"} 1`, "vod2live_config_last_reload_successful 1")
}

// wantMetrics looks for lines that begin so.
func wantMetrics(t *testing.T, p *program, lines ...string) {
	t.Helper()
	_, metrics := get(t, p.operator+"/metrics")
	for _, want := range lines {
		if !strings.Contains(metrics, "\n"+want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

// TestWatched_AFileThatIsStillWrittenIsLeftAlone: editors that write in place
// empty a file first.
func TestWatched_AFileThatIsStillWrittenIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "old")
	reloads := 0
	w := newWatched(func() { reloads++ }, path)
	for i, step := range []struct {
		text    string
		again   bool
		reloads int
	}{{"old", false, 0}, {"", true, 0}, {"ne", true, 0}, {"new", true, 0}, {"new", false, 1}, {"new", false, 1}, {"", true, 1}, {"new", false, 1}} {
		write(t, path, step.text)
		if again := w.look(); again != step.again || reloads != step.reloads {
			t.Errorf("look %d: again %t, %d reloads; want %t, %d", i, again, reloads, step.again, step.reloads)
		}
	}
}

func TestFile_ValidateSaysAllMistakes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, "listen: 8080\norigins: { vod: { url: http://a.test/, timeout: 3 } }\n")
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"-validate", "-config", path}, environment(), terminal{&stdout, &stderr})
	if code != exitUsage || !strings.Contains(stderr.String(), ".yaml:1:9: listen") || !strings.Contains(stderr.String(), ".yaml:2:49: timeout") {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
	if code := run(t.Context(), []string{"-validate", "-config", path, "-window", "48h", "-tls-key", "k"}, environment(), terminal{&stdout, &stderr}); code != exitUsage ||
		!strings.Contains(stderr.String(), `-window "48h"`) || !strings.Contains(stderr.String(), "-tls-key") {
		t.Errorf("with wrong flags beside the file: exit %d: %s", code, stderr.String())
	}
	write(t, path, "origins: { vod: { url: http://a.test/ } }\n")
	if code := run(t.Context(), []string{"-validate"}, environment("VOD2LIVE_CONFIG", path), terminal{&stdout, &stderr}); code != exitOK {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
	if code := run(t.Context(), []string{"-config", path + ".none"}, environment(), terminal{&stdout, &stderr}); code != exitUsage {
		t.Errorf("exit %d without the file", code)
	}
}

// TestFile_TheSegmentCacheOutlivesReloads, whatever size it is given.
func TestFile_TheSegmentCacheOutlivesReloads(t *testing.T) {
	var segments atomic.Int64
	vods := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".ts") {
			segments.Add(1)
		}
		http.FileServerFS(builtin.Files()).ServeHTTP(w, r)
	}))
	defer vods.Close()
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	file := "origins: { vod: { url: " + vods.URL + " } }\nsegment_cache: "
	write(t, path, file+"64MiB\n")
	p := start(t, "-config", path)
	_, first := get(t, p.viewers+"/vod/360p/seg0.ts")
	for _, c := range []struct {
		size    string
		bytes   string // of the limit
		fetches int64
	}{{"32MiB", "3.3554432e+07", 1}, {"0", "0", 2}, {"16MiB", "1.6777216e+07", 3}, {"32MiB", "3.3554432e+07", 3}} {
		write(t, path, file+c.size+"\n")
		p.await(t, "configuration reloaded")
		if _, again := get(t, p.viewers+"/vod/360p/seg0.ts"); again != first || segments.Load() != c.fetches {
			t.Errorf("segment_cache: %s: %d fetches, want %d", c.size, segments.Load(), c.fetches)
		}
		if _, metrics := get(t, p.operator+"/metrics"); !strings.Contains(metrics, "vod2live_segment_cache_limit_bytes "+c.bytes+"\n") {
			t.Errorf("segment_cache: %s: the limit is not %s", c.size, c.bytes)
		}
	}
}
