package proxy

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"vod2live/metrics"
)

// withChild is the seed's VOD with another address of the second rendition.
func withChild(address string) map[string]string {
	files := seed()
	files["master.m3u8"] = strings.ReplaceAll(files["master.m3u8"], "master_Layer2.m3u8", address)
	return files
}

func TestLoad_ABadRenditionRefusesTheStreamByName(t *testing.T) {
	for name, c := range map[string]struct {
		files  map[string]string
		answer http.HandlerFunc
		status int
		says   string
	}{
		"missing":              {seed(), status(404, ""), 502, "missing-rendition"},
		"gone":                 {seed(), status(410, ""), 502, "missing-rendition"},
		"denied":               {seed(), status(403, accessDenied), 502, "missing-rendition"},
		"forbidden":            {seed(), status(403, "no"), 502, "denies access to this server"},
		"HTML":                 {seed(), text("<html>"), 502, "not-a-playlist"},
		"live":                 {seed(), text("#EXTM3U\n#EXTINF:4,\n1.ts\n"), 502, "no-endlist"},
		"multivariant":         {seed(), text(seed()["master.m3u8"]), 502, "nested-multivariant"},
		"a segment of an hour": {seed(), text("#EXTM3U\n#EXTINF:3600,\n1.ts\n#EXT-X-ENDLIST\n"), 502, "segment-too-long"},
		"fails":                {seed(), status(500, ""), 503, "fails"},
		"hangs":                {seed(), hang, 504, "took too long"},
		"breaks off":           {seed(), raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n#EXTM3U\n", 0), 502, "broke off"},
		"redirects elsewhere":  {seed(), redirectTo("http://elsewhere.test/x.m3u8"), 502, "redirects"},
		"on another host":      {withChild("http://cdn.test/vod/x.m3u8?token=s3cr3t"), nil, 502, "foreign-rendition"},
		"beside the origin":    {withChild("../vod2/x.m3u8"), nil, 502, "foreign-rendition"},
		"above the origin":     {withChild("../../../etc/x.m3u8"), nil, 502, "foreign-rendition"},
		"hidden above":         {withChild("a%252f..%252f..%252fx.m3u8"), nil, 502, "foreign-rendition"},
		"a file":               {withChild("file:///etc/x.m3u8"), nil, 502, "foreign-rendition"},
		"no variant":           {map[string]string{"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"}, nil, 502, "can't be a live stream"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(c.files)
				files.fail("master_Layer2.m3u8", c.answer)
				r := newRig(t, files)
				for _, address := range seedAddresses {
					if a := r.get(address); a.status != c.status || !strings.Contains(a.body, c.says) {
						t.Errorf("GET %s: %d %q, want %d %q", address, a.status, a.body, c.status, c.says)
					}
				}
				r.rest()
				if r.station.Store().Streams != 0 {
					t.Error("the stream is kept")
				}
			})
		})
	}
}

// TestLoad_ChildrenResolveAgainstTheFinalAddress: redirects within the origin
// are followed, with its credentials.
func TestLoad_ChildrenResolveAgainstTheFinalAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		for name, text := range seed() {
			files.put("v/7/"+name, text)
		}
		files.fail("latest.m3u8", redirectTo("/vod/hop"))
		files.fail("hop", redirectTo("v/7/master.m3u8"))
		r := newRig(t, files)
		p := readPlaylist(t, r.ok("/live/latest.m3u8/0.m3u8").body)
		uri, is := strings.CutPrefix(p.first().uri, "../")
		if !is {
			t.Fatalf("segment %s", p.first().uri)
		}
		if a := r.ok("/live/" + uri); !strings.HasPrefix(a.body, "master_Layer1_") {
			t.Errorf("GET %s: %.40s", uri, a.body)
		}
		if n := r.metric(`vod2live_origin_requests_total{origin="live",outcome="ok"}`); n != 6 {
			t.Errorf("%v requests to the origin are counted, want 2 hops, 3 playlists, 1 segment", n)
		}
	})
}

// TestLoad_OneFailureIsCountedOnce: what is canceled because a rendition beside
// it failed is no failure of the origin.
func TestLoad_OneFailureIsCountedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		files.fail("master_Layer1.m3u8", hang)
		files.fail("master_Layer2.m3u8", status(404, ""))
		r := newRig(t, files)
		r.get("/live/master.m3u8")
		for outcome, want := range map[metrics.Outcome]float64{metrics.OK: 1, metrics.NotFound: 1, metrics.Canceled: 1, metrics.Timeout: 0, metrics.Network: 0} {
			if n := r.metric(`vod2live_origin_requests_total{origin="live",outcome="` + string(outcome) + `"}`); n != want {
				t.Errorf("outcome %s is counted %v times, want %v", outcome, n, want)
			}
		}
		if n := r.metric(`vod2live_stream_loads_total{outcome="refused"}`); n != 1 {
			t.Errorf("%v loads were refused, want 1", n)
		}
	})
}
