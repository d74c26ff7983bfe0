package onair

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
)

func TestEviction_FailuresAreSaidForAsLongAsTheyAreHeld(t *testing.T) {
	s := newStore(1, time.Now, metrics.New("test"))
	now := epoch
	k := Key{Mount: "live", Path: "p.m3u8"}
	for _, c := range []struct {
		err  error
		want []time.Duration // the pauses, one failure after another
	}{
		{origin.ErrNetwork, []time.Duration{1, 1, 1}},
		{origin.ErrTimeout, []time.Duration{1, 1, 1}},
		{origin.ErrBody, []time.Duration{1, 2, 4, 8, 15, 15}},
		{origin.ErrNotFound, []time.Duration{5, 5, 5}},
		{&origin.PausedError{Left: 7 * time.Second}, []time.Duration{7, 7, 7}},
		{failure.ErrFull, []time.Duration{5, 5}},
		{&origin.StatusError{Code: 503}, []time.Duration{1, 1, 1}},
		{&origin.StatusError{Code: 503, RetryAfter: 3 * time.Second}, []time.Duration{3, 3, 3}},
		{&origin.StatusError{Code: 429, RetryAfter: time.Minute}, []time.Duration{60, 60}},
	} {
		s.failures.kept.Purge()
		for i, want := range c.want {
			var h *failure.Held
			if err := s.failures.add(k, c.err, now); !errors.As(err, &h) || h.Left != want*time.Second {
				t.Errorf("failure %d, %v: held for %v, want %ds", i, c.err, err, want)
			}
			now = now.Add(want*time.Second - 300*time.Millisecond)
			if err := s.failures.now(k, now); !errors.As(err, &h) || h.Left != 300*time.Millisecond || !errors.Is(err, c.err) {
				t.Errorf("failure %d, %v: 300ms before its end: %v", i, c.err, err)
			}
			if err := s.failures.now(k, epoch.Add(-time.Hour)); err != nil {
				t.Errorf("failure %d, %v: held for the time that the clock has stepped back: %v", i, c.err, err)
			}
			now = now.Add(300 * time.Millisecond)
			if err := s.failures.now(k, now); err != nil {
				t.Errorf("failure %d, %v: after its end: %v", i, c.err, err)
			}
		}
	}
}

func TestStore_FailuresAreBounded(t *testing.T) {
	m := metrics.New("test")
	s := newStore(1, time.Now, m)
	now := time.Unix(0, 0)
	long := strings.Repeat("x", 30<<10)
	for i := range maxFailures + 100 {
		_ = s.failures.add(Key{Mount: "live", Path: fmt.Sprintf("%s%d.m3u8", long[:100], i)}, origin.ErrNotFound, now)
	}
	if n := s.failures.len(); n != maxFailures {
		t.Errorf("%d failures are kept, want %d", n, maxFailures)
	}
	k := Key{Mount: "live", Path: long, Query: long}
	_ = s.failures.add(k, origin.ErrNotFound, now)
	if err := s.failures.now(k, now); err == nil {
		t.Error("a failure under a long address is forgotten")
	}
	other := k
	other.Query = "x"
	if err := s.failures.now(other, now); err != nil {
		t.Errorf("another query of the path: %v", err)
	}
}

// TestStore_APauseOfTheOriginSaysNothingOfAStream: nor does a lack of connections. The
// next failure of the stream itself goes on where the last one was.
func TestStore_APauseOfTheOriginSaysNothingOfAStream(t *testing.T) {
	s := newStore(1, time.Now, metrics.New("test"))
	k := Key{Mount: "live", Path: "p.m3u8"}
	for i, c := range []struct {
		err  error
		left time.Duration
	}{
		{origin.ErrBody, 1}, {origin.ErrBody, 2}, {&origin.PausedError{Left: 40 * time.Second}, 40}, {origin.ErrBody, 4}, {origin.ErrBusy, 1}, {origin.ErrBody, 8},
	} {
		var held *failure.Held
		if err := s.failures.add(k, c.err, epoch); !errors.As(err, &held) || held.Left != c.left*time.Second {
			t.Errorf("failure %d, %v: held for %v, want %ds", i, c.err, err, c.left)
		}
	}
}

// TestStore_ASuccessEndsWhatFailedBefore: of that stream alone.
func TestStore_ASuccessEndsWhatFailedBefore(t *testing.T) {
	s := newStore(1<<20, time.Now, metrics.New("test"))
	good, bad := Key{Mount: "live", Path: "good.m3u8"}, Key{Mount: "live", Path: "bad.m3u8"}
	for range 4 {
		_, _ = s.failures.add(good, origin.ErrBody, epoch), s.failures.add(bad, origin.ErrBody, epoch)
	}
	st := &Stream{key: good}
	st.newest.Store(&era{})
	st.front.Store(&front{})
	if err := s.add(st); err != nil {
		t.Fatal(err)
	}
	s.admit(newForm(st, "", &front{}, epoch))
	if _, last := s.failures.last(good); s.failures.now(good, epoch) != nil || last != nil {
		t.Error("a stream that is loaded is said to have failed")
	}
	if s.failures.now(bad, epoch) == nil {
		t.Error("the failure of another stream is forgotten")
	}
	var held *failure.Held
	if err := s.failures.add(good, origin.ErrBody, epoch); !errors.As(err, &held) || held.Left != time.Second {
		t.Errorf("the first failure after a success: %v, want 1s", err)
	}
}

// TestStore_WhatWasUsedLastIsKnownToASecond: further requests of the same second change
// nothing. The first one counts in any case.
func TestStore_WhatWasUsedLastIsKnownToASecond(t *testing.T) {
	s := newStore(1<<20, time.Now, metrics.New("test"))
	for _, path := range []string{"a.m3u8", "b.m3u8"} {
		st := &Stream{key: Key{Mount: "live", Path: path}}
		st.newest.Store(&era{})
		st.front.Store(&front{})
		if err := s.add(st); err != nil {
			t.Fatal(err)
		}
		s.admit(newForm(st, "", &front{}, epoch))
	}
	for _, c := range []struct {
		path   string
		after  time.Duration
		oldest string
	}{
		{"a.m3u8", 0, "b.m3u8"},
		{"b.m3u8", 0, "a.m3u8"},
		{"a.m3u8", time.Second, "a.m3u8"},
		{"a.m3u8", time.Second + 1, "b.m3u8"},
		{"b.m3u8", time.Second + 1, "a.m3u8"},
		{"a.m3u8", -time.Hour, "b.m3u8"},
	} {
		s.form(Key{Mount: "live", Path: c.path}, epoch.Add(c.after))
		if st, _, _ := s.streams.GetOldest(); st.key.Path != c.oldest {
			t.Errorf("after a request for %s at %s: %s was used least recently, want %s", c.path, c.after, st.key.Path, c.oldest)
		}
	}
}
