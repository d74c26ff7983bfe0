package proxy

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vod2live/proxy/origin"
)

// measuredVOD is a VOD of three segments of MPEG-TS whose audio lasts 131 frames of
// AAC, and a count of the requests for segments.
type measuredVOD struct {
	playlist  string
	playlists func() string // instead of it; nil: it is as it is
	segments  map[string][]byte
	requests  atomic.Int64
	failing   atomic.Bool // requests for segments
}

func newMeasuredVOD(t *testing.T) *measuredVOD {
	t.Helper()
	v := &measuredVOD{segments: map[string][]byte{}, playlist: "#EXTM3U\n#EXT-X-TARGETDURATION:1\n" +
		"#EXTINF:1.001,\nfirst.ts\n#EXTINF:1.001,\nmiddle.ts\n#EXTINF:1.03,\nlast.ts\n#EXT-X-ENDLIST\n"}
	for _, name := range []string{"first.ts", "last.ts"} {
		b, err := os.ReadFile(filepath.Join("media", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		v.segments["/vod/"+name] = b
	}
	return v
}

func (v *measuredVOD) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, is := v.segments[r.URL.Path]
	switch {
	case strings.HasSuffix(r.URL.Path, ".m3u8") && v.playlists != nil:
		_, _ = w.Write([]byte(v.playlists()))
	case strings.HasSuffix(r.URL.Path, ".m3u8"):
		_, _ = w.Write([]byte(v.playlist))
	case v.failing.Load():
		v.requests.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	case is && len(r.Header.Get("Range")) > len("bytes=0-9"): // not the probe of a signed address
		v.requests.Add(1)
		fallthrough
	case is:
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	default:
		http.NotFound(w, r)
	}
}

func measuring(which origin.Measure, direct bool) func(*Config) {
	return func(c *Config) {
		c.Origins[0].Measure, c.Origins[0].Direct = which, direct
		_ = c.Origins[0].SetPublic("https://cdn.test/vod")
	}
}

// length is how long the loop of a stream is that is loaded now.
func (r *rig) length(path string) time.Duration {
	r.t.Helper()
	r.ok("/live/" + path)
	snapshot := r.snapshot(path)
	if snapshot == nil {
		r.t.Fatalf("%s is not loaded", path)
	}
	return snapshot.Live.VOD.Length
}

// soundLength is 131 frames of 1,024 samples at 44.1 kHz.
const soundLength = 131*1024*time.Second/44100 + 1

func TestLoad_TheLoopIsAsLongAsTheMeasuredAudio(t *testing.T) {
	const sum = 3032 * time.Millisecond
	for name, c := range map[string]struct {
		measure  origin.Measure
		direct   bool
		want     time.Duration
		requests int64
	}{
		"off":          {origin.MeasureNone, false, sum, 0},
		"auto":         {origin.MeasureShort, false, soundLength, 2},
		"auto, direct": {origin.MeasureShort, true, sum, 0},
		"on, direct":   {origin.MeasureAll, true, soundLength, 2},
	} {
		v := newMeasuredVOD(t)
		r := newRig(t, v, measuring(c.measure, c.direct))
		if got := r.length("a.m3u8"); got != c.want || v.requests.Load() != c.requests {
			t.Errorf("%s: the loop lasts %v by %d requests, want %v by %d", name, got, v.requests.Load(), c.want, c.requests)
		}
	}
}

func TestLoad_AutoMeasuresLoopsUnderAQuarterOfAnHour(t *testing.T) {
	for _, minutes := range []int{14, 15} {
		v := newMeasuredVOD(t)
		v.playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:60\n" + strings.Repeat("#EXTINF:60,\nfirst.ts\n", minutes) + "#EXT-X-ENDLIST\n"
		newRig(t, v, measuring(origin.MeasureShort, false)).ok("/live/a.m3u8")
		if got := v.requests.Load() > 0; got != (minutes < 15) {
			t.Errorf("a loop of %d minutes is measured: %t", minutes, got)
		}
	}
}

func TestLoad_FailsWhereItsMeasurementFails(t *testing.T) {
	v := newMeasuredVOD(t)
	v.failing.Store(true)
	var clock stepped
	r := newRig(t, v, measuring(origin.MeasureShort, false), clock.use)
	if a := r.get("/live/a.m3u8"); a.status != http.StatusServiceUnavailable {
		t.Fatalf("while segments fail: %d %q, want 503", a.status, a.body)
	}
	v.failing.Store(false)
	clock.to(time.Minute)
	if got := r.length("a.m3u8"); got != soundLength {
		t.Errorf("after that the loop lasts %v, want %v", got, soundLength)
	}
}

// TestLoad_AMissingSegmentIsNoMissingVOD: viewers are not told that nothing is at
// the address, and the operator is told what is missing.
func TestLoad_AMissingSegmentIsNoMissingVOD(t *testing.T) {
	v := newMeasuredVOD(t)
	delete(v.segments, "/vod/last.ts")
	a := newRig(t, v, measuring(origin.MeasureShort, false)).get("/live/a.m3u8")
	if a.status != http.StatusBadGateway || !strings.Contains(a.body, "segment-missing") {
		t.Errorf("%d %q, want 502 segment-missing", a.status, a.body)
	}
}

func TestLoad_MediaThatCanNotBeReadIsNoFailure(t *testing.T) {
	v := newMeasuredVOD(t)
	v.segments["/vod/first.ts"] = []byte("nothing")
	if got := newRig(t, v, measuring(origin.MeasureShort, false)).length("a.m3u8"); got != 3032*time.Millisecond {
		t.Errorf("the loop lasts %v, want that of its EXTINFs", got)
	}
}

// TestLoad_ReplicasThatMeasureAnswerAlike: also of a loop whose length is no whole
// number of nanoseconds.
func TestLoad_ReplicasThatMeasureAnswerAlike(t *testing.T) {
	fixed := time.Now()
	now := func(c *Config) { c.Now = func() time.Time { return fixed } }
	var all []string
	for range 2 {
		a := newRig(t, newMeasuredVOD(t), measuring(origin.MeasureShort, false), now).ok("/live/a.m3u8")
		all = append(all, fmt.Sprint(a.header.Get("ETag"), a.body))
	}
	if all[0] != all[1] {
		t.Errorf("two replicas answered\n%s\n%s", all[0], all[1])
	}
}

// TestRevalidate_OnlyAnEditIsMeasured: a look that finds nothing new, or the same VOD
// signed anew, asks for no segment.
func TestRevalidate_OnlyAnEditIsMeasured(t *testing.T) {
	for name, c := range map[string]struct {
		text func(look int64) string
		want int64
	}{
		"nothing new": {func(int64) string { return "" }, 2},
		"signed anew": {func(look int64) string { return fmt.Sprintf("?sig=%d", look) }, 2},
		"an edit":     {func(look int64) string { return strings.Repeat("\n#EXTINF:1.001,\nlast.ts", int(min(look, 2))-1) }, 4},
	} {
		v := newMeasuredVOD(t)
		var looks atomic.Int64
		v.playlists = func() string {
			return strings.Replace(v.playlist, "last.ts", "last.ts"+c.text(looks.Load()), 1)
		}
		looks.Store(1)
		var clock stepped
		r := newRig(t, v, measuring(origin.MeasureShort, false), clock.use)
		for i := range 4 {
			clock.to(time.Duration(i) * 2 * time.Minute)
			r.ok("/live/a.m3u8")
			r.rest()
			looks.Store(int64(i + 2))
		}
		if got := v.requests.Load(); got != c.want {
			t.Errorf("%s: %d requests to measure, want %d", name, got, c.want)
		}
	}
}
