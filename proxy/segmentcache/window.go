package segmentcache

import "context"

// unforeseen finds room for one more block of a body whose length was not said.
// When it turns out too large to be kept, only so much of it is held as it has
// by then: blocks go when all have read them, and the fetch waits for the
// slowest.
func (f *fetch) unforeseen(size *int64) error {
	c, o := f.cache, f.object
	c.mu.Lock()
	defer c.mu.Unlock()
	*size = int64(leastBlock)
	if n := len(o.blocks); n > 0 {
		*size = min(2*int64(cap(o.blocks[n-1])), blockSize)
	}
	if !o.over {
		more := o.held() + *size - f.reserved()
		if more <= 0 || o.cost+more <= c.limit/shares && c.reserve(o, more) {
			return nil
		}
		o.over = true
		c.drop(o)
		c.mark(o.key)
	}
	*size = max(leastBlock, min(blockSize, f.reserved()/4))
	return f.await(*size)
}

// await waits until a block fits.
func (f *fetch) await(size int64) error {
	c, o := f.cache, f.object
	for {
		f.forget()
		if o.held()+size <= f.reserved() {
			return nil
		}
		wait := o.waiting()
		c.mu.Unlock()
		select {
		case <-wait:
		case <-f.context.Done():
		}
		c.mu.Lock()
		if f.context.Err() != nil {
			return context.Canceled
		}
	}
}

// forget drops the blocks that all have read.
func (f *fetch) forget() {
	o := f.object
	least := o.gone + len(o.blocks)
	if len(o.answers) < o.readers {
		least = o.gone // somebody has not begun yet
	}
	for a := range o.answers {
		least = min(least, a.block)
	}
	n := least - o.gone
	clear(o.blocks[:n])
	o.blocks, o.gone = o.blocks[n:], least
}

// reserved is what the blocks may take.
func (f *fetch) reserved() int64 { return f.object.cost - overhead - f.head.bytes }
