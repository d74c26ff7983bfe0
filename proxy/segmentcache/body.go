package segmentcache

import (
	"errors"
	"io"
)

// Blocks of memory. With large ones a segment takes few writes: with 1 MiB a
// fifth less CPU than with 64 KiB. Bodies of unknown length begin with a small one.
const (
	blockSize  = 1 << 20
	leastBlock = 16 << 10
)

var errLonger = errors.New("the body is longer than its Content-Length")

// fill reads the body into blocks.
func (f *fetch) fill(body io.Reader) error {
	for {
		p, err := f.space()
		if err != nil {
			return err
		}
		n, err := body.Read(p)
		if n > 0 && !f.grow(n) {
			return errLonger
		}
		if errors.Is(err, io.EOF) {
			return f.checkLength()
		}
		if err != nil {
			return err
		}
	}
}

func (f *fetch) checkLength() error {
	if f.head.length >= 0 && f.object.size < f.head.length {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// grow makes n more bytes available to readers.
func (f *fetch) grow(n int) bool {
	c, o := f.cache, f.object
	if o.size == f.head.length {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	last := &o.blocks[len(o.blocks)-1]
	*last = (*last)[:len(*last)+n]
	o.size += int64(n)
	o.changed()
	return true
}

// space is the room for the next bytes. Except for changes by leave and
// Close, only the fetch changes these fields; so it reads them here without
// the lock.
func (f *fetch) space() ([]byte, error) {
	o := f.object
	if n := len(o.blocks); n > 0 && len(o.blocks[n-1]) < cap(o.blocks[n-1]) {
		return o.blocks[n-1][len(o.blocks[n-1]):cap(o.blocks[n-1])], nil
	}
	size := int64(blockSize)
	if f.head.length >= 0 {
		size = min(size, f.head.length-o.size)
	} else if err := f.unforeseen(&size); err != nil {
		return nil, err
	}
	if size == 0 {
		return make([]byte, 1), nil // only to see the end
	}
	block := make([]byte, 0, size)
	f.cache.mu.Lock()
	defer f.cache.mu.Unlock()
	o.blocks = append(o.blocks, block)
	return block[:size], nil
}
