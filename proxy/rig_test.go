package proxy

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/admin"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

// The origin of the tests. No answer may show any of the secrets, and no line
// of the log a query, which in the tests holds hush.
const (
	originURL = "http://user:hunter2@origin.test/vod"
	hush      = "s3cr3t"
)

var secrets = []string{"origin.test", "hunter2", "dXNlcjpodW50ZXIy"}

// epoch is when virtual time begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// rig is a Server between an origin and viewers.
type rig struct {
	*Server
	t    testing.TB
	logs *observer.ObservedLogs
}

// newRig makes a Server for one origin that is answered for by a handler. It
// is closed when the test ends.
func newRig(t testing.TB, from http.Handler, changes ...func(*Config)) *rig {
	t.Helper()
	core, logs := observer.New(zapcore.DebugLevel)
	config := Config{Config: onair.Config{
		Origins: []*origin.Origin{newOrigin(t, "live", originURL)},
		Now:     time.Now, Log: zap.New(core), Metrics: metrics.New("test"),
		Options:    playlist.Options{Window: 24 * time.Second, Epoch: epoch.Add(-time.Hour)},
		Revalidate: time.Minute, GoneAfter: 10 * time.Minute, Timeout: 10 * time.Second, CacheBytes: 64 << 20,
	}}
	for _, change := range changes {
		change(&config)
	}
	if config.Transport == nil {
		config.Transport = transport(t, listen(t, from))
	}
	r := &rig{Server: New(config), t: t, logs: logs}
	t.Cleanup(func() {
		r.Close()
		r.checkLogs()
	})
	return r
}

func newOrigin(t testing.TB, name, address string) *origin.Origin {
	t.Helper()
	o, err := origin.New(name, address, 10*time.Second)
	if err != nil {
		t.Fatalf("origin.New(%q): %v", address, err)
	}
	return o
}

// stepped is a clock that a test steps while the Server reads it.
type stepped struct{ by atomic.Int64 } // nanoseconds

func (s *stepped) to(by time.Duration) { s.by.Store(int64(by)) }

// use is for newRig.
func (s *stepped) use(c *Config) {
	c.Now = func() time.Time { return time.Now().Add(time.Duration(s.by.Load())) }
}

// rest waits until the work that has begun is done. The lock orders its beginning
// before the wait, as in Close.
func (s *Server) rest() {
	s.station.Rest()
}

func (r *rig) checkLogs() {
	for _, entry := range r.logs.All() {
		text, _ := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()).EncodeEntry(entry.Entry, entry.Context)
		if strings.Contains(text.String(), hush) {
			r.t.Errorf("the log has a query: %s", text)
		}
	}
}

// answered is an answer as a viewer has it.
type answered struct {
	status int
	header http.Header
	body   string
	cut    bool // the connection was closed before its end
}

// get asks the Server without a network. Headers follow as name, value.
func (r *rig) get(path string, headers ...string) answered {
	r.t.Helper()
	return r.do(http.MethodGet, path, headers...)
}

func (r *rig) do(method, path string, headers ...string) (a answered) {
	r.t.Helper()
	return r.send(request(method, path, headers...))
}

func request(method, path string, headers ...string) *http.Request {
	req := httptest.NewRequest(method, "http://viewers.test"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	return req
}

func (r *rig) send(req *http.Request) answered {
	r.t.Helper()
	a := r.serveOne(req)
	r.checkAnswer(req, a)
	return a
}

func (r *rig) serveOne(req *http.Request) (a answered) {
	w := httptest.NewRecorder()
	defer func() {
		if e, is := recover().(error); is && !errors.Is(e, http.ErrAbortHandler) {
			panic(e)
		} else if is {
			a.cut = true
		}
		a.status, a.header, a.body = w.Code, w.Result().Header, w.Body.String()
	}()
	r.ServeHTTP(w, req)
	return a
}

// checkAnswer holds what is true of every answer.
func (r *rig) checkAnswer(req *http.Request, a answered) {
	r.t.Helper()
	if a.cut {
		return
	}
	text := a.unpacked(r.t)
	for name, values := range a.header {
		text += name + strings.Join(values, "")
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			r.t.Errorf("%s %s tells %s: %s", req.Method, req.URL, secret, text)
		}
	}
	if a.header.Get("Access-Control-Allow-Origin") != "*" {
		r.t.Errorf("%s %s: %d without CORS", req.Method, req.URL, a.status)
	}
	if a.status >= 400 && a.status != 416 {
		if lines := strings.Count(a.body, "\n"); lines > 1 || lines == 0 && req.Method != http.MethodHead {
			r.t.Errorf("%s %s: %d with %d lines: %s", req.Method, req.URL, a.status, lines, a.body)
		}
		if a.header.Get("Cache-Control") != "no-store" {
			r.t.Errorf("%s %s: %d with Cache-Control %q, want no-store", req.Method, req.URL, a.status, a.header.Get("Cache-Control"))
		}
	}
}

func (a answered) unpacked(t testing.TB) string {
	t.Helper()
	if a.header.Get("Content-Encoding") != "gzip" || a.body == "" {
		return a.body
	}
	z, err := gzip.NewReader(bytes.NewReader([]byte(a.body)))
	if err != nil {
		t.Fatalf("gzip: %v", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("gzip: %v", err)
	}
	return string(text)
}

// ok asks and wants 200.
func (r *rig) ok(path string, headers ...string) answered {
	r.t.Helper()
	a := r.get(path, headers...)
	if a.status != http.StatusOK || a.cut {
		r.t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	return a
}

// viewers are a real client of a real server around the Server.
func (r *rig) viewers() *http.Client {
	return &http.Client{Transport: transport(r.t, listen(r.t, r.Server))}
}

// What an operator is told.
func (r *rig) Streams(search string) admin.Streams {
	return admin.NewStreams(r.station.Now(), r.station.Snapshots(), r.station.OffAir(), search)
}

func (r *rig) Detail(id string, at time.Time) (*admin.Detail, error) {
	one, err := r.station.Snapshot(id, at)
	if err != nil {
		return nil, err
	}
	return admin.NewDetail(one), nil
}

func (r *rig) PlaylistAt(id string, rendition int, at time.Time) (string, error) {
	one, err := r.station.Snapshot(id, at)
	if err != nil {
		return "", err
	}
	return admin.Playlist(one, rendition)
}

func (r *rig) Origins() []admin.OriginStatus {
	return admin.ListOrigins(r.station, r.config.Metrics)
}

func (r *rig) Cache() admin.CacheStatus { return admin.Caches(r.station, r.config.Metrics) }

// loaded says whether a stream is loaded.
func (r *rig) loaded(k onair.Key) bool {
	_, err := r.station.Snapshot(k.ID(), time.Time{})
	return err == nil
}

// snapshot is that of a loaded stream beneath live.
func (r *rig) snapshot(path string) *onair.Snapshot {
	r.t.Helper()
	one, err := r.station.Snapshot(onair.Key{Mount: "live", Path: path}.ID(), time.Time{})
	if err != nil {
		r.t.Fatal(err)
	}
	return one
}

// ids are those of the loaded streams, in their order.
func (r *rig) ids() (all []string) {
	for _, one := range r.station.Snapshots() {
		all = append(all, one.ID)
	}
	return all
}

// sizeOf is what a stream takes of memory.
func sizeOf(t testing.TB, path string, files map[string]string) int64 {
	t.Helper()
	r := newRig(t, newVODs(files))
	r.ok("/live/" + path)
	return r.station.Store().Bytes
}

// What is promised of how much and for how long, as README and the packages say.
const (
	maxLoads     = 32
	mostPause    = 15 * time.Second
	mostOutage   = time.Second
	notFoundFor  = 5 * time.Second
	fullFor      = 5 * time.Second
	neededFor    = time.Minute
	maxTexts     = 16
	maxFormLoads = 4
	maxAppended  = 16
	leastRecheck = 5 * time.Second
	channelPath  = "master.m3u8"
	maxAddress   = 2048
	maxProblems  = 16
	tellWindow   = 500
	linesEach    = 60
	fetches      = 8
	maxParses    = 4
	countedBody  = 2048
)
