package playlist

import (
	"encoding/binary"
	"hash"
	"io"
	"slices"
	"sync"
)

// packed is the text of a rendition's segments, without dates and without the lines
// for changes between them. Segments are similar: the text up to and around the
// date is one of a few patterns, and the rest, up to the address, is coded as its
// difference from the previous segment's. Every keyEvery-th is whole.
type packed struct {
	patterns []pattern
	coded    []byte
	keys     []uint32 // where in coded every keyEvery-th segment begins
	each     int      // bytes of a segment's text, on the average
}

// pattern is a segment's text up to its date, and from there to the end of its
// EXTINF.
type pattern struct{ head, info string }

func (p pattern) len() int { return len(p.head) + len(p.info) }

// keyEvery bounds how many segments before a window's first must be decoded.
const keyEvery = 32

func (p *packed) bytes() int {
	size := cap(p.coded) + 4*cap(p.keys) + 32*cap(p.patterns)
	for _, s := range p.patterns {
		size += s.len() + 32
	}
	return size
}

func (p *packed) hash(h hash.Hash) {
	for _, s := range p.patterns {
		_, _ = io.WriteString(h, s.head+"\n"+s.info)
	}
	h.Write(p.coded)
}

// packer packs segments in order.
type packer struct {
	packed
	numbers map[pattern]uint64 // numbers of the known patterns
	of      pattern            // of the previous segment, as added
	nth     uint64             // its number
	last    []byte             // rest of the previous segment
	count   int                // of segments
	text    int                // bytes of their text
	bytes   int                // of memory
}

// add packs one more segment: the text above its date, its EXTINF line, and the
// rest.
func (p *packer) add(above, inf string, rest []byte) {
	before := len(p.coded)
	n := p.number(pattern{above, inf})
	p.coded = binary.AppendUvarint(p.coded, n)
	prefix, suffix := 0, 0
	if p.count%keyEvery == 0 {
		p.keys = append(p.keys, uint32(before))
	} else {
		prefix, suffix = shared(p.last, rest)
	}
	p.coded = binary.AppendUvarint(p.coded, uint64(prefix))
	p.coded = binary.AppendUvarint(p.coded, uint64(suffix))
	middle := rest[prefix : len(rest)-suffix]
	p.coded = binary.AppendUvarint(p.coded, uint64(len(middle)))
	p.coded = append(p.coded, middle...)
	p.last = append(p.last[:0], rest...)
	p.count++
	p.text += p.patterns[n].len() + len(rest)
	p.bytes += len(p.coded) - before
}

// pack returns all segments added, without spare capacity.
func (p *packer) pack() packed {
	return packed{slices.Clone(p.patterns), slices.Clone(p.coded), slices.Clone(p.keys), p.text / p.count}
}

// number is that of a pattern: most segments have the one of the previous segment.
func (p *packer) number(of pattern) uint64 {
	if p.count > 0 && of == p.of {
		return p.nth
	}
	n, known := p.numbers[of]
	if !known {
		n = uint64(len(p.patterns))
		p.numbers[of] = n
		p.patterns = append(p.patterns, pattern{of.head + tagProgramDateTime + ":", "\n" + of.info + "\n"})
		p.bytes += p.patterns[n].len()
	}
	p.of, p.nth = of, n
	return n
}

// shared returns the lengths of the common prefix of two texts and of the common
// suffix of what remains.
func shared(a, b []byte) (prefix, suffix int) {
	shorter := min(len(a), len(b))
	for prefix < shorter && a[prefix] == b[prefix] {
		prefix++
	}
	for suffix < shorter-prefix && a[len(a)-1-suffix] == b[len(b)-1-suffix] {
		suffix++
	}
	return prefix, suffix
}

// unpacker reads segments in order.
type unpacker struct {
	*packed
	at   int    // in coded
	rest []byte // of the previous segment
}

// scratch is a buffer for two segments' rests: one is decoded from the other.
type scratch struct {
	rests [2][]byte
	room  [2][256]byte // enough for most
}

var scratches = sync.Pool{New: func() any { return newScratch() }}

func newScratch() *scratch {
	s := new(scratch)
	for n := range s.rests {
		s.rests[n] = s.room[n][:0]
	}
	return s
}

// from returns an unpacker at segment i. It decodes the segments before it, back to
// the last whole one.
func (p *packed) from(i int, room *scratch) unpacker {
	u := unpacker{packed: p, at: int(p.keys[i/keyEvery])}
	for n := range i % keyEvery {
		_ = u.pattern()
		_ = u.restIn(n, room)
	}
	return u
}

// restIn returns the rest of segment i, after its pattern; it stays until that of the
// next but one is read.
func (u *unpacker) restIn(i int, room *scratch) []byte {
	rest := &room.rests[i%2]
	*rest = u.appendRest((*rest)[:0])
	return *rest
}

// pattern reads the pattern of the next segment.
func (u *unpacker) pattern() pattern { return u.patterns[u.number()] }

// appendRest appends the rest of that segment.
func (u *unpacker) appendRest(dst []byte) []byte {
	prefix, suffix, middle := u.number(), u.number(), u.number()
	begin := len(dst)
	dst = append(dst, u.rest[:prefix]...)
	dst = append(dst, u.coded[u.at:u.at+middle]...)
	dst = append(dst, u.rest[len(u.rest)-suffix:]...)
	u.at += middle
	u.rest = dst[begin:]
	return dst
}

// number reads a varint.
func (u *unpacker) number() int {
	if b := u.coded[u.at]; b < 0x80 {
		u.at++
		return int(b)
	}
	n, size := binary.Uvarint(u.coded[u.at:])
	u.at += size
	return int(n)
}
