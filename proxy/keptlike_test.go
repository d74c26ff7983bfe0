package proxy

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// library is what all its bodies are the beginning of. It answers for many paths:
// with small ones, large ones, some that are never kept, some whose length is not
// said.
type library string

func (l library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var n int
	_, _ = fmt.Sscanf(r.URL.Path, "/vod/%d.ts", &n)
	body := string(l)[:[]int{0, 1, 16, 1000, 16 << 10, 100_000, 256 << 10, 256<<10 + 1, 700_000, 2 << 20}[n%10]+n/10]
	w.Header().Set("Cache-Control", []string{"max-age=5", "max-age=600", "no-cache", "private", "public", ""}[n%6])
	if n%7 == 0 {
		w.Header().Set("Vary", "Origin")
	}
	if n%5 == 4 { // no length, and no ranges
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, n))
		if r.Header.Get("If-None-Match") == fmt.Sprintf(`"%d"`, n) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "video/mp2t")
		for len(body) > 0 {
			sent := min(len(body), 50_000)
			_, _ = io.WriteString(w, body[:sent])
			_ = http.NewResponseController(w).Flush()
			body = body[sent:]
		}
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%d"`, n))
	http.ServeContent(w, r, "1.ts", epoch.Add(-time.Duration(n)*time.Hour), strings.NewReader(body))
}

// randomRequest is any that has one right answer.
func randomRequest(rnd *rand.Rand) *http.Request {
	n := rnd.IntN(30)
	var headers []string
	switch rnd.IntN(8) {
	case 0:
		headers = []string{"If-None-Match", []string{`"1"`, fmt.Sprintf(`"%d"`, n)}[rnd.IntN(2)]}
	case 1:
		headers = []string{"If-Modified-Since", epoch.Add(-time.Duration(rnd.IntN(30)) * time.Hour).Format(http.TimeFormat)}
	case 2, 3, 4:
		from := rnd.IntN(300_000)
		headers = []string{"Range", []string{fmt.Sprintf("bytes=%d-%d", from, from+rnd.IntN(300_000)), fmt.Sprintf("bytes=%d-", from), fmt.Sprintf("bytes=-%d", from+1), "bytes=0-"}[rnd.IntN(4)]}
		if rnd.IntN(3) == 0 {
			headers = append(headers, "If-Range", []string{`"1"`, fmt.Sprintf(`"%d"`, n)}[rnd.IntN(2)])
		}
	}
	if n == 0 && len(headers) > 0 && headers[0] == "Range" { // net/http answers 206 with "bytes 0--1/0"
		headers = nil
	}
	if n%5 == 4 && headers != nil && headers[0] != "If-None-Match" { // that origin does not know of them
		headers = nil
	}
	method := http.MethodGet
	if rnd.IntN(5) == 0 {
		method = http.MethodHead
	}
	return request(method, fmt.Sprintf("/live/%d.ts", n), headers...)
}

// told is what must not differ between answers with a cache and without.
func toldOf(a answered) string {
	names := []string{"Etag", "Last-Modified", "Cache-Control", "Vary", "Content-Type", "Content-Range", "Content-Encoding", "Accept-Ranges", "Content-Length"}
	switch a.status {
	case http.StatusRequestedRangeNotSatisfiable:
		names = []string{"Content-Range"} // origins differ in what else they say
	case http.StatusNotModified:
		names = []string{"Etag", "Cache-Control", "Vary"}
	}
	text := fmt.Sprint(a.status, " ", a.cut)
	for _, name := range names {
		text += "; " + name + ": " + a.header.Get(name)
	}
	return text
}

// TestKept_AnswersAreThoseOfTheOrigin compares random requests, several at once,
// with those of a server without a cache; the limit holds at every moment.
func TestKept_AnswersAreThoseOfTheOrigin(t *testing.T) {
	from := library(numbered(2<<20 + 9))
	total := map[string]float64{}
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			limit := int64(1+seed) << 20
			plain, kept := newRig(t, from), newRig(t, from, keeping(t, limit))
			for range 50 {
				var wg sync.WaitGroup
				for range 1 + rnd.IntN(6) {
					req := randomRequest(rnd)
					wg.Go(func() {
						want, got := plain.serveOne(req.Clone(t.Context())), kept.serveOne(req)
						if got.header.Get("Content-Length") != "" && want.header.Get("Content-Length") == "" {
							got.header.Del("Content-Length") // it is known by now
						}
						if toldOf(got) != toldOf(want) || got.body != want.body && got.status < 300 {
							t.Errorf("seed %d: %s %s %v: %d bytes; %s\nwithout a cache %d bytes; %s", seed, req.Method, req.URL, req.Header, len(got.body), toldOf(got), len(want.body), toldOf(want))
						}
					})
				}
				wg.Wait()
				if n := kept.metric("vod2live_segment_cache_bytes"); n > float64(limit) {
					t.Fatalf("seed %d: %v bytes are taken, the limit is %d", seed, n, limit)
				}
				time.Sleep(time.Duration(rnd.IntN(4000)) * time.Millisecond)
			}
			maps.Copy(total, kept.results())
		})
	}
	if len(total) < 5 {
		t.Errorf("these requests show not all that the cache does: %v", total)
	}
}

// TestKept_NoAnswerIsOlderThanAllowed: objects are written over all the time.
func TestKept_NoAnswerIsOlderThanAllowed(t *testing.T) {
	for seed := range uint64(4) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 2))
			const fresh = 20 * time.Second
			files := newVODs()
			history := map[string]map[string]time.Time{} // until when each body was right
			put := func(path string) {
				text := strings.Repeat(fmt.Sprintf("%s %d ", path, rnd.Uint64()), 1+rnd.IntN(8000))
				for old, until := range history[path] {
					if until.IsZero() {
						history[path][old] = time.Now()
					}
				}
				if history[path] == nil {
					history[path] = map[string]time.Time{}
				}
				history[path][text] = time.Time{}
				files.put(path, text)
				files.fail(path, saying(files, path, "Cache-Control", "max-age=20"))
			}
			paths := []string{"a.ts", "b.ts", "c.ts", "d.ts"}
			for _, path := range paths {
				put(path)
			}
			r := newRig(t, files, keeping(t, 16<<20))
			for range 300 {
				path := paths[rnd.IntN(len(paths))]
				if rnd.IntN(10) == 0 {
					put(path)
				}
				a := r.ok("/live/" + path)
				until, known := history[path][a.body]
				if !known || !until.IsZero() && time.Since(until) > fresh {
					t.Fatalf("seed %d: %s is answered as it was until %s ago", seed, path, time.Since(until))
				}
				time.Sleep(time.Duration(rnd.IntN(3000)) * time.Millisecond)
			}
			if all := r.results(); all["revalidated"] == 0 || all["hit"] == 0 || all["miss"] < 5 {
				t.Errorf("seed %d: %v", seed, all)
			}
		})
	}
}
