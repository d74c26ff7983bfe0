package proxy

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// goodLoads are 12 cold loads of VODs in a folder of their own; how many succeed.
func (r *rig) goodLoads() (good int) {
	var all sync.WaitGroup
	statuses := make([]int, 12)
	for n := range statuses {
		all.Go(func() { statuses[n] = r.get(fmt.Sprintf("/live/good/%d.m3u8", n)).status })
		time.Sleep(100 * time.Millisecond)
	}
	all.Wait()
	for _, status := range statuses {
		if status == http.StatusOK {
			good++
		}
	}
	return good
}

func goodVODs() map[string]string {
	files := map[string]string{}
	for n := range 12 {
		files[fmt.Sprintf("good/%d.m3u8", n)] = short("p")["p"]
	}
	return files
}

// within answers a folder by a function, and else by the good VODs.
func within(folder string, f http.HandlerFunc) http.Handler {
	good := newVODs(goodVODs())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, folder) {
			f(w, r)
			return
		}
		good.ServeHTTP(w, r)
	})
}

// TestFlood_OfNamesThatDoNotExistLeavesLoadsToOthers: what is no playlist takes no slot.
func TestFlood_OfNamesThatDoNotExistLeavesLoadsToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, within("/absent/", func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(2 * time.Second)
			w.WriteHeader(http.StatusNotFound)
		}))
		var flood sync.WaitGroup
		for n := range 600 {
			flood.Go(func() {
				time.Sleep(time.Duration(n) * 10 * time.Millisecond)
				r.get(fmt.Sprintf("/live/absent/%d.m3u8", n))
			})
		}
		time.Sleep(2 * time.Second)
		if good := r.goodLoads(); good != 12 {
			t.Errorf("%d of 12 good loads succeed", good)
		}
		flood.Wait()
	})
}

// TestFlood_OfLoadsThatNobodyWaitsForEnds: a client asks for many VODs whose origin
// drips, and leaves.
func TestFlood_OfLoadsThatNobodyWaitsForEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, within("/drip/", func(w http.ResponseWriter, q *http.Request) {
			if !strings.HasSuffix(q.URL.Path, "/media.m3u8") {
				fmt.Fprint(w, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8\n")
				return
			}
			for range 100 {
				fmt.Fprint(w, "#")
				_ = http.NewResponseController(w).Flush()
				select {
				case <-q.Context().Done():
					return
				case <-time.After(500 * time.Millisecond):
				}
			}
		}))
		ctx, leave := context.WithCancel(t.Context())
		var flood sync.WaitGroup
		for n := range 64 {
			flood.Go(func() {
				r.serveOne(request(http.MethodGet, fmt.Sprintf("/live/drip/%d/master.m3u8", n)).WithContext(ctx))
			})
		}
		time.Sleep(time.Second)
		leave()
		flood.Wait()
		if good := r.goodLoads(); good != 12 {
			t.Errorf("%d of 12 good loads succeed", good)
		}
		began := time.Now()
		r.rest()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("loads that nobody waits for go on for %s", took)
		}
	})
}
