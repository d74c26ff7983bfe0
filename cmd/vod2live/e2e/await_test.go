package e2e

import (
	"fmt"
	"time"
)

// await tries a condition ten times a second until it returns nil; after startTimeout it returns its last error.
func await(condition func() error) error {
	var last error
	every(100*time.Millisecond, startTimeout, func() bool {
		last = condition()
		return last == nil
	})
	if last != nil {
		return fmt.Errorf("after %v: %w", startTimeout, last)
	}
	return nil
}

// every calls f at once and then at each tick of an interval, until it returns true or the time is over.
func every(interval, total time.Duration, f func() bool) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	deadline := time.After(total)
	for !f() {
		select {
		case <-ticker.C:
		case <-deadline:
			return
		}
	}
}
