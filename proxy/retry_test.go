package proxy

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/background"
)

func TestRetry_OnceAndOnlyWhatMayHelp(t *testing.T) {
	for name, c := range map[string]struct {
		fault http.HandlerFunc
		tries int
	}{
		"500":                {status(500, ""), 2},
		"503":                {status(503, ""), 2},
		"reset":              {raw("", 0), 2},
		"503 with a time":    {later(503, "1"), 1},
		"429":                {status(429, ""), 1},
		"404":                {status(404, ""), 1},
		"403":                {status(403, "no"), 1},
		"hangs":              {hang, 1},
		"redirect elsewhere": {redirectTo("http://elsewhere.test/"), 1},
		"206 unasked":        {status(206, "part"), 1},
		"cut":                {raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 0), 1},
		"cut at once":        {raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 0), 1},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(name+" "+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					files, h := newVODs(), newHosts()
					h.serve(t, "origin.test", files)
					files.fail("", c.fault)
					r := newRig(t, nil, h.use(t))
					r.serveOne(request(method, "/live/1.ts"))
					if n := h.count("", epoch); n != c.tries {
						t.Errorf("the origin was asked %d times, want %d", n, c.tries)
					}
				})
			})
		}
	}
}

func TestRetry_OtherMethodsDontReachTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		r := newRig(t, files)
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
			if a := r.do(method, "/live/1.ts"); a.status != 405 || files.count("") != 0 {
				t.Errorf("%s: %d after %d requests", method, a.status, files.count(""))
			}
		}
	})
}

func TestRetry_TheSecondMaySucceed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		for range 4 {
			files.fail("master_Layer1_001.ts", func(w http.ResponseWriter, _ *http.Request) {
				files.fail("master_Layer1_001.ts", nil)
				w.WriteHeader(http.StatusBadGateway)
			})
			start := time.Now()
			r.ok(aSegment)
			if took := time.Since(start); took < segmentPause/2 || took > 2*segmentPause {
				t.Errorf("the retry came after %s", took)
			}
		}
	})
}

// TestRetry_StaysWithinItsBudget: one object that always fails, so that its
// origin is not paused.
func TestRetry_StaysWithinItsBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		files.fail("1.ts", status(500, ""))
		r := newRig(t, files)
		const requests = 1000
		for range requests {
			r.get("/live/1.ts")
		}
		if n := files.count("1.ts") - requests; n < requests/10 || n > requests/10+retryBurst {
			t.Errorf("%d retries of %d requests", n, requests)
		}
	})
}

// TestRetry_AnOriginThatFailsLeavesTheBudgetOfOthers.
func TestRetry_AnOriginThatFailsLeavesTheBudgetOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, sick, well := newHosts(), newVODs(), newVODs(seed())
		h.serve(t, "sick.test", sick)
		h.serve(t, "origin.test", well)
		sick.fail("", status(500, ""))
		r := newRig(t, nil, h.use(t), func(c *Config) {
			c.Origins = append(c.Origins, newOrigin(t, "sick", "http://user:hunter2@sick.test/vod"))
		})
		for range 100 {
			r.get("/sick/1.ts")
		}
		well.fail("master_Layer1_001.ts", func(w http.ResponseWriter, _ *http.Request) {
			well.fail("master_Layer1_001.ts", nil)
			w.WriteHeader(http.StatusBadGateway)
		})
		r.ok(aSegment)
	})
}

func TestRetry_PausesAreSpread(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 1000 {
		d := background.Jitter(segmentPause)
		if d < segmentPause/2 || d >= 3*segmentPause/2 {
			t.Fatalf("a pause of %s", d)
		}
		seen[d.Truncate(segmentPause/10)] = true
	}
	if len(seen) < 10 {
		t.Errorf("pauses of %d lengths only", len(seen))
	}
}
