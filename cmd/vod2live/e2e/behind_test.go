package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
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
	s.cache = cachingNginx(t, instances)
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
