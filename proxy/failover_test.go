package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/origin"
)

// twins is a Server whose origin is at first.test, else at second.test.
type twins struct {
	*rig
	hosts         *hosts
	first, second *vods
}

func newTwins(t *testing.T) *twins {
	w := &twins{hosts: newHosts(), first: newVODs(seed()), second: newVODs(seed())}
	w.second.salt = "second"
	w.hosts.serve(t, "first.test", w.first)
	w.hosts.serve(t, "second.test", w.second)
	o := placed(t, "http://user:hunter2@first.test/vod", "http://user:hunter2@second.test/vod")
	w.rig = newRig(t, nil, w.hosts.use(t), func(c *Config) { c.Origins = []*origin.Origin{o} })
	return w
}

// placed is an origin at several addresses.
func placed(t testing.TB, first string, more ...string) *origin.Origin {
	t.Helper()
	o := newOrigin(t, "live", first)
	for _, address := range more {
		if err := o.AddURL(address); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

const aSegment = "/live/master_Layer1_001.ts"

func TestFailover_TheNextPlaceIsAskedWhenOneFails(t *testing.T) {
	for _, f := range faults() {
		if !f.down || f.tls != "" {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTwins(t)
				if f.answer != nil {
					w.first.fail("", f.answer(nil))
				}
				w.hosts.fail("first.test", f.dial)
				for _, path := range []string{aSegment, "/live/master.m3u8", "/live/master.m3u8/1.m3u8", aSegment} {
					start := time.Now()
					w.ok(path)
					if took := time.Since(start); took > 11*time.Second {
						t.Errorf("%s took %s", path, took)
					}
				}
			})
		})
	}
}

func TestFailover_AnAnswerIsAnAnswer(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"404": status(404, ""), "410": status(410, ""), "401": status(401, ""), "403": status(403, "no"), "AccessDenied": status(403, accessDenied),
		"HTML": text("<html>"), "redirect elsewhere": redirectTo("http://elsewhere.test/"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTwins(t)
				w.first.fail("", answer)
				if a := w.get("/live/master.m3u8"); a.status == 200 {
					t.Errorf("a stream: %d", a.status)
				}
				if a := w.get(aSegment); a.status == 200 && name != "HTML" {
					t.Errorf("a segment: %d", a.status)
				}
				if n := w.second.count(""); n != 0 {
					t.Errorf("the second place was asked %d times", n)
				}
			})
		})
	}
}

// TestFailover_APlaylistThatBreaksOffIsHadElsewhere, within the time that viewers
// wait; and the first place is not taken for well.
func TestFailover_APlaylistThatBreaksOffIsHadElsewhere(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"cut": raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n#EXTM3U\n", 0), "cut at once": raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", 0),
		"stalls": raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n#EXTM3U\n", time.Hour), "trickles": trickle(time.Second, "#"),
		"packed, cut": raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 900\r\n\r\n"+string(packed("#EXTM3U\n"))[:15], 0),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTwins(t)
				w.second.put("p.m3u8", short("p")["p"])
				w.first.fail("", answer)
				start := time.Now()
				w.ok("/live/p.m3u8")
				if took := time.Since(start); took > 8*time.Second {
					t.Errorf("it took %s", took)
				}
				if s := w.Origins()[0]; s.State != "ok" || s.Places[0].State != "failing" || s.LastError == nil {
					t.Errorf("the origin is %s, its places are %+v", s.State, s.Places)
				}
			})
		})
	}
}

// TestFailover_OfThreeThatHangTheThirdIsInTime: within the time that a viewer
// waits.
func TestFailover_OfThreeThatHangTheThirdIsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, files := newHosts(), newVODs(short("p.m3u8"), seed())
		for _, host := range []string{"a.test", "b.test", "c.test"} {
			h.serve(t, host, files)
		}
		h.fail("a.test", dropped)
		h.fail("b.test", dropped)
		o := placed(t, "http://user:hunter2@a.test/vod", "http://user:hunter2@b.test/vod", "http://user:hunter2@c.test/vod")
		r := newRig(t, nil, h.use(t), func(c *Config) { c.Origins = []*origin.Origin{o} })
		for _, path := range []string{"/live/p.m3u8", aSegment} {
			start := time.Now()
			r.ok(path)
			if took := time.Since(start); took > 8*time.Second {
				t.Errorf("%s took %s", path, took)
			}
		}
	})
}

func TestFailover_TheFirstIsUsedAgainSecondsAfterItsRecovery(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"503": status(503, ""), "reset": raw("", 0), "hangs": hang} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTwins(t)
				w.first.fail("", fault)
				fetch := func(n int) {
					for i := range n {
						w.ok(fmt.Sprintf("/live/master_Layer1_%03d.ts", 1+i%4))
						time.Sleep(time.Second)
					}
				}
				fetch(120)
				w.first.fail("", nil)
				fetch(6)
				before, asked := w.second.count(""), w.first.count("")
				fetch(60)
				if n := w.second.count("") - before; n != 0 {
					t.Errorf("the second place was asked %d times after the first was back", n)
				}
				if n := w.first.count("") - asked; n != 60 {
					t.Errorf("the first was asked %d times of 60", n)
				}
			})
		})
	}
}

// TestFailover_ChildrenOfTheSecondPlaceAreOfTheSameOrigin: a multivariant
// playlist that names its host, and one that a redirect leads to.
func TestFailover_ChildrenOfTheSecondPlaceAreOfTheSameOrigin(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"503": status(503, ""), "hangs": hang} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTwins(t)
				w.first.fail("", fault)
				w.second.put("movie.m3u8", strings.ReplaceAll(seed()["master.m3u8"], "master_", "http://second.test/vod/master_"))
				w.second.fail("old.m3u8", redirectTo("http://second.test/vod/movie.m3u8"))
				for _, path := range []string{"/live/movie.m3u8", "/live/old.m3u8"} {
					w.ok(path)
					p := readPlaylist(t, w.ok(path+"/0.m3u8").body)
					if uri := p.first().uri; !strings.HasPrefix(uri, "../master_Layer1_") {
						t.Errorf("%s: a segment is at %s", path, uri)
					}
				}
				w.first.fail("", nil)
				w.hosts.fail("second.test", refused)
				time.Sleep(10 * time.Second)
				w.ok(aSegment)
			})
		})
	}
}

func TestFailover_ABodyThatBreaksOffReachesTheViewerAsACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTwins(t)
		w.first.fail("", raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 0))
		a := w.get(aSegment)
		if !a.cut || a.body != "half" {
			t.Errorf("cut %v: %d %q", a.cut, a.status, a.body)
		}
		if n := w.second.count(""); n != 0 {
			t.Errorf("the second place was asked %d times", n)
		}
		if s := w.Origins()[0]; s.Places[0].State != "failing" || s.LastError == nil || *s.LastError != "the origin's answer is incomplete or unreadable" {
			t.Errorf("the first place is %+v", s.Places[0])
		}
	})
}

// TestFailover_ALoadedStreamIsConfirmedElsewhere: another server has other
// validators for the same bytes.
func TestFailover_ALoadedStreamIsConfirmedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTwins(t)
		w.ok(seedAddresses[1])
		w.hosts.fail("first.test", refused)
		w.watchFor(10 * time.Minute)
		if n := w.found(metrics.Unchanged); n < 9 {
			t.Errorf("%d revalidations found the VOD unchanged, want 9", n)
		}
		if n := w.found(metrics.Changed) + w.found(metrics.Unknowable); n != 0 {
			t.Errorf("%d revalidations found something else", n)
		}
		for _, name := range []string{"master.m3u8", "master_Layer1.m3u8"} {
			known := w.second.last(t, name).Header.Get("If-None-Match")
			if a := w.second.answer(name); known != a.Get("ETag") {
				t.Errorf("%s is asked for with %s, want %s", name, known, a.Get("ETag"))
			}
		}
	})
}
