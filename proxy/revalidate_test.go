package proxy

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/background"
)

// found says how often revalidations found that.
func (r *rig) found(what metrics.Revalidation) int {
	return int(r.metric(fmt.Sprintf("vod2live_stream_revalidations_total{outcome=%q}", what)))
}

func TestRevalidate_AsksByValidatorsAndOnlyForWhatIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed(), short("unwatched.m3u8"))
		r := newRig(t, files)
		r.ok("/live/unwatched.m3u8")
		for range 10 * 60 {
			r.ok(seedAddresses[1])
			time.Sleep(time.Second)
		}
		if n := files.count("unwatched.m3u8"); n != 1 {
			t.Errorf("a stream that nobody asks for was fetched %d times", n)
		}
		for _, name := range []string{"master.m3u8", "master_Layer1.m3u8", "master_Layer2.m3u8"} {
			if n := files.count(name); n != 10 {
				t.Errorf("%s was fetched %d times in ten minutes, want 10", name, n)
			}
			if last := files.last(t, name); last.Header.Get("If-None-Match") == "" || last.Header.Get("If-Modified-Since") == "" {
				t.Errorf("%s was fetched with %v", name, last.Header)
			}
		}
		if n := r.found(metrics.Unchanged); n != 9 {
			t.Errorf("%d revalidations found nothing new, want 9", n)
		}
		time.Sleep(24 * time.Hour)
		if n := files.count("master.m3u8"); n != 10 {
			t.Errorf("the origin was asked %d times while nobody was there", n-10)
		}
	})
}

// TestRevalidate_NobodyWaitsForIt who watches a stream.
func TestRevalidate_NobodyWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("p.m3u8"))
		r := newRig(t, files)
		r.ok("/live/p.m3u8")
		files.fail("", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		time.Sleep(time.Minute)
		start := time.Now()
		for range 100 {
			r.ok("/live/p.m3u8")
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("viewers waited %s", took)
		}
		synctest.Wait()
		if n := files.count("p.m3u8"); n != 2 {
			t.Errorf("%d fetches, want one for a hundred viewers", n-1)
		}
	})
}

// TestRevalidate_AStreamOutlivesItsOrigin: hours, across hundreds of loop
// points, whatever the origin says.
func TestRevalidate_AStreamOutlivesItsOrigin(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"refuses":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"hangs":        func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"401":          status(401, ""),
		"403":          status(403, "forbidden"),
		"AccessDenied": status(403, "<Error><Code>AccessDenied</Code></Error>"),
		"403, no body": status(403, ""),
		"429":          status(429, ""),
		"500":          status(500, "origin.test is broken"),
		"503":          status(503, ""),
		"redirects":    redirectTo("http://login.test/"),
		"HTML":         status(200, "<html>down for maintenance</html>"),
		"cuts": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "999")
			fmt.Fprint(w, "#EXTM3U")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				last := readPlaylist(t, r.ok(seedAddresses[1]).body)
				files.fail("", fault)
				for range 5 * 60 {
					time.Sleep(time.Minute)
					p := readPlaylist(t, r.ok(seedAddresses[1]).body)
					if p.sequence != last.sequence+15 {
						t.Fatalf("EXT-X-MEDIA-SEQUENCE:%d a minute after %d", p.sequence, last.sequence)
					}
					last = p
				}
			})
		})
	}
}

func TestRevalidate_EndsWhatHasBeenGoneForLongEnough(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"404": status(404, ""), "410": status(410, "")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				r.ok(seedAddresses[1])
				files.fail("", fault)
				time.Sleep(time.Minute)
				start := time.Now()
				for r.get(seedAddresses[1]).status == 200 {
					time.Sleep(10 * time.Second)
				}
				if took := time.Since(start); took < 10*time.Minute || took > 11*time.Minute {
					t.Errorf("the stream ended after %s", took)
				}
				if a := r.get(seedAddresses[1]); a.status != 404 {
					t.Errorf("after its end: %d", a.status)
				}
				files.fail("", nil)
				time.Sleep(notFoundFor)
				r.ok(seedAddresses[1])
			})
		})
	}
}

// TestRevalidate_OnlyAnUnbrokenAbsenceEndsAStream: 404 for nine minutes of ten
// is a deployment, not an end.
func TestRevalidate_OnlyAnUnbrokenAbsenceEndsAStream(t *testing.T) {
	for name, between := range map[string]http.HandlerFunc{"found": nil, "fails": status(500, ""), "denied": status(403, "")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				r.ok(seedAddresses[1])
				for range 12 {
					files.fail("", status(404, ""))
					r.watchFor(9 * time.Minute)
					files.fail("", between)
					r.watchFor(time.Minute)
				}
			})
		})
	}
}

func (r *rig) watchFor(d time.Duration) {
	for range d / (5 * time.Second) {
		r.ok(seedAddresses[1])
		time.Sleep(5 * time.Second)
	}
}

// TestRevalidate_GoesOnAfterTheClockStepsBack: a machine may start years ahead.
func TestRevalidate_GoesOnAfterTheClockStepsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock stepped
		clock.to(10 * 365 * 24 * time.Hour)
		files := newVODs(short("p.m3u8"))
		r := newRig(t, files, clock.use)
		r.ok("/live/p.m3u8")
		r.get("/live/absent.m3u8")
		clock.to(0)
		for range 180 {
			r.ok("/live/p.m3u8")
			time.Sleep(time.Second)
		}
		if n := files.count("p.m3u8"); n != 4 {
			t.Errorf("%d fetches in three minutes after the step, want 4", n)
		}
	})
}

// wide is a VOD of many renditions.
func wide(renditions int) map[string]string {
	files := map[string]string{"wide.m3u8": "#EXTM3U\n"}
	for n := range renditions {
		files["wide.m3u8"] += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d\nr%d.m3u8\n", n+1, n)
		files[fmt.Sprintf("r%d.m3u8", n)] = short("p")["p"]
	}
	return files
}

// TestRevalidate_OfManyRenditionsIsConcurrentAndBounded: each takes nine seconds.
func TestRevalidate_OfManyRenditionsIsConcurrentAndBounded(t *testing.T) {
	for renditions, found := range map[int]metrics.Revalidation{24: metrics.Unchanged, 100: metrics.Unknowable} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(wide(renditions))
			r := newRig(t, files)
			r.ok("/live/wide.m3u8")
			var now, most atomic.Int32
			files.fail("", func(w http.ResponseWriter, r *http.Request) {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				select {
				case <-time.After(9 * time.Second):
					w.WriteHeader(http.StatusNotModified)
				case <-r.Context().Done():
				}
			})
			time.Sleep(time.Minute)
			start := time.Now()
			r.ok("/live/wide.m3u8")
			r.rest()
			if took := time.Since(start); took > background.LoadTimeouts*10*time.Second+time.Second || most.Load() > fetches+2 { // and looks whether the origin answers anything
				t.Errorf("%d renditions: %s, %d at once", renditions, took, most.Load())
			}
			if r.found(found) != 1 {
				t.Errorf("%d renditions: not found %s", renditions, found)
			}
		})
	}
}

func TestRevalidate_AnOriginThatFailsIsAskedForOnePlaylistOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(wide(24))
		r := newRig(t, files)
		r.ok("/live/wide.m3u8")
		files.fail("", status(500, ""))
		time.Sleep(time.Minute)
		asked := files.count("")
		r.ok("/live/wide.m3u8")
		r.rest()
		if n := files.count("") - asked; n != 1 {
			t.Errorf("asked for %d playlists", n)
		}
	})
}

// TestRevalidate_HeedsRetryAfter: of a loaded stream as of one that isn't.
func TestRevalidate_HeedsRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("p.m3u8"))
		r := newRig(t, files)
		r.ok("/live/p.m3u8")
		files.fail("", later(503, "30"))
		asked := files.count("")
		for range 300 {
			r.ok("/live/p.m3u8")
			time.Sleep(time.Second)
		}
		if n := files.count("") - asked; n < 8 || n > 9 {
			t.Errorf("the origin was asked %d times in five minutes, want each 30s after the first", n)
		}
	})
}

// TestRevalidate_TakesOverNewValidatorsOfTheSameBytes: as after a copy.
func TestRevalidate_TakesOverNewValidatorsOfTheSameBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		r.ok("/live/master.m3u8")
		files.salt = "copied"
		want := files.answer("master_Layer1.m3u8").Get("ETag")
		r.watchFor(3 * time.Minute)
		if got := files.last(t, "master_Layer1.m3u8").Header.Get("If-None-Match"); got != want {
			t.Errorf("the origin is asked with %s, want %s", got, want)
		}
		if r.found(metrics.Changed) != 0 || r.found(metrics.Unchanged) != 2 {
			t.Errorf("found %d changes", r.found(metrics.Changed))
		}
	})
}

// TestRevalidate_ARetryAfterLongerThanTheIntervalIsHeeded: it is no clock that has
// stepped back.
func TestRevalidate_ARetryAfterLongerThanTheIntervalIsHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files, func(c *Config) { c.Revalidate = 5 * time.Second })
		r.ok(seedAddresses[1])
		files.fail("", later(429, "60"))
		files.forget()
		for range 300 {
			time.Sleep(time.Second)
			r.ok(seedAddresses[1])
		}
		if n := files.count(""); n != 5 {
			t.Errorf("the origin was asked %d times in 300 s, want 5", n)
		}
	})
}
