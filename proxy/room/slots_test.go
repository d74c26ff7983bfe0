package room_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/room"
)

func mustAcquire(t *testing.T, s *room.Slots) (release func()) {
	t.Helper()
	release, err := s.Acquire(t.Context(), "first")
	if err != nil {
		t.Fatalf("Acquire of a free slot: %v, want a slot", err)
	}
	return release
}

// queue lets a load wait, which notes its name when it has a slot and gives it back.
func queue(t *testing.T, s *room.Slots, name string, served *[]string) {
	folder, _, _ := strings.Cut(name, "/")
	go func() {
		release, err := s.Acquire(t.Context(), folder)
		if err != nil {
			t.Errorf("Acquire of %s: %v, want a slot", name, err)
			return
		}
		*served = append(*served, name) // one slot: one at a time
		release()
	}()
	synctest.Wait()
}

func TestSlots_FoldersTakeTurnsAndEachServesFirstComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := room.NewSlots(1, 10)
		release := mustAcquire(t, s)
		var served []string
		for _, name := range []string{"a/1", "a/2", "a/3", "b/1", "a/4", "b/2", "c/1"} {
			queue(t, s, name, &served)
		}
		release()
		synctest.Wait()
		if want := []string{"a/1", "b/1", "c/1", "a/2", "b/2", "a/3", "a/4"}; !slices.Equal(served, want) {
			t.Errorf("served %v, want %v", served, want)
		}
	})
}

func TestSlots_AFloodInOneFolderDelaysAnotherByOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := room.NewSlots(1, 1000)
		release := mustAcquire(t, s)
		var served []string
		for range 500 {
			queue(t, s, "flood/x", &served)
		}
		queue(t, s, "good/1", &served)
		release()
		synctest.Wait()
		if n := slices.Index(served, "good/1"); n != 1 || len(served) != 501 {
			t.Errorf("the good load was number %d of %d, want number 1 of 501", n, len(served))
		}
	})
}

func TestSlots_TooManyWaitersAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := room.NewSlots(1, 2)
		release := mustAcquire(t, s)
		var served []string
		queue(t, s, "a/1", &served)
		queue(t, s, "b/1", &served)
		if _, err := s.Acquire(t.Context(), "c"); !errors.Is(err, room.ErrNoSlot) {
			t.Errorf("Acquire with a full queue: %v, want ErrNoSlot", err)
		}
		release()
		synctest.Wait()
		if len(served) != 2 {
			t.Errorf("served %v, want those who waited", served)
		}
	})
}

func TestSlots_AWaiterLeavesWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := room.NewSlots(1, 1)
		release := mustAcquire(t, s)
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Acquire(late, "a"); !errors.Is(err, room.ErrNoSlot) {
			t.Errorf("Acquire until its deadline: %v, want ErrNoSlot", err)
		}
		left, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		if _, err := s.Acquire(left, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("Acquire of one who left: %v, want context.Canceled", err)
		}
		var served []string
		queue(t, s, "a/1", &served) // the one place to wait is free again
		release()
		synctest.Wait()
		if len(served) != 1 {
			t.Errorf("served %v, want a/1", served)
		}
	})
}

func TestSlots_ASecondReleaseFreesNothing(t *testing.T) {
	s := room.NewSlots(1, 0)
	release := mustAcquire(t, s)
	release()
	release()
	mustAcquire(t, s)
	if _, err := s.Acquire(t.Context(), "a"); !errors.Is(err, room.ErrNoSlot) {
		t.Errorf("a second load beside one slot: %v, want ErrNoSlot", err)
	}
}

// TestSlots_NoneIsLostOrMadeUp: whoever leaves whenever, never more loads than slots
// are under way, and all slots are free in the end.
func TestSlots_NoneIsLostOrMadeUp(t *testing.T) {
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) { testRandomLoads(t, rand.New(rand.NewPCG(seed, 16))) })
	}
}

func testRandomLoads(t *testing.T, r *rand.Rand) {
	slots := 1 + r.IntN(4)
	s := room.NewSlots(slots, 20)
	under := make(chan struct{}, slots)
	for range 60 {
		folder, starts := string(rune('a'+r.IntN(3))), time.Duration(r.IntN(20))*time.Second
		patience, takes := time.Duration(r.IntN(10))*time.Second, time.Duration(r.IntN(5))*time.Second
		go func() {
			time.Sleep(starts) // of the test's own clock
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			release, err := s.Acquire(ctx, folder)
			if err != nil {
				return
			}
			select {
			case under <- struct{}{}:
			default:
				t.Errorf("more than %d loads are under way", slots)
			}
			time.Sleep(takes)
			<-under
			release()
		}()
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	for range slots {
		mustAcquire(t, s)
	}
	late, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Acquire(late, "a"); !errors.Is(err, room.ErrNoSlot) {
		t.Errorf("one more load than slots: %v, want ErrNoSlot", err)
	}
}
