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

// saying answers with a file's validators and other headers besides.
func saying(files *vods, path string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		files.mu.Lock()
		text := files.files[path]
		files.mu.Unlock()
		w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(len(text))))
		http.ServeContent(w, r, path, epoch.Add(-24*time.Hour), strings.NewReader(text))
	}
}

// TestKept_AsLongAsTheOriginSays asks every ten seconds for two minutes.
func TestKept_AsLongAsTheOriginSays(t *testing.T) {
	date := func(after time.Duration) string { return epoch.Add(after).Format(http.TimeFormat) }
	for _, c := range []struct {
		name    string
		headers []string
		whole   int // fetches
		checks  int // that found it unchanged
	}{
		{"nothing is said", nil, 1, 2},
		{"max-age", []string{"Cache-Control", "public, max-age=30"}, 1, 4},
		{"much", []string{"Cache-Control", "max-age=99999999999999999999"}, 1, 0},
		{"s-maxage first", []string{"Cache-Control", "max-age=30, s-maxage=90"}, 1, 1},
		{"nonsense", []string{"Cache-Control", "max-age=soon"}, 1, 12},
		{"max-age in quotes", []string{"Cache-Control", `ext="a, max-age=0", Max-Age="90"`}, 1, 1},
		{"no-cache", []string{"Cache-Control", "no-cache"}, 1, 12},
		{"no-cache over max-age", []string{"Cache-Control", "max-age=90", "Cache-Control", "no-cache"}, 1, 12},
		{"Expires", []string{"Expires", date(65 * time.Second)}, 1, 6},
		{"Expires in the past", []string{"Expires", "0"}, 1, 12},
		{"max-age over Expires", []string{"Expires", "0", "Cache-Control", "max-age=600"}, 1, 0},
		{"old already", []string{"Cache-Control", "max-age=100", "Age", "85"}, 1, 6},
		{"no-store", []string{"Cache-Control", "no-store"}, 13, 0},
		{"private", []string{"Cache-Control", "max-age=600, private"}, 13, 0},
		{"private in part", []string{"Cache-Control", `max-age=600, Private="x, y"`}, 13, 0},
		{"varies by all", []string{"Vary", "*"}, 13, 0},
		{"varies by what reaches it", []string{"Vary", "Accept-Encoding, RANGE"}, 13, 0},
		{"varies by what does not", []string{"Vary", "Origin, Accept-Encoding", "Vary", "Cookie", "Cache-Control", "max-age=600"}, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(map[string]string{"1.ts": "media"})
				files.fail("1.ts", saying(files, "1.ts", c.headers...))
				r := newRig(t, files, keeping(t, 16<<20))
				for range 13 {
					if a := r.ok("/live/1.ts"); a.body != "media" {
						t.Errorf("%q", a.body)
					}
					time.Sleep(10 * time.Second)
				}
				checks := int(r.metric(`vod2live_origin_requests_total{origin="live",outcome="not_modified"}`))
				if whole := files.count("1.ts") - checks; whole != c.whole || checks != c.checks {
					t.Errorf("%d fetches and %d checks, want %d and %d", whole, checks, c.whole, c.checks)
				}
			})
		})
	}
}

// TestKept_WhatMustNotBeSharedIsNot: not even with those who wait for it too.
func TestKept_WhatMustNotBeSharedIsNot(t *testing.T) {
	for _, headers := range [][]string{nil, {"Range", "bytes=1-2"}} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(map[string]string{"1.ts": "media"})
			one := saying(files, "1.ts", "Cache-Control", "private")
			files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(time.Second)
				one(w, r)
			})
			r := newRig(t, files, keeping(t, 16<<20))
			start := time.Now()
			r.many(50, headers...)
			if n := files.count("1.ts"); n != 50 {
				t.Errorf("%d fetches for 50 viewers", n)
			}
			if took := time.Since(start); took != 2*time.Second {
				t.Errorf("they were answered after %s, want 2s: they wait once for what one may not share", took)
			}
			start = time.Now()
			r.many(50, headers...)
			if took := time.Since(start); took != time.Second {
				t.Errorf("later ones were answered after %s, want 1s: they need not wait for each other", took)
			}
		})
	}
}

func TestKept_AChangedObjectReplacesTheOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": "old media"})
		r := newRig(t, files, keeping(t, 16<<20))
		ask := func(want string, fetches int) {
			t.Helper()
			for _, headers := range [][]string{nil, {"Range", "bytes=0-2"}} {
				for _, a := range r.many(20, headers...) {
					if a.body != want && a.body != want[:3] {
						t.Fatalf("%q, want %q", a.body, want)
					}
				}
			}
			if n := files.count("1.ts"); n != fetches {
				t.Errorf("%d requests to the origin, want %d", n, fetches)
			}
		}
		ask("old media", 1)
		files.put("1.ts", "newer media")
		time.Sleep(59 * time.Second)
		ask("old media", 1)
		time.Sleep(time.Second)
		ask("newer media", 2)
		time.Sleep(time.Minute)
		ask("newer media", 3) // not modified
		files.fail("1.ts", status(404, ""))
		ask("newer media", 3)
		time.Sleep(time.Minute)
		if a := r.get("/live/1.ts"); a.status != 404 {
			t.Errorf("%d %q of what is gone", a.status, a.body)
		}
	})
}

// TestKept_StaleIsBetterThanNothing, where the origin does not forbid it.
func TestKept_StaleIsBetterThanNothing(t *testing.T) {
	for cc, stays := range map[string]bool{"max-age=10": true, "max-age=10, must-revalidate": false, "no-cache": false, "s-maxage=10": false, "max-age=10, proxy-revalidate": false} {
		for name, fault := range map[string]http.HandlerFunc{"500": status(500, ""), "429": status(429, ""), "reset": raw("", 0), "hangs": hang, "403": status(403, "no")} {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(map[string]string{"1.ts": "media"})
				well := saying(files, "1.ts", "Cache-Control", cc)
				files.fail("1.ts", well)
				r := newRig(t, files, keeping(t, 16<<20))
				r.ok("/live/1.ts")
				files.fail("1.ts", fault)
				time.Sleep(time.Minute)
				files.forget()
				stays := stays && name != "403" // which is an answer
				for _, a := range append(r.many(20), r.get("/live/1.ts"), r.get("/live/1.ts", "Range", "bytes=0-")) {
					if (a.body == "media") != stays {
						t.Errorf("%s, %s: %d %q", cc, name, a.status, a.body)
					}
				}
				most := 4 // retries of one fetch
				if name == "hangs" {
					most += 10 // a look each second
				}
				if n := files.count("1.ts"); stays && n > most {
					t.Errorf("%s, %s: the origin was asked %d times", cc, name, n)
				}
				files.fail("1.ts", well)
				time.Sleep(10 * time.Second)
				if a := r.ok("/live/1.ts"); a.body != "media" || a.header.Get("Age") != "0" && a.header.Get("Age") != "" {
					t.Errorf("%s, %s: when it is back: %q, Age %s", cc, name, a.body, a.header.Get("Age"))
				}
			})
		}
	}
}

// TestKept_AgeAndDateAreThoseOfTheAnswer (RFC 9111 5.1).
func TestKept_AgeAndDateAreThoseOfTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": "media"})
		files.fail("1.ts", saying(files, "1.ts", "Cache-Control", "max-age=100", "Age", "7"))
		r := newRig(t, files, keeping(t, 16<<20))
		made := epoch.Format(http.TimeFormat)
		for i, want := range []struct{ age, date string }{{"7", made}, {"37", made}, {"67", made}, {"97", made}, {"0", epoch.Add(2 * time.Minute).Format(http.TimeFormat)}} {
			if i == 4 {
				files.fail("1.ts", saying(files, "1.ts", "Cache-Control", "max-age=100", "X-Secret", "hunter2", "Set-Cookie", "a=b"))
			}
			a := r.ok("/live/1.ts")
			if a.header.Get("Age") != want.age || a.header.Get("Date") != want.date {
				t.Errorf("after %s: Age %q, Date %q; want %q, %q", time.Since(epoch), a.header.Get("Age"), a.header.Get("Date"), want.age, want.date)
			}
			time.Sleep(30 * time.Second)
		}
	})
}

func TestKept_ARevalidationThatAllHaveLeftChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": "media"})
		r := newRig(t, files, keeping(t, 16<<20))
		r.ok("/live/1.ts")
		time.Sleep(time.Hour)
		files.fail("1.ts", hang)
		ctx, leave := withTimeout(t, time.Second)
		r.send(request(http.MethodGet, "/live/1.ts").WithContext(ctx))
		leave()
		synctest.Wait()
		files.fail("1.ts", nil)
		if a := r.ok("/live/1.ts"); a.body != "media" || r.results()["revalidated"] != 1 {
			t.Errorf("%q, %v", a.body, r.results())
		}
	})
}

// TestKept_ConditionsAndHEADAreAnsweredFromMemory, and begin no fetch of the whole.
func TestKept_ConditionsAndHEADAreAnsweredFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": "0123456789"})
		r := newRig(t, files, keeping(t, 16<<20))
		tag, date := files.answer("1.ts").Get("ETag"), files.answer("1.ts").Get("Last-Modified")
		before := epoch.Add(-25 * time.Hour).Format(http.TimeFormat)
		ask := func() (all []string) {
			for _, headers := range [][]string{
				nil,
				{"Range", "bytes=2-4"},
				{"Range", "bytes=-3"},
				{"Range", "bytes=99-"},
				{"Range", "bytes=2-4", "If-Range", tag},
				{"Range", "bytes=2-4", "If-Range", `"other"`},
				{"Range", "bytes=2-4", "If-Range", "W/" + tag},
				{"Range", "bytes=2-4", "If-Range", date},
				{"Range", "bytes=2-4", "If-Range", before},
				{"If-None-Match", tag},
				{"If-None-Match", `"other", W/` + tag},
				{"If-None-Match", "*"},
				{"If-None-Match", `"other"`},
				{"If-Modified-Since", date},
				{"If-Modified-Since", before},
				{"If-Modified-Since", "soon"},
				{"If-None-Match", `"other"`, "If-Modified-Since", date},
				{"If-None-Match", tag, "Range", "bytes=2-4"},
			} {
				for _, method := range []string{http.MethodHead, http.MethodGet} {
					a := r.do(method, "/live/1.ts", headers...)
					line := fmt.Sprint(method, headers, a.status, a.body)
					for _, name := range []string{"Content-Length", "Content-Range", "Content-Type"} {
						if a.status == 200 || a.status == 206 || name == "Content-Range" {
							line += fmt.Sprintf(" %s: %s", name, a.header.Get(name))
						}
					}
					if a.status != 416 && a.header.Get("ETag") != tag {
						line += " without its tag"
					}
					all = append(all, line)
				}
			}
			return all
		}
		cold := ask() // each alone
		r.ok("/live/1.ts")
		asked := files.count("")
		for i, line := range ask() {
			if line != cold[i] {
				t.Errorf("from memory %s\nof the origin %s", line, cold[i])
			}
		}
		if n := files.count("") - asked; n != 0 {
			t.Errorf("the origin was asked %d times", n)
		}
	})
}

func withTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}
