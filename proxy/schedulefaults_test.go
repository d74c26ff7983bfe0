package proxy

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/schedule"
)

// cutOff is an origin that has no schedule for some of those who ask.
type cutOff struct {
	*vods
	cut atomic.Bool
}

func (c *cutOff) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.cut.Load() && strings.HasSuffix(r.URL.Path, objectPath) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	c.vods.ServeHTTP(w, r)
}

// codesOf are those of what an operator is told of the only stream.
func (r *rig) codesOf() string {
	var all []string
	for _, p := range r.station.Snapshots()[0].Problems {
		if p.Code != "codecs-unknown" { // as of all VODs of these tests
			all = append(all, p.Code)
		}
	}
	return strings.Join(all, " ")
}

// scheduled writes the schedule of a channel that loops a and b, and starts some servers.
func scheduled(t *testing.T) *writer {
	w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 2, 4))}
	w.publish(wish(t, era(-time.Hour, "", "a b")))
	return w
}

// next is an era that begins in ten minutes.
func next(play, loop string) string {
	return era(time.Since(epoch).Truncate(time.Second)+10*time.Minute, play, loop)
}

// TestSchedule_WhatIsNotAdoptedIsReportedAndTheChannelGoesOn, with each reason, and what
// is right again is adopted.
func TestSchedule_WhatIsNotAdoptedIsReportedAndTheChannelGoesOn(t *testing.T) {
	for code, spoil := range map[schedule.Code]func(w *writer){
		schedule.CodeUnreadable:   func(w *writer) { w.files.put(objectPath, w.text[:len(w.text)/2]) },
		schedule.CodeEmpty:        func(w *writer) { w.files.put(objectPath, "") },
		schedule.CodeLayout:       func(w *writer) { w.files.put(objectPath, strings.Replace(w.text, `"vod2live": 1`, `"vod2live": 2`, 1)) },
		schedule.CodeConflict:     func(w *writer) { w.files.put(objectPath, strings.Replace(w.text, "b/master", "c/master", 1)) },
		schedule.CodeOlder:        func(w *writer) { w.edit(func(o *schedule.Object) { o.Written = o.Written.Add(-time.Hour) }) },
		schedule.CodeLeadTooShort: func(w *writer) { w.edit(func(o *schedule.Object) { o.Written = o.Written.Add(4 * time.Minute) }) },
		schedule.CodeChanged:      func(w *writer) { w.edit(func(o *schedule.Object) { o.Model.Path = "b/master.m3u8"; tenLater(o) }) },
		schedule.CodeNumbersDiffer: func(w *writer) {
			w.edit(func(o *schedule.Object) { o.Eras[0].Loop[0].Stretches[0].Segments[1] = 0; tenLater(o) })
		},
		schedule.CodeRewritesPast: func(w *writer) {
			w.edit(func(o *schedule.Object) { o.Eras[0].Loop[0].Title = "Another"; tenLater(o) })
		},
	} {
		t.Run(string(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := scheduled(t)
				r, other := w.on(), w.on()
				time.Sleep(10 * time.Minute)
				good, current := w.text, w.current
				spoil(w)
				time.Sleep(70 * time.Second)
				if told := r.codesOf(); told != string(code) {
					t.Errorf("an operator is told %q, want %q", told, code)
				}
				if n := r.logs.FilterMessageSnippet("the schedule is not adopted").Len(); n != 1 {
					t.Errorf("it is logged %d times in two looks", n)
				}
				agree(t, r, other, w.restarted(good))
				w.files.put(objectPath, good)
				w.text, w.current = good, current
				w.publish(wish(t, next("c", "b")))
				time.Sleep(12 * time.Minute)
				if told := r.codesOf(); told != "" {
					t.Errorf("once it is right again an operator is told %q", told)
				}
				agree(t, r, other, w.on())
			})
		})
	}
}

// tenLater makes an object one that was written ten minutes later.
func tenLater(o *schedule.Object) {
	o.Written, o.Frozen = o.Written.Add(10*time.Minute), o.Frozen.Add(10*time.Minute)
}

// edit changes the object as its author never would.
func (w *writer) edit(change func(*schedule.Object)) {
	w.t.Helper()
	o, err := schedule.Read("object", []byte(w.text))
	if err != nil {
		w.t.Fatal(err)
	}
	change(o)
	w.files.put(objectPath, string(o.Encode()))
}

// restarted is a server that begins with a text.
func (w *writer) restarted(text string) *rig {
	w.t.Helper()
	other := newVODs(w.files.files)
	other.put(objectPath, text)
	r := newRig(w.t, other, byObject)
	<-r.station.Tried()
	return r
}

// TestSchedule_PlaysOnWithoutItsObject, with its origin away and with the object gone.
func TestSchedule_PlaysOnWithoutItsObject(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"away": status(503, ""), "gone": status(404, ""), "hangs": hang} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := scheduled(t)
				r := w.on()
				viewer := r.aired(t)
				w.files.fail(objectPath, fault)
				viewer.watch(5 * time.Minute)
				if told := r.codesOf(); !strings.Contains(told, string(schedule.CodeUnreadable)) {
					t.Errorf("an operator is told %q", told)
				}
				if told := viewer.told(); !strings.Contains(told, "a*2 b*3 a*2 b*3") {
					t.Errorf("on air were %s", told)
				}
			})
		})
	}
}

// TestSchedule_WithoutAnObjectIsOffAirUntilThereIsOne.
func TestSchedule_WithoutAnObjectIsOffAirUntilThereIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		good := w.text
		for text, code := range map[string]schedule.Code{"{": schedule.CodeUnreadable, "": schedule.CodeEmpty, `{"vod2live":7,"eras":[]}`: schedule.CodeLayout} {
			w.files.put(objectPath, text)
			r := w.on()
			if a := r.get("/news/master.m3u8"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
				t.Errorf("%s: %d %s", code, a.status, a.body)
			}
			if off := r.Streams("").OffAir; len(off) != 1 || off[0].Code != string(code) {
				t.Errorf("%s: off air: %+v", code, off)
			}
			w.files.put(objectPath, good)
			time.Sleep(time.Minute)
			agree(t, r, w.on())
		}
	})
}

// TestSchedule_ALateReplicaFollows once it sees the object again, says so, and agrees
// from then on.
func TestSchedule_ALateReplicaFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		away := &cutOff{vods: w.files}
		r, late := w.on(), newRig(t, away, byObject)
		<-late.station.Tried()
		agree(t, r, late)
		away.cut.Store(true)
		w.publish(wish(t, next("c", "b c")))
		time.Sleep(20 * time.Minute)
		if a, b := r.ok(news), late.ok(news); a.body == b.body {
			t.Fatal("the late one plays what it can't know of")
		}
		away.cut.Store(false)
		time.Sleep(70 * time.Second)
		if told := late.codesOf(); told != string(schedule.CodeLate) {
			t.Errorf("an operator is told %q", told)
		}
		if told := r.codesOf(); told != "" {
			t.Errorf("of the other an operator is told %q", told)
		}
		if n := late.metric(`vod2live_schedule_looks_total{outcome="late"}`); n != 1 {
			t.Errorf("%v late looks are counted", n)
		}
		for range 100 {
			agree(t, r, late)
			time.Sleep(1700 * time.Millisecond)
		}
		w.publish(wish(t, next("a", "c")))
		time.Sleep(12 * time.Minute)
		agree(t, r, late, w.on())
	})
}

// TestSchedule_MirrorsThatGiveTheOldOneDoNoHarm: each look finds another version.
func TestSchedule_MirrorsThatGiveTheOldOneDoNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		all := []*rig{w.on(), w.on()}
		old := w.text
		w.publish(wish(t, next("c", "b")))
		for n := range 15 {
			w.files.put(objectPath, []string{w.text, old}[n%2])
			time.Sleep(67 * time.Second)
			agree(t, all...)
		}
		w.files.put(objectPath, w.text)
		time.Sleep(time.Minute)
		agree(t, append(all, w.on())...)
	})
}

// TestSchedule_ALookWaitsForNoVOD: the origin hangs for the VODs of the next era, and the
// object is looked at, and adopted, as ever.
func TestSchedule_ALookWaitsForNoVOD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		w.publish(wish(t, era(-time.Hour, "", "a b"), next("c", "c")))
		w.files.fail("c/master.m3u8", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		r := w.on()
		for range 20 {
			before := w.files.count(objectPath)
			time.Sleep(61 * time.Second)
			if w.files.count(objectPath) == before {
				t.Fatalf("at %s it has not been looked at for a minute", time.Now())
			}
		}
		if told := r.codesOf(); told != string(schedule.CodeItemGaps) {
			t.Errorf("an operator is told %q", told)
		}
		w.files.fail("c/master.m3u8", nil)
		r.ok(news) // items are compared while viewers watch
		time.Sleep(5 * time.Minute)
		if body := r.ok(news).body; !strings.Contains(body, "/c/") {
			t.Errorf("once it is back:\n%s", body)
		}
	})
}

// TestSchedule_ALookThatFindsNothingNewIsOneConditionalRequest, each minute.
func TestSchedule_ALookThatFindsNothingNewIsOneConditionalRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		w.on()
		before := w.files.count("")
		time.Sleep(time.Hour)
		if n := w.files.count(objectPath) - 1; n < 58 || n > 61 {
			t.Errorf("it was looked at %d times in an hour", n)
		}
		if n := w.files.count("") - before; n > 61 {
			t.Errorf("%d requests in an hour without viewers", n)
		}
		last := w.files.last(t, objectPath)
		if last.Header.Get("If-None-Match") == "" || last.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("the request has %v", last.Header)
		}
	})
}

// TestSchedule_IsNotShownToViewers, whatever they call it, and through whichever origin.
func TestSchedule_IsNotShownToViewers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		second := newOrigin(t, "second", "http://user:hunter2@elsewhere.test/")
		if err := second.AddURL("http://user:hunter2@ORIGIN.test/"); err != nil {
			t.Fatal(err)
		}
		r := w.on(func(c *Config) {
			c.Origins = append(c.Origins, second, newOrigin(t, "port", "http://user:hunter2@origin.test.:80/"))
		})
		for _, path := range []string{
			"/live/news.json", "/live/news%2Ejson", "/live/%6eews.json", "/news/news.json", "/live/news.json?x=1", "/live/news.json/",
			"/live/news%252ejson", "/port/vod/news.json", "/port/vod%2Fnews.json", "/second/vod/news.json",
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				if a := r.do(method, path, "Range", "bytes=0-9"); a.status != http.StatusNotFound {
					t.Errorf("%s %s: %d", method, path, a.status)
				}
			}
		}
	})
}

// TestSchedule_AfterADropComesBackTheSame as other servers have it.
func TestSchedule_AfterADropComesBackTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		r, other := w.on(), w.on()
		w.publish(wish(t, next("c", "b")))
		time.Sleep(11 * time.Minute)
		if err := r.station.Drop(r.only().ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		agree(t, r, other)
	})
}

// TestSchedule_AReloadGoesOnWithTheObject, while a VOD can't be loaded, and follows it.
func TestSchedule_AReloadGoesOnWithTheObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		r, other := w.on(), w.on()
		w.publish(wish(t, next("c", "b")))
		time.Sleep(3 * time.Minute)
		w.files.fail("b/master.m3u8", status(503, ""))
		r = r.reloaded(t, byObject)
		agree(t, r, other)
		time.Sleep(10 * time.Minute)
		agree(t, r, other)
		w.files.fail("b/master.m3u8", nil)
		w.publish(wish(t, next("b", "a c")))
		time.Sleep(12 * time.Minute)
		agree(t, r, other, w.on())
	})
}

// TestSchedule_ThatSaysOtherwiseThanTheConfigurationIsFollowedAndSaid.
func TestSchedule_ThatSaysOtherwiseThanTheConfigurationIsFollowedAndSaid(t *testing.T) {
	for model, want := range map[string]int{"live/a/master.m3u8": 0, "live/b/master.m3u8": 1} {
		synctest.Test(t, func(t *testing.T) {
			w := scheduled(t)
			r := w.on(func(c *Config) { c.Channels[0].Object.Model, c.Channels[0].Object.Target = model, 4*time.Second })
			agree(t, r, w.on())
			if n := r.logs.FilterMessageSnippet("another model or target_duration").Len(); n != want {
				t.Errorf("%s: it is said %d times, want %d", model, n, want)
			}
		})
	}
}
