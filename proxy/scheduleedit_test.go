package proxy

import (
	"testing"
	"testing/synctest"
	"time"
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
		for range 30 {
			time.Sleep(5*time.Minute + 300*time.Millisecond)
			agree(t, r, w.on())
		}
	})
}
