package proxy

import (
	"cmp"
	"context"

	"golang.org/x/sync/semaphore"

	"vod2live/proxy/room"
)

// maxParses WebVTT files are decoded at once, and as many slices cut.
const maxParses = 4

// loading bounds the memory of loads in the whole process.
type loading struct {
	*room.Room
	parses, cuts *semaphore.Weighted // of WebVTT
}

// loadingOf is that of the server before, which may have loads under way.
func loadingOf(config Config) *loading {
	limit := cmp.Or(config.LoadBytes, config.CacheBytes/6)
	if config.Previous == nil {
		return &loading{room.New(limit), semaphore.NewWeighted(maxParses), semaphore.NewWeighted(maxParses)}
	}
	config.Previous.loading.Resize(limit)
	return config.Previous.loading
}

// withSlot does some work once there is a slot for it.
func withSlot(ctx context.Context, slots *semaphore.Weighted, work func()) error {
	if slots.Acquire(ctx, 1) != nil {
		return room.Refused(ctx)
	}
	defer slots.Release(1)
	work()
	return nil
}
