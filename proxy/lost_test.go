package proxy

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestLost_ARequestThatHangsIsMadeAgainWhenItsOriginIsBack, though nobody else
// asks.
func TestLost_ARequestThatHangsIsMadeAgainWhenItsOriginIsBack(t *testing.T) {
	for _, path := range []string{aSegment, "/live/master.m3u8"} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(seed())
			r := newRig(t, files)
			r.ok("/live/master_Layer2_001.ts")
			files.fail("", hang)
			var viewer sync.WaitGroup
			var a answered
			var at time.Time
			viewer.Go(func() { a, at = r.get(path), time.Now() })
			time.Sleep(5 * time.Second)
			files.fail("", nil)
			back := time.Now()
			viewer.Wait()
			if a.status != 200 || at.Sub(back) > returned {
				t.Errorf("%s: %d %s after the return", path, a.status, at.Sub(back))
			}
		})
	}
}

// TestLost_WhatIsSlowIsRequestedOnce, where the origin answers others.
func TestLost_WhatIsSlowIsRequestedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		files.fail("master_Layer1_001.ts", func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(8 * time.Second)
			_, _ = w.Write([]byte("media"))
		})
		r.ok("/live/master_Layer2_001.ts")
		var others sync.WaitGroup
		others.Go(func() {
			for range 50 {
				r.ok("/live/master_Layer2_002.ts")
				time.Sleep(200 * time.Millisecond)
			}
		})
		r.ok(aSegment)
		if n := files.count("master_Layer1_001.ts"); n != 1 {
			t.Errorf("requested %d times", n)
		}
		others.Wait()
		if n := files.count("master_Layer2_001.ts"); n != 1 {
			t.Errorf("the witness was requested %d times", n-1)
		}
	})
}

// TestLost_AnAnswerThatComesAsTheSecondDoesIsNotUsed: its request is ended already,
// so its body would break off.
func TestLost_AnAnswerThatComesAsTheSecondDoesIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		through := transport(t, listen(t, newVODs(seed())))
		var requests, closed atomic.Int32
		r := newRig(t, nil, func(c *Config) {
			c.Transport = roundTripper(func(q *http.Request) (*http.Response, error) {
				if q.URL.Path != "/vod/master_Layer1_001.ts" || requests.Add(1) > 1 {
					return through.RoundTrip(q)
				}
				<-q.Context().Done()
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: endedBody{q, &closed}, Request: q}, nil
			})
		})
		r.ok("/live/master_Layer2_001.ts")
		time.Sleep(time.Second)
		r.ok(aSegment)
		if requests.Load() != 2 || closed.Load() != 1 {
			t.Errorf("%d requests, %d bodies closed of the first", requests.Load(), closed.Load())
		}
	})
}

// endedBody is a body whose request has been ended.
type endedBody struct {
	request *http.Request
	closed  *atomic.Int32
}

func (b endedBody) Read([]byte) (int, error) { return 0, context.Cause(b.request.Context()) }

func (b endedBody) Close() error {
	b.closed.Add(1)
	return nil
}
