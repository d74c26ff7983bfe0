package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// stage is deploy/nginx/cache.conf in front of three instances that answer as a test says.
type stage struct {
	cache *nginx

	mu    sync.Mutex // guards asked
	asked []string   // of the instances, in order: instance, method and address
}

// newStage starts it for one test, which it ends with.
func newStage(t *testing.T, answer http.HandlerFunc) *stage {
	t.Helper()
	return newBalancedStage(t, "instances.conf", answer)
}

// newBalancedStage is newStage with another file of deploy/nginx for the instances.
func newBalancedStage(t *testing.T, balancing string, answer http.HandlerFunc) *stage {
	t.Helper()
	s := &stage{}
	var instances []*process
	for i := range 3 {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			s.asked = append(s.asked, fmt.Sprintf("%d %s %s", i, r.Method, r.RequestURI))
			s.mu.Unlock()
			answer(w, r)
		}))
		t.Cleanup(server.Close)
		instances = append(instances, &process{viewers: server.URL})
	}
	s.cache = balancingNginx(t, balancing, instances)
	return s
}

// requests are those that reached an instance.
func (s *stage) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func TestCache_AsksTheNextInstanceWhereItMayKnowBetter(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]map[int]int{
		"/live/a/master.m3u8": {http.StatusBadGateway: 1, http.StatusServiceUnavailable: 3, http.StatusGatewayTimeout: 1},
		"/live/a/seg.ts":      {http.StatusBadGateway: 3, http.StatusServiceUnavailable: 3, http.StatusGatewayTimeout: 1},
	} {
		for status, requests := range want {
			s := newStage(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
			got, err := fetch(s.cache.url+path, "")
			if err != nil || got.status != status || len(s.requests()) != requests {
				t.Errorf("%s: status %d, %v: %v; want %d and %d requests", path, got.status, s.requests(), err, status, requests)
			}
		}
	}
}

func TestCache_AsksASlowOriginOnceForASegment(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(7 * time.Second) // nginx would have others wait for 5
		fmt.Fprint(w, "segment")
	})
	var viewers sync.WaitGroup
	for range 60 {
		viewers.Go(func() {
			got, err := fetch(s.cache.url+"/live/a/seg.ts", "")
			if err != nil || got.status != http.StatusOK || string(got.body) != "segment" {
				t.Errorf("status %d, %q: %v", got.status, got.body, err)
			}
		})
	}
	viewers.Wait()
	if requests := s.requests(); len(requests) != 1 {
		t.Errorf("%d requests for one segment reached the instances, want 1", len(requests))
	}
}

// Whoever makes an error, players may read it and nobody keeps it.
func TestCache_ErrorsAreOpenAndNotKept(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("broken") {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.URL.Query().Has("absent") {
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusNotFound)
		}
	})
	for _, path := range []string{"/live/a/master.m3u8", "/live/a/seg.ts"} {
		for query, want := range map[string]struct {
			status int
			kept   string
		}{
			"":                                    {http.StatusOK, "[]"},
			"?absent":                             {http.StatusNotFound, "[no-store]"},
			"?broken":                             {http.StatusBadGateway, "[no-store]"},
			"?long=" + strings.Repeat("a", 17000): {http.StatusRequestURITooLong, "[no-store]"},
		} {
			got, err := fetch(s.cache.url+path+query, "")
			open, kept := fmt.Sprint(got.header["Access-Control-Allow-Origin"]), fmt.Sprint(got.header["Cache-Control"])
			if err != nil || got.status != want.status || open != "[*]" || kept != want.kept {
				t.Errorf("%s%.9s: status %d, Access-Control-Allow-Origin %s, Cache-Control %s: %v; want %v", path, query, got.status, open, kept, err, want)
			}
		}
	}
}

// As long as an instance takes it.
func TestCache_KeepsWhatHasALongAddress(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "max-age=60") })
	long := "/live/" + strings.Repeat("a/", 2000) + "%s?token=" + strings.Repeat("b", 8180)
	for _, name := range []string{"master.m3u8", "seg.ts"} {
		for range 3 {
			got, err := fetch(s.cache.url+fmt.Sprintf(long, name), "")
			if err != nil || got.status != http.StatusOK {
				t.Errorf("%s: status %d: %v", name, got.status, err)
			}
		}
	}
	if requests := s.requests(); len(requests) != 2 {
		t.Errorf("%d requests reached the instances, want one for each address", len(requests))
	}
}

// Of nothing there is no slice: its origin answers 416.
func TestCache_PassesEmptySegments(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "some.ts"):
			http.ServeContent(w, r, "seg.ts", time.Time{}, strings.NewReader("some"))
		case r.Header.Get("Range") != "":
			w.Header().Set("Content-Range", "bytes */0")
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		}
	})
	for _, want := range []struct {
		path, byterange, body string
		status                int
	}{
		{"/live/a%2Fb/empty.ts?token=a", "", "", http.StatusOK},
		{"/live/a/some.ts", "", "some", http.StatusOK},
		{"/live/a/some.ts", "bytes=1-", "ome", http.StatusPartialContent},
		{"/live/a/some.ts", "bytes=4000000-", "invalid range: failed to overlap\n", http.StatusRequestedRangeNotSatisfiable},
	} {
		got, err := fetch(s.cache.url+want.path, want.byterange)
		if err != nil || got.status != want.status || string(got.body) != want.body {
			t.Errorf("%s %s: status %d, %q: %v; want %v", want.path, want.byterange, got.status, got.body, err, want)
		}
	}
	if requests := s.requests(); !slices.ContainsFunc(requests, func(r string) bool { return strings.HasSuffix(r, "GET /live/a%2Fb/empty.ts?token=a") }) {
		t.Errorf("the address has been changed on the way: %q", requests)
	}
}

func TestCache_LogsNoQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for _, path := range []string{"/live/a/master.m3u8", "/live/a/seg.ts"} {
		got, err := fetch(s.cache.url+path+"?token=secret", "")
		if err != nil || got.status != http.StatusBadGateway {
			t.Errorf("%s: status %d: %v", path, got.status, err)
		}
	}
	if err := await(func() error {
		access, err := os.ReadFile(filepath.Join(s.cache.dir, "access.log"))
		if err == nil && strings.Count(string(access), " 502 ") < 2 {
			err = fmt.Errorf("the access log is\n%s", access)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"access.log", "error.log"} {
		if text, err := os.ReadFile(filepath.Join(s.cache.dir, name)); err != nil || strings.Contains(string(text), "secret") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

func TestBalancing_AllOfAVodGoesToOneInstance(t *testing.T) {
	t.Parallel()
	s := newBalancedStage(t, "instances.hash.conf", func(http.ResponseWriter, *http.Request) {})
	for vod := range 20 {
		for _, path := range []string{"master.m3u8", "master.m3u8/0.m3u8", "master.m3u8/1.m3u8", "master.m3u8/2.m3u"} {
			if _, err := fetch(fmt.Sprintf("%s/live/%d/%s?token=%s", s.cache.url, vod, path, path), ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	of, used := map[string]string{}, map[string]bool{}
	for _, request := range s.requests() {
		instance, address, _ := strings.Cut(request, " GET ")
		vod, _, _ := strings.Cut(address, "/master")
		if before, is := of[vod]; is && before != instance {
			t.Errorf("%s is asked of the instances %s and %s", vod, before, instance)
		}
		of[vod], used[instance] = instance, true
	}
	if len(of) != 20 || len(used) != 3 {
		t.Errorf("%d VODs at %d instances, want 20 at all 3", len(of), len(used))
	}
}
