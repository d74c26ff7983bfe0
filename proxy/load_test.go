package proxy

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoad_OneFetchOfEachPlaylistForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		begin := make(chan struct{})
		files.fail("master.m3u8", func(w http.ResponseWriter, _ *http.Request) {
			<-begin
			fmt.Fprint(w, seed()["master.m3u8"])
		})
		r := newRig(t, files)
		done := make(chan answered)
		for i := range 512 {
			go func() { done <- r.get(seedAddresses[i%3]) }()
		}
		synctest.Wait()
		close(begin)
		for range 512 {
			if a := <-done; a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		for name := range seed() {
			if n := files.count(name); strings.HasSuffix(name, ".m3u8") && n != 1 {
				t.Errorf("%s was fetched %d times", name, n)
			}
		}
	})
}

func TestLoad_AViewerWhoLeavesDoesNotEndIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("p.m3u8"))
		files.fail("p.m3u8", func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(3 * time.Second)
			fmt.Fprint(w, short("p.m3u8")["p.m3u8"])
		})
		r := newRig(t, files)
		ctx, leave := context.WithCancel(t.Context())
		gone, stays := make(chan answered), make(chan answered)
		go func() { gone <- r.send(request(http.MethodGet, "/live/p.m3u8").WithContext(ctx)) }()
		synctest.Wait()
		go func() { stays <- r.get("/live/p.m3u8") }()
		time.Sleep(time.Second)
		leave()
		if a := <-gone; !a.cut {
			t.Errorf("a viewer who left was answered %d", a.status)
		}
		if a := <-stays; a.status != 200 || files.count("p.m3u8") != 1 {
			t.Errorf("the other viewer: %d after %d fetches", a.status, files.count("p.m3u8"))
		}
	})
}

func TestLoad_RetriesOnceWhatMayHelp(t *testing.T) {
	for name, c := range map[string]struct {
		fault http.HandlerFunc
		tries int
	}{
		"500": {status(500, ""), 2},
		"503": {status(503, ""), 2},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			fmt.Fprint(w, "#EXTM3U\n")
		}, 2},
		"no answer":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 2},
		"404":            {status(404, ""), 1},
		"429":            {status(429, ""), 1},
		"401":            {status(401, ""), 1},
		"no playlist":    {status(200, "<html>"), 1},
		"takes too long": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(short("p.m3u8"))
				r := newRig(t, files)
				files.fail("p.m3u8", c.fault)
				if a := r.get("/live/p.m3u8"); a.status < 400 {
					t.Errorf("GET: %d", a.status)
				}
				if n := files.count("p.m3u8"); n != c.tries {
					t.Errorf("the origin was asked %d times, want %d", n, c.tries)
				}
			})
		})
	}
}

func TestLoad_TheRetryMaySucceed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("p.m3u8"))
		files.fail("p.m3u8", func(w http.ResponseWriter, _ *http.Request) {
			files.fail("p.m3u8", nil)
			w.WriteHeader(http.StatusBadGateway)
		})
		r := newRig(t, files)
		r.ok("/live/p.m3u8")
	})
}

// TestLoad_AnOriginThatFailsIsAskedOnceASecond by viewers who come ten times a second.
func TestLoad_AnOriginThatFailsIsAskedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("p.m3u8"))
		files.fail("p.m3u8", status(429, ""))
		r := newRig(t, files)
		var tries []time.Duration
		for range 100 {
			before := files.count("p.m3u8")
			if a := r.get("/live/p.m3u8"); a.status != 503 || a.header.Get("Retry-After") == "" {
				t.Fatalf("%d, Retry-After %q", a.status, a.header.Get("Retry-After"))
			}
			if files.count("p.m3u8") > before {
				tries = append(tries, time.Since(epoch).Round(time.Second))
			}
			time.Sleep(100 * time.Millisecond)
		}
		want := "[0s 1s 2s 3s 4s 5s 6s 7s 8s 9s]"
		if got := fmt.Sprint(tries); got != want {
			t.Errorf("the origin was asked at %s, want %s", got, want)
		}
		files.fail("p.m3u8", nil)
		time.Sleep(mostOutage)
		r.ok("/live/p.m3u8")
	})
}

func TestLoad_A404IsRememberedForSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		r := newRig(t, files)
		for range 50 {
			if a := r.get("/live/p.m3u8"); a.status != 404 {
				t.Fatalf("%d", a.status)
			}
		}
		if n := files.count("p.m3u8"); n != 1 {
			t.Errorf("the origin was asked %d times", n)
		}
		files.put("p.m3u8", short("p.m3u8")["p.m3u8"])
		time.Sleep(notFoundFor)
		r.ok("/live/p.m3u8")
	})
}

func TestLoad_TakesNoLongerThanASmallMultipleOfTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		master := "#EXTM3U\n"
		files := newVODs()
		for n := range 200 {
			master += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d\n%d.m3u8\n", n+1, n)
		}
		files.fail("", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/vod/master.m3u8" {
				fmt.Fprint(w, master)
				return
			}
			time.Sleep(9 * time.Second)
			fmt.Fprint(w, short("p")["p"])
		})
		r := newRig(t, files)
		start := time.Now()
		if a := r.get("/live/master.m3u8"); a.status != 503 || time.Since(start) > 12*time.Second {
			t.Errorf("a viewer got %d after %s", a.status, time.Since(start))
		}
		r.rest()
		if took := time.Since(start); took > time.Minute+time.Second {
			t.Errorf("the load took %s", took)
		}
	})
}

func TestLoad_ALoadAsTheServerClosesEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		files.fail("", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		r := newRig(t, files)
		done := make(chan answered)
		go func() { done <- r.get("/live/p.m3u8") }()
		synctest.Wait()
		start := time.Now()
		r.Close()
		if a := <-done; a.status != 503 || time.Since(start) > 0 {
			t.Errorf("%d after %s", a.status, time.Since(start))
		}
		if a := r.get("/live/q.m3u8"); a.status != 503 || files.count("q.m3u8") != 0 {
			t.Errorf("after Close: %d, %d fetches", a.status, files.count("q.m3u8"))
		}
	})
}
