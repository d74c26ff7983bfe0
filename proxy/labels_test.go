package proxy

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
)

// TestMetrics_NoRequestAddsSeries: nothing that a stranger sends becomes a
// label.
func TestMetrics_NoRequestAddsSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()))
		before := r.series()
		for i := range 300 {
			for path := range badPaths {
				r.get(path)
			}
			r.get(fmt.Sprintf("/live/%d.m3u8?q=%d", i, i), "User-Agent", fmt.Sprint(i), "Host", fmt.Sprint(i))
			r.get(fmt.Sprintf("/live/%d.ts", i))
			r.get(fmt.Sprintf("/m%d/x.ts", i))
			r.do(fmt.Sprintf("M%d", i), "/live/x.ts")
			r.do(http.MethodOptions, fmt.Sprintf("/%d", i))
			r.ok(seedAddresses[i%3])
		}
		if after := r.series(); after != before {
			t.Errorf("%d series, %d before", after, before)
		}
	})
}

func (r *rig) series() int {
	w := httptest.NewRecorder()
	r.config.Metrics.Handler().ServeHTTP(w, request(http.MethodGet, "/metrics"))
	n := 0
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "vod2live_") {
			n++
		}
	}
	return n
}

func TestMetrics_CountRequestsByRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed(), subtitled()))
		for _, path := range []string{"/live/master.m3u8", "/live/master.m3u8/0.m3u8", "/live/master_Layer1_001.ts", r.slice("/live/sub.m3u8/1.m3u8", 0), "/nowhere"} { // slice requests a media playlist, too
			r.get(path)
		}
		r.do(http.MethodOptions, "/live/master.m3u8")
		for series, want := range map[string]float64{
			`vod2live_http_requests_total{code="200",route="multivariant"}`: 1,
			`vod2live_http_requests_total{code="200",route="media"}`:        2,
			`vod2live_http_requests_total{code="200",route="segment"}`:      2,
			`vod2live_http_requests_total{code="404",route="other"}`:        1,
			`vod2live_http_requests_total{code="204",route="options"}`:      1,
			`vod2live_http_request_duration_seconds_count{route="media"}`:   2,
			`vod2live_http_requests_in_flight`:                              0,
		} {
			if got := r.metric(series); got != want {
				t.Errorf("%s is %v, want %v", series, got, want)
			}
		}
		if got, least := r.metric(`vod2live_http_response_bytes_total{route="segment"}`), 1000*len("master_Layer1_001.ts"); got < float64(least) {
			t.Errorf("%v bytes of segments are counted, want %d", got, least)
		}
	})
}

// TestMetrics_AVODOfOneMediaPlaylistIsPolledAsMedia: its viewers come back for it.
func TestMetrics_AVODOfOneMediaPlaylistIsPolledAsMedia(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(short("p.m3u8"), seed()))
		for range 3 {
			r.ok("/live/p.m3u8")
		}
		r.ok("/live/master.m3u8")
		r.get("/live/absent.m3u8")
		for series, want := range map[string]float64{
			`vod2live_http_requests_total{code="200",route="media"}`:        3,
			`vod2live_http_requests_total{code="200",route="multivariant"}`: 1,
			`vod2live_http_requests_total{code="404",route="multivariant"}`: 1,
		} {
			if got := r.metric(series); got != want {
				t.Errorf("%s = %v, want %v", series, got, want)
			}
		}
	})
}
