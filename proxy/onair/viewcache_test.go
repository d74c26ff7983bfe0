package onair

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/semaphore"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/proxy/answer"
	"vod2live/proxy/failure"
	"vod2live/proxy/timeshift"
)

func keyOf(n int) viewKey {
	return viewKey{view: timeshift.View{View: loop.View{Span: time.Duration(n)}}}
}

func written() *answer.Answer {
	return answer.New([]byte("#EXTM3U\n"), "x", time.Now(), time.Now().Add(4*time.Second))
}

// TestViewCache_OneThatIsKeptWaitsForNoStranger: neither of its own stream nor of others.
func TestViewCache_OneThatIsKeptWaitsForNoStranger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newViewCache(64<<20, &usage{metrics: metrics.New("test"), sweep: func() {}})
		defer cache.usage.close()
		streams := make([]*Stream, 8)
		for n := range streams {
			streams[n] = &Stream{writing: semaphore.NewWeighted(1)}
		}
		ask := func(n int, write func() *answer.Answer) error {
			_, err := cache.make(t.Context(), viewJob{streams[n%len(streams)], keyOf(n), 0, write}, time.Now())
			return err
		}
		if err := ask(0, written); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second) // it has changed
		const strangers = 80
		ended, release := make(chan error), make(chan struct{})
		for n := range strangers {
			go func() {
				ended <- ask(1+n, func() *answer.Answer {
					<-release
					return written()
				})
			}()
		}
		synctest.Wait()
		began := time.Now()
		if err := ask(0, written); err != nil || time.Since(began) > 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		time.Sleep(writePatience + time.Millisecond)
		close(release)
		refused := 0
		for range strangers {
			if errors.Is(<-ended, failure.ErrViews) {
				refused++
			}
		}
		if want := strangers - (mostWriting - 1); refused != want {
			t.Errorf("%d strangers were told to come back, want %d", refused, want)
		}
	})
}

// TestViewCache_WhatItTakesIsCounted: of many that are short, what they take beside their
// text is most of it.
func TestViewCache_WhatItTakesIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 10000
		cache := newViewCache(1<<30, &usage{metrics: metrics.New("test"), sweep: func() {}})
		defer cache.usage.close()
		st := &Stream{writing: semaphore.NewWeighted(1)}
		before := heap()
		for n := range many {
			if _, err := cache.make(t.Context(), viewJob{st, keyOf(n), 0, func() *answer.Answer {
				return answer.New(make([]byte, 640), fmt.Sprintf("%064d", n), time.Now(), time.Now().Add(time.Minute))
			}}, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		took, counted := heap()-before, cache.bytes.Load()
		if took > counted*5/4 || counted > took*5/4 {
			t.Errorf("%d are counted as %d bytes each, they take %d", many, counted/many, took/many)
		}
		for cache.dropOne() {
		}
		if cache.bytes.Load() != 0 || cache.usage.total() != 0 {
			t.Errorf("once all are dropped, %d bytes are counted", cache.usage.total())
		}
	})
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
