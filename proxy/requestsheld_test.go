package proxy

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// slowViewer takes nothing of a body until its test says so.
type slowViewer struct {
	*httptest.ResponseRecorder
	takes chan struct{}
}

func (s slowViewer) Write(p []byte) (int, error) {
	<-s.takes
	return s.ResponseRecorder.Write(p)
}

// slowly asks for addresses at once, by viewers who take nothing until the function that
// is returned is called. It says how many were answered with which status.
func (r *rig) slowly(addresses []string) (end func() map[int]int) {
	takes, all := make(chan struct{}), make([]slowViewer, len(addresses))
	var wg sync.WaitGroup
	for n, address := range addresses {
		all[n] = slowViewer{httptest.NewRecorder(), takes}
		wg.Go(func() { r.ServeHTTP(all[n], request(http.MethodGet, address)) })
	}
	synctest.Wait()
	return func() map[int]int {
		close(takes)
		wg.Wait()
		answered := map[int]int{}
		for _, one := range all {
			answered[one.Code]++
			if one.Code == http.StatusServiceUnavailable && one.Header().Get("Retry-After") == "" {
				r.t.Error("503 without Retry-After")
			}
		}
		return answered
	}
}

// TestRequests_WhatSlowViewersHoldIsBounded: playlists that have a long query in each
// address, and large WebVTT, of which each viewer has a copy. Others are answered.
func TestRequests_WhatSlowViewersHoldIsBounded(t *testing.T) {
	const limit = 800 // and an eighth of the memory for so many: 6.25 MiB
	for name, c := range map[string]struct{ address, other string }{
		"live playlists": {"/live/p.m3u8?token=" + strings.Repeat("x", 4000), "/live/p.m3u8?token=x"},
		"WebVTT":         {"", "/live/m.m3u8/0.m3u8?token=x"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newTurning(t)
				r := newRig(t, files, continuous, func(c *Config) {
					c.Requests, c.Options.Window = NewRequests(limit), 5*time.Minute
					c.Options.Epoch = epoch.Add(-time.Hour)
				})
				r.ok(c.other)
				address := c.address
				if address == "" {
					_, addresses := r.segmentsOf("/live/m.m3u8/0.m3u8")
					address = addresses[1]
				}
				files.turn(func(w http.ResponseWriter, _ *http.Request, _ []byte) {
					_, _ = w.Write([]byte(aText + strings.Repeat("x\n", 400<<10)))
				})
				want := r.ok(address).body
				var all []string
				for range 20 {
					all = append(all, address)
				}
				end := r.slowly(all)
				if held := r.config.Requests.large.Load(); held < int64(len(want)) || held > limit/8*shareOfRequest {
					t.Errorf("%d bytes are held", held)
				}
				r.ok(c.other)
				got := end()
				if got[200] == 0 || got[503] == 0 || got[200]+got[503] != len(all) {
					t.Errorf("answered: %v", got)
				}
				if held := r.config.Requests.large.Load(); held != 0 {
					t.Errorf("when all have ended %d bytes are held", held)
				}
				r.ok(address)
			})
		})
	}
}

// TestRequests_AQueryThatNoMemoryHoldsIsTooLong: it would stand in each address.
func TestRequests_AQueryThatNoMemoryHoldsIsTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newContinuousVOD(t), continuous, func(c *Config) {
			c.Requests, c.Options.Window = NewRequests(80), 5*time.Minute
			c.Options.Epoch = epoch.Add(-time.Hour)
		})
		for length, want := range map[int]int{500: http.StatusOK, 5000: http.StatusRequestURITooLong} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				if a := r.do(method, fmt.Sprintf("/live/p.m3u8?token=%0*d", length, 1)); a.status != want {
					t.Errorf("%s with %d: %d, %d bytes", method, length, a.status, len(a.body))
				}
			}
		}
	})
}

// TestRequests_AMultivariantPlaylistOfAViewIsCounted: a token stands in the address of each
// rendition, beside what selects the view.
func TestRequests_AMultivariantPlaylistOfAViewIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := short("v.m3u8")
		master := "#EXTM3U\n"
		for n := range 20 {
			master += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d\nv.m3u8?%d\n", n+1, n)
		}
		files["many.m3u8"] = master
		r := newRig(t, newVODs(files), goesBack(time.Hour), func(c *Config) { c.Requests = NewRequests(16) })
		for length, want := range map[int]int{100: http.StatusOK, 7900: http.StatusRequestURITooLong} {
			for _, view := range []string{"", "dvr=5m&"} {
				if a := r.get(fmt.Sprintf("/live/many.m3u8?%stoken=%0*d", view, length, 1)); a.status != want {
					t.Errorf("%q with a token of %d: %d, %d bytes", view, length, a.status, len(a.body))
				}
			}
		}
	})
}
