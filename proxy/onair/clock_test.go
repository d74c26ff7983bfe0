package onair

import (
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestClock_HoldsASmallStepBackAndFollowsALargeOne(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	now := epoch
	c := clock{now: func() time.Time { return now }, log: zap.New(core)}
	for _, step := range []struct {
		to, want time.Duration // since the epoch
		warnings int
	}{
		{0, 0, 0},
		{10 * time.Second, 10 * time.Second, 0},
		{9 * time.Second, 10 * time.Second, 0},
		{-20 * time.Second, 10 * time.Second, 0}, // 30 s back
		{11 * time.Second, 11 * time.Second, 0},
		{-20 * time.Second, -20 * time.Second, 1}, // 31 s back
		{-19 * time.Second, -19 * time.Second, 1},
		{time.Hour, time.Hour, 1},
		{0, 0, 2},
	} {
		now = epoch.Add(step.to)
		if got := c.Now().Sub(epoch); got != step.want || logs.Len() != step.warnings {
			t.Errorf("at %s: %s with %d warnings, want %s with %d", step.to, got, logs.Len(), step.want, step.warnings)
		}
	}
}

func TestClock_NeverFallsForAnyone(t *testing.T) {
	start := time.Now()
	c := clock{now: time.Now, log: zap.NewNop()}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			last := start.Round(0)
			for range 10_000 {
				now := c.Now()
				if now.Before(last) {
					t.Errorf("%s after %s", now, last)
					return
				}
				last = now
			}
		})
	}
	wg.Wait()
}
