package room

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func take(t *testing.T, s *Share, n int64) {
	t.Helper()
	if !s.TryTake(n) {
		t.Fatalf("no room for %d", n)
	}
}

// fill takes all of a room, with one small and one large load beyond it.
func fill(t *testing.T, r *Room) (all []*Share) {
	t.Helper()
	for _, n := range []int64{r.limit / 4, r.limit / 4, r.limit / 4, r.limit / 4, 1, r.limit} {
		s := r.Open()
		take(t, s, n)
		all = append(all, s)
	}
	return all
}

func TestRoom_WhoWaitsGoesOnOnceThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(400)
		all := fill(t, r)
		s := r.Open()
		if s.TryTake(1) {
			t.Fatal("there is room beyond the limit for another load")
		}
		done := make(chan error)
		go func() { done <- s.Take(t.Context(), 10) }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("it has not waited: %v", err)
		default:
		}
		all[0].Give(5)
		synctest.Wait()
		all[1].Give(5)
		if err := <-done; err != nil {
			t.Error(err)
		}
		for _, s := range append(all, s) {
			s.Close()
		}
		if r.Used() != 0 || len(r.waiting) != 0 || r.beyond != [2]*Share{} {
			t.Errorf("%d bytes in use by nobody: %+v", r.Used(), r)
		}
	})
}

func TestRoom_TheSmallestGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(400)
		all := fill(t, r)
		var mu sync.Mutex
		var order []int64
		for _, n := range []int64{60, 20, 90, 10} {
			go func() {
				s := r.Open()
				defer s.Close()
				if s.Take(t.Context(), n) == nil {
					mu.Lock()
					order = append(order, n)
					mu.Unlock()
				}
			}()
			synctest.Wait()
		}
		if r.Open().TryTake(10) {
			t.Error("one that is no smaller goes before those that wait")
		}
		all[0].Give(10)
		synctest.Wait()
		for i, n := range order {
			if i > 0 && n < order[i-1] {
				t.Errorf("%v: a smaller one has waited for a larger", order)
			}
		}
		if len(order) == 0 || order[0] != 10 {
			t.Errorf("%v, want the one of 10 first", order)
		}
		for _, s := range all {
			s.Close()
		}
		synctest.Wait()
		if len(order) != 4 {
			t.Errorf("%v, want all four", order)
		}
	})
}

func TestRoom_LargeLoadsLeaveAQuarterToSmallOnes(t *testing.T) {
	r := New(400)
	large, beyond, third := r.Open(), r.Open(), r.Open()
	take(t, large, 300)
	take(t, beyond, 150) // the one that may
	if third.TryTake(150) {
		t.Error("a large load takes of the last quarter")
	}
	for range 10 {
		take(t, r.Open(), 10)
	}
	take(t, beyond, 10_000)
}

func TestRoom_TimeEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(400)
		all := fill(t, r)
		s := r.Open()
		late, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Take(late, 10); !errors.Is(err, ErrFull) {
			t.Errorf("at the deadline: %v, want %v", err, ErrFull)
		}
		left, leave := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Take(left, 10) }()
		synctest.Wait()
		leave()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("after leaving: %v", err)
		}
		for _, s := range append(all, s) {
			s.Close()
		}
		if r.Used() != 0 || len(r.waiting) != 0 {
			t.Errorf("%d bytes are in use, %d wait", r.Used(), len(r.waiting))
		}
	})
}

// TestRoom_LoadsThatGrowAllEnd: each holds what it has and waits for more, some
// leave, and the limit changes.
func TestRoom_LoadsThatGrowAllEnd(t *testing.T) {
	const limit, most = 1000, 3000
	synctest.Test(t, func(t *testing.T) {
		r := New(limit)
		var all sync.WaitGroup
		for range 60 {
			size := rand.N[int64](most)
			patience := time.Hour
			if rand.N(4) == 0 {
				patience = rand.N(time.Second)
			}
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				s := r.Open()
				defer s.Close()
				for taken := int64(0); taken < size; taken += 50 {
					if err := s.Take(ctx, 50); err != nil {
						if patience == time.Hour {
							t.Error(err)
						}
						return
					}
					time.Sleep(rand.N(100 * time.Millisecond))
					if rand.N(10) == 0 {
						s.Give(20)
					}
				}
			})
		}
		all.Go(func() {
			for _, n := range []int64{2 * limit, limit / 2, limit} {
				time.Sleep(500 * time.Millisecond)
				r.Resize(n)
			}
		})
		ended := make(chan struct{})
		go func() { all.Wait(); close(ended) }()
		for running := true; running; {
			select {
			case <-ended:
				running = false
			case <-time.After(10 * time.Millisecond):
				if used := r.Used(); used > 2*limit+2*most {
					t.Errorf("%d bytes are in use", used)
				}
			}
		}
		if r.Used() != 0 || len(r.waiting) != 0 || r.beyond != [2]*Share{} {
			t.Errorf("%d bytes in use by nobody: %+v", r.Used(), r)
		}
	})
}

func TestRoom_NoneIsWithoutBounds(t *testing.T) {
	var r *Room
	s := r.Open()
	if err := s.Take(t.Context(), 1<<60); err != nil || !s.TryTake(1<<60) {
		t.Error(err)
	}
	s.Give(1)
	s.Close()
}
