package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	maxBox   = 1 << 20 // bytes of a box that is read whole: a moof of some minutes of audio has 100 kB
	maxBoxes = 100_000 // in one segment
)

// box is one box in memory.
type box struct {
	kind string
	body []byte
}

// header reads a box header: its size with the header, the header's own, and false if b is too short for it. The size
// is 0 for a box that goes to the end.
func header(b []byte) (size uint64, own int, ok bool) {
	if len(b) < 8 {
		return 0, 0, false
	}
	size, own = uint64(binary.BigEndian.Uint32(b)), 8
	if size == 1 {
		if len(b) < 16 {
			return 0, 0, false
		}
		size, own = binary.BigEndian.Uint64(b[8:]), 16
	}
	return size, own, true
}

// boxes are the boxes in b; the last one may be cut off.
func boxes(b []byte) func(yield func(box) bool) {
	return func(yield func(box) bool) {
		for range maxBoxes {
			size, own, ok := header(b)
			if !ok {
				return
			}
			if size == 0 || size > uint64(len(b)) {
				size = uint64(len(b))
			}
			if size < uint64(own) || !yield(box{string(b[4:8]), b[own:size]}) {
				return
			}
			b = b[size:]
		}
	}
}

// child is the first box at a path of names; its body is nil if there is none.
func child(b []byte, path ...string) []byte {
	for _, name := range path {
		var found []byte
		for x := range boxes(b) {
			if x.kind == name {
				found = x.body
				break
			}
		}
		if found == nil {
			return nil
		}
		b = found
	}
	return b
}

// topBoxes reads the boxes of a stream: those that want selects are read whole, the others are
// skipped. A truncated last box is passed as far as it goes, without error.
func topBoxes(r io.Reader, want func(kind string) bool, use func(box)) error {
	var head [16]byte
	for range maxBoxes {
		n, err := io.ReadFull(r, head[:8])
		if n < 8 {
			return ended(err)
		}
		size, own, ok := header(head[:8])
		if !ok {
			if n, err := io.ReadFull(r, head[8:]); n < 8 {
				return ended(err)
			}
			size, own, _ = header(head[:])
		}
		if size != 0 && size < uint64(own) {
			return fmt.Errorf("%w: a box of %d bytes", ErrMalformed, size)
		}
		kind := string(head[4:8])
		if !want(kind) {
			if err := skip(r, size, own); err != nil {
				return ended(err)
			}
			continue
		}
		body, err := whole(r, size, own)
		if err != nil {
			return err
		}
		use(box{kind, body})
	}
	return fmt.Errorf("%w: more than %d boxes", ErrMalformed, maxBoxes)
}

// ended takes the end of what there is for the end.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

func skip(r io.Reader, size uint64, own int) error {
	if size == 0 || size-uint64(own) > 1<<62 {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	_, err := io.CopyN(io.Discard, r, int64(size-uint64(own)))
	return err
}

// whole reads a box's body. Its memory grows with what has come, not with what the size says.
func whole(r io.Reader, size uint64, own int) ([]byte, error) {
	limit := uint64(maxBox)
	if size != 0 {
		limit = min(limit, size-uint64(own))
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(limit)))
	if err != nil {
		return nil, err
	}
	if len(body) == maxBox && size-uint64(own) > maxBox {
		return nil, fmt.Errorf("%w: a box of %d bytes", ErrTooLarge, size)
	}
	return body, nil
}
