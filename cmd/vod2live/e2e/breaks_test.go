package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// breakLength is that of a break, in which the slate is played twice, and the length of the loop of a film and a break.
const (
	breakLength = 2 * 3840 * time.Millisecond
	breaksLoop  = loopLength + breakLength
)

// adServer answers with lists of one ad each, and with the ad.
type adServer struct {
	*httptest.Server
	fails bool

	mu    sync.Mutex // guards asked
	asked []string   // IDs of breaks
}

func newAdServer(t *testing.T, fails bool) *adServer {
	s := &adServer{fails: fails}
	files := http.FileServer(http.Dir(vodFolder()))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.URL.Path != "/list" {
			files.ServeHTTP(w, r)
			return
		}
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Query().Get("break"))
		s.mu.Unlock()
		if s.fails {
			http.Error(w, "no ads today", http.StatusInternalServerError)
			return
		}
		ad := map[string]any{"URI": s.URL + "/" + tsWide.name + "/" + tsWide.entry, "DURATION": 2.88}
		_ = json.NewEncoder(w).Encode(map[string]any{"ASSETS": []any{ad}}) // a player that has left misses it
	}))
	t.Cleanup(s.Close)
	return s
}

// ids are of the breaks whose lists were requested.
func (s *adServer) ids() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]bool{}
	for _, id := range s.asked {
		all[id] = true
	}
	return all
}

// withBreaks is a channel of a film of 8 s and a break of 7.68 s after it, with all marks. The ad is much shorter: a player
// that goes on behind the break then is 4.8 s nearer to the live edge after each, and stands there after the second.
func withBreaks(t *testing.T, ads *adServer) (source string) {
	t.Helper()
	for _, k := range []*kind{ts, tsModel, tsWide} {
		if err := k.made(); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "breaks.yaml")
	text := fmt.Sprintf(`origins:
  vod: { url: %s/vods }
channels:
  breaks:
    loop: [ vod/%s/%s ]
    breaks:
      between: true
      slate: vod/%s/%s
      for: 7s
      mark: [ daterange, cue, interstitial ]
      assets: "%s/list?break={id}&channel={channel}"
`, shared.origin.url, ts.name, ts.entry, tsModel.name, tsModel.entry, ads.URL)
	if err := replace(file, text); err != nil {
		t.Fatal(err)
	}
	return start(t, append(streamArgs(), "-config", file)...).viewers + "/breaks/master.m3u8"
}

// TestBreaks_PlayersPlayTheAdsAndComeBack: three breaks, each with the list of its own ID,
// and the stream afterwards as far behind the live edge as before.
func TestBreaks_PlayersPlayTheAdsAndComeBack(t *testing.T) {
	t.Parallel()
	for _, player := range []string{"hls", "shaka"} {
		t.Run(player, func(t *testing.T) {
			t.Parallel()
			ads := newAdServer(t, false)
			source := withBreaks(t, ads)
			again(t, func(t tester) {
				seen := shared.chromium.run(t, play{name: fileName(t), player: player, source: source, breaks: 3, advance: 4 * breaksLoop})
				checkBreaks(t, seen)
				assets := 0
				for _, b := range seen.Breaks {
					if b.What == "asset" {
						assets++
					}
				}
				if asked := ads.ids(); assets < 3 || len(asked) < 3 || asked[""] {
					t.Errorf("%d ads were played, lists were requested for the breaks %v", assets, asked)
				}
			})
		})
	}
}

// TestBreaks_WithoutAListPlayersPlayOn: the slate is there in place of the ads.
func TestBreaks_WithoutAListPlayersPlayOn(t *testing.T) {
	t.Parallel()
	for _, player := range []string{"hls", "shaka"} {
		t.Run(player, func(t *testing.T) {
			t.Parallel()
			ads := newAdServer(t, true)
			source := withBreaks(t, ads)
			again(t, func(t tester) {
				seen := shared.chromium.run(t, play{name: fileName(t), player: player, source: source, advance: 2 * breaksLoop})
				checkPlay(t, seen, allowance{})
				if len(ads.ids()) == 0 {
					t.Error("no list was requested")
				}
			})
		})
	}
}

// checkBreaks wants no failure, the ads of each break once, and the stream near to the live edge.
func checkBreaks(t tester, seen figures) {
	t.Helper()
	var told []string
	for _, b := range seen.Breaks {
		told = append(told, fmt.Sprintf("%s %s %s", clock(b.At), b.What, b.ID))
	}
	t.Logf("%s\nbehind the clock by %.1f s; survived %v; console %q", strings.Join(told, "\n"), seen.Behind, seen.NonFatal, seen.Log)
	if len(seen.Fatal) > 0 || seen.Late != "" {
		t.Errorf("the player gave up: %q %s", seen.Fatal, seen.Late)
	}
	if len(seen.Behind) != 2 || seen.Behind[1] > 10 {
		t.Errorf("in the end the playhead is %.1f s behind the clock, want at most three target durations and the delay of publication", seen.Behind)
	}
	last := map[string]float64{}
	for _, b := range seen.Breaks {
		id := strings.TrimSuffix(b.ID, "_shaka_asset_0")
		if at, played := last[id]; played && b.What == "asset" {
			t.Errorf("the ads of %s are played twice, at %s and at %s", id, clock(at), clock(b.At))
		} else if b.What == "asset" {
			last[id] = b.At
		}
	}
}
