package onair

import (
	"testing"
	"time"
)

func TestDue_AClockThatStepsBackEndsTheWait(t *testing.T) {
	d := dueIn(time.Minute, epoch)
	for after, want := range map[time.Duration]time.Duration{
		0: time.Minute, time.Second: 59 * time.Second, time.Minute: 0, time.Hour: 0, -time.Second: 0, -time.Hour: 0,
	} {
		if got := d.left(epoch.Add(after)); got != want {
			t.Errorf("%s after it began: %s left, want %s", after, got, want)
		}
	}
	if left := (due{}).left(epoch); left != 0 {
		t.Errorf("%s left of no wait", left)
	}
}
