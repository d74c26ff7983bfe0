package subtitles

import (
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"vod2live/proxy/answer"
)

const maxCutBytes = 16 << 20 // of slices kept, at most

// sliceKey is a slice of a stream as it was loaded.
type sliceKey struct {
	stream           string
	vod              [8]byte
	rendition, slice int
}

// keptSlices are slices, ready for all viewers.
type keptSlices struct {
	mu    sync.Mutex // guards all below
	cuts  *simplelru.LRU[sliceKey, *answer.Answer]
	bytes int
	limit int
}

func newKeptSlices(limit int) *keptSlices {
	c := &keptSlices{limit: limit}
	c.cuts, _ = simplelru.NewLRU(math.MaxInt, func(_ sliceKey, a *answer.Answer) { c.bytes -= cutSize(a) })
	return c
}

// cutSize is about what a slice takes, plain and packed.
func cutSize(a *answer.Answer) int { return 2*len(a.Body) + 1024 }

func (c *keptSlices) get(k sliceKey) (*answer.Answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cuts.Get(k)
}

// keep keeps a slice, and returns the one that another viewer's request has kept
// meanwhile, if one has: it is packed once for all.
func (c *keptSlices) keep(k sliceKey, a *answer.Answer) *answer.Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, known := c.cuts.Get(k); known {
		return kept
	}
	c.cuts.Add(k, a)
	for c.bytes += cutSize(a); c.bytes > c.limit && c.cuts.Len() > 1; {
		c.cuts.RemoveOldest()
	}
	return a
}
