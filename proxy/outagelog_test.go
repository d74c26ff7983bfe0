package proxy

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest/observer"
)

// outages are the lines about places of origins.
func outages(logs *observer.ObservedLogs) (all []string) {
	for _, line := range logs.All() {
		if strings.HasPrefix(line.Message, "origin ") {
			all = append(all, fmt.Sprint(line.Level, " ", line.Message))
		}
	}
	return all
}

// TestLog_AnOriginThatFailsIsToldOnceAndOnceThatItIsBack, however many requests
// fail meanwhile.
func TestLog_AnOriginThatFailsIsToldOnceAndOnceThatItIsBack(t *testing.T) {
	for name, step := range map[string]time.Duration{"many viewers": 200 * time.Millisecond, "one viewer": 4 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var logs *observer.ObservedLogs
				files := newVODs(seed())
				r := newRig(t, files, atWarn(&logs))
				watch := func(long time.Duration) {
					end := time.Now().Add(long)
					for i := 0; time.Now().Before(end); i++ {
						r.get(fmt.Sprintf("/live/master_Layer%d_%03d.ts", 1+i/4%2, 1+i%4))
						time.Sleep(step)
					}
				}
				r.ok(seedAddresses[1])
				for _, fault := range []http.HandlerFunc{nil, status(503, ""), nil} {
					files.fail("", fault)
					watch(time.Minute)
				}
				if got, want := outages(logs), []string{"error origin fails", "warn origin answers again"}; !slices.Equal(got, want) {
					t.Fatalf("%q, want %q", got, want)
				}
				fails := logs.FilterMessage("origin fails").All()[0].ContextMap()
				again := logs.FilterMessage("origin answers again").All()[0].ContextMap()
				if fails["origin"] != "live" || fails["url"] != "http://origin.test/vod/" || !strings.Contains(fmt.Sprint(fails["error"]), "503") {
					t.Errorf("%v", fails)
				}
				if lasted := again["failed_for"].(time.Duration); lasted < 50*time.Second || lasted > 70*time.Second {
					t.Errorf("%v, want about a minute of the test's clock", again)
				}
			})
		})
	}
}

// TestLog_AnObjectThatFailsIsNoOriginThatFails.
func TestLog_AnObjectThatFailsIsNoOriginThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs *observer.ObservedLogs
		files := newVODs(seed())
		r := newRig(t, files, atWarn(&logs))
		files.fail("bad.ts", status(500, ""))
		for range 100 {
			r.get("/live/bad.ts")
			time.Sleep(time.Second)
		}
		if got := outages(logs); len(got) > 0 {
			t.Errorf("%q", got)
		}
	})
}
