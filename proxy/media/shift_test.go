package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// shifted is all of a segment after a shift.
func shifted(t testing.TB, src io.Reader, format Format, change Change) []byte {
	t.Helper()
	b, err := shiftAll(src, format, change)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sample is a segment of each format, as it comes from packagers, with the change of a loop.
type sample struct {
	format  Format
	segment []byte
	change  Change
}

func samples(t testing.TB) map[string]sample {
	t.Helper()
	in, err := ReadInit(bytes.NewReader(file(t, "init.mp4")))
	if err != nil {
		t.Fatal(err)
	}
	offset := Offset{Place: 7_000_000_001, Start: 126000, Timescale: Clock}
	return map[string]sample{
		"MPEG-TS":      {TS, file(t, "first.ts"), Change{Ticks: offset.Ticks, Counters: []Counter{{256, 3}, {17, 15}}, Turn: 1_000_003}},
		"MP4":          {MP4, file(t, "last.m4s"), Change{Ticks: Offset{Place: 7_000_000_001, Timescale: 1}.Ticks, Init: in}},
		"packed audio": {Packed, append(id3(Wrap-3), aac(5)...), Change{Ticks: offset.Ticks}},
	}
}

// back is the change that undoes one.
func (c Change) back() Change {
	ticks := c.Ticks
	c.Ticks = func(timescale uint32) (int64, bool) {
		n, fits := ticks(timescale)
		return -n, fits
	}
	c.Turn = 16 - c.Turn&15
	return c
}

func TestWriter_BackGivesTheSegmentAndChunksDoNotMatter(t *testing.T) {
	for name, s := range samples(t) {
		once := shifted(t, bytes.NewReader(s.segment), s.format, s.change)
		if bytes.Equal(once, s.segment) || len(once) != len(s.segment) {
			t.Errorf("%s: the shift changed nothing, or the size", name)
		}
		if !bytes.Equal(shifted(t, bytes.NewReader(once), s.format, s.change.back()), s.segment) {
			t.Errorf("%s: there and back is not the segment", name)
		}
		for how, src := range map[string]io.Reader{
			"one byte at a time":  iotest.OneByteReader(bytes.NewReader(s.segment)),
			"the error with data": iotest.DataErrReader(bytes.NewReader(s.segment)),
		} {
			if !bytes.Equal(shifted(t, src, s.format, s.change), once) {
				t.Errorf("%s, read with %s: another segment", name, how)
			}
		}
	}
}

func TestWriter_TimestampsMoveByTheOffset(t *testing.T) {
	for name, s := range samples(t) {
		before, err := Read(bytes.NewReader(s.segment), s.format, s.change.Init)
		if err != nil {
			t.Fatal(err)
		}
		after, err := Read(bytes.NewReader(shifted(t, bytes.NewReader(s.segment), s.format, s.change)), s.format, s.change.Init)
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range before.Tracks {
			a := after.Tracks[i]
			ticks, _ := s.change.Ticks(b.Timescale)
			move := func(x int64) int64 {
				if s.format == MP4 {
					return x + ticks
				}
				return (x + ticks) & (Wrap - 1)
			}
			if a.Begin != move(b.Begin) || a.Shown&(Wrap-1) != move(b.Shown) || a.End-a.Begin != b.End-b.Begin || a.Frames != b.Frames {
				t.Errorf("%s: %+v by %d ticks is %+v", name, b, ticks, a)
			}
		}
	}
}

func TestWriter_APartIsThatOfTheWhole(t *testing.T) {
	for name, s := range samples(t) {
		whole, size := shifted(t, bytes.NewReader(s.segment), s.format, s.change), int64(len(s.segment))
		for first := int64(0); first < size; first += 89 {
			for _, length := range []int64{1, 7, 190, 3000} {
				last := min(first+length, size)
				from, to := s.format.Span(first, last)
				part := shifted(t, bytes.NewReader(s.segment[from:min(to, size)]), s.format, s.change)
				if got := part[first-from : last-from]; !bytes.Equal(got, whole[first:last]) {
					t.Fatalf("%s: bytes %d to %d of a part differ from those of the whole", name, first, last)
				}
			}
		}
	}
}

// The counters of a first and a last segment are enough for any number of loops.
func TestWriter_ContinuityCountersGoOnOverLoops(t *testing.T) {
	first, last := file(t, "first.ts"), file(t, "last.ts")
	f, err := Read(bytes.NewReader(first), TS, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Read(bytes.NewReader(last), TS, nil)
	if err != nil {
		t.Fatal(err)
	}
	gains := Gains(f, l)
	next := map[int]uint8{}
	for loop := range 40 {
		change := Change{Ticks: plus(0), Counters: gains, Turn: loop}
		for b := shifted(t, bytes.NewReader(first), TS, change); len(b) > 0; b = b[packetSize:] {
			p := (*packet)(b)
			if want, known := next[p.pid()]; known && p.counter() != want {
				t.Fatalf("loop %d: PID %d goes on with %d, want %d", loop, p.pid(), p.counter(), want)
			}
			delete(next, p.pid())
		}
		for b := shifted(t, bytes.NewReader(last), TS, change); len(b) > 0; b = b[packetSize:] {
			p := (*packet)(b)
			next[p.pid()] = (p.counter() + 1) & 15
		}
	}
	if len(next) != 5 {
		t.Errorf("%d PIDs were followed, want 5", len(next))
	}
}

func TestWriter_ClocksMoveAndTheirExtensionsStay(t *testing.T) {
	clock := func(base int64) []byte {
		return []byte{byte(base >> 25), byte(base >> 17), byte(base >> 9), byte(base >> 1), byte(base<<7) | 0x7e | 1, 0x23}
	}
	field := func(pcr, opcr int64) []byte { return append(append([]byte{0x18}, clock(pcr)...), clock(opcr)...) }
	change := Change{Ticks: plus(5)}
	got := shifted(t, bytes.NewReader(tsPacket(256, 3, false, field(Wrap-1, 70_000), []byte{1, 2})), TS, change)
	if want := tsPacket(256, 3, false, field(4, 70_005), []byte{1, 2}); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
	for name, b := range map[string][]byte{
		"a section":              tsPacket(0, 0, true, nil, append([]byte{0, 0, 0xb0}, make([]byte, 181)...)),
		"scrambled":              scrambled(tsPacket(256, 0, true, nil, pesOf(1, 1))),
		"padding":                tsPacket(256, 0, true, nil, []byte{0, 0, 1, 0xbe, 0, 9, 0x80, 0xc0, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}),
		"a PES without times":    tsPacket(256, 0, true, nil, []byte{0, 0, 1, 0xe0, 0, 9, 0x80, 0, 0, 1, 2, 3}),
		"an adaptation of a lie": append([]byte{syncByte, 1, 0, 0x30, 255, 0x18}, bytes.Repeat([]byte{1}, 182)...)[:packetSize],
	} {
		if name == "an adaptation of a lie" {
			shifted(t, bytes.NewReader(b), TS, change) // must not panic
			continue
		}
		if !bytes.Equal(shifted(t, bytes.NewReader(b), TS, change), b) {
			t.Errorf("%s was changed", name)
		}
	}
}

func scrambled(p []byte) []byte {
	p[3] |= 0x80
	return p
}

func TestWriter_WhatCanNotBeShiftedIsAnError(t *testing.T) {
	in := &Init{tracks: []initTrack{{id: 1, timescale: 90_000}}}
	for name, c := range map[string]struct {
		format  Format
		segment []byte
		ticks   int64
		want    error
	}{
		"no packets":                    {TS, make([]byte, 400), 1, ErrMalformed},
		"a PES header in two packets":   {TS, tsPacket(256, 0, true, nil, pesOf(1, 1)[:12]), 1, ErrMalformed},
		"32 bits that overflow":         {MP4, mp4Box("moof", traf(1, tfdt0(0xfffffff0), 1)), 16, ErrOverflow},
		"32 bits below 0":               {MP4, mp4Box("moof", traf(1, tfdt0(3), 1)), -4, ErrOverflow},
		"64 bits that overflow":         {MP4, mp4Box("moof", traf(1, tfdt1(1<<63-1), 1)), 1, ErrOverflow},
		"64 bits below 0":               {MP4, mp4Box("moof", traf(1, tfdt1(1), 1)), -2, ErrOverflow},
		"an unknown track":              {MP4, mp4Box("moof", traf(7, tfdt0(1), 1)), 1, ErrMalformed},
		"a box larger than its parent":  {MP4, mp4Box("moof", append(u32(80), "free"...)), 1, ErrMalformed},
		"a box smaller than its header": {MP4, append(u32(7), "free"...), 1, ErrMalformed},
	} {
		if _, err := shiftAll(bytes.NewReader(c.segment), c.format, Change{Ticks: plus(c.ticks), Init: in}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestWriter_AllTimesOfMP4Move(t *testing.T) {
	in := &Init{tracks: []initTrack{{id: 1, timescale: 90_000}, {id: 2, timescale: 48_000}}}
	segment := func(shift uint32) []byte {
		return bytes.Join([][]byte{
			mp4Box("styp", []byte("msdh")),
			mp4Box("prft", u32(0, 2, 7, 7, 1000+2*shift)),
			mp4Box("prft", u32(1<<24, 9, 7, 7), u64(5)), // of no known track
			mp4Box("emsg", u32(1<<24, 1000), u64(uint64(100+3*shift)), u32(0, 1), []byte("urn:x\x00\x00")),
			mp4Box("emsg", []byte{0, 0, 0, 0}, []byte("urn:x\x00\x00"), u32(1000, 5, 0, 1)),
			mp4Box("sidx", u32(0, 1, 90_000, 4000+shift, 0, 1, 2, 3, 4)),
			mp4Box("sidx", u32(1<<24, 1, 90_000), u64(uint64(4000+shift)), u64(0), u32(1, 2, 3, 4)),
			mp4Box("moof", mp4Box("mfhd", u32(0, 1)), traf(1, tfdt0(50+shift), 2), traf(2, tfdt1(uint64(60+2*shift)), 2), mp4Box("pssh", tfdt0(9))),
			append(u32(1), append([]byte("mdat"), append(u64(16+8), "tfdttfdt"...)...)...), // a size of 64 bits
			mp4Box("moof", traf(1, tfdt0(70+shift), 2)),
			append(u32(0), "mdat and so on to the end"...),
		}, nil)
	}
	ticks := func(timescale uint32) (int64, bool) {
		return map[uint32]int64{90_000: 11, 48_000: 22, 1000: 33}[timescale], true
	}
	got := shifted(t, iotest.OneByteReader(bytes.NewReader(segment(0))), MP4, Change{Ticks: ticks, Init: in})
	if want := segment(11); !bytes.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWriter_ACutOffSegmentPassesToItsEnd(t *testing.T) {
	for name, s := range samples(t) {
		cut := s.segment[:len(s.segment)-100]
		whole := shifted(t, bytes.NewReader(s.segment), s.format, s.change)
		got := shifted(t, bytes.NewReader(cut), s.format, s.change)
		if same := len(cut) - packetSize; len(got) != len(cut) || same > 0 && !bytes.Equal(got[:same], whole[:same]) {
			t.Errorf("%s: a cut off segment is not the beginning of the whole", name)
		}
	}
}

func TestWriter_PassesWholePacketsBeforeAnError(t *testing.T) {
	gone := errors.New("gone")
	s := samples(t)["MPEG-TS"]
	b, err := shiftAll(io.MultiReader(bytes.NewReader(s.segment[:1000]), iotest.ErrReader(gone)), s.format, s.change)
	if len(b) != 5*packetSize || !errors.Is(err, gone) {
		t.Errorf("%d bytes, %v, want the five whole packets and the error", len(b), err)
	}
}

// TestWriter_DoesNotChangeWhatIsWritten: it may be in a cache.
func TestWriter_DoesNotChangeWhatIsWritten(t *testing.T) {
	for name, s := range samples(t) {
		before := bytes.Clone(s.segment)
		shifted(t, bytes.NewReader(s.segment), s.format, s.change)
		if !bytes.Equal(before, s.segment) {
			t.Errorf("%s: it does", name)
		}
	}
}

func TestShiftWebVTT(t *testing.T) {
	for name, c := range map[string]struct {
		in, want string
		ticks    int64
	}{
		"moved":             {"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n00:00.000 --> 00:01.000\na\n", "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900005\n\n00:00.000 --> 00:01.000\na\n", 5},
		"inserted":          {"WEBVTT - title\r\n\r\n00:00.000 --> 00:01.000\r\na\r\n", "WEBVTT - title\r\nX-TIMESTAMP-MAP=MPEGTS:5,LOCAL:00:00:00.000\r\n\r\n00:00.000 --> 00:01.000\r\na\r\n", 5},
		"wraps":             {"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:8589934591,LOCAL:00:00:00.000\n", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00:00.000\n", 2},
		"nothing else":      {"WEBVTT", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:8589934591,LOCAL:00:00:00.000\n", -1},
		"identifiers":       {"\ufeffWEBVTT\n\n1\n00:00.000 --> 00:01.000\na\n2\n\nNOTE x\n\nid\n00:01.000 --> 00:02.000\n3\n", "\ufeffWEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00.000 --> 00:01.000\na\n2\n\nNOTE x\n\n00:01.000 --> 00:02.000\n3\n", 0},
		"no blank line":     {"WEBVTT\n00:00.000 --> 00:01.000\na", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n00:00.000 --> 00:01.000\na", 0},
		"styles and notes":  {"WEBVTT\n\nSTYLE\n::cue { }\n\nNOTE\nx\n\n\n", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\nSTYLE\n::cue { }\n\nNOTE\nx\n\n\n", 0},
		"carriage returns":  {"WEBVTT\rX-TIMESTAMP-MAP=MPEGTS:1,LOCAL:0\r\r7\r00:00.000 --> 00:01.000\ra\r", "WEBVTT\rX-TIMESTAMP-MAP=MPEGTS:2,LOCAL:0\r\r00:00.000 --> 00:01.000\ra\r", 1},
		"a time unwrapped":  {"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:8589934593,LOCAL:0\n", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:2,LOCAL:0\n", 1},
		"two that are same": {"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1,LOCAL:0\nX-TIMESTAMP-MAP=MPEGTS:1,LOCAL:0\n", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:2,LOCAL:0\nX-TIMESTAMP-MAP=MPEGTS:2,LOCAL:0\n", 1},
	} {
		got, err := ShiftWebVTT([]byte(c.in), c.ticks)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	for name, in := range map[string]string{
		"no signature": "hello\n", "no MPEGTS": "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:0\n", "no number": "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:x\n",
	} {
		if _, err := ShiftWebVTT([]byte(in), 1); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v, want %v", name, err, ErrMalformed)
		}
	}
	if _, err := ShiftWebVTT(make([]byte, MaxWebVTT+1), 1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large file: %v, want %v", err, ErrTooLarge)
	}
}

func TestWriter_NoAllocationPerPacketOrBox(t *testing.T) {
	for name, s := range samples(t) {
		p, err := newPatcher(s.format, s.change)
		if err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, len(s.segment))
		allocations := testing.AllocsPerRun(100, func() {
			copy(buffer, s.segment)
			if _, err := p.patch(buffer); err != nil {
				t.Fatal(err)
			}
		})
		if allocations > 0 {
			t.Errorf("%s: %v allocations for a segment, want 0", name, allocations)
		}
	}
}

func TestWriter_TheTagOfPackedAudioMoves(t *testing.T) {
	s := samples(t)["packed audio"]
	got := shifted(t, bytes.NewReader(s.segment), Packed, Change{Ticks: plus(10)})
	if time := binary.BigEndian.Uint64(got[bytes.Index(got, []byte(privOwner))+len(privOwner):]); time != 7 {
		t.Errorf("the timestamp is %d, want 7", time)
	}
	if without := aac(40); !bytes.Equal(shifted(t, bytes.NewReader(without), Packed, s.change), without) {
		t.Error("audio without a tag was changed")
	}
}
