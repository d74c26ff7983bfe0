package preflight

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"vod2live/metrics"
	"vod2live/proxy"
	"vod2live/proxy/origin"
)

// mined panics at requests for a path.
type mined struct {
	http.RoundTripper
	path string
}

func (m mined) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == m.path {
		panic("no way to " + r.URL.String())
	}
	return m.RoundTripper.RoundTrip(r)
}

func TestCheck_APanicIsAProblem(t *testing.T) {
	files := two(playlistOf(segments(4, "a")...), playlistOf(segments(4, "b")...))
	for i := range 4 {
		files = withFile(withFile(files, segments(4, "a")[2*i+1], "x"), segments(4, "b")[2*i+1], "x")
	}
	for path, want := range map[string]string{
		"/master.m3u8": "error internal -1",
		"/b.m3u8":      "error internal 1",
		"/a0.ts":       "error internal 0",
		"/b3.ts":       "error internal 1",
	} {
		c := checker(t, files, true, time.Now().Add(-time.Hour))
		o := c.VOD.Client.Mounted("live")
		c.VOD.Client = origin.NewClient(mined{proxy.NewTransport(5 * time.Second), path}, metrics.New("test"), o)
		core, logs := observer.New(zap.ErrorLevel)
		c.Log = zap.New(core)
		r := c.Check(t.Context())
		if got := strings.Join(codesOf(r.Problems), ","); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if r.Status() != 2 || logs.FilterMessage("panic").Len() == 0 {
			t.Errorf("%s: status %d, %d panics in the log", path, r.Status(), logs.FilterMessage("panic").Len())
		}
	}
}
