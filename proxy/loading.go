package proxy

import (
	"cmp"
	"context"

	"golang.org/x/sync/semaphore"

	"vod2live/proxy/room"
)

// maxParses is how many WebVTT files are decoded at once, and how many slices are cut.
const maxParses = 4

// loading limits the memory of all loads in the process.
type loading struct {
	*room.Room
	parses, cuts *semaphore.Weighted // of WebVTT
}

// loadingOf takes over the limits of the previous server, which may have loads under
// way.
func loadingOf(config Config) *loading {
	limit := cmp.Or(config.LoadBytes, config.CacheBytes/6)
	if config.Previous == nil {
		return &loading{room.New(limit), semaphore.NewWeighted(maxParses), semaphore.NewWeighted(maxParses)}
	}
	config.Previous.loading.Resize(limit)
	return config.Previous.loading
}

// withSlot waits for a free slot and does some work in it. The error is room.ErrFull
// or context.Canceled.
func withSlot(ctx context.Context, slots *semaphore.Weighted, work func()) error {
	if slots.Acquire(ctx, 1) != nil {
		return room.Refused(ctx)
	}
	defer slots.Release(1)
	work()
	return nil
}
