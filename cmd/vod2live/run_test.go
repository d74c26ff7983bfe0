package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vod2live/cmd/vod2live/builtin"
	"vod2live/cmd/vod2live/notices"
)

// output can be read while it is written.
type output struct {
	mu    sync.Mutex // guards text
	text  bytes.Buffer
	lines chan string
}

func newOutput() *output { return &output{lines: make(chan string, 1000)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for line := range strings.Lines(string(p)) {
		o.lines <- line
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// program is a run of the whole program.
type program struct {
	viewers, operator string // base addresses
	stdout, stderr    *output
	stop              context.CancelFunc
	exit              chan int
}

func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{stdout: newOutput(), stderr: newOutput(), stop: cancel, exit: make(chan int, 1)}
	args = append([]string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0"}, args...)
	go func() {
		defer close(p.exit)
		p.exit <- run(ctx, args, environment(), terminal{p.stdout, p.stderr})
	}()
	t.Cleanup(func() { // it has ended when the next test begins
		cancel()
		<-p.exit
	})
	for p.viewers == "" || p.operator == "" {
		select {
		case line := <-p.stderr.lines:
			p.read(t, line)
		case code := <-p.exit:
			t.Fatalf("exit %d before listening: %s", code, p.stderr)
		}
	}
	return p
}

func (p *program) read(t *testing.T, line string) {
	t.Helper()
	var entry struct{ Msg, Listener, Addr string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatalf("log line %q: %v", line, err)
	}
	switch {
	case entry.Msg == "listening" && entry.Listener == "viewers":
		p.viewers = "http://" + entry.Addr
	case entry.Msg == "listening" && entry.Listener == "operator":
		p.operator = "http://" + entry.Addr
	}
}

func get(t *testing.T, address string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestRun_ServesTheBuiltInVODAndStopsCleanly(t *testing.T) {
	p := start(t)
	for address, want := range map[string]string{
		p.viewers + "/live/demo.m3u8":                 "demo.m3u8/1.m3u8",
		p.viewers + "/live/demo.m3u8/0.m3u8":          "#EXT-X-DISCONTINUITY-SEQUENCE:",
		p.viewers + "/live/360p/seg0.ts":              "G",
		p.operator + "/healthz":                       "ok",
		p.operator + "/metrics":                       `vod2live_stream_loads_total{outcome="ok"}`,
		p.operator + "/debug/pprof/goroutine?debug=1": "goroutine",
	} {
		if status, body := get(t, address); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, without %q", address, status, want)
		}
	}
	if !strings.Contains(p.stdout.String(), "ffplay "+p.viewers+"/live/demo.m3u8") {
		t.Errorf("the greeting has no line for ffplay: %s", p.stdout)
	}
	p.stop()
	if code := <-p.exit; code != exitOK {
		t.Errorf("exit %d after a stop: %s", code, p.stderr)
	}
}

// TestRun_TimestampsOfTheBuiltInVODContinue over its loops unless a setting says otherwise, for VLC and ffplay; those of
// an origin restart. The epoch is so near that none begins anew after 12 h.
func TestRun_TimestampsOfTheBuiltInVODContinue(t *testing.T) {
	epoch := []string{"-epoch", time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)}
	for name, c := range map[string]struct {
		args   []string
		tagged bool
	}{
		"built-in":            {nil, false},
		"built-in, restart":   {[]string{"-timestamps", "restart"}, true},
		"an origin":           {[]string{"-origin", vodServer(t)}, true},
		"an origin, continue": {[]string{"-origin", vodServer(t), "-timestamps", "continuous"}, false},
	} {
		p := start(t, append(c.args, epoch...)...)
		status, text := get(t, p.viewers+"/live/demo.m3u8/0.m3u8")
		if tagged := strings.Contains(text, "#EXT-X-DISCONTINUITY\n"); status != http.StatusOK || tagged != c.tagged {
			t.Errorf("%s: %d, tagged %v, want %v:\n%s", name, status, tagged, c.tagged, text)
		}
		want := map[bool]string{true: `"timestamps":"restart"`, false: `"timestamps":"continuous"`}[c.tagged]
		if _, settings := get(t, p.operator+"/api/config"); !strings.Contains(settings, want) {
			t.Errorf("%s: the API shows %s without %s", name, settings, want)
		}
	}
}

func TestRun_DrainsRequestsUnderWay(t *testing.T) {
	asked, answer := make(chan bool), make(chan bool)
	vods := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-answer
		_, _ = io.WriteString(w, "a segment")
	}))
	defer vods.Close()
	p := start(t, "-origin", vods.URL)
	got := make(chan string)
	go func() {
		resp, err := http.Get(p.viewers + "/live/seg0.ts")
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
	for line := range p.stderr.lines {
		if strings.Contains(line, "stopping") {
			break
		}
	}
	close(answer)
	if body := <-got; body != "a segment" {
		t.Errorf("the request under way got %q", body)
	}
	if code := <-p.exit; code != exitOK {
		t.Errorf("exit %d: %s", code, p.stderr)
	}
}

func TestRun_ExitsWithAReason(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		want string
		code int
		args []string
	}{
		{"another program listens there", exitFailure, []string{"-listen", taken.Addr().String(), "-admin", "127.0.0.1:0"}},
		{"another program listens there", exitFailure, []string{"-admin", taken.Addr().String(), "-listen", "127.0.0.1:0"}},
		{"-origin: an origin's URL is http(s)://", exitUsage, []string{"-origin", "ftp://host/"}},
		{"-origin: an origin's URL is http(s)://", exitUsage, []string{"-origin", "https://user:secret@host/vod?x=y"}},
		{"Run vod2live -help for help", exitUsage, []string{"-nonsense"}},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), c.args, environment(), terminal{&stdout, &stderr}); code != c.code || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%v: exit %d, %q; want %d, %q", c.args, code, stderr.String(), c.code, c.want)
		}
		if strings.Contains(stderr.String(), "secret") {
			t.Errorf("%v: the password is shown: %s", c.args, stderr.String())
		}
	}
}

// TestRun_HelpOfACommandIsItsOwn, by the word and by the flag.
func TestRun_HelpOfACommandIsItsOwn(t *testing.T) {
	for name := range commands() {
		if name == "version" || name == "licenses" {
			continue
		}
		var word, flag, stderr bytes.Buffer
		byWord := run(t.Context(), []string{"help", name}, environment(), terminal{&word, &stderr})
		byFlag := run(t.Context(), []string{name, "-help"}, environment(), terminal{&flag, &stderr})
		if byWord != exitOK || byFlag != exitOK || word.String() != flag.String() || !strings.HasPrefix(word.String(), "vod2live ") {
			t.Errorf("%s: exit %d, %d: %s%s%s", name, byWord, byFlag, word.String(), flag.String(), stderr.String())
		}
		if name != "help" && !strings.Contains(help(), "  vod2live "+name+" ") {
			t.Errorf("-help lacks the command %s", name)
		}
	}
}

func TestRun_SaysWhatItIs(t *testing.T) {
	for arg, want := range map[string]string{"-version": "vod2live dev\n", "version": "vod2live dev\n", "-help": help(), "-h": help(), "help": help()} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{arg}, environment(), terminal{&stdout, &stderr}); code != exitOK || stdout.String() != want {
			t.Errorf("%s: exit %d, %q", arg, code, stdout.String())
		}
	}
}

// A program that `make build` has not made says how to get them.
func TestLicenses_ArePrintedOrSaidToBeMissing(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"licenses"}, environment(), terminal{&stdout, &stderr})
	if text := notices.Text(); text != "" {
		if code != exitOK || stdout.String() != text || !strings.Contains(text, "\ngithub.com/grafov/m3u8 v") {
			t.Errorf("exit %d, %d bytes", code, stdout.Len())
		}
		return
	}
	if code != exitFailure || !strings.Contains(stderr.String(), "`make build` collects them") {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
}

// vodServer serves the built-in VOD like any other.
func vodServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.FileServerFS(builtin.Files()))
	t.Cleanup(server.Close)
	return server.URL
}

// strangeServer has the built-in VOD under any address.
func strangeServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, builtin.Files(), "360p/index.m3u8")
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestRender_RefusesByName what the server would hand through, or has not.
func TestRender_RefusesByName(t *testing.T) {
	origin := strangeServer(t)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"-rendition 1 " + origin + "/a.m3u8", exitFailure, "rendition 1 not found: the VOD has 1, numbered from 0"},
		{"-rendition -5 " + origin + "/a.m3u8", exitUsage, `-rendition "-5": too small: at least -1`},
		{"-window -5s " + origin + "/a.m3u8", exitUsage, `-window "-5s": a negative duration`},
		{origin + "/a//b.m3u8", exitUsage, "its path has an empty element"},
		{origin + "/a%2F..%2Fb.m3u8", exitUsage, "escaped or not"},
		{origin, exitUsage, "not the address of a playlist"},
		{origin + "/playlist", exitFailure, "a stream's path must end in .m3u8 or .m3u"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"render"}, strings.Fields(c.args)...), environment(), terminal{&stdout, &stderr})
		if code != c.code || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("render %s: exit %d: %s%s; want %d, %s", c.args, code, stdout.String(), stderr.String(), c.code, c.want)
		}
	}
}

// TestInspect_RefusesTheSettingsThatServingRefuses, wherever they stand.
func TestInspect_RefusesTheSettingsThatServingRefuses(t *testing.T) {
	address := vodServer(t) + "/demo.m3u8"
	for _, command := range []string{"check", "render"} {
		for name, c := range map[string]struct {
			args []string
			env  []string
			want string
		}{
			"an early epoch":               {[]string{"-epoch", "1600-01-01T00:00:00Z"}, nil, "too early"},
			"an early epoch, environment":  {nil, []string{"VOD2LIVE_EPOCH", "1600-01-01T00:00:00Z"}, "VOD2LIVE_EPOCH"},
			"a late epoch, environment":    {nil, []string{"VOD2LIVE_EPOCH", "2600-01-01T00:00:00Z"}, "VOD2LIVE_EPOCH"},
			"a long window, environment":   {nil, []string{"VOD2LIVE_WINDOW", "48h"}, "VOD2LIVE_WINDOW"},
			"a file that is not there":     {nil, []string{"VOD2LIVE_CONFIG", "/absent.yaml"}, "/absent.yaml"},
			"an origin of another address": {nil, []string{"VOD2LIVE_ORIGIN", "http://elsewhere.test/vod"}, "not the address of a playlist"},
		} {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append([]string{command}, append(c.args, address)...), environment(c.env...), terminal{&stdout, &stderr})
			if code != exitUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
				t.Errorf("%s, %s: exit %d: %s%s; want %s", command, name, code, stdout.String(), stderr.String(), c.want)
			}
		}
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{command, address}, environment("VOD2LIVE_WINDOW", "90s", "VOD2LIVE_EPOCH", "2026-02-01T00:00:00Z"), terminal{&stdout, &stderr}); code != exitOK {
			t.Errorf("%s: exit %d: %s", command, code, stderr.String())
		}
	}
}

func TestRender_WritesWhatTheServerSends(t *testing.T) {
	origin := vodServer(t)
	p := start(t, "-origin", origin)
	for range 3 { // a change may fall between the two
		before := time.Now()
		_, served := get(t, p.viewers+"/live/demo.m3u8/1.m3u8")
		var stdout, stderr bytes.Buffer
		args := []string{"render", "-rendition", "1", "-at", before.UTC().Format(time.RFC3339Nano), origin + "/demo.m3u8"}
		if code := run(t.Context(), args, environment(), terminal{&stdout, &stderr}); code != exitOK {
			t.Fatalf("exit %d: %s", code, stderr.String())
		}
		if stdout.String() == served {
			return
		}
	}
	t.Error("render never wrote what the server sent")
}

// TestCheck_TakesTheAddressOfTheVODOrOfViewers alike, of a channel too; and so
// does render.
func TestCheck_TakesTheAddressOfTheVODOrOfViewers(t *testing.T) {
	origin := vodServer(t)
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, "origins: { vod: { url: "+origin+" } }\nchannels: { news: { loop: [ vod/demo.m3u8 ], window: 90s } }\n")
	for address, want := range map[string]string{
		origin + "/demo.m3u8": "/vod/demo.m3u8", "/vod/demo.m3u8": "/vod/demo.m3u8", "https://tv.example.com:8443/vod/demo.m3u8": "/vod/demo.m3u8",
		"http://127.0.0.1:8080/vod/demo.m3u8/1.m3u8": "/vod/demo.m3u8", "http://tv.example.com/news/master.m3u8": "/news/master.m3u8",
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"check", "-json", "-config", path, address}, environment(), terminal{&stdout, &stderr})
		var report struct {
			Loops                bool
			Address, Origin, VOD string
			Window               float64 `json:"window_seconds"`
		}
		if err := json.Unmarshal(stdout.Bytes(), &report); err != nil || code != exitOK {
			t.Fatalf("check %s: exit %d: %s", address, code, stderr.String())
		}
		if !report.Loops || report.Address != want || report.Origin != "vod" || report.VOD != "demo.m3u8" || (report.Window == 90) != strings.HasPrefix(want, "/news") {
			t.Errorf("check %s: %+v", address, report)
		}
		stdout.Reset()
		code = run(t.Context(), []string{"render", "-rendition", "-1", "-config", path, address}, environment(), terminal{&stdout, &stderr})
		if code != exitOK || !strings.Contains(stdout.String(), "demo.m3u8/1.m3u8") {
			t.Errorf("render %s: exit %d: %s%s", address, code, stdout.String(), stderr.String())
		}
	}
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"check", "-config", path, "/live/demo.m3u8"}, environment(), terminal{&stderr, &stderr}); code != exitUsage || !strings.Contains(stderr.String(), "the mounts are news, vod") {
		t.Errorf("an unknown mount: exit %d: %s", code, stderr.String())
	}
}

// TestInspect_TheAddressOfAChannelOfListsIsTheChannel: its model alone is another loop.
func TestInspect_TheAddressOfAChannelOfListsIsTheChannel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, "origins: { vod: { url: "+vodServer(t)+" } }\nchannels: { news: { loop: [ vod/demo.m3u8, { vod: vod/demo.m3u8, in: 4s } ] } }\n")
	printed := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append(args, "-config", path), environment(), terminal{&stdout, &stderr}); code != exitOK {
			t.Fatalf("%v: exit %d: %s", args, code, stderr.String())
		}
		return stdout.String()
	}
	for _, address := range []string{"/news/master.m3u8", "https://tv.example.com/news/master.m3u8/0.m3u8"} {
		if got := printed("check", address); !strings.Contains(got, "This channel can be on air") {
			t.Errorf("check %s:\n%s", address, got)
		}
		at := []string{"render", "-at", "2026-10-01T00:00:00Z"}
		if got, want := printed(append(at, address)...), printed(append(at, "-channel", "news")...); got != want {
			t.Errorf("render %s:\n%s\nwant\n%s", address, got, want)
		}
	}
}

func TestCheck_TakesOriginsFromTheFile(t *testing.T) {
	origin := vodServer(t)
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, "origins: { vod: { url: "+origin+" } }\n")
	for address, want := range map[string]int{origin + "/demo.m3u8": exitOK, "http://elsewhere.test/demo.m3u8": exitUsage} {
		var stdout, stderr bytes.Buffer
		args := []string{"check", "-config", path, address}
		if code := run(t.Context(), args, environment(), terminal{&stdout, &stderr}); code != want {
			t.Errorf("check %s: exit %d: %s%s", address, code, stdout.String(), stderr.String())
		}
	}
	var stdout, stderr bytes.Buffer
	args := []string{"render", "-rendition", "-1", "-config", path, origin + "/demo.m3u8"}
	if code := run(t.Context(), args, environment(), terminal{&stdout, &stderr}); code != exitOK || !strings.Contains(stdout.String(), "demo.m3u8/1.m3u8") {
		t.Errorf("render: exit %d: %s%s", code, stdout.String(), stderr.String())
	}
}

func TestCheck_ReportsByExitStatusAndCode(t *testing.T) {
	origin, strange := vodServer(t), strangeServer(t)
	for address, want := range map[string]struct {
		code int
		text string
	}{
		origin + "/demo.m3u8":       {0, `"loops": true`},
		origin + "/360p/index.m3u8": {0, `"kind": "media"`},
		origin + "/none.m3u8":       {2, `"code": "not-found"`},
		origin + "/360p/seg0.ts":    {2, `"code": "not-a-playlist"`},
		strange + "/playlist":       {2, `"code": "playlist-name"`},
		"not an address":            {2, ""},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"check", "-json", "-segments", address}, environment(), terminal{&stdout, &stderr})
		if code != want.code || !strings.Contains(stdout.String(), want.text) {
			t.Errorf("check %s: exit %d: %s%s", address, code, stdout.String(), stderr.String())
		}
	}
}
