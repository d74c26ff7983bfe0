package proxy

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// returned is how long after an origin's return a good request may still fail.
const returned = 1500 * time.Millisecond

// outage is one origin that fails for a while, and when the last good request
// failed.
type outage struct {
	*rig
	hosts *hosts
	files *vods

	mu  sync.Mutex // guards all below
	n   int        // requests that failed
	at  time.Time  // when the last one did
	bad string     // which one that was
}

// kindsOfOutage are the ways in which all of an origin fails.
var kindsOfOutage = map[string]fault{
	"refused":       {dial: refused},
	"reset":         {answer: always(raw("", 0))},
	"hanging":       {answer: always(hang)},
	"connect hangs": {dial: dropped},
	"503":           {answer: always(status(503, ""))},
}

func (o *outage) begin(kind string) {
	f := kindsOfOutage[kind]
	if f.answer != nil {
		o.files.fail("", f.answer(nil))
	}
	if f.dial != nil {
		o.hosts.fail("origin.test", f.dial)
	}
}

func (o *outage) end(kind string) {
	o.files.fail("", nil)
	if kindsOfOutage[kind].dial != nil {
		o.hosts.fail("origin.test", nil)
	}
}

func newOutage(t *testing.T) *outage {
	o := &outage{hosts: newHosts(), files: newVODs(movies("a", "b", "c"))}
	o.hosts.serve(t, "origin.test", o.files)
	o.rig = newRig(t, nil, o.hosts.use(t))
	return o
}

// visit notes a request that fails, at its end.
func (o *outage) visit(path string) {
	a := o.get(path)
	if a.status == 200 && !a.cut {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.n++
	o.at, o.bad = time.Now(), fmt.Sprintf("%s: %d %s", path, a.status, a.body)
}

// arrive sends a viewer after the other, whether or not those before have been
// answered: for segments of streams that are loaded and for one that is not.
func (o *outage) arrive(every time.Duration, until time.Time) *sync.WaitGroup {
	var all sync.WaitGroup
	all.Go(func() {
		for i := 0; time.Now().Before(until); i++ {
			movie := string("abc"[i%3])
			all.Go(func() { o.visit(segmentOf("live", movie, time.Now())) })
			if i%4 == 0 {
				all.Go(func() { o.visit(fmt.Sprintf("/live/%s/master.m3u8?%d", movie, i%24)) })
			}
			time.Sleep(every)
		}
	})
	return &all
}

// TestOutage_NoGoodRequestFailsAfterTheReturn: of many viewers and of a few,
// whether they came before the return or after it.
func TestOutage_NoGoodRequestFailsAfterTheReturn(t *testing.T) {
	for kind := range kindsOfOutage {
		for _, long := range []time.Duration{time.Second, 2 * time.Second, 15 * time.Second, 2 * time.Minute} {
			for _, every := range []time.Duration{100 * time.Millisecond, 1700 * time.Millisecond} {
				t.Run(fmt.Sprintf("%s for %s, every %s", kind, long, every), func(t *testing.T) {
					t.Parallel()
					for _, phase := range phases(long) {
						synctest.Test(t, func(t *testing.T) { newOutage(t).last(kind, long+phase, every) })
					}
				})
			}
		}
	}
}

// phases are how much longer an outage lasts, to end anywhere between two probes.
// One is enough for a long one, which takes long to go through.
func phases(long time.Duration) []time.Duration {
	if long > time.Minute {
		return []time.Duration{310 * time.Millisecond}
	}
	return []time.Duration{0, 310 * time.Millisecond, 770 * time.Millisecond}
}

// last goes through an outage with viewers who come so often.
func (o *outage) last(kind string, long, every time.Duration) {
	until := time.Now().Add(long + 15*time.Second)
	all := o.arrive(every, until)
	time.Sleep(3*time.Second + 50*time.Millisecond)
	o.begin(kind)
	time.Sleep(long)
	o.end(kind)
	back := time.Now()
	all.Wait()
	if o.n == 0 {
		return
	}
	after := o.at.Sub(back)
	o.t.Logf("%d requests failed, the last %s after the return", o.n, after)
	if after > returned {
		o.t.Errorf("%s after the return: %s", after, o.bad)
	}
}

// TestOutage_AtMostAThousandWait for a place that is paused; the others are
// answered at once. None of them fails when it is back.
func TestOutage_AtMostAThousandWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		o.pause(t, status(503, ""))
		var all sync.WaitGroup
		var atOnce, well atomic.Int64
		start := time.Now()
		for i := range 1500 {
			all.Go(func() {
				a := o.get(fmt.Sprintf("/live/a/master_Layer1_001.ts?%d", i))
				switch {
				case a.status == 503 && a.header.Get("Retry-After") == "1" && time.Since(start) == 0:
					atOnce.Add(1)
				case a.status == 200:
					well.Add(1)
				}
			})
		}
		synctest.Wait()
		o.files.fail("", nil)
		all.Wait()
		if atOnce.Load() != 500 || well.Load() != 1000 {
			t.Errorf("%d were refused at once, %d waited and were answered well, want 500 and 1000", atOnce.Load(), well.Load())
		}
	})
}

// pause makes an origin fail until it is paused, a moment before the next probe.
func (o *outage) pause(t *testing.T, fault http.HandlerFunc) {
	t.Helper()
	o.ok("/live/a/master_Layer1_001.ts")
	o.files.fail("", fault)
	for i := range 20 {
		o.get(fmt.Sprintf("/live/a/%d.ts", i))
		if o.Origins()[0].Places[0].State == "paused" {
			return
		}
	}
	t.Fatal("the origin is not paused")
}

// TestOutage_APauseThatTheOriginAsksForLastsAsLong, up to a minute: nothing is
// requested meanwhile, and viewers hear when to come back.
func TestOutage_APauseThatTheOriginAsksForLastsAsLong(t *testing.T) {
	for after, want := range map[string]time.Duration{"7": 7 * time.Second, "60": time.Minute, "3600": time.Minute} {
		for _, code := range []int{429, 503} {
			t.Run(fmt.Sprint(code, " ", after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o := newOutage(t)
					o.pause(t, later(code, after))
					asked, start := o.files.count(""), time.Now()
					for left := want; left > mostWaits; left = want - time.Since(start) {
						a := o.get(segmentOf("live", "a", time.Now()))
						if a.status != 503 || a.header.Get("Retry-After") != fmt.Sprint(math.Ceil(left.Seconds())) {
							t.Errorf("%s before the end: %d, Retry-After %s", left, a.status, a.header.Get("Retry-After"))
						}
						time.Sleep(time.Second)
					}
					if n := o.files.count("") - asked; n != 0 {
						t.Errorf("requested %d times during the pause", n)
					}
					o.files.fail("", nil)
					o.ok(segmentOf("live", "a", time.Now())) // waits for the end
				})
			})
		}
	}
}

const mostWaits = 2 * time.Second // for a paused place

// TestOutage_ASegmentIsNotRequestedBeforeItsRetryAfter, and the others are.
func TestOutage_ASegmentIsNotRequestedBeforeItsRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		o.files.fail("a/master_Layer1_001.ts", later(429, "60"))
		start := time.Now()
		for time.Since(start) < 5*time.Minute-mostWaits {
			if a := o.get("/live/a/master_Layer1_001.ts"); a.status != 503 || a.header.Get("Retry-After") == "" {
				t.Errorf("%d, Retry-After %q", a.status, a.header.Get("Retry-After"))
			}
			o.ok("/live/a/master_Layer1_002.ts")
			time.Sleep(time.Second)
		}
		if n := o.files.count("a/master_Layer1_001.ts"); n != 5 {
			t.Errorf("requested %d times in 300 s, want 5", n)
		}
	})
}
