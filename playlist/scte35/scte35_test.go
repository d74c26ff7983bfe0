package scte35

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"
	"time"
)

// decoded is a splice_insert as a reader of the standard finds it.
type decoded struct {
	event                                  uint32
	out, program, hasDuration, immediate   bool
	pts, duration                          uint64
	autoReturn                             bool
	programID, avail, availsExpected, rest int
}

// decode reads a splice_info_section bit by bit, as table 5 and table 9 of the standard
// list them.
func decode(b []byte) (d decoded, err error) {
	at := 0
	bits := func(n int) (v uint64) {
		for range n {
			v = v<<1 | uint64(b[at/8]>>(7-at%8)&1)
			at++
		}
		return v
	}
	if id := bits(8); id != 0xfc {
		return d, fmt.Errorf("table_id %#x", id)
	}
	bits(4) // syntax indicator, private, sap_type
	if n := bits(12); int(n) != len(b)-3 {
		return d, fmt.Errorf("section_length %d of %d bytes", n, len(b))
	}
	if version := bits(8); version != 0 || bits(1) != 0 {
		return d, fmt.Errorf("protocol version %d, or encrypted", version)
	}
	bits(6 + 33 + 8) // encryption_algorithm, pts_adjustment, cw_index
	bits(12)         // tier
	length, kind := bits(12), bits(8)
	if kind != 5 {
		return d, fmt.Errorf("command %d", kind)
	}
	start := at
	if d.event = uint32(bits(32)); bits(1) != 0 {
		return d, fmt.Errorf("canceled")
	}
	bits(7)
	d.out, d.program, d.hasDuration, d.immediate = bits(1) == 1, bits(1) == 1, bits(1) == 1, bits(1) == 1
	bits(4)
	if d.program && !d.immediate {
		if bits(1) == 1 {
			bits(6)
			d.pts = bits(33)
		} else {
			bits(7)
		}
	}
	if d.hasDuration {
		d.autoReturn = bits(1) == 1
		bits(6)
		d.duration = bits(33)
	}
	d.programID, d.avail, d.availsExpected = int(bits(16)), int(bits(8)), int(bits(8))
	if length != 0xfff && int(length)*8 != at-start {
		return d, fmt.Errorf("command of %d bits, of length %d", at-start, length)
	}
	d.rest = int(bits(16))
	if want := len(b) - 4; at/8+d.rest != want {
		return d, fmt.Errorf("descriptors end at %d, want %d", at/8+d.rest, want)
	}
	if got, want := crc(b[:len(b)-4]), binary.BigEndian.Uint32(b[len(b)-4:]); got != want {
		return d, fmt.Errorf("crc %#x, want %#x", got, want)
	}
	return d, nil
}

// TestDecode_ReadsTheStandardsExample of 14.2, so that what it says of ours counts.
func TestDecode_ReadsTheStandardsExample(t *testing.T) {
	b, err := base64.StdEncoding.DecodeString("/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=")
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(b)
	want := decoded{event: 0x4800008f, out: true, program: true, hasDuration: true, pts: 0x07369c02e, duration: 0x00052ccf5, autoReturn: true, rest: 10}
	if err != nil || got != want {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}

func TestOut_SaysWhatTheStandardWants(t *testing.T) {
	for duration, ticks := range map[time.Duration]uint64{
		0: 0, time.Minute: 5_400_000, 30*time.Second + 33*time.Millisecond: 2_702_970, 26 * time.Hour: 8_424_000_000,
	} {
		got, err := decode(Out(0x7fffffff, duration))
		want := decoded{event: 0x7fffffff, out: true, program: true, hasDuration: true, immediate: true, duration: ticks, autoReturn: true}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v\nwant %+v", duration, got, err, want)
		}
	}
}

func TestIn_SaysWhatTheStandardWants(t *testing.T) {
	got, err := decode(In(7))
	if want := (decoded{event: 7, program: true, immediate: true}); err != nil || got != want {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}

// TestBytes_AreThoseOfTheVectors: a decoder of another make, gst_mpegts_section_get_scte_sit
// of GStreamer 1.22 (which rejects a wrong checksum), reads these as written beside them:
// all immediate, of the whole program, of tier 0xfff.
func TestBytes_AreThoseOfTheVectors(t *testing.T) {
	for want, got := range map[string][]byte{
		"fc302000000000000000fff00f057fffffff7ffffe005265c00000000000004dd75699": Out(0x7fffffff, time.Minute),                // event 2147483647, out, auto_return, 5400000
		"fc302000000000000000fff00f050000000a7ffffe005265c000000000000074a7ebf0": Out(10, time.Minute),                        // event 10, out, auto_return, 5400000
		"fc302000000000000000fff00f050000000a7ffffe00293e7a00000000000064b9b360": Out(10, 30*time.Second+33*time.Millisecond), // event 10, out, auto_return, 2702970
		"fc302000000000000000fff00f05000000017ffffff61c0a000000000000000ce2d854": Out(1, 26*time.Hour),                        // event 1, out, auto_return, 8424000000
		"fc301b00000000000000fff00a050000000a7f5f0000000000004428093b":           In(10),                                      // event 10, no duration
		"fc301b00000000000000fff00a05000000077f5f000000000000fd2b2f29":           In(7),                                       // event 7, no duration
	} {
		if text := hex.EncodeToString(got); text != want {
			t.Errorf("%s\nwant %s", text, want)
		}
	}
}
