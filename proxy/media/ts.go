package media

import (
	"bufio"
	"fmt"
	"io"
	"math"
)

// tsReader reads a segment of MPEG-TS.
type tsReader struct {
	segment  Segment
	streams  []*stream // parallel to segment.Tracks
	counters pidCounters
	programs int           // PID of the PMT, -1: not known yet
	types    map[int]uint8 // stream types by PID
	media    bool          // a PES packet has come
}

// stream is the state of one elementary stream.
type stream struct {
	dts     int64 // of the last PES packet with timestamps, not wrapped
	timed   bool  // there was one
	least   int64 // smallest step between two DTS; 0: none yet
	audio   *audioFrames
	counted int // frames of audio that had begun before the last timestamp
}

// readTS reads a segment of MPEG-TS as far as it goes.
func readTS(r io.Reader) (*Segment, error) {
	t := &tsReader{segment: Segment{Format: TS}, programs: -1, types: map[int]uint8{}}
	buffered := bufio.NewReaderSize(r, 64<<10)
	var p packet
	for {
		if _, err := io.ReadFull(buffered, p[:]); err != nil {
			if ended(err) == nil {
				break
			}
			return nil, fmt.Errorf("read MPEG-TS: %w", err)
		}
		if p[0] != syncByte {
			return nil, fmt.Errorf("read MPEG-TS: %w: a packet without its sync byte", ErrMalformed)
		}
		t.packet(&p)
	}
	for i := range t.streams {
		t.finish(i)
	}
	t.segment.counters = t.counters
	if len(t.segment.Tracks) == 0 {
		return nil, fmt.Errorf("read MPEG-TS: %w: no timestamp", ErrMalformed)
	}
	return &t.segment, nil
}

func (t *tsReader) packet(p *packet) {
	t.counters.add(p)
	payload := p.payload()
	switch {
	case len(payload) == 0 || p.scrambled():
	case p.starts():
		t.start(p, payload)
	default:
		if i := t.find(p.pid()); i >= 0 && t.streams[i].audio != nil {
			t.streams[i].audio.write(payload)
		}
	}
}

// start reads a packet in which a section or a PES packet begins.
func (t *tsReader) start(p *packet, payload []byte) {
	switch pid := p.pid(); {
	case pid == 0:
		if program := patProgram(payload); program >= 0 {
			t.programs = program
		}
	case pid == t.programs:
		t.segment.Tables = t.segment.Tables || !t.media
		t.readPMT(payload)
	case pes(payload).begins() && pes(payload).hasHeader():
		t.media = true
		t.begin(pid, p, payload)
	}
}

func (t *tsReader) find(pid int) int {
	for i := range t.segment.Tracks {
		if t.segment.Tracks[i].ID == pid {
			return i
		}
	}
	return -1
}

// begin reads the header of a PES packet.
func (t *tsReader) begin(pid int, p *packet, b pes) {
	ptsField, dtsField, ok := b.times()
	i := t.find(pid)
	t.segment.Split = t.segment.Split || !ok
	switch {
	case i < 0 && (!ok || ptsField == nil || len(t.streams) == maxTracks):
		return
	case i < 0:
		i = len(t.streams)
		t.segment.Tracks = append(t.segment.Tracks, Track{
			ID: pid, Kind: t.kind(pid, b[3]), Timescale: Clock, Key: p.isRandomAccess() || hasParameters(b.data(), t.types[pid]), Shown: math.MaxInt64, Last: math.MinInt64,
		})
		t.streams = append(t.streams, &stream{audio: newAudioFrames(t.types[pid])})
	}
	if ok && ptsField != nil {
		t.timestamps(i, ptsField, dtsField)
	}
	t.segment.Tracks[i].Frames++
	if audio := t.streams[i].audio; audio != nil {
		audio.write(b.data())
	}
}

// timestamps takes in those of a PES packet. They wrap within the segment: each is the nearest to the
// previous one.
func (t *tsReader) timestamps(i int, ptsField, dtsField []byte) {
	track, s := &t.segment.Tracks[i], t.streams[i]
	pts := readTime(ptsField)
	dts := pts
	if dtsField != nil {
		dts = readTime(dtsField)
	}
	if s.timed {
		dts = s.dts + signed(dts-s.dts)
		if step := dts - s.dts; step > 0 && (s.least == 0 || step < s.least) {
			s.least = step
		}
	} else {
		track.Begin = dts
	}
	pts = dts + signed(pts-dts)
	track.Shown, track.Last = min(track.Shown, pts), max(track.Last, pts)
	s.dts, s.timed = max(dts, s.dts), true
	track.End = s.dts
	if s.audio != nil {
		s.counted = s.audio.frames
	}
}

// finish adds the last frame's duration to the ends.
func (t *tsReader) finish(i int) {
	track, s := &t.segment.Tracks[i], t.streams[i]
	track.Frame = s.least
	rest := s.least // from the last timestamp on
	if a := s.audio; a != nil && a.frames > 0 && a.frame.Den > 0 {
		track.Exact, track.Frames, track.Frame = a.frame, a.frames, ticksOf(a.frame, 1)
		rest = ticksOf(a.frame, int64(a.frames-s.counted))
	}
	track.End += rest
	track.Last += rest
}

// ticksOf is the number of ticks of 90 kHz that n frames last, to the nearest.
func ticksOf(frame Ratio, n int64) int64 { return (n*frame.Num*Clock + frame.Den/2) / frame.Den }

// kind is that of a stream by its type in the PMT, else by its stream_id.
func (t *tsReader) kind(pid int, streamID uint8) Kind {
	switch t.types[pid] {
	case 0x01, 0x02, 0x10, 0x1b, 0x24, 0x33, 0xdb:
		return Video
	case 0x03, 0x04, 0x0f, 0x11, 0x81, 0x87, 0xc1, 0xc2, 0xcf:
		return Audio
	case 0x15:
		return Other
	}
	switch {
	case streamID >= 0xe0 && streamID <= 0xef:
		return Video
	case streamID >= 0xc0 && streamID <= 0xdf:
		return Audio
	}
	return Other
}

// hasParameters reports whether video begins with what a decoder starts with: a sequence header of MPEG-2, or
// parameter sets of H.264 or HEVC. Some packagers mark no random access points.
func hasParameters(b []byte, streamType uint8) bool {
	for i := 0; i+3 < len(b); i++ {
		if b[i] != 0 || b[i+1] != 0 || b[i+2] != 1 {
			continue
		}
		switch unit := b[i+3]; streamType {
		case 0x01, 0x02:
			return unit == 0xb3
		case 0x1b, 0xdb:
			if unit&0x1f == 7 {
				return true
			}
		case 0x24:
			if unit>>1&0x3f == 33 {
				return true
			}
		}
	}
	return false
}

// patProgram is the PID of the first program's PMT; -1: there is none.
func patProgram(payload []byte) int {
	if len(payload) == 0 || len(payload) < int(payload[0])+13 {
		return -1
	}
	section := payload[1+int(payload[0]):]
	for at := 8; at+4 <= len(section); at += 4 {
		if program := int(section[at])<<8 | int(section[at+1]); program != 0 {
			return int(section[at+2]&0x1f)<<8 | int(section[at+3])
		}
	}
	return -1
}

// readPMT reads the types of the streams, as far as they are in the section's first packet.
func (t *tsReader) readPMT(payload []byte) {
	if len(payload) < int(payload[0])+13 {
		return
	}
	section := payload[1+int(payload[0]):]
	end := min(3+(int(section[1]&0x0f)<<8|int(section[2]))-4, len(section)) // without its CRC
	at := 12 + (int(section[10]&0x0f)<<8 | int(section[11]))
	for len(t.types) < maxPIDs && at+5 <= end {
		pid := int(section[at+1]&0x1f)<<8 | int(section[at+2])
		t.types[pid] = section[at]
		at += 5 + (int(section[at+3]&0x0f)<<8 | int(section[at+4]))
	}
}
