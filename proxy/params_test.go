package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

// sas are query parameters that an origin wants with every request.
var sas = map[string]string{"sv": "2024-11-04", "sig": hush + "+/=", "se": "2027-01-01T00%3A00%3A00Z"}

// container is an origin that wants them, exactly once each, and the Host.
type container struct {
	mu    sync.Mutex // guards asked
	asked []string
	text  string // of the playlist
}

func (c *container) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c.mu.Lock()
	c.asked = append(c.asked, r.URL.RawQuery)
	c.mu.Unlock()
	right := len(q["sig"]) == 1 && q.Get("sig") == sas["sig"] && len(q["sv"]) == 1 && q.Get("sv") == sas["sv"] && q.Get("se") == "2027-01-01T00:00:00Z"
	switch {
	case !right || r.Host != "blobs.test" || r.Header.Get("Cookie") != "policy="+hush:
		http.Error(w, "no", http.StatusForbidden)
	case strings.HasSuffix(r.URL.Path, ".m3u8"):
		fmt.Fprint(w, c.text)
	default:
		fmt.Fprint(w, "media "+q.Get("t"))
	}
}

// signedBySAS is a rig at such an origin.
func signedBySAS(t *testing.T, c *container, change func(*origin.Origin)) *rig {
	o := newOrigin(t, "live", "http://store.test/vod")
	o.SetParams(sas)
	o.Header = http.Header{"Host": {"blobs.test"}, "Cookie": {"policy=" + hush}}
	change(o)
	return newRig(t, c, func(config *Config) { config.Origins = []*origin.Origin{o} })
}

const signedSegments = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.ts?sv=2024-11-04&t=1&sig=" + hush + "\n#EXTINF:4,\n2.ts?sig=" + hush + "\n#EXT-X-ENDLIST\n"

// TestParams_GoToTheOriginAndToNobodyElse, whatever viewers and playlists have of
// the same names.
func TestParams_GoToTheOriginAndToNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &container{text: signedSegments}
		r := signedBySAS(t, c, func(*origin.Origin) {})
		for _, query := range []string{"", "?sig=mine&sv=mine", "?%73ig=mine"} {
			a := r.ok("/live/p.m3u8" + query)
			if !strings.Contains(a.body, "\n1.ts?t=1\n") || !strings.Contains(a.body, "\n2.ts\n") {
				t.Errorf("%s", a.body)
			}
			for name := range sas {
				if strings.Contains(a.body, name+"=") {
					t.Errorf("viewers see %s:\n%s", name, a.body)
				}
			}
		}
		if n := len(c.asked); n != 1 {
			t.Errorf("%d streams of one VOD: %q", n, c.asked)
		}
		if a := r.ok("/live/1.ts?t=1&sig=mine"); a.body != "media 1" {
			t.Errorf("%q", a.body)
		}
		r.ok("/live/2.ts")
	})
}

// TestParams_ADirectAddressThatNeedsThemRefusesTheVOD, unless players have another.
func TestParams_ADirectAddressThatNeedsThemRefusesTheVOD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &container{text: signedSegments}
		r := signedBySAS(t, c, func(o *origin.Origin) { o.Direct = true })
		if a := r.get("/live/p.m3u8"); a.status != 502 || !strings.Contains(a.body, string(onair.CodeParamsDirect)) {
			t.Errorf("%d %s", a.status, a.body)
		}
		r = signedBySAS(t, c, func(o *origin.Origin) {
			o.Direct = true
			if err := o.SetPublic("https://cdn.test/films"); err != nil {
				t.Fatal(err)
			}
		})
		if a := r.ok("/live/p.m3u8"); !strings.Contains(a.body, "\nhttps://cdn.test/films/1.ts?t=1\n") || strings.Contains(a.body, "sig=") {
			t.Errorf("%s", a.body)
		}
	})
}

// TestParams_StandForNoVariable: a playlist that asks for one of them by QUERYPARAM
// gets neither ours nor a viewer's, wherever it lies and wherever it was redirected.
func TestParams_StandForNoVariable(t *testing.T) {
	const asks = "#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"sig\"\n"
	media := asks + "#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.ts?of={$sig}\n#EXTINF:4,\n2.ts\n#EXT-X-ENDLIST\n"
	const master = "#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8\n"
	for name, c := range map[string]struct{ multivariant, media string }{
		"one media playlist":        {media, ""},
		"a multivariant playlist":   {asks + "#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8?of={$sig}\n", strings.ReplaceAll(media, "{$sig}", "")},
		"a media playlist of it":    {"#EXTM3U\n" + master, media},
		"one that imports it":       {asks + master, strings.Replace(media, "QUERYPARAM", "IMPORT", 1)},
		"one with params in it too": {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8?sig=" + hush + "\n", media},
	} {
		for _, redirected := range []string{"", "/vod/", "/vod/moved/"} {
			t.Run(name+" "+redirected, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					files := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						folder := r.URL.Path[:strings.LastIndexByte(r.URL.Path, '/')+1]
						switch {
						case redirected != "" && r.URL.Query().Get("again") == "":
							http.Redirect(w, r, redirected+r.URL.Path[len(folder):]+"?again=1&"+r.URL.RawQuery, http.StatusFound)
						case strings.HasSuffix(r.URL.Path, "/media.m3u8"):
							fmt.Fprint(w, c.media)
						default:
							fmt.Fprint(w, c.multivariant)
						}
					})
					o := newOrigin(t, "live", "http://store.test/vod")
					o.SetParams(sas)
					r := newRig(t, files, func(config *Config) { config.Origins = []*origin.Origin{o} })
					for _, query := range []string{"", "?sig=mine"} {
						for _, path := range []string{"/live/p.m3u8", "/live/p.m3u8/0.m3u8"} {
							a := r.get(path + query)
							if a.status != http.StatusBadGateway || !strings.Contains(a.body, "undefined-variable") {
								t.Errorf("%s: %d %s", path+query, a.status, a.body)
							}
							if strings.Contains(a.body, hush) || strings.Contains(a.body, "mine") {
								t.Errorf("%s shows a value: %s", path+query, a.body)
							}
						}
					}
				})
			})
		}
	}
}
