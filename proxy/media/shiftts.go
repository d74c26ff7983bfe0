package media

import "fmt"

// tsPatcher shifts packets of MPEG-TS. Each is changed for itself: a segment may begin at any packet.
type tsPatcher struct {
	ticks int64
	add   [nullPID + 1]uint8 // to the continuity counters, by PID
}

func newTSPatcher(change Change) (*tsPatcher, error) {
	ticks, fits := change.Ticks(Clock)
	if !fits {
		return nil, ErrOverflow
	}
	t := &tsPatcher{ticks: ticks & (Wrap - 1)}
	for _, c := range change.Counters {
		if c.PID >= 0 && c.PID < nullPID {
			t.add[c.PID] = uint8(int(c.Gain)*(change.Turn&0x0f)) & 0x0f
		}
	}
	return t, nil
}

// patch shifts whole packets.
func (t *tsPatcher) patch(b []byte) (done int, err error) {
	for ; len(b)-done >= packetSize; done += packetSize {
		p := (*packet)(b[done:])
		if p[0] != syncByte {
			return done, fmt.Errorf("%w: a packet without its sync byte", ErrMalformed)
		}
		p[3] = p[3]&0xf0 | (p[3]+t.add[p.pid()])&0x0f
		if p[3]&0x20 == 0 && !p.starts() {
			continue
		}
		if err := t.times(p); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (t *tsPatcher) pass(int) int { return 0 } // each packet has a counter

// times shifts the clocks and timestamps of a packet that may have some.
func (t *tsPatcher) times(p *packet) error {
	t.clocks(p.adaptation())
	if !p.starts() || p.scrambled() {
		return nil
	}
	b := pes(p.payload())
	if !b.begins() || !b.hasHeader() {
		return nil
	}
	pts, dts, ok := b.times()
	if !ok {
		return fmt.Errorf("%w: a PES header in two packets", ErrMalformed)
	}
	if pts != nil {
		addTime(pts, t.ticks)
	}
	if dts != nil {
		addTime(dts, t.ticks)
	}
	return nil
}

// clocks shifts PCR and OPCR.
func (t *tsPatcher) clocks(adaptation []byte) {
	if len(adaptation) == 0 {
		return
	}
	flags, at := adaptation[0], 1
	for _, flag := range [...]byte{0x10, 0x08} {
		if flags&flag != 0 && len(adaptation) >= at+6 {
			addClock(adaptation[at:], t.ticks)
			at += 6
		}
	}
}
