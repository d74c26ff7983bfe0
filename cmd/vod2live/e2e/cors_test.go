package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// corsProxy is a vod2live whose file has these keys beside its origin, for pages of the browser's site ($SITE).
func corsProxy(t *testing.T, keys string) *process {
	t.Helper()
	site, err := shared.chromium.site()
	if err != nil {
		t.Fatal(err)
	}
	return startConfigured(t, []string{"SITE=" + site}, fmt.Sprintf("origins:\n  vod: { url: %s/vods }\n%s\n", shared.origin.url, keys))
}

// The browser asks beforehand whether a page may send such headers, for playlists and segments.
func TestCORS_HLSJSPlaysWithHeadersOfItsOwn(t *testing.T) {
	t.Parallel()
	ts.ready(t)
	for _, sends := range [][]string{{"cmcd"}, {"authorization"}, {"cmcd", "authorization", "credentials"}} {
		t.Run(strings.Join(sends, " and "), func(t *testing.T) {
			t.Parallel()
			p := corsProxy(t, `cors: { origins: [ "${SITE}" ], credentials: true }`)
			again(t, func(t tester) {
				checkPlay(t, shared.chromium.run(t, play{
					name: fileName(t), player: "hls", source: p.viewers + "/vod/ts/master.m3u8", advance: 3 * time.Second, sends: sends,
				}), allowance{})
			})
			for _, path := range []string{"master.m3u8", ".ts"} {
				if len(p.logged(`"method":"OPTIONS"`, path+`"`, `"status":204`)) == 0 {
					t.Errorf("the browser did not ask whether it may send headers with %s", path)
				}
			}
		})
	}
}

func TestCORS_HLSJSPlaysWithHeadersOfItsOwnByDefault(t *testing.T) {
	t.Parallel()
	source := ts.live(shared.proxy)
	ts.ready(t)
	again(t, func(t tester) {
		checkPlay(t, shared.chromium.run(t, play{
			name: fileName(t), player: "hls", source: source, advance: 3 * time.Second, sends: []string{"cmcd", "authorization"},
		}), allowance{})
	})
}

func TestCORS_HLSJSPlaysWithCredentialsWhereItsPageIsListed(t *testing.T) {
	t.Parallel()
	ts.ready(t)
	for name, c := range map[string]struct {
		keys  string
		plays bool
	}{
		"listed":   {`cors: { origins: [ "https://app.test", "${SITE}" ], credentials: true }`, true},
		"unlisted": {`cors: { origins: [ "https://app.test" ], credentials: true }`, false},
		"default":  {``, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := corsProxy(t, c.keys)
			again(t, func(t tester) {
				seen := shared.chromium.run(t, play{
					name: fileName(t), player: "hls", source: p.viewers + "/vod/ts/master.m3u8", advance: 3 * time.Second, sends: []string{"credentials"},
				})
				if c.plays {
					checkPlay(t, seen, allowance{})
				} else if len(seen.Fatal) == 0 || !strings.Contains(seen.Fatal[0], "manifestLoadError") {
					t.Errorf("the player did not give up: %q", seen.Fatal)
				}
			})
		})
	}
}
