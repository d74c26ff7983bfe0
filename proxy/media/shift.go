package media

import (
	"fmt"
	"io"
	"sync"
)

// Change is the set of changes that a [Writer] makes. It is immutable and may
// be shared.
type Change struct {
	Ticks    func(timescale uint32) (int64, bool) // number to add to timestamps, as [Offset.Ticks]; false: not known
	Init     *Init                                // MP4: the tracks of the segment
	Counters []Counter                            // MPEG-TS: what a loop adds to the continuity counters
	Turn     int                                  // how many loops they have moved on
}

// patcher changes as much of b, which continues the stream, as it can. The returned bytes are
// done; the others, fewer than carry, are passed again together with the following ones.
type patcher interface {
	patch(b []byte) (done int, err error)
	// pass returns how many of the next n bytes of the stream stay unchanged, and continues after
	// them.
	pass(n int) int
}

// carry is more than a patcher leaves over: a packet of MPEG-TS, the longest field of MP4 or ID3.
const carry = 256

func newPatcher(format Format, change Change) (patcher, error) {
	switch format {
	case TS:
		return newTSPatcher(change)
	case MP4:
		return &mp4Patcher{change: change}, nil
	case Packed:
		ticks, fits := change.Ticks(Clock)
		if !fits {
			return nil, ErrOverflow
		}
		return &id3Patcher{ticks: ticks}, nil
	}
	return nil, fmt.Errorf("%w: the format %s can't be shifted in a stream", ErrMalformed, format)
}

// Writer shifts the timestamps of the segment written to it. The size does not change. It does
// not modify the caller's bytes, which may be shared. It is not safe for concurrent use.
type Writer struct {
	dst   io.Writer
	patch patcher
	held  [carry]byte // bytes that the patcher has not finished
	rest  int         // their number
}

// buffered is how much a [Writer] patches at a time.
const buffered = 32 << 10

var buffers = sync.Pool{New: func() any { return new([buffered]byte) }}

// NewWriter returns a writer of a segment, or of a part of one that begins where [Format.Span] says.
func NewWriter(dst io.Writer, format Format, change Change) (*Writer, error) {
	p, err := newPatcher(format, change)
	if err != nil {
		return nil, err
	}
	return &Writer{dst: dst, patch: p}, nil
}

// Write shifts as much as possible of p and of the remainder from before.
func (w *Writer) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		passed := 0
		if w.rest == 0 {
			passed = w.patch.pass(len(p) - n)
		}
		if passed > 0 {
			_, err = w.dst.Write(p[n : n+passed])
			n += passed
			continue
		}
		var taken int
		taken, err = w.shift(p[n:])
		n += taken
	}
	return n, err
}

// shift takes a part of p.
func (w *Writer) shift(p []byte) (taken int, err error) {
	room := buffers.Get().(*[buffered]byte)
	defer buffers.Put(room)
	n := copy(room[:], w.held[:w.rest])
	taken = copy(room[n:], p)
	n += taken
	done, wrong := w.patch.patch(room[:n])
	if wrong == nil && n-done >= carry {
		wrong = fmt.Errorf("%w: %d bytes left over", ErrMalformed, n-done)
	}
	w.rest = copy(w.held[:], room[done:n])
	if _, err = w.dst.Write(room[:done]); err == nil && wrong != nil {
		err = fmt.Errorf("shift timestamps: %w", wrong)
	}
	return taken, err
}

// Close passes on an incomplete packet or field unchanged. It does not close the underlying
// writer.
func (w *Writer) Close() error {
	rest := w.rest
	w.rest = 0
	_, err := w.dst.Write(w.held[:rest])
	return err
}

// Span is the part of a segment that must be read to shift the bytes from first to last
// (exclusive): whole packets of MPEG-TS, and of other formats everything before and the field
// that may contain the last byte. The caller drops the bytes that were not requested, and stops
// at the segment's end.
func (f Format) Span(first, last int64) (from, to int64) {
	if f == TS {
		return first - first%packetSize, (last + packetSize - 1) / packetSize * packetSize
	}
	return 0, last + carry
}
