package media

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mp4Box makes a box of parts.
func mp4Box(kind string, parts ...[]byte) []byte {
	b := append(make([]byte, 4), kind...)
	for _, p := range parts {
		b = append(b, p...)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

// u32 are numbers of 32 bits.
func u32(numbers ...uint32) (b []byte) {
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// testInit is an initialization section of tracks 1, 2, … of a handler and a timescale each.
func testInit(tracks ...initTrack) []byte {
	moov := mp4Box("mvhd", u32(0, 0, 0, 1000, 0))
	var trex []byte
	for i, t := range tracks {
		handler := map[Kind]string{Video: "vide", Audio: "soun", Text: "text"}[t.kind]
		moov = append(moov, mp4Box("trak",
			mp4Box("tkhd", u32(0, 0, 0, uint32(i+1), 0)),
			mp4Box("edts", mp4Box("elst", u32(0, 2, 500, 0xffffffff, 0x10000, 0, 1024, 0x10000))),
			mp4Box("mdia",
				mp4Box("mdhd", u32(0, 0, 0, t.timescale, 0)),
				mp4Box("hdlr", u32(0, 0), []byte(handler)),
				mp4Box("minf", mp4Box("stbl", mp4Box("stsd", u32(0, 1), mp4Box(t.codec)))),
			))...)
		trex = append(trex, mp4Box("trex", u32(0, uint32(i+1), 1, t.duration, 0, t.flags))...)
	}
	return append(mp4Box("ftyp", []byte("iso6")), mp4Box("moov", moov, mp4Box("mvex", trex))...)
}

func tfdt0(time uint32) []byte { return mp4Box("tfdt", u32(0, time)) }
func tfdt1(time uint64) []byte { return mp4Box("tfdt", u32(1<<24), u64(time)) }

// traf is a track fragment of so many samples by default.
func traf(track uint32, tfdt []byte, samples uint32) []byte {
	return mp4Box("traf", mp4Box("tfhd", u32(0x020000, track)), tfdt, mp4Box("trun", u32(0, samples)))
}

// tsPacket makes a packet.
func tsPacket(pid int, counter uint8, starts bool, adaptation, payload []byte) []byte {
	p := []byte{syncByte, byte(pid >> 8), byte(pid), counter & 0x0f}
	if starts {
		p[1] |= 0x40
	}
	if payload != nil {
		p[3] |= 0x10
	}
	room := packetSize - 4 - len(payload)
	if adaptation != nil || room > 0 {
		p[3] |= 0x20
		p = append(p, byte(room-1))
		if room > 1 {
			if adaptation == nil {
				adaptation = []byte{0}
			}
			p = append(p, adaptation...)
		}
		for len(p) < packetSize-len(payload) {
			p = append(p, 0xff)
		}
	}
	return append(p, payload...)
}

func timeField(prefix byte, t int64) []byte {
	return []byte{
		prefix<<4 | byte(t>>29)&0x0e | 1, byte(t >> 22), byte(t>>14)&0xfe | 1, byte(t >> 7), byte(t<<1) | 1,
	}
}

// pesOf is the beginning of a PES packet of video with these timestamps.
func pesOf(pts, dts int64) []byte {
	b := []byte{0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 10}
	return append(append(b, timeField(3, pts)...), timeField(1, dts)...)
}

// id3 is a tag with a timestamp behind another frame.
func id3(time uint64) []byte {
	other := append([]byte("TXXX\x00\x00\x00\x50\x00\x00"), make([]byte, 80)...)
	body := append([]byte(privOwner), u64(time)...)
	frames := append(other, append([]byte{'P', 'R', 'I', 'V', 0, 0, 0, byte(len(body)), 0, 0}, body...)...)
	n := len(frames)
	return append([]byte{'I', 'D', '3', 4, 0, 0, 0, 0, byte(n >> 7), byte(n & 0x7f)}, frames...)
}

// aac are frames of 44.1 kHz.
func aac(frames int) (b []byte) {
	for range frames {
		frame := make([]byte, 20)
		copy(frame, []byte{0xff, 0xf1, 0x50, 0x40, 20 >> 3, 20&7<<5 | 0x1f, 0xfc})
		b = append(b, frame...)
	}
	return b
}

// plus adds a fixed number of ticks whatever the timescale.
func plus(ticks int64) func(uint32) (int64, bool) {
	return func(uint32) (int64, bool) { return ticks, true }
}
