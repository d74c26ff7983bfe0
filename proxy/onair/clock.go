package onair

import (
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"vod2live/proxy/answer"
)

// clock gives the instants that are answered for. They don't fall: players
// give up on a playlist that goes back. Only when the clock has stepped back by
// more than answer.HoldBack it is followed, since it was wrong before.
type clock struct {
	now  func() time.Time
	last atomic.Int64 // Unix nanoseconds of the newest instant given
	log  *zap.Logger
}

func (c *clock) Now() time.Time {
	for {
		t, last := c.now(), c.last.Load()
		nanos := t.UnixNano()
		if back := last - nanos; back >= 0 && back <= int64(answer.HoldBack) {
			return time.Unix(0, last)
		}
		if !c.last.CompareAndSwap(last, nanos) {
			continue
		}
		if last > nanos {
			c.log.Warn("the clock stepped back: live playlists go back, too", zap.Duration("by", time.Duration(last-nanos)))
		}
		return t
	}
}
