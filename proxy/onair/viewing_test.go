package onair

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestViewing_NothingIsLostBetweenMany: at once, in one stretch.
func TestViewing_NothingIsLostBetweenMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v viewing
		for range 10 {
			go func() {
				for range 1000 {
					v.add(time.Now(), 4*time.Second)
				}
			}()
		}
		synctest.Wait()
		if got := v.estimate(time.Now()); got != 10*1000*4/10 {
			t.Errorf("about %v watch, want %v", got, 4000)
		}
	})
}
