package media

import (
	"encoding/binary"
	"fmt"
	"math"
)

// mp4Patcher shifts the times in the boxes of a segment. It walks the boxes while they pass: moof and traf are entered,
// the ones with times are patched, all others are skipped.
type mp4Patcher struct {
	change Change
	skip   uint64    // bytes to pass until the next box
	to     bool      // all that follows passes: the last box has no size
	left   [2]uint64 // bytes until the end of the moof and of the traf that is open
	depth  int       // how many of them are open
	track  uint32    // timescale of the open traf's track; 0: not known
	boxes  int
}

// patched are the boxes with times: the number of needed bytes of their bodies, and the change.
var patched = map[string]struct {
	need  int
	patch func(m *mp4Patcher, body []byte) error
}{
	"tfhd": {8, (*mp4Patcher).tfhd},
	"tfdt": {12, (*mp4Patcher).tfdt},
	"sidx": {20, (*mp4Patcher).sidx},
	"prft": {24, (*mp4Patcher).prft},
	"emsg": {20, (*mp4Patcher).emsg},
}

func (m *mp4Patcher) patch(b []byte) (done int, err error) {
	for {
		if m.to {
			return len(b), nil
		}
		n := min(m.skip, uint64(len(b)-done))
		m.skip, done = m.skip-n, done+int(n)
		used, err := m.box(b[done:])
		if err != nil || used == 0 {
			return done, err
		}
		done += used
	}
}

func (m *mp4Patcher) pass(n int) int {
	if m.to {
		return n
	}
	passed := min(m.skip, uint64(n))
	m.skip -= passed
	return int(passed)
}

// box reads a box header and the part of the box to patch; 0: more bytes are needed.
func (m *mp4Patcher) box(b []byte) (used int, err error) {
	size, own, ok := header(b)
	if !ok {
		return 0, nil
	}
	if m.boxes++; m.boxes > maxBoxes {
		return 0, fmt.Errorf("%w: more than %d boxes", ErrMalformed, maxBoxes)
	}
	if size == 0 && m.depth == 0 && string(b[4:8]) == "mdat" {
		m.to = true
		return own, nil
	}
	if size < uint64(own) || m.depth > 0 && size > m.left[m.depth-1] {
		return 0, fmt.Errorf("%w: a box of %d bytes", ErrMalformed, size)
	}
	kind := string(b[4:8])
	if m.enters(kind) {
		m.enter(size, uint64(own))
		return own, nil
	}
	if used, err = m.patchBox(kind, b, size, own); used > 0 {
		m.count(size)
		m.skip = size - uint64(used)
	} else {
		m.boxes--
	}
	return used, err
}

// enters reports whether a box is one whose boxes are looked at.
func (m *mp4Patcher) enters(kind string) bool {
	return m.depth == 0 && kind == "moof" || m.depth == 1 && kind == "traf"
}

// enter opens a moof or a traf.
func (m *mp4Patcher) enter(size, own uint64) {
	if m.depth > 0 {
		m.left[m.depth-1] -= size
	}
	m.left[m.depth], m.track = size-own, 0
	m.depth++
	m.leave()
}

// count counts a box of the open one, and closes those that end with it.
func (m *mp4Patcher) count(size uint64) {
	if m.depth > 0 {
		m.left[m.depth-1] -= size
		m.leave()
	}
}

func (m *mp4Patcher) leave() {
	for m.depth > 0 && m.left[m.depth-1] == 0 {
		m.depth--
	}
}

// patchBox patches a box if it has times, and returns how many of its bytes are done; 0 if too few have come.
func (m *mp4Patcher) patchBox(kind string, b []byte, size uint64, own int) (int, error) {
	p, has := patched[kind]
	if !has || !m.belongs(kind) {
		return own, nil
	}
	need := int(min(uint64(own+p.need), size))
	if len(b) < need {
		return 0, nil
	}
	return need, p.patch(m, b[own:need])
}

// belongs reports whether a box is at a place where boxes of its name have
// times.
func (m *mp4Patcher) belongs(kind string) bool {
	if kind == "tfhd" || kind == "tfdt" {
		return m.depth == 2
	}
	return m.depth == 0
}

func (m *mp4Patcher) tfhd(b []byte) error {
	if len(b) >= 8 {
		m.track = m.change.Init.Timescale(binary.BigEndian.Uint32(b[4:]))
	}
	return nil
}

func (m *mp4Patcher) tfdt(b []byte) error {
	if m.track == 0 {
		return fmt.Errorf("%w: a tfdt of no known track", ErrMalformed)
	}
	return m.add(b, 4, m.track)
}

func (m *mp4Patcher) sidx(b []byte) error {
	if len(b) < 12 {
		return nil
	}
	return m.add(b, 12, binary.BigEndian.Uint32(b[8:]))
}

func (m *mp4Patcher) prft(b []byte) error {
	if len(b) < 8 {
		return nil
	}
	timescale := m.change.Init.Timescale(binary.BigEndian.Uint32(b[4:]))
	if timescale == 0 {
		return nil
	}
	return m.add(b, 16, timescale)
}

// emsg of version 0 counts from the segment, which moves with its times.
func (m *mp4Patcher) emsg(b []byte) error {
	if len(b) < 8 || b[0] != 1 {
		return nil
	}
	return m.add(b, 8, binary.BigEndian.Uint32(b[4:]))
}

// add adds to the time at a place of a full box: one of 32 bits in version 0, else of 64 bits.
func (m *mp4Patcher) add(b []byte, at int, timescale uint32) error {
	ticks, fits := m.change.Ticks(timescale)
	switch wide := b[0] != 0; {
	case !fits:
		return ErrOverflow
	case wide && len(b) >= at+8:
		return add64(b[at:], ticks)
	case !wide && len(b) >= at+4:
		return add32(b[at:], ticks)
	}
	return fmt.Errorf("%w: a truncated box", ErrMalformed)
}

func add32(b []byte, ticks int64) error {
	time := int64(binary.BigEndian.Uint32(b)) + min(ticks, math.MaxUint32+1)
	if time < 0 || time > math.MaxUint32 {
		return ErrOverflow
	}
	binary.BigEndian.PutUint32(b, uint32(time))
	return nil
}

func add64(b []byte, ticks int64) error {
	time := int64(binary.BigEndian.Uint64(b))
	if time < 0 || ticks > 0 && time > math.MaxInt64-ticks || time+ticks < 0 {
		return ErrOverflow
	}
	binary.BigEndian.PutUint64(b, uint64(time+ticks))
	return nil
}
