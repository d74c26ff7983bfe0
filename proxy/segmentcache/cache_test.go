package segmentcache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
)

func newCache(t testing.TB, limit int64) *Cache {
	c := New(limit, time.Now, metrics.New("test").Segments)
	t.Cleanup(c.Close)
	return c
}

// sends answers with so many bytes; it says so if length is set.
func sends(size int, length bool) Fetch {
	return func(ctx context.Context, _ string, _ http.Header) (Response, error) {
		if ctx.Err() != nil {
			return Response{}, context.Canceled
		}
		resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1}
		if length {
			resp.ContentLength = int64(size)
		}
		resp.Body = io.NopCloser(io.LimitReader(zeros{}, int64(size)))
		return Response{Response: resp}, nil
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func get(path string, fetch Fetch) *Request {
	return &Request{Path: path, Method: http.MethodGet, Header: http.Header{}, Fetch: fetch}
}

// read reads an answer to its end, or so many bytes of it.
func read(a *Answer, most int) (n int, err error) {
	for n < most {
		p, err := a.Next(context.Background(), func() {})
		n += len(p)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// kept are the keys, those used least recently first.
func (c *Cache) kept() []key {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.objects.Keys()
}

// check counts anew what is counted as the cache goes.
func (c *Cache) check(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes > c.limit {
		t.Fatalf("%d bytes are taken, the limit is %d", c.bytes, c.limit)
	}
	sum := int64(0)
	for _, o := range c.objects.Values() {
		if o.cost < o.held()+overhead || o.readers > 0 || o.fetching || !o.kept {
			t.Fatalf("%+v takes more than is counted, or is in use", o)
		}
		sum += o.cost
	}
	if c.bytes != sum {
		t.Fatalf("%d bytes are counted, %d are kept", c.bytes, sum)
	}
}

// TestCache_DropsWhatWasUsedLeastRecently is a model of an LRU beside it.
func TestCache_DropsWhatWasUsedLeastRecently(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			const limit = 1 << 20
			c := newCache(t, limit)
			var model []string // least recently used first
			cost := func(path string) (n int64) {
				_, _ = fmt.Sscanf(path, "%d", &n)
				return overhead + n*1000 + int64(len("Date")+len(http.TimeFormat)+32)
			}
			for range 300 {
				path := fmt.Sprint(rnd.IntN(100))
				size := int(cost(path) - cost("0"))
				a, err := c.Get(t.Context(), get(path, sends(size, true)))
				if err != nil {
					t.Fatal(err)
				}
				if n, err := read(a, 1<<30); n != size || err != nil {
					t.Fatalf("%d bytes of %d: %v", n, size, err)
				}
				a.Close()
				synctest.Wait()
				model = append(slices.DeleteFunc(model, func(p string) bool { return p == path }), path)
				for sum(model, cost) > limit {
					model = model[1:]
				}
				var want []key
				for _, p := range model {
					want = append(want, ask(get(p, nil)).key(""))
				}
				if got := c.kept(); !slices.Equal(got, want) {
					t.Fatalf("seed %d: %d objects are kept, want %d", seed, len(got), len(want))
				}
				c.check(t)
			}
		})
	}
}

func sum(paths []string, cost func(string) int64) (n int64) {
	for _, p := range paths {
		n += cost(p)
	}
	return n
}

// TestCache_NothingTakesMoreThanTheLimit whatever viewers do: many at once, who
// leave when they like, of objects of all sizes.
func TestCache_NothingTakesMoreThanTheLimit(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 4))
			c := newCache(t, 2<<20)
			var wg sync.WaitGroup
			for range 40 {
				n, length, most, pause := rnd.IntN(30), rnd.IntN(2) == 0, rnd.IntN(600_000), time.Duration(rnd.IntN(2000))*time.Millisecond
				wg.Go(func() {
					for i := range 10 {
						size := n * n * 700
						a, err := c.Get(t.Context(), get(fmt.Sprint(n, i%3, length), sends(size, length)))
						if err != nil {
							t.Errorf("Get: %v", err)
							return
						}
						time.Sleep(pause)
						if a.Direct == nil {
							if _, err := read(a, most); err != nil {
								t.Errorf("read: %v", err)
							}
						}
						time.Sleep(pause)
						a.Close()
					}
				})
			}
			for range 60 {
				time.Sleep(500 * time.Millisecond)
				c.mu.Lock()
				if c.bytes > c.limit {
					t.Errorf("%d bytes are taken, the limit is %d", c.bytes, c.limit)
				}
				c.mu.Unlock()
			}
			wg.Wait()
			synctest.Wait()
			c.check(t)
		})
	}
}

// TestCache_WhatIsReadIsNotDropped: when all is, others pass by.
func TestCache_WhatIsReadIsNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, 1<<20)
		var open []*Answer
		for i := range 12 {
			a, err := c.Get(t.Context(), get(fmt.Sprint(i), sends(100_000, true)))
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, a)
			synctest.Wait()
		}
		direct := 0
		for _, a := range open {
			if a.Direct != nil {
				direct++
			} else if n, err := read(a, 1<<30); n != 100_000 || err != nil {
				t.Errorf("%d bytes, %v", n, err)
			}
		}
		if direct != 2 || len(c.kept()) < 10 {
			t.Errorf("%d of 12 passed by, want 2; %d are kept, want 10 at least", direct, len(c.kept()))
		}
		open[3].Close()
		if a, err := c.Get(t.Context(), get("more", sends(100_000, true))); err != nil || a.Direct != nil {
			t.Errorf("when one has been read, %v", err)
		} else {
			a.Close()
		}
		for i, a := range open {
			if i != 3 {
				a.Close()
			}
		}
		synctest.Wait()
		c.check(t)
	})
}

func TestCache_ResizeDropsWhatIsTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, 1<<20)
		var last *Answer
		for i := range 8 {
			a, err := c.Get(t.Context(), get(fmt.Sprint(i), sends(100_000, true)))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if last = a; i < 7 {
				a.Close()
			}
		}
		c.Resize(512 << 10)
		if n := len(c.kept()); n != 5 {
			t.Errorf("%d objects are kept, want 5", n)
		}
		c.Resize(0)
		if n, err := read(last, 1<<30); n != 100_000 || err != nil {
			t.Errorf("who reads on gets %d bytes, %v", n, err)
		}
		last.Close()
		c.check(t)
		if a, err := c.Get(t.Context(), get("7", sends(10, true))); err != nil || a.Direct == nil {
			t.Errorf("with no memory at all: %v", err)
		} else {
			a.Close()
		}
	})
}

// TestCache_OfWhatIsTooLargeAPartIsHeld, though its length was not said and its
// reader is slow.
func TestCache_OfWhatIsTooLargeAPartIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, 4<<20)
		a, err := c.Get(t.Context(), get("a", sends(3<<20, false)))
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for {
			synctest.Wait()
			c.mu.Lock()
			held := a.object.held()
			c.mu.Unlock()
			if held > 4<<20/8 {
				t.Fatalf("%d bytes are held after %d", held, total)
			}
			p, err := a.Next(t.Context(), func() {})
			if total += len(p); errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		a.Close()
		synctest.Wait()
		if total != 3<<20 {
			t.Errorf("%d bytes", total)
		}
	})
}

// TestCache_ALengthThatLiesIsAFailure, and takes no more memory than was said.
func TestCache_ALengthThatLiesIsAFailure(t *testing.T) {
	for _, c := range []struct{ said, sent int }{{1000, 999}, {1000, 1001}, {0, 1}, {blockSize, blockSize + 1}, {blockSize + 1, blockSize}} {
		synctest.Test(t, func(t *testing.T) {
			cache := newCache(t, 16<<20)
			a, err := cache.Get(t.Context(), get("a", func(context.Context, string, http.Header) (Response, error) {
				body := io.NopCloser(bytes.NewReader(make([]byte, c.sent)))
				return Response{Response: &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: int64(c.said), Body: body}}, nil
			}))
			if err != nil {
				t.Fatal(err)
			}
			if n, err := read(a, 1<<30); n > c.said || err == nil && c.sent < c.said {
				t.Errorf("%d bytes of %d said, %d sent: %v", n, c.said, c.sent, err)
			}
			a.Close()
			synctest.Wait()
			cache.check(t)
			if n := len(cache.kept()); n != 0 {
				t.Errorf("%+v is kept", c)
			}
		})
	}
}

func TestCache_CloseEndsFetchesAndLetsOthersPassBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, 1<<20)
		done := make(chan error)
		go func() {
			_, err := c.Get(t.Context(), get("a", func(ctx context.Context, _ string, _ http.Header) (Response, error) {
				<-ctx.Done()
				return Response{}, ctx.Err()
			}))
			done <- err
		}()
		synctest.Wait()
		c.Close()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if a, err := c.Get(t.Context(), get("a", sends(10, true))); err != nil || a.Direct == nil {
			t.Errorf("after Close: %v", err)
		}
		c.check(t)
	})
}

// TestCache_OfAHostileHeaderAllIsCounted: headers are memory too.
func TestCache_OfAHostileHeaderAllIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, 1<<20)
		for i := range 100 {
			a, err := c.Get(t.Context(), get(fmt.Sprint(i), func(context.Context, string, http.Header) (Response, error) {
				header := http.Header{"Vary": {string(bytes.Repeat([]byte("x"), 60<<10))}}
				return Response{Response: &http.Response{StatusCode: 200, Header: header, Body: http.NoBody}}, nil
			}))
			if err != nil {
				t.Fatal(err)
			}
			a.Close()
			synctest.Wait()
		}
		if n := len(c.kept()); n > 16 {
			t.Errorf("%d objects of 60 KiB each in 1 MiB", n)
		}
		c.check(t)
	})
}
