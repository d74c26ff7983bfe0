package segmentcache

import "context"

// unforeseen finds room for one more block of a body without stated length. Once
// the body is too large to be kept, it keeps only its present size: blocks go when
// all readers have read them, and the fetch waits for the slowest reader, unless
// others wait for that one: see lag.
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
		if gone := o.gone; f.forget() > gone && !o.head.continues() {
			f.patience = stall
		}
		if o.held()+size <= f.reserved() {
			return nil
		}
		change, others := o.waiting(), len(o.heldUp()) > 0
		c.mu.Unlock()
		f.wait(change, others)
		c.mu.Lock()
		if f.context.Err() != nil {
			return context.Canceled
		}
		if f.patience == 0 {
			f.leaveBehind()
		}
	}
}

// forget drops the blocks that all have read, and returns their number. No reader
// comes too late: an object with dropped blocks is no longer found, and none is
// dropped before all its readers have begun.
func (f *fetch) forget() int {
	o := f.object
	least := o.gone + len(o.blocks)
	if len(o.answers) < o.readers-o.behind {
		least = o.gone // a reader has not begun yet
	}
	for a := range o.answers {
		least = min(least, a.block)
	}
	n := least - o.gone
	clear(o.blocks[:n])
	o.blocks, o.gone = o.blocks[n:], least
	return least
}

// reserved is what the blocks may take.
func (f *fetch) reserved() int64 { return f.object.cost - overhead - f.head.bytes - f.object.pinned }
