package media

import (
	"errors"
	"fmt"
	"io"
)

// Change says what a [Reader] changes. It is immutable and may be shared.
type Change struct {
	Ticks    func(timescale uint32) (int64, bool) // what is added to timestamps, as [Offset.Ticks]; false: it can't be told
	Init     *Init                                // MP4: the tracks of the segment
	Counters []Counter                            // MPEG-TS: what a loop adds to the continuity counters
	Turn     int                                  // how many loops they have moved on
}

// patcher changes what it can of b, which continues the stream. The bytes that it returns are done; the others, fewer
// than carry, are handed in again with those that follow.
type patcher interface {
	patch(b []byte) (done int, err error)
}

// carry is more than a patcher leaves over: a packet of MPEG-TS, the longest field of MP4 or ID3.
const carry = 256

// Reader reads a segment and shifts its timestamps. Its size does not change. It is not safe for concurrent use.
type Reader struct {
	src   io.Reader
	patch patcher
	held  [carry]byte     // bytes that the patcher has not finished
	rest  int             // their number
	small [2 * carry]byte // for callers with little room
	ready []byte          // finished bytes in small
	err   error           // of the source, or of the patcher
}

// NewReader returns a reader of a segment, or of a part of one that begins where [Format.Span] says.
func NewReader(src io.Reader, format Format, change Change) (*Reader, error) {
	p, err := newPatcher(format, change)
	if err != nil {
		return nil, err
	}
	return &Reader{src: src, patch: p}, nil
}

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

// Read reads shifted bytes. At the end of the source, what is not a whole packet or field passes as it is.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(p) >= len(r.small) && len(r.ready) == 0 {
		return r.fill(p)
	}
	for len(r.ready) == 0 {
		n, err := r.fill(r.small[:])
		if n == 0 {
			return 0, err
		}
		r.ready = r.small[:n]
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

// fill reads into p, which has room for two carries at least.
func (r *Reader) fill(p []byte) (int, error) {
	for r.err == nil {
		n := copy(p, r.held[:r.rest])
		read, err := r.src.Read(p[n:])
		n += read
		done, wrong := r.patch.patch(p[:n])
		if wrong == nil && n-done >= carry {
			wrong = fmt.Errorf("%w: %d bytes left over", ErrMalformed, n-done)
		}
		switch {
		case wrong != nil:
			r.err = fmt.Errorf("shift timestamps: %w", wrong)
		case err != nil:
			if r.err = err; errors.Is(err, io.EOF) {
				done = n
			}
		default:
			r.rest = copy(r.held[:], p[done:n])
		}
		if done > 0 {
			return done, nil
		}
	}
	return 0, r.err
}

// Span is what must be read of a segment so that the bytes from first to last (exclusive) can be shifted: of MPEG-TS
// whole packets, of other formats all that comes before, and the field that the last byte may be in. The caller drops
// what was not asked for, and stops at the segment's end.
func (f Format) Span(first, last int64) (from, to int64) {
	if f == TS {
		return first - first%packetSize, (last + packetSize - 1) / packetSize * packetSize
	}
	return 0, last + carry
}
