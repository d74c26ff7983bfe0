package media

// Packets of MPEG-TS (ISO/IEC 13818-1 2.4.3).
const (
	packetSize = 188
	syncByte   = 0x47
	nullPID    = 0x1fff
)

// packet is one packet of MPEG-TS, its sync byte checked.
type packet [packetSize]byte

func (p *packet) pid() int         { return int(p[1]&0x1f)<<8 | int(p[2]) }
func (p *packet) starts() bool     { return p[1]&0x40 != 0 }
func (p *packet) counter() uint8   { return p[3] & 0x0f }
func (p *packet) hasPayload() bool { return p[3]&0x10 != 0 }
func (p *packet) scrambled() bool  { return p[3]&0xc0 != 0 }

// adaptation is the adaptation field from its flags on; empty: there is none.
func (p *packet) adaptation() []byte {
	if p[3]&0x20 == 0 {
		return nil
	}
	return p[5:min(5+int(p[4]), packetSize)]
}

// isRandomAccess reports whether a random access point begins in the packet.
func (p *packet) isRandomAccess() bool {
	a := p.adaptation()
	return len(a) > 0 && a[0]&0x40 != 0
}

// payload is what follows the adaptation field.
func (p *packet) payload() []byte {
	at := 4
	if p[3]&0x20 != 0 {
		at += 1 + int(p[4])
	}
	if !p.hasPayload() || at >= packetSize {
		return nil
	}
	return p[at:]
}

// pes is the beginning of a PES packet (2.4.3.6).
type pes []byte

// begins reports whether a payload begins a PES packet.
func (b pes) begins() bool { return len(b) >= 4 && b[0] == 0 && b[1] == 0 && b[2] == 1 }

// hasHeader reports whether its stream_id comes with flags and timestamps.
func (b pes) hasHeader() bool {
	switch b[3] {
	case 0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff:
		return false
	}
	return b[3] >= 0xbc
}

// times are the fields of PTS and DTS; nil: absent; false: the header is truncated.
func (b pes) times() (pts, dts []byte, ok bool) {
	if len(b) < 9 {
		return nil, nil, false
	}
	flags, length := b[7]>>6, int(b[8])
	switch {
	case flags < 2:
		return nil, nil, true
	case flags == 2 && length >= 5 && len(b) >= 14:
		return b[9:14], nil, true
	case flags == 3 && length >= 10 && len(b) >= 19:
		return b[9:14], b[14:19], true
	}
	return nil, nil, false
}

// data is what follows the header.
func (b pes) data() []byte {
	if len(b) < 9 {
		return nil
	}
	return b[min(9+int(b[8]), len(b)):]
}

// readTime reads a PTS or DTS.
func readTime(b []byte) int64 {
	return int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
}

// addTime adds to a PTS or DTS, modulo Wrap. The other bits stay.
func addTime(b []byte, ticks int64) {
	t := readTime(b) + ticks
	b[0] = b[0]&^0x0e | byte(t>>29)&0x0e
	b[1] = byte(t >> 22)
	b[2] = b[2]&1 | byte(t>>14)&0xfe
	b[3] = byte(t >> 7)
	b[4] = b[4]&1 | byte(t<<1)
}

// addClock adds to the base of a PCR or OPCR, modulo Wrap. Its extension stays: it counts parts of a tick.
func addClock(b []byte, ticks int64) {
	t := int64(b[0])<<25 | int64(b[1])<<17 | int64(b[2])<<9 | int64(b[3])<<1 | int64(b[4]>>7)
	t += ticks
	b[0], b[1], b[2], b[3] = byte(t>>25), byte(t>>17), byte(t>>9), byte(t>>1)
	b[4] = b[4]&0x7f | byte(t<<7)
}
