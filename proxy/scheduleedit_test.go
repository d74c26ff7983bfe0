package proxy

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
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

// TestSchedule_AnEraThatWasDroppedTooEarlyDelaysTheObject, by a clock that is ahead, but
// does not keep it out for good.
func TestSchedule_AnEraThatWasDroppedTooEarlyDelaysTheObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		second := era(7*time.Minute+45*time.Second, "", "c")
		w.publish(wish(t, era(-time.Hour, "", "a b"), second))
		r := w.on()
		time.Sleep(7*time.Minute + 55*time.Second)
		o := w.lock(wish(t, second, next("", "b")))
		o.Eras = o.Eras[1:]
		w.put(o)
		time.Sleep(20 * time.Second)
		if told := r.codesOf(); told != string(schedule.CodeRewritesPast) {
			t.Errorf("an operator is told %q", told)
		}
		time.Sleep(time.Minute)
		if told := r.codesOf(); told != "" {
			t.Errorf("a minute later an operator is told %q", told)
		}
		time.Sleep(10 * time.Minute)
		agree(t, r, w.on())
	})
}

// TestSchedule_AReloadBringsNoEraBackThatWasLeftOut: what is on air instead has been
// published.
func TestSchedule_AReloadBringsNoEraBackThatWasLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3))
		eras := []onair.Era{{At: epoch.Add(-time.Hour), Loop: itemsOf("a")}, {At: epoch.Add(10 * time.Minute), Loop: itemsOf("b")}}
		files.fail("b/master.m3u8", status(404, ""))
		r := newRig(t, files, playing(eras...))
		<-r.station.Tried()
		time.Sleep(15 * time.Minute)
		viewer := r.aired(t)
		viewer.poll()
		files.fail("b/master.m3u8", nil)
		viewer.r = r.reloaded(t, playing(append(eras, onair.Era{At: epoch.Add(20 * time.Minute), Loop: itemsOf("b")})...))
		viewer.watch(7 * time.Minute)
		if told := viewer.told(); !strings.Contains(told, "a*2 b*3 b*3") {
			t.Errorf("on air were %s", told)
		}
	})
}
