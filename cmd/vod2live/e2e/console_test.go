package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// consoleTimeout bounds all that console.mjs does. It is far more than it takes.
const consoleTimeout = 4 * time.Minute

// consoleSeen is what console.mjs saw.
type consoleSeen struct {
	Steps      []string // what it did
	Outside    []string // requests that would have left this machine
	Log        []string // errors in the browser's console
	Violations []string // that axe-core found
}

// An operator sees what is on air, watches it across a loop point, and sees an outage come and go.
func TestConsole_AnOperatorGoesThroughAll(t *testing.T) {
	t.Parallel()
	if index, err := filepath.Glob("../../../proxy/admin/console/dist/index.html"); err != nil || len(index) == 0 {
		t.Fatal("the page is not built: make console")
	}
	newKind("console", from(ts, shortened)).ready(t)
	origin := ownNginx(t)
	p := startConfigured(t, nil, fmt.Sprintf(`origins:
  vod: { url: %s/vods }
live: { dvr: 1h }
channels:
  news: { loop: [ vod/ts/master.m3u8 ] }
  mix: { loop: [ vod/ts/master.m3u8, { vod: vod/console/master.m3u8, title: The short one } ] }
`, origin.url))
	control := originControl(t, origin)
	axe, err := filepath.Abs("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	end, err := shared.chromium.turn()
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	answer, err := shared.chromium.ask(map[string]any{
		"console": p.operator + "/", "control": control.URL, "screenshots": artifacts(t), "axe": axe, "loop": shortLoop.Seconds(),
		"stream": "/vod/console/master.m3u8", "channel": "/news/master.m3u8", "list": "/mix/master.m3u8", "absent": "/vod/absent/master.m3u8",
	}, consoleTimeout)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("steps: %s", strings.Join(answer.Seen.Steps, "; "))
	for what, lines := range map[string][]string{
		"requests leave this machine":     answer.Seen.Outside,
		"the browser's console has":       answer.Seen.Log,
		"axe-core finds, as to be mended": answer.Seen.Violations,
	} {
		if len(lines) > 0 {
			t.Errorf("%s:\n%s", what, strings.Join(lines, "\n"))
		}
	}
}

// originControl lets the browser's driver end the origin and start it again.
func originControl(t *testing.T, origin *nginx) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /down", func(http.ResponseWriter, *http.Request) { origin.stop() })
	mux.HandleFunc("POST /up", func(_ http.ResponseWriter, _ *http.Request) {
		if err := origin.start(); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}
