package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/admin"
)

const secretive = `
origins:
  vod:
    url: [ "http://user:${SECRET}@127.0.0.1:1/vod", "http://127.0.0.1:1/other" ]
    headers: { X-Token: "${SECRET}" }
    params: { sig: "${SECRET}" }
    query: [ token ]
    playlists: [ "manifest(*)" ]
    gone_after: 3m
    segment_query: listed
    segments: direct
    public_url: "http://${SECRET}@cdn.test/vod"
  private: { url: "http://127.0.0.1:1/bucket", s3: { region: eu-west-1 }, query: ignore, timeout: 3s }
  live: { url: http://127.0.0.1:1/replaced }
channels:
  news: { loop: [ vod/a.m3u8 ], window: 90s }
`

const secret = "s3cr3t"

// settingsOf are those that flags and the file above make.
func settingsOf(t *testing.T, args ...string) *admin.Settings {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, secretive)
	o, err := parseOptions(append(args, "-config", path), environment("SECRET", secret))
	if err != nil {
		t.Fatal(err)
	}
	return o.settings()
}

func TestSettings_AreThoseInForceWithoutSecrets(t *testing.T) {
	text, err := json.Marshal(settingsOf(t, "-origin", "http://me:"+secret+"@127.0.0.1:1/flag", "-window", "70s"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), secret) {
		t.Errorf("a secret is told: %s", text)
	}
	for _, want := range []string{
		`"window_seconds":70,`,
		`"sources":{"config":"flag","origin":"flag","window":"flag"},`,
		`{"name":"vod","urls":["http://***@127.0.0.1:1/vod","http://127.0.0.1:1/other"],"s3_region":"","headers":{"X-Token":"***"},"params":{"sig":"***"},"query":["token"],"playlists":["manifest(*)"],"timeout_seconds":10,"revalidate_seconds":60,"gone_after_seconds":180,"segments":"direct","strict":false,"measure":"auto","public_url":"http://***@cdn.test/vod","segment_query":"listed"}`,
		`{"name":"private","urls":["http://127.0.0.1:1/bucket"],"s3_region":"eu-west-1","headers":{},"params":{},"query":[],"playlists":[],"timeout_seconds":3,"revalidate_seconds":60,"gone_after_seconds":600,"segments":"proxy","strict":false,"measure":"auto","public_url":"","segment_query":"forward"}`,
		`{"name":"live","urls":["http://***@127.0.0.1:1/flag"],"s3_region":"","headers":{},"params":{},"query":null,"playlists":[],`,
		`"channels":[{"name":"news","loop":["vod/a.m3u8"],"guide":true,"window_seconds":90,"epoch":"2026-01-01T00:00:00.000Z","dvr_seconds":0,"timestamps":"restart"}]`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s\nis not in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "replaced") {
		t.Errorf("an origin of the file is shown that the flag replaces: %s", text)
	}
}

// TestSettings_HaveEveryFlag that says how to serve.
func TestSettings_HaveEveryFlag(t *testing.T) {
	text, err := json.Marshal(settingsOf(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range (&options{}).table() {
		name := strings.ReplaceAll(s.Name, "-", "_")
		if s.FlagOnly || name == "origin" { // which is among the origins
			continue
		}
		if !strings.Contains(string(text), `"`+name+`":`) && !strings.Contains(string(text), `"`+name+`_`) {
			t.Errorf("/api/config lacks %s", name)
		}
	}
}

// TestAPI_OfTheProgramTellsNoSecret: those of its file, its flags and its
// viewers, with an origin that can't be reached.
func TestAPI_OfTheProgramTellsNoSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, strings.ReplaceAll(secretive, "${SECRET}", secret))
	p := start(t, "-config", path)
	_, _ = get(t, p.viewers+"/vod/b.m3u8?token="+secret)
	for _, route := range []string{"status", "streams", "origins", "cache", "config", "check?address=/vod/a.m3u8%3Ftoken=" + secret, "check?address=/news/master.m3u8"} {
		status, body := get(t, p.operator+"/api/"+route)
		if status != http.StatusOK || strings.Contains(body, secret) || !json.Valid([]byte(body)) {
			t.Errorf("/api/%s: %d %s", route, status, body)
		}
	}
	if _, body := get(t, p.operator+"/api/origins"); !strings.Contains(body, `"last_error":"the origin can't be reached: connection refused"`) {
		t.Errorf("/api/origins: %s", body)
	}
	if _, body := get(t, p.operator+"/metrics"); strings.Contains(body, secret) {
		t.Error("a secret is in the metrics")
	}
	address := fmt.Sprintf(`"viewers_address":"%s"`, strings.TrimPrefix(p.viewers, "http://"))
	if _, body := get(t, p.operator+"/api/status"); !strings.Contains(body, address) {
		t.Errorf("/api/status has not %s: %s", address, body)
	}
}

// TestAPI_FollowsAReload: it tells of the configuration that is in force.
func TestAPI_FollowsAReload(t *testing.T) {
	vods := vodServer(t)
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	file := "origins: { vod: { url: " + vods + " } }\nchannels: { %s: { loop: [ vod/demo.m3u8 ] } }\n"
	write(t, path, fmt.Sprintf(file, "news"))
	p := start(t, "-config", path)
	p.awaitAPI(t, "news", "sport")
	write(t, path, fmt.Sprintf(file, "sport"))
	p.awaitAPI(t, "sport", "news")
}

// awaitAPI waits until the API tells of one channel and not of another.
func (p *program) awaitAPI(t *testing.T, channel, other string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for _, route := range []string{"config", "streams"} {
		for {
			_, body := get(t, p.operator+"/api/"+route)
			if strings.Contains(body, `"`+channel+`"`) && !strings.Contains(body, `"`+other+`"`) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("/api/%s does not tell of %s alone: %s", route, channel, body)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// TestSettings_OfARestartStayUntilThen: what is shown is in force, whatever a
// reloaded file says, and each reload says which settings wait.
func TestSettings_OfARestartStayUntilThen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	const origin = "origins: { vod: { url: http://127.0.0.1:1/ } }\n"
	write(t, path, origin+"drain: 3s\n")
	p := start(t, "-config", path)
	_, before := get(t, p.operator+"/api/config")
	for _, window := range []string{"70s", "80s"} {
		write(t, path, origin+"drain: 4s\nconnections: 7\nlog_level: error\nlog_format: console\ntls_cert: a\ntls_key: b\nweb_config: c\nlive: { window: "+window+" }\n")
		if line := p.await(t, "some settings change at a restart only"); !strings.Contains(line, `["web-config","tls-cert","tls-key","connections","drain","log-level","log-format"]`) {
			t.Errorf("the log names others: %s", line)
		}
		p.await(t, "configuration reloaded")
		_, after := get(t, p.operator+"/api/config")
		want := strings.Replace(before, `"window_seconds":60`, `"window_seconds":`+strings.TrimSuffix(window, "s"), 1)
		want = strings.Replace(want, `"listen":"flag"`, `"listen":"flag","window":"file"`, 1)
		if after != want {
			t.Errorf("after a reload\n%s\nwant\n%s", after, want)
		}
	}
}
