package proxy

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/origin"
)

// movies are VODs in folders of their own.
func movies(names ...string) map[string]string {
	files := map[string]string{}
	for _, name := range names {
		for path, text := range seed() {
			files[name+"/"+path] = text
		}
	}
	return files
}

// segmentOf is what a viewer of a movie wants at an instant.
func segmentOf(mount, movie string, now time.Time) string {
	return "/" + mount + "/" + movie + "/" + segmentAt(0, now)
}

// crowd are viewers of whom each plays a movie until an instant: playlists, and
// segments that are asked for again each second while they fail.
func (r *rig) crowd(viewers int, mount, movie string, until time.Time) *sync.WaitGroup {
	var all sync.WaitGroup
	for i := range viewers {
		all.Go(func() {
			time.Sleep(time.Duration(i) * time.Second / time.Duration(viewers))
			for time.Now().Before(until) {
				r.get("/" + mount + "/" + movie + "/master.m3u8")
				r.get(segmentOf(mount, movie, time.Now()))
				time.Sleep(time.Second)
			}
		})
	}
	return &all
}

// playsWell fails the test unless a viewer gets all of a movie at once.
func (r *rig) playsWell(movie string, until time.Time) {
	r.t.Helper()
	for time.Now().Before(until) {
		for _, path := range []string{"/live/" + movie + "/master.m3u8/0.m3u8", segmentOf("live", movie, time.Now())} {
			start := time.Now()
			a := r.get(path)
			if took := time.Since(start); a.status != 200 || a.cut || took > 100*time.Millisecond {
				r.t.Errorf("at %s %s: %d after %s", time.Since(epoch), path, a.status, took)
			}
		}
		time.Sleep(targetOf)
	}
}

// downs are the ways in which all of an origin fails.
var downs = map[string]http.HandlerFunc{"500": status(500, ""), "503": status(503, ""), "reset": raw("", 0), "hangs": hang}

func TestBreaker_AVODThatFailsDoesNotSlowAnother(t *testing.T) {
	for name, fault := range downs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(movies("good", "bad"))
				files.fail("", func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path[:9] == "/vod/bad/" {
						fault(w, r)
						return
					}
					newVODs(movies("good")).ServeHTTP(w, r)
				})
				r := newRig(t, files)
				until := time.Now().Add(3 * time.Minute)
				all := r.crowd(20, "live", "bad", until)
				r.playsWell("good", until)
				all.Wait()
			})
		})
	}
}

func TestBreaker_AnOriginThatFailsDoesNotSlowAnother(t *testing.T) {
	for name, fault := range downs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, sick := newHosts(), newVODs()
				sick.fail("", fault)
				h.serve(t, "origin.test", newVODs(movies("movie")))
				h.serve(t, "sick.test", sick)
				r := newRig(t, nil, h.use(t), func(c *Config) {
					c.Origins = append(c.Origins, newOrigin(t, "sick", "http://user:hunter2@sick.test/vod"))
				})
				until := time.Now().Add(3 * time.Minute)
				all := r.crowd(20, "sick", "movie", until)
				r.playsWell("movie", until)
				all.Wait()
			})
		})
	}
}

// TestBreaker_OneBadObjectDoesNotPauseItsOrigin: twenty viewers ask for it all
// the time, in the folder that others play from.
func TestBreaker_OneBadObjectDoesNotPauseItsOrigin(t *testing.T) {
	for _, name := range []string{"500", "503", "hangs"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(movies("movie"))
				files.fail("movie/bad.ts", downs[name])
				r := newRig(t, files)
				until := time.Now().Add(3 * time.Minute)
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() {
						for time.Now().Before(until) {
							r.get("/live/movie/bad.ts")
							time.Sleep(time.Second)
						}
					})
				}
				r.playsWell("movie", until)
				all.Wait()
			})
		})
	}
}

// strangers are what one may ask for that fails, though its folder is well; %d is
// another number each time.
var strangers = map[string]string{"one query": "movie/a.ts?union", "queries": "movie/a.ts?union=%d", "names": "movie/x%d.ts", "queries of playlists": "movie/master.m3u8?union=%d"}

// siege answers a stranger by a fault, and others well.
func siege(fault http.HandlerFunc) http.HandlerFunc {
	well := newVODs(movies("movie"))
	return func(w http.ResponseWriter, r *http.Request) {
		if path.Base(r.URL.Path)[0] == 'x' || strings.HasPrefix(r.URL.RawQuery, "union") {
			fault(w, r)
			return
		}
		well.ServeHTTP(w, r)
	}
}

// besiege asks for what fails twenty times a second, for two minutes.
func (r *rig) besiege(stranger string) *sync.WaitGroup {
	var all sync.WaitGroup
	all.Go(func() {
		for n := range 20 * 120 {
			all.Go(func() { r.get("/live/" + strings.ReplaceAll(stranger, "%d", strconv.Itoa(n))) })
			time.Sleep(time.Second / 20)
		}
	})
	return &all
}

// TestBreaker_AStrangerCutsNobodyOff: neither who watches, nor who comes to a VOD
// that nobody watches, or has watched yet.
func TestBreaker_AStrangerCutsNobodyOff(t *testing.T) {
	for name, stranger := range strangers {
		for fault, answer := range downs {
			t.Run(name+" "+fault, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					files := newVODs()
					files.fail("", siege(answer))
					r := newRig(t, files)
					if fault == "hangs" { // what has done nothing else is taken for down
						r.ok("/live/movie/master.m3u8")
					}
					all := r.besiege(stranger)
					time.Sleep(15 * time.Second)
					r.playsWell("movie", time.Now().Add(30*time.Second))
					time.Sleep(30 * time.Second)
					r.playsWell("movie", time.Now().Add(30*time.Second))
					all.Wait()
				})
			})
		}
	}
}

// TestBreaker_ARecoveryIsSeenBesideAStranger who goes on to fail.
func TestBreaker_ARecoveryIsSeenBesideAStranger(t *testing.T) {
	for name, stranger := range strangers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(movies("movie"))
				r := newRig(t, files)
				r.ok("/live/movie/master.m3u8")
				files.fail("", status(500, ""))
				all := r.besiege(stranger)
				time.Sleep(time.Minute)
				if n := files.count(""); n > 100 && stranger != strangers["one query"] {
					t.Errorf("the origin was asked %d times in a minute", n)
				}
				files.fail("", siege(status(500, "")))
				time.Sleep(6 * time.Second)
				r.playsWell("movie", time.Now().Add(time.Minute))
				all.Wait()
			})
		})
	}
}

// TestBreaker_AnOriginThatIsDownIsAskedOnceASecond by all viewers of all its
// streams together, and its recovery is seen within seconds.
func TestBreaker_AnOriginThatIsDownIsAskedOnceASecond(t *testing.T) {
	for name, fault := range downs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				names := []string{"a", "b", "c", "cold"}
				files, h := newVODs(movies(names...)), newHosts()
				h.serve(t, "origin.test", files)
				r := newRig(t, nil, h.use(t))
				for _, name := range names[:3] {
					r.ok("/live/" + name + "/master.m3u8")
				}
				files.fail("", fault)
				until := time.Now().Add(3 * time.Minute)
				var crowds []*sync.WaitGroup
				for _, name := range names {
					crowds = append(crowds, r.crowd(5, "live", name, until))
				}
				known := 25 * time.Second // hangs take their time
				time.Sleep(known)
				since := time.Now()
				time.Sleep(2 * time.Minute)
				if n := h.count("", since); n > 125 {
					t.Errorf("the origin was asked %d times in 120 s", n)
				}
				files.fail("", nil)
				time.Sleep(6 * time.Second)
				for _, name := range names {
					r.ok(segmentOf("live", name, time.Now()))
					r.ok("/live/" + name + "/master.m3u8")
				}
				for _, all := range crowds {
					all.Wait()
				}
			})
		})
	}
}

// TestBreaker_AViewerWhoLeavesIsNoFailureOfTheOrigin: before there is an answer.
func TestBreaker_AViewerWhoLeavesIsNoFailureOfTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		files.fail("", hang)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				ctx, leave := context.WithTimeout(t.Context(), time.Second)
				defer leave()
				r.serveOne(request(http.MethodGet, fmt.Sprintf("/live/%d.ts", i)).WithContext(ctx))
			})
		}
		all.Wait()
		synctest.Wait()
		if r.station.Origins()[0].Failing() {
			t.Error("the origin is taken for one that fails")
		}
		files.fail("", nil)
		r.ok(aSegment)
	})
}

// TestBreaker_AStreamThatRecoversIsLoadedSoon: one that nobody could load waits
// no longer than its origin is paused.
func TestBreaker_AStreamThatRecoversIsLoadedSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts()
		h.serve(t, "origin.test", newVODs(movies("a", "b")))
		h.fail("origin.test", refused)
		r := newRig(t, nil, h.use(t), func(c *Config) { c.Origins = []*origin.Origin{newOrigin(t, "live", originURL)} })
		until := time.Now().Add(10 * time.Minute)
		a, b := r.crowd(3, "live", "a", until), r.crowd(3, "live", "b", until)
		time.Sleep(9 * time.Minute)
		h.fail("origin.test", nil)
		time.Sleep(7 * time.Second)
		r.ok("/live/a/master.m3u8")
		r.ok("/live/b/master.m3u8")
		a.Wait()
		b.Wait()
	})
}

// TestBreaker_ASlowOriginTakesNoSlotsOfAnother: with many streams to be loaded.
func TestBreaker_ASlowOriginTakesNoSlotsOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, slow := newHosts(), newVODs()
		slow.fail("", func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(8 * time.Second)
			fmt.Fprint(w, seed()[path.Base(r.URL.Path)])
		})
		h.serve(t, "origin.test", newVODs(movies("movie")))
		h.serve(t, "slow.test", slow)
		r := newRig(t, nil, h.use(t), func(c *Config) {
			c.Origins = append(c.Origins, newOrigin(t, "slow", "http://user:hunter2@slow.test/vod"))
		})
		var all sync.WaitGroup
		for i := range 2 * maxLoads {
			all.Go(func() { r.get(fmt.Sprintf("/slow/%d/master.m3u8", i)) })
		}
		synctest.Wait()
		r.playsWell("movie", time.Now().Add(10*time.Second))
		all.Wait()
	})
}

// TestBreaker_OneSlowRenditionIsOneFailure, though the others' fetches end with
// it.
func TestBreaker_OneSlowRenditionIsOneFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(wide(2*fetches), seed())
		for n := range 2 * fetches {
			files.fail(fmt.Sprintf("r%d.m3u8", n), func(w http.ResponseWriter, r *http.Request) {
				pause := 9 * time.Second
				if n == 0 {
					pause = time.Hour
				}
				select {
				case <-time.After(pause):
					fmt.Fprint(w, short("p")["p"])
				case <-r.Context().Done():
				}
			})
		}
		r := newRig(t, files)
		for range 3 {
			if a := r.get("/live/wide.m3u8"); a.status != 504 {
				t.Errorf("%d %s", a.status, a.body)
			}
			r.ok(aSegment)
			time.Sleep(mostPause)
		}
	})
}
