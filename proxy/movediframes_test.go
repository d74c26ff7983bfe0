package proxy

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// TestContinuous_IFramesMoveWithTheirVideo: a rendition of I-frames is not measured for its length.
func TestContinuous_IFramesMoveWithTheirVideo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newContinuousVOD(t)
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, asked *http.Request) {
			switch asked.URL.Path {
			case "/vod/all.m3u8":
				_, _ = io.WriteString(w, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1.42e00a,mp4a.40.2\",RESOLUTION=32x32\np.m3u8\n"+
					"#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"frames.m3u8\"\n")
			case "/vod/frames.m3u8":
				_, _ = io.WriteString(w, "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:1\n#EXT-X-I-FRAMES-ONLY\n#EXTINF:1.001,\n#EXT-X-BYTERANGE:1880@0\nfirst.ts\n"+
					"#EXTINF:1.001,\n#EXT-X-BYTERANGE:1880@0\nmiddle.ts\n#EXTINF:1.03,\n#EXT-X-BYTERANGE:1880@0\nlast.ts\n#EXT-X-ENDLIST\n")
			default:
				files.ServeHTTP(w, asked)
			}
		}), continuous)
		r.ok("/live/all.m3u8")
		_, whole := r.segmentsOf("/live/all.m3u8/0.m3u8")
		var frames []string
		text := r.ok("/live/all.m3u8/1.m3u8").body
		for line := range strings.Lines(text) {
			if name := strings.TrimSpace(line); !strings.HasPrefix(name, "#") {
				frames = append(frames, "/live/all.m3u8/"+name)
			}
		}
		if len(frames) != len(whole) || len(frames) < 3 || strings.Contains(text, "#EXT-X-DISCONTINUITY\n") {
			t.Fatalf("%d I-frames, %d segments", len(frames), len(whole))
		}
		for n, address := range frames {
			want, _ := begins(t, r.ok(whole[n]).body)
			a := r.ok(address)
			if got, _ := begins(t, a.body); got != want || len(a.body) != 1880 {
				t.Errorf("%s: %d bytes from %d on, want 1880 from %d on", address, len(a.body), got, want)
			}
		}
	})
}
