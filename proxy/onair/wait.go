package onair

import (
	"errors"
	"time"

	"vod2live/proxy/origin"
)

// due is an instant to wait for, and how long the wait was when it began: where
// more than that is left, the clock has stepped back, and the wait is over.
type due struct {
	at   time.Time
	wait time.Duration
}

func dueIn(wait time.Duration, now time.Time) due { return due{now.Add(wait), wait} }

// left is 0 if the wait is over.
func (d due) left(now time.Time) time.Duration {
	left := d.at.Sub(now)
	if left > d.wait {
		return 0
	}
	return max(0, left)
}

// retryable reports whether an early second request may help: the origin
// failed, and fast.
func retryable(err error) bool {
	return origin.Retryable(err) || errors.Is(err, origin.ErrBody)
}
