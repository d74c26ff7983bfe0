package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/origin"
	"vod2live/proxy/segmentcache"
)

// keeping gives a rig a segment cache.
func keeping(t testing.TB, limit int64) func(*Config) {
	return func(c *Config) {
		c.Segments = segmentcache.New(limit, c.Now, c.Metrics.Segments)
		t.Cleanup(c.Segments.Close)
	}
}

// numbered is a body in which each place is told from all others.
func numbered(size int) string {
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%07d\n", b.Len())
	}
	return b.String()[:size]
}

// paced answers with a body, its head at once and then what it is let go on with.
type paced struct {
	body   string
	length bool
	more   chan int // bytes; closed: all the rest
	fails  chan struct{}
}

func newPaced(size int, length bool) *paced {
	return &paced{numbered(size), length, make(chan int), make(chan struct{})}
}

func (p *paced) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"paced"`)
	if p.length {
		w.Header().Set("Content-Length", strconv.Itoa(len(p.body)))
	}
	flush := func() { _ = http.NewResponseController(w).Flush() }
	flush()
	for sent := 0; sent < len(p.body); flush() {
		select {
		case n, open := <-p.more:
			if !open {
				n = len(p.body) - sent
			}
			_, _ = io.WriteString(w, p.body[sent:sent+n])
			sent += n
		case <-p.fails:
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
			return
		}
	}
}

// results are how the cache has answered.
func (r *rig) results() map[string]float64 {
	all := map[string]float64{}
	for _, result := range []string{"hit", "miss", "join", "pass", "revalidated"} {
		if n := r.metric(`vod2live_segment_cache_requests_total{result="` + result + `"}`); n > 0 {
			all[result] = n
		}
	}
	return all
}

// many ask for a segment at once; it waits for all.
func (r *rig) many(n int, headers ...string) []answered {
	r.t.Helper()
	answers := make([]answered, n)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = r.get("/live/1.ts", headers...) })
	}
	wg.Wait()
	return answers
}

func TestKept_OneFetchForAllOfAColdSegment(t *testing.T) {
	for name, headers := range map[string][]string{"whole": nil, "range": {"Range", "bytes=8-9999"}} {
		synctest.Test(t, func(t *testing.T) {
			media := numbered(60_000)
			files := newVODs()
			files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(time.Second) // until all have asked
				http.ServeContent(w, r, "1.ts", epoch, strings.NewReader(media))
			})
			r := newRig(t, files, keeping(t, 64<<20))
			want, status := media, http.StatusOK
			if headers != nil {
				want, status = media[8:10_000], http.StatusPartialContent
			}
			for i, a := range append(r.many(512, headers...), r.get("/live/1.ts", headers...)) {
				if a.status != status || a.body != want || a.header.Get("Content-Length") != strconv.Itoa(len(want)) {
					t.Fatalf("%s, viewer %d: %d, %d bytes, %v", name, i, a.status, len(a.body), a.header)
				}
			}
			if n := files.count("1.ts"); n != 1 {
				t.Errorf("%s: the origin was asked %d times", name, n)
			}
			if n := r.metric(`vod2live_collapsed_requests_total{what="segment"}`); n != 511 || r.results()["hit"] != 1 {
				t.Errorf("%s: %v requests are counted as collapsed; %v", name, n, r.results())
			}
		})
	}
}

// TestKept_JoinersReadAlong: at any moment and any range, what is there at once
// and the rest as it comes.
func TestKept_JoinersReadAlong(t *testing.T) {
	for _, length := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			const size = 1_000_000
			p := newPaced(size, length)
			files := newVODs()
			files.fail("1.ts", p.ServeHTTP)
			r := newRig(t, files, keeping(t, 64<<20))
			var wg sync.WaitGroup
			join := func(from, to int) {
				wg.Go(func() {
					headers := []string{"Range", fmt.Sprintf("bytes=%d-%d", from, to)}
					want, status := p.body[from:min(to+1, size)], http.StatusPartialContent
					if from == 0 && to < 0 || !length {
						headers, want, status = nil, p.body, http.StatusOK
					}
					if a := r.get("/live/1.ts", headers...); a.status != status || a.body != want {
						t.Errorf("bytes %d-%d with length %v: %d, %d bytes of %d; cut %v", from, to, length, a.status, len(a.body), len(want), a.cut)
					}
				})
				synctest.Wait()
			}
			join(0, -1)
			for sent := 0; sent < size; sent += 100_000 {
				join(0, -1)
				join(sent, sent)
				join(max(0, sent-10), sent+300_000)
				join(size-1, size+10)
				p.more <- 100_000
				synctest.Wait()
			}
			wg.Wait()
			if n := files.count("1.ts"); n != 1 {
				t.Errorf("with length %v: the origin was asked %d times", length, n)
			}
		})
	}
}

func TestKept_WhoLeavesEndsTheFetchForNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(100_000, true)
		files := newVODs()
		ended := make(chan bool, 9)
		files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
			defer func() { ended <- true }()
			p.ServeHTTP(w, r)
		})
		r := newRig(t, files, keeping(t, 64<<20))
		first, leave := context.WithCancel(t.Context())
		defer leave()
		go r.send(request(http.MethodGet, "/live/1.ts").WithContext(first))
		synctest.Wait()
		second, leaveToo := context.WithCancel(t.Context())
		defer leaveToo()
		done := make(chan answered, 1)
		go func() { done <- r.send(request(http.MethodGet, "/live/1.ts").WithContext(second)) }()
		p.more <- 1000
		synctest.Wait()
		leave()
		p.more <- 1000
		synctest.Wait()
		if len(ended) > 0 {
			t.Fatal("the first has left, and that has ended the fetch")
		}
		leaveToo()
		if a := <-done; !a.cut {
			t.Error("a viewer who has left is answered in full")
		}
		<-ended
		synctest.Wait()
		if n := r.metric(`vod2live_origin_requests_total{origin="live",outcome="canceled"}`); n != 1 {
			t.Errorf("%v requests are counted as canceled", n)
		}
		if n := r.metric("vod2live_segment_cache_bytes"); n != 0 {
			t.Errorf("%v bytes are taken by what nobody wants", n)
		}
		close(p.more)
		if a := r.ok("/live/1.ts"); a.body != p.body || files.count("1.ts") != 2 {
			t.Errorf("afterwards: %d bytes, %d fetches", len(a.body), files.count("1.ts"))
		}
	})
}

func TestKept_WhatIsNearlyThereIsFetchedToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(100_000, true)
		files := newVODs()
		files.fail("1.ts", p.ServeHTTP)
		r := newRig(t, files, keeping(t, 64<<20))
		ctx, leave := context.WithCancel(t.Context())
		go r.send(request(http.MethodGet, "/live/1.ts").WithContext(ctx))
		p.more <- 75_000
		synctest.Wait()
		leave()
		synctest.Wait()
		close(p.more)
		if a := r.ok("/live/1.ts"); a.body != p.body || files.count("1.ts") != 1 {
			t.Errorf("%d bytes, %d fetches", len(a.body), files.count("1.ts"))
		}
	})
}

func TestKept_AFailureIsOneOfThoseWhoHaveNotGotAll(t *testing.T) {
	for _, length := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			p := newPaced(100_000, length)
			files := newVODs()
			files.fail("1.ts", p.ServeHTTP)
			r := newRig(t, files, keeping(t, 64<<20))
			var wg sync.WaitGroup
			ask := func(cut bool, headers ...string) {
				wg.Go(func() {
					if a := r.get("/live/1.ts", headers...); a.cut != cut {
						t.Errorf("%v with length %v: cut %v after %d bytes", headers, length, a.cut, len(a.body))
					}
				})
				synctest.Wait()
			}
			ask(true)
			if length {
				ask(false, "Range", "bytes=100-49999")
				ask(true, "Range", "bytes=100-50000")
				ask(true, "Range", "bytes=60000-")
			}
			p.more <- 50_000
			ask(true)
			close(p.fails)
			wg.Wait()
			files.fail("1.ts", nil)
			files.put("1.ts", "whole")
			if a := r.ok("/live/1.ts"); a.body != "whole" {
				t.Errorf("afterwards: %d bytes", len(a.body))
			}
		})
	}
}

// TestKept_AFailureWithoutAnAnswerIsForAllWhoWait, and is not kept.
func TestKept_AFailureWithoutAnAnswerIsForAllWhoWait(t *testing.T) {
	for code, want := range map[int]int{404: 404, 403: 502, 500: 502} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs()
			files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(time.Second)
				status(code, "no")(w, r)
			})
			r := newRig(t, files, keeping(t, 64<<20))
			for _, a := range r.many(100) {
				if a.status != want {
					t.Fatalf("%d, want %d", a.status, want)
				}
			}
			if n := files.count("1.ts"); n > 2 { // one retry
				t.Errorf("%d: the origin was asked %d times", code, n)
			}
			files.fail("1.ts", nil)
			files.put("1.ts", "there")
			if a := r.ok("/live/1.ts"); a.body != "there" {
				t.Errorf("afterwards: %q", a.body)
			}
		})
	}
}

// TestKept_ASlowViewerHoldsNobodyUp, be it the first.
func TestKept_ASlowViewerHoldsNobodyUp(t *testing.T) {
	for name, body := range map[string]http.HandlerFunc{"with a length": nil, "without": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, numbered(1<<20))
	}} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(map[string]string{"1.ts": numbered(1 << 20)})
			files.fail("1.ts", body)
			r := newRig(t, files, keeping(t, 64<<20))
			slow := make(chan int)
			go func() {
				w := &slowWriter{httptest.NewRecorder(), 15 * time.Second}
				r.ServeHTTP(w, request(http.MethodGet, "/live/1.ts"))
				slow <- w.Body.Len()
			}()
			synctest.Wait()
			start := time.Now()
			if a := r.ok("/live/1.ts"); len(a.body) != 1<<20 {
				t.Errorf("%s: %d bytes", name, len(a.body))
			}
			if took := time.Since(start); took > 0 {
				t.Errorf("%s: held up for %s", name, took)
			}
			if n := <-slow; n != 1<<20 {
				t.Errorf("%s: the slow one got %d bytes", name, n)
			}
			if n := files.count("1.ts"); n != 1 {
				t.Errorf("%s: %d fetches", name, n)
			}
		})
	}
}

func TestKept_AViewerWhoTakesNothingIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(map[string]string{"1.ts": numbered(1 << 20)}), keeping(t, 64<<20))
		for range 2 { // by a fetch, from memory
			conn, err := listen(t, r.Server).dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, "GET /live/1.ts HTTP/1.1\r\nHost: viewers.test\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Minute)
			if got, _ := io.ReadAll(conn); len(got) > 1<<10 {
				t.Errorf("%d bytes were sent to one who took nothing for two minutes", len(got))
			}
		}
	})
}

// TestKept_WhatIsTooLargePassesBy: all get it, each by a fetch of its own.
func TestKept_WhatIsTooLargePassesBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		media := numbered(3 << 20)
		files := newVODs(map[string]string{"1.ts": media, "2.ts": "small"})
		r := newRig(t, files, keeping(t, 16<<20))
		for _, a := range r.many(8) {
			if a.status != 200 || a.body != media {
				t.Fatalf("%d, %d bytes", a.status, len(a.body))
			}
		}
		if n := files.count("1.ts"); n != 8 {
			t.Errorf("%d fetches for 8 viewers", n)
		}
		if n := r.metric("vod2live_segment_cache_bytes"); n > 4<<10 {
			t.Errorf("%v bytes are kept", n)
		}
		for range 2 { // of the same, a range is kept
			if a := r.get("/live/1.ts", "Range", "bytes=1000000-1999999"); a.body != media[1_000_000:2_000_000] {
				t.Errorf("%d, %d bytes", a.status, len(a.body))
			}
		}
		if n := files.count("1.ts"); n != 9 {
			t.Errorf("%d fetches, want one more for a range", n-8)
		}
	})
}

// TestKept_WhatBecomesTooLargeIsHeldInPartOnly: its length was not said.
func TestKept_WhatBecomesTooLargeIsHeldInPartOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 16 << 20
		media := numbered(6 << 20)
		files := newVODs()
		files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"media"`)
			if r.Header.Get("Range") != "" {
				http.ServeContent(w, r, "", time.Time{}, strings.NewReader(media))
				return
			}
			time.Sleep(time.Second)
			_, _ = io.WriteString(w, media)
		})
		r := newRig(t, files, keeping(t, limit))
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				w := &slowWriter{httptest.NewRecorder(), time.Duration(i) * time.Second}
				r.ServeHTTP(w, request(http.MethodGet, "/live/1.ts"))
				if w.Body.String() != media {
					t.Errorf("viewer %d: %d bytes", i, w.Body.Len())
				}
				if took := time.Since(start); i == 0 && took > 4*time.Second {
					t.Errorf("the quick one is held up for %s", took)
				}
			})
		}
		for range 20 {
			time.Sleep(time.Second)
			if n := r.metric("vod2live_segment_cache_bytes"); n > limit/8+1<<20 { // and the block that the slow still read
				t.Errorf("%v bytes are taken", n)
			}
		}
		wg.Wait()
		before := files.count("1.ts")
		if before != 4 {
			t.Errorf("%d fetches for those who came together, want one and those of the slow", before)
		}
		if n := r.metric("vod2live_segment_cache_bytes"); n > 4<<10 {
			t.Errorf("%v bytes are kept", n)
		}
		for range 2 {
			if a := r.ok("/live/1.ts"); a.body != media {
				t.Errorf("%d bytes", len(a.body))
			}
		}
		if n := files.count("1.ts") - before; n != 2 {
			t.Errorf("%d fetches for two more viewers", n)
		}
	})
}

func TestKept_ARangeNeverFetchesTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		media := numbered(100_000)
		files := newVODs(map[string]string{"1.ts": media})
		r := newRig(t, files, keeping(t, 16<<20))
		for _, c := range []struct {
			asked, reaches, body string
			status               int
		}{
			{"bytes=100-199", "bytes=100-199", media[100:200], 206},
			{"Bytes=100-0199", "", media[100:200], 206}, // the same
			{"bytes=-5", "bytes=-5", media[len(media)-5:], 206},
			{"bytes=99990-", "bytes=99990-", media[99990:], 206},
			{"bytes=100000-", "bytes=100000-", "", 416},
			{"bytes=0-1,5-6", "bytes=0-1,5-6", "", 206},
			{"bytes=5-2", "bytes=5-2", "", 416},
		} {
			files.forget()
			a := r.get("/live/1.ts", "Range", c.asked)
			if a.status != c.status || c.body != "" && a.body != c.body {
				t.Errorf("%s: %d %q", c.asked, a.status, a.body)
			}
			if n := files.count("1.ts"); c.reaches == "" && n != 0 || c.reaches != "" && (n != 1 || files.last(t, "1.ts").Header.Get("Range") != c.reaches) {
				t.Errorf("%s: %d fetches", c.asked, n)
			}
		}
		r.ok("/live/1.ts")
		files.forget()
		for asked, want := range map[string]string{"bytes=7-8": media[7:9], "bytes=-7": media[len(media)-7:], "bytes=0-1,5-6": media, "bytes=5-2": media, "lines=1-2": media} {
			if a := r.get("/live/1.ts", "Range", asked); a.body != want {
				t.Errorf("%s of what is held: %d, %d bytes", asked, a.status, len(a.body))
			}
		}
		if a := r.get("/live/1.ts", "Range", "bytes=100000-"); a.status != 416 || a.header.Get("Content-Range") != "bytes */100000" || a.body != "" {
			t.Errorf("%d %v %q", a.status, a.header, a.body)
		}
		if n := files.count("1.ts"); n != 0 {
			t.Errorf("%d fetches of what is held", n)
		}
	})
}

// TestKept_ARangeOfAllIsTheWhole: ffmpeg asks for bytes=0-, browsers don't.
func TestKept_ARangeOfAllIsTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": "media"})
		r := newRig(t, files, keeping(t, 16<<20))
		for _, headers := range [][]string{{"Range", "bytes=0-"}, nil, {"Range", "bytes=0-"}, {"Range", "bytes=0-1"}} {
			a := r.get("/live/1.ts", headers...)
			if want := map[bool]int{true: 200, false: 206}[headers == nil]; a.status != want || !strings.HasPrefix("media", a.body) || len(a.body) < 2 {
				t.Errorf("%v: %d %q", headers, a.status, a.body)
			}
			if headers == nil && a.header.Get("Content-Range") != "" || headers != nil && a.header.Get("Content-Range") != fmt.Sprintf("bytes 0-%d/5", len(a.body)-1) {
				t.Errorf("%v: %v", headers, a.header)
			}
			synctest.Wait()
		}
		if n := files.count("1.ts"); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

// TestKept_AnOriginThatKnowsNoRanges sends the whole, which is kept as such.
func TestKept_AnOriginThatKnowsNoRanges(t *testing.T) {
	for _, length := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			p := newPaced(100_000, length)
			close(p.more)
			files := newVODs()
			files.fail("1.ts", p.ServeHTTP)
			r := newRig(t, files, keeping(t, 16<<20))
			a := r.get("/live/1.ts", "Range", "bytes=10-19")
			if length && (a.status != 206 || a.body != p.body[10:20]) || !length && (a.status != 200 || a.body != p.body) {
				t.Errorf("length %v: %d, %d bytes", length, a.status, len(a.body))
			}
			synctest.Wait()
			if a := r.ok("/live/1.ts"); length != (files.count("1.ts") == 2) && a.body != p.body {
				t.Errorf("length %v: %d bytes, %d fetches", length, len(a.body), files.count("1.ts"))
			}
		})
	}
}

func TestKept_CMCDIsNoPartOfAnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": "media"})
		r := newRig(t, files, keeping(t, 16<<20))
		for _, query := range []string{"?sig=s3cr3t", "?CMCD=bl%3D1&sig=s3cr3t", "?sig=s3cr3t&CMCD=sid"} {
			r.ok("/live/1.ts" + query)
		}
		if n := files.count("1.ts"); n != 1 || files.last(t, "1.ts").URL.RawQuery != "sig=s3cr3t" {
			t.Errorf("%d fetches", n)
		}
		for _, query := range []string{"", "?sig=other", "?CMCDx=1", "?sig=s3cr3t&a=b"} {
			files.forget()
			r.ok("/live/1.ts" + query)
			if n := files.count("1.ts"); n != 1 {
				t.Errorf("%s: another's query was taken for it", query)
			}
		}
	})
}

// TestKept_TheQueryOfASegmentIsPartOfItsAddress where those of playlists are
// ignored, too: the VOD may tell its segments apart by it.
func TestKept_TheQueryOfASegmentIsPartOfItsAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		files.fail("seg.ts", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.RawQuery) })
		r := newRig(t, files, keeping(t, 16<<20), func(c *Config) { c.Origins[0].Query = origin.Query{Ignore: true} })
		for range 2 {
			for _, query := range []string{"n=0&sig=s3cr3t", "n=1&sig=s3cr3t"} {
				if a := r.ok("/live/seg.ts?" + query); a.body != query {
					t.Errorf("?%s: the origin was asked with ?%s", query, a.body)
				}
			}
		}
		if n := files.count("seg.ts"); n != 2 {
			t.Errorf("%d fetches of two segments", n)
		}
	})
}

// TestKept_AReloadKeepsWhatIsOfTheSameOrigin.
func TestKept_AReloadKeepsWhatIsOfTheSameOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": "media"})
		r := newRig(t, files, keeping(t, 16<<20))
		r.ok("/live/1.ts")
		for name, c := range map[string]struct {
			change  func(*Config)
			fetches int
		}{
			"nothing":        {func(*Config) {}, 0},
			"another origin": {func(c *Config) { c.Origins = append(c.Origins, newOrigin(t, "more", "http://more.test/")) }, 0},
			"one more place": {func(c *Config) { _ = c.Origins[0].AddURL("http://more.test/") }, 1},
			"off":            {func(c *Config) { c.Segments = nil }, 1},
		} {
			files.forget()
			next := r.reloaded(t, c.change)
			next.ok("/live/1.ts")
			if n := files.count("1.ts"); n != c.fetches {
				t.Errorf("%s: %d fetches, want %d", name, n, c.fetches)
			}
		}
	})
}

// TestKept_AFetchOutlivesTheServerThatBeganIt: viewers of the next one read it.
func TestKept_AFetchOutlivesTheServerThatBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaced(100_000, true)
		files := newVODs()
		files.fail("1.ts", p.ServeHTTP)
		r := newRig(t, files, keeping(t, 16<<20))
		done := make(chan answered, 2)
		go func() { done <- r.get("/live/1.ts") }()
		synctest.Wait()
		next := r.reloaded(t)
		go func() { done <- next.get("/live/1.ts") }()
		synctest.Wait()
		r.Close()
		close(p.more)
		for range 2 {
			if a := <-done; a.cut || a.body != p.body {
				t.Errorf("cut %v, %d bytes", a.cut, len(a.body))
			}
		}
		if n := files.count("1.ts"); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

// TestKept_WhatAnotherOriginSendsIsNotKept: a reload that changes only that one
// would not find it.
func TestKept_WhatAnotherOriginSendsIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, files, media := newHosts(), newVODs(), newVODs(map[string]string{"1.ts": "media"})
		files.fail("1.ts", redirectTo("http://media.test/vod/1.ts"))
		h.serve(t, "origin.test", files)
		h.serve(t, "media.test", media)
		r := newRig(t, nil, keeping(t, 16<<20), h.use(t), func(c *Config) {
			c.Origins = append(c.Origins, newOrigin(t, "media", "http://user:hunter2@media.test/vod"))
		})
		for range 3 {
			if a := r.ok("/live/1.ts"); a.body != "media" {
				t.Errorf("%q", a.body)
			}
		}
		if n := media.count("1.ts"); n != 3 {
			t.Errorf("%d fetches for 3 viewers", n)
		}
	})
}

func TestKept_WhoWaitsAndLeavesIsCountedSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		files.fail("1.ts", hang)
		r := newRig(t, files, keeping(t, 16<<20))
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		if a := r.send(request(http.MethodGet, "/live/1.ts").WithContext(ctx)); !a.cut || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Errorf("%d", a.status)
		}
		synctest.Wait()
		if n := r.metric(`vod2live_http_requests_total{code="499",route="segment"}`); n != 1 {
			t.Errorf("%v are counted as 499", n)
		}
	})
}

// TestKept_ALargeWriteMayTakeLonger: a viewer who was quick at first gets all that is
// in memory at once, and may take it at a few KiB a second.
func TestKept_ALargeWriteMayTakeLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(map[string]string{"1.ts": numbered(1 << 20)}), keeping(t, 64<<20))
		r.ok("/live/1.ts")
		conn, err := listen(t, r.Server).dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /live/1.ts HTTP/1.1\r\nHost: viewers.test\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		got, p := 0, make([]byte, 64<<10)
		for got < 64<<10 { // quick
			n, err := conn.Read(p)
			if err != nil {
				t.Fatal(err)
			}
			got += n
		}
		for begun := time.Now(); got < 1<<20; got += len(p) {
			time.Sleep(10 * time.Second)
			if n, err := io.ReadFull(conn, p[:min(len(p), 1<<20-got)]); err != nil {
				t.Fatalf("cut off after %s and %d bytes: %v", time.Since(begun), got+n, err)
			}
		}
	})
}
