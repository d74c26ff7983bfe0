package onair

import (
	"testing"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/answer"
)

// TestMoment_CountsFromWhereTheClockIs: also after it has stepped back, by however
// much. What lies ahead of it was long ago.
func TestMoment_CountsFromWhereTheClockIs(t *testing.T) {
	var m moment
	m.set(epoch)
	for _, back := range []time.Duration{0, time.Second, time.Minute, time.Hour, 1000 * time.Hour} {
		now := epoch.Add(-back)
		m.set(now)
		if m.idle(now) || m.idle(now.Add(idleFor-time.Second)) {
			t.Errorf("%s back: idle within %s of a request", back, idleFor)
		}
		if !m.idle(now.Add(idleFor + time.Second)) {
			t.Errorf("%s back: not idle after %s", back, idleFor+time.Second)
		}
	}
	m.set(epoch)
	if !m.idle(epoch.Add(-time.Hour)) {
		t.Error("a request an hour ahead of the clock was a moment ago")
	}
}

// TestTally_AnAnswerIsCountedWhereItsStreamIs: while it is kept, once, whatever moves
// meanwhile.
func TestTally_AnAnswerIsCountedWhereItsStreamIs(t *testing.T) {
	first, second := newStore(1<<20, time.Now, metrics.New("test")), newStore(1<<20, time.Now, metrics.New("test"))
	defer first.usage.close()
	defer second.usage.close()
	st := &Stream{renditions: make([]rendition, 1)}
	body := make([]byte, 5000)
	a := answer.New(body, "tag", time.Time{}, time.Time{})
	st.renditions[0].set(a, st.answers.add)
	want := func(when string, one, other bool) {
		t.Helper()
		for i, s := range []*store{first, second} {
			if counted := s.usage.answers.Load(); (counted > 0) != []bool{one, other}[i] {
				t.Errorf("%s: store %d counts %d bytes", when, i, counted)
			}
		}
	}
	want("of no store", false, false)
	st.answers.move(first)
	want("in the first", true, false)
	st.answers.move(second)
	want("in the second", false, true)
	st.answers.leave(first)
	want("the first drops it", false, true)
	before := second.usage.answers.Load()
	if packed := int64(len(a.Pack())); second.usage.answers.Load() < before+packed {
		t.Errorf("%d bytes with the packed form of %d, %d before", second.usage.answers.Load(), packed, before)
	}
	st.renditions[0].drop(answer.New(body, "another", time.Time{}, time.Time{}))
	want("another answer is dropped", false, true)
	st.renditions[0].drop(a)
	st.renditions[0].drop(a)
	want("it is dropped", false, false)
	if _, bytes := st.answers.in(); bytes != 0 || second.usage.answers.Load() != 0 {
		t.Errorf("%d bytes are left with the stream, %d in its store", bytes, second.usage.answers.Load())
	}
}

// TestTally_AReplacedStoreCountsNoAnswers: its follower may come with an era later.
func TestTally_AReplacedStoreCountsNoAnswers(t *testing.T) {
	old, next := newStore(1<<20, time.Now, metrics.New("test")), newStore(1<<20, time.Now, metrics.New("test"))
	defer next.usage.close()
	st := &Stream{key: Key{Mount: "live", Path: "p.m3u8"}, renditions: make([]rendition, 1)}
	st.newest.Store(&era{})
	if err := old.add(st); err != nil {
		t.Fatal(err)
	}
	old.retire()
	if err := next.add(st); err != nil {
		t.Fatal(err)
	}
	old.resize(st)
	st.renditions[0].set(answer.New(make([]byte, 5000), "tag", time.Time{}, time.Time{}), st.answers.add)
	if old.usage.answers.Load() != 0 || next.usage.answers.Load() < 5000 {
		t.Errorf("%d bytes in the replaced store, %d in the other", old.usage.answers.Load(), next.usage.answers.Load())
	}
}
