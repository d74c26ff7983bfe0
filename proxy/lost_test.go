package proxy

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestLost_ARequestThatHangsIsMadeAgainWhenItsOriginIsBack, though nobody else
// asks.
func TestLost_ARequestThatHangsIsMadeAgainWhenItsOriginIsBack(t *testing.T) {
	for _, path := range []string{aSegment, "/live/master.m3u8"} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(seed())
			r := newRig(t, files)
			r.ok("/live/master_Layer2_001.ts")
			files.fail("", hang)
			var viewer sync.WaitGroup
			var a answered
			var at time.Time
			viewer.Go(func() { a, at = r.get(path), time.Now() })
			time.Sleep(5 * time.Second)
			files.fail("", nil)
			back := time.Now()
			viewer.Wait()
			if a.status != 200 || at.Sub(back) > returned {
				t.Errorf("%s: %d %s after the return", path, a.status, at.Sub(back))
			}
		})
	}
}

// TestLost_WhatIsSlowIsRequestedOnce, where the origin answers others.
func TestLost_WhatIsSlowIsRequestedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		files.fail("master_Layer1_001.ts", func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(8 * time.Second)
			_, _ = w.Write([]byte("media"))
		})
		r.ok("/live/master_Layer2_001.ts")
		var others sync.WaitGroup
		others.Go(func() {
			for range 50 {
				r.ok("/live/master_Layer2_002.ts")
				time.Sleep(200 * time.Millisecond)
			}
		})
		r.ok(aSegment)
		if n := files.count("master_Layer1_001.ts"); n != 1 {
			t.Errorf("requested %d times", n)
		}
		others.Wait()
		if n := files.count("master_Layer2_001.ts"); n != 1 {
			t.Errorf("the witness was requested %d times", n-1)
		}
	})
}
