package proxy

import (
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/schedule"
)

// TestSchedule_AnEditKeepsTheErasBeforeIt, also those that no server has put on its
// timeline yet.
func TestSchedule_AnEditKeepsTheErasBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 2, 4))}
		first, second := era(-time.Hour, "", "a b"), era(time.Hour, "", "c")
		w.publish(wish(t, first, second, era(2*time.Hour, "", "b")))
		r := w.on()
		time.Sleep(5 * time.Minute)
		w.publish(wish(t, first, second, era(2*time.Hour, "c", "b a")))
		other := w.on()
		for range 30 {
			time.Sleep(5*time.Minute + 300*time.Millisecond)
			agree(t, r, other)
		}
	})
}

// TestSchedule_AServerThatMissedSeveralEditsFollows, also if the object has no era any more
// that it knows of.
func TestSchedule_AServerThatMissedSeveralEditsFollows(t *testing.T) {
	for name, edits := range map[string]int{"some": 2, "all that it knows of": 6} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := scheduled(t)
				away := &cutOff{vods: w.files}
				late := newRig(t, away, byObject)
				<-late.station.Tried()
				away.cut.Store(true)
				for n := range edits {
					w.publish(wish(t, next([]string{"c", "b c"}[n%2], "b c")))
					time.Sleep(11 * time.Minute)
				}
				w.publish(wish(t, next("c", "a b")))
				time.Sleep(30 * time.Second)
				away.cut.Store(false)
				time.Sleep(70 * time.Second)
				if told := late.codesOf(); told != string(schedule.CodeLate) {
					t.Errorf("an operator is told %q", told)
				}
				other := w.on()
				for range 100 {
					agree(t, late, other)
					time.Sleep(11 * time.Second)
				}
			})
		})
	}
}

// TestSchedule_TheMetricSaysWhatIsLeft until the last era begins, also after an edit.
func TestSchedule_TheMetricSaysWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3))}
		first := era(-time.Hour, "", "a b")
		w.publish(wish(t, first, era(time.Hour, "", "b")))
		r := w.on()
		left := func() time.Duration {
			return time.Duration(r.metric(`vod2live_channel_schedule_left_seconds{channel="news"}`) * float64(time.Second)).Round(time.Second)
		}
		time.Sleep(10 * time.Minute)
		if got, want := left(), time.Until(epoch.Add(time.Hour)); got != want.Round(time.Second) {
			t.Errorf("%s are left, want %s", got, want)
		}
		w.publish(wish(t, first, era(50*time.Minute, "", "b"), era(2*time.Hour, "", "a")))
		time.Sleep(10 * time.Minute)
		if got, want := left(), time.Until(epoch.Add(2*time.Hour)); got != want.Round(time.Second) {
			t.Errorf("after an edit %s are left, want %s", got, want)
		}
		time.Sleep(3 * time.Hour)
		if got := left(); got != 0 {
			t.Errorf("at the end %s are left", got)
		}
	})
}
