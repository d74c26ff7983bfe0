package media

import (
	"fmt"
	"sync"
)

// writerBuffer is how much a [Writer] patches at a time.
const writerBuffer = 32 << 10

var writerBuffers = sync.Pool{New: func() any { return new([writerBuffer]byte) }}

// Writer shifts the timestamps of a segment that is written to it, as [Reader] does. What
// is written is not changed: it may be shared. It is not safe for concurrent use.
type Writer struct {
	to    func([]byte) error
	patch patcher
	held  [carry]byte
	rest  int
}

// NewWriter returns a writer of a segment, or of a part of one that begins where
// [Format.Span] says. Shifted bytes go to a function, which must not keep them.
func NewWriter(to func([]byte) error, format Format, change Change) (*Writer, error) {
	p, err := newPatcher(format, change)
	if err != nil {
		return nil, err
	}
	return &Writer{to: to, patch: p}, nil
}

// Write shifts what it can of p and of what is left from before.
func (w *Writer) Write(p []byte) error {
	room := writerBuffers.Get().(*[writerBuffer]byte)
	defer writerBuffers.Put(room)
	for len(p) > 0 {
		n := copy(room[:], w.held[:w.rest])
		read := copy(room[n:], p)
		p, n = p[read:], n+read
		done, err := w.patch.patch(room[:n])
		if err == nil && n-done >= carry {
			err = fmt.Errorf("%w: %d bytes left over", ErrMalformed, n-done)
		}
		if err != nil {
			return fmt.Errorf("shift timestamps: %w", err)
		}
		w.rest = copy(w.held[:], room[done:n])
		if err := w.to(room[:done]); err != nil {
			return err
		}
	}
	return nil
}

// Close passes on as it is what is not a whole packet or field.
func (w *Writer) Close() error {
	rest := w.rest
	w.rest = 0
	return w.to(w.held[:rest])
}
