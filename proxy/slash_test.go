package proxy

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

// escapedSlashes is a VOD whose key and segments have the address of another
// host in theirs.
const escapedSlashes = `#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-KEY:METHOD=AES-128,URI="/vod/p/https%3A%2F%2Fcdn.test%2Fa.key",IV=0xd9f1c97e8ec6c96376a7b5039a302e0f
#EXTINF:2.0,
/vod/p/https%3A%2F%2Fcdn.test%2Fx_000.js
#EXTINF:2.0,
group%2Fproject/x_001.ts
#EXT-X-ENDLIST
`

func TestServer_AnEscapedSlashPassesThroughEscaped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.RequestURI)
			if strings.HasSuffix(r.URL.Path, ".m3u8") {
				fmt.Fprint(w, escapedSlashes)
			}
		}))
		text := r.ok("/live/a%2Fb/m.m3u8").body
		for _, uri := range []string{`URI="../p/https%3A%2F%2Fcdn.test%2Fa.key"`, "\n../p/https%3A%2F%2Fcdn.test%2Fx_000.js\n", "\ngroup%2Fproject/x_001.ts\n"} {
			if !strings.Contains(text, uri) {
				t.Errorf("%s is not in\n%s", uri, text)
			}
		}
		r.ok("/live/p/https%3A%2F%2Fcdn.test%2Fa.key")
		r.ok("/live/a%2Fb/group%2fproject/x_001.ts")
		want := []string{"/vod/a%2Fb/m.m3u8", "/vod/p/https%3A%2F%2Fcdn.test%2Fa.key", "/vod/a%2Fb/group%2Fproject/x_001.ts"}
		if !slices.Equal(asked, want) {
			t.Errorf("the origin was asked for %v, want %v", asked, want)
		}
	})
}

// TestServer_WhereAHiddenOriginIsIsNotShown by what can't pass through: it goes to
// the public URL, or the VOD is refused.
func TestServer_WhereAHiddenOriginIsIsNotShown(t *testing.T) {
	for _, c := range []struct{ url, public, uri, want string }{ // want empty: refused
		{"http://10.0.0.5/vod", "", "a%2F..%2Fx.ts", ""},
		{"http://10.0.0.5/vod", "", "/other/x.ts", ""},
		{"http://[fd00::5]/vod", "", "/other/x.ts", ""},
		{"http://minio/vod", "", "b//x.ts", ""},
		{"http://store.internal/vod", "", "/x.ts", ""},
		{"http://u:p@cdn.test/vod", "", "/x.ts", ""},
		{"http://store.internal./vod", "", "/x.ts", ""},
		{"http://store.internal/vod", "", "http://Store.Internal./x.ts", ""},
		{"http://100.64.0.5/vod", "", "/x.ts", ""},
		{"http://10.0.0.5:8080/vod", "", "http://10.0.0.5:08080/x.ts", ""},
		{"http://10.0.0.5/vod", "", "http://[::ffff:10.0.0.5]/x.ts", ""},
		{"http://[fd00::5]/vod", "", "http://[fd00:0:0::0:5]:80/x.ts", ""},
		{"http://10.0.0.5/vod", "", `http:\\10.0.0.5\vod\x.ts`, ""},
		{"http://store.internal/vod", "", "http://store.internal.:80/vod/x.ts", "x.ts"},
		{"http://10.0.0.5/vod", "", "http://[::ffff:10.0.0.5]/vod/x.ts", "x.ts"},
		{"http://cdn.test/vod", "", `http:\\elsewhere.test\x.ts`, `http:\\elsewhere.test\x.ts`},
		{"http://10.0.0.5/vod", "https://cdn.test/films", "b//x.ts?q=1", "https://cdn.test/films/b//x.ts?q=1"},
		{"http://10.0.0.5/vod", "https://cdn.test/films", "/other/x.ts", ""},
		{"http://10.0.0.5/vod", "", "http://elsewhere.test/x.ts", "http://elsewhere.test/x.ts"},
		{"http://cdn.test/vod", "", "/other/x.ts", "http://cdn.test/other/x.ts"},
	} {
		t.Run(fmt.Sprint(c.url, " ", c.public, " ", c.uri), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOrigin(t, "live", c.url)
				if c.public != "" {
					if err := o.SetPublic(c.public); err != nil {
						t.Fatal(err)
					}
				}
				files := text("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n" + c.uri + "\n#EXT-X-ENDLIST\n")
				r := newRig(t, files, func(config *Config) { config.Origins = []*origin.Origin{o} })
				a := r.get("/live/p.m3u8")
				if c.want == "" {
					if a.status != 502 || !strings.Contains(a.body, string(onair.CodePrivateAddress)) {
						t.Errorf("%d %s", a.status, a.body)
					}
					return
				}
				if !strings.Contains(a.body, "\n"+c.want+"\n") {
					t.Errorf("%s is not in\n%s", c.want, a.body)
				}
			})
		})
	}
}
