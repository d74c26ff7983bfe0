package proxy

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
)

// secretVODs have a secret in all that a message might show, and can't loop.
var secretVODs = map[string]string{
	"a foreign rendition with a password": "#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://u:" + hush + "@elsewhere.test/a.m3u8",
	"a foreign rendition with a query":    "#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://elsewhere.test/a.m3u8?sig=" + hush,
	"a foreign rendition by a variable":   "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"" + hush + "\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://elsewhere.test/{$t}/a.m3u8",
	"an absent rendition by a variable":   "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"" + hush + "\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{$t}/a.m3u8?sig={$t}",
	"a variable without a value":          "#EXT-X-DEFINE:VALUE=\"" + hush + "\"",
	"a segment without EXTINF":            "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"" + hush + "\"\n{$t}.ts?" + hush,
	"a private address by a variable":     "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"" + hush + "\"\n#EXTINF:4,\n{$t}//a.ts?" + hush,
	"a private key by a viewer's query":   "#EXT-X-DEFINE:QUERYPARAM=\"token\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"{$token}//k\"\n#EXTINF:4,\na.ts",
	"a viewer's query by a variable":      "#EXT-X-DEFINE:QUERYPARAM=\"token\"\n{$token}.ts",
}

// TestSecrets_OfAVODReachNoLogAndNoViewer: the rig looks through all of both.
func TestSecrets_OfAVODReachNoLogAndNoViewer(t *testing.T) {
	for name, text := range secretVODs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/vod/a.m3u8" {
						http.NotFound(w, r)
						return
					}
					fmt.Fprint(w, "#EXTM3U\n"+text+"\n#EXT-X-ENDLIST\n")
				}))
				if a := r.get("/live/a.m3u8?token=" + hush); a.status != http.StatusBadGateway && a.status != http.StatusNotFound {
					t.Errorf("%d %s, want a refusal", a.status, a.body)
				}
				if r.logs.Len() == 0 {
					t.Error("no line in the log")
				}
			})
		})
	}
}
