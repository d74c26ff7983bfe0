package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"testing"
)

// packedFrames are frames of audio without a container, of 128 bytes or so.
var packedFrames = map[string][]byte{
	"AAC":  {0xff, 0xf1, 0x58, 0x80, 0x10, 0x1f, 0xfc, 0},
	"MP3":  {0xff, 0xfb, 0x14, 0xc4, 0, 0, 0, 0},
	"AC-3": {0x0b, 0x77, 0, 0, 0x08, 0x40, 0, 0},
	"EC-3": {0x0b, 0x77, 0, 0x3f, 0x3f, 0x80, 0, 0},
}

// hostileSamples are segments of all formats and codecs that are read, none larger than some packets.
func hostileSamples(t *testing.T) map[string]sample {
	t.Helper()
	all := samples(t)
	ts, mp4 := all["MPEG-TS"], all["MP4"]
	ts.segment = ts.segment[:min(len(ts.segment), 30*packetSize)]
	all["MPEG-TS"] = ts
	moof, _, _ := header(mp4.segment[bytes.Index(mp4.segment, []byte("moof"))-4:])
	mp4.segment = mp4.segment[:bytes.Index(mp4.segment, []byte("moof"))-4+int(moof)+64]
	all["MP4"] = mp4
	for codec, head := range packedFrames {
		size := 0
		for _, read := range []frameHeader{adts, mpegAudio, ac3} {
			if n, _ := read(head); n > 0 {
				size = n
			}
		}
		frame := append(bytes.Clone(head), make([]byte, size-len(head))...)
		all[codec] = sample{Packed, append(id3(7), bytes.Repeat(frame, 4)...), Change{Ticks: plus(9)}}
	}
	return all
}

// known are the errors that media may end in.
func known(err error) bool {
	for _, e := range []error{nil, ErrMalformed, ErrNoTimestamp, ErrOverflow, ErrTooLarge} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// TestHostile_ASegmentCutAtAnyByteIsTheBeginningOfTheWhole: nothing is read of it that the whole does not have, and it is
// shifted as the whole is, but for the packet or field that is cut.
func TestHostile_ASegmentCutAtAnyByteIsTheBeginningOfTheWhole(t *testing.T) {
	for name, s := range hostileSamples(t) {
		whole, err := Read(bytes.NewReader(s.segment), s.format, s.change.Init)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		moved := shifted(t, bytes.NewReader(s.segment), s.format, s.change)
		for n := range s.segment {
			part, err := Read(bytes.NewReader(s.segment[:n]), s.format, s.change.Init)
			if !known(err) {
				t.Fatalf("%s, %d bytes: %v", name, n, err)
			}
			if err == nil {
				checkPart(t, fmt.Sprintf("%s, %d bytes", name, n), part, whole)
			}
			got, err := shiftAll(bytes.NewReader(s.segment[:n]), s.format, s.change)
			if err != nil || len(got) != n {
				t.Fatalf("%s: of %d bytes %d are shifted: %v", name, n, len(got), err)
			}
			if same := max(0, n-packetSize); !bytes.Equal(got[:same], moved[:same]) {
				t.Fatalf("%s: %d bytes are shifted otherwise than in the whole", name, n)
			}
		}
	}
}

// checkPart wants the tracks of a part to be those of the whole, as far as they go.
func checkPart(t *testing.T, name string, part, whole *Segment) {
	t.Helper()
	for _, p := range part.Tracks {
		w := p
		for _, track := range whole.Tracks {
			if track.ID == p.ID {
				w = track
			}
		}
		if p.Begin != w.Begin || p.End < p.Begin || p.End > w.End+w.Frame || p.Frames > w.Frames || p.Shown < w.Shown {
			t.Fatalf("%s: %+v, of the whole %+v", name, p, w)
		}
	}
}

// TestHostile_AnyByteMayBeAnother: what comes of it is an error with a name, or a segment of the same size that shifts back.
func TestHostile_AnyByteMayBeAnother(t *testing.T) {
	for name, s := range hostileSamples(t) {
		for at := range s.segment {
			for _, value := range []byte{0, 1, 0x7f, 0xff, ^s.segment[at]} {
				wrong := bytes.Clone(s.segment)
				wrong[at] = value
				if _, err := Read(bytes.NewReader(wrong), s.format, s.change.Init); !known(err) {
					t.Fatalf("%s, byte %d is %#x: %v", name, at, value, err)
				}
				there, err := shiftAll(bytes.NewReader(wrong), s.format, s.change)
				if err != nil {
					if !known(err) {
						t.Fatalf("%s, byte %d is %#x: %v", name, at, value, err)
					}
					continue
				}
				back, err := shiftAll(bytes.NewReader(there), s.format, s.change.back())
				if err != nil || !bytes.Equal(back, wrong) {
					t.Fatalf("%s, byte %d is %#x: there and back is not the segment: %v", name, at, value, err)
				}
			}
		}
	}
}

// TestHostile_AnInitializationSectionMayBeCutOrWrongAtAnyByte.
func TestHostile_AnInitializationSectionMayBeCutOrWrongAtAnyByte(t *testing.T) {
	whole := file(t, "init.mp4")
	segment := hostileSamples(t)["MP4"].segment
	for at := range whole {
		for _, value := range []byte{0, 1, 0x7f, 0xff, ^whole[at]} {
			wrong := bytes.Clone(whole)
			wrong[at] = value
			for _, b := range [][]byte{whole[:at], wrong} {
				in, err := ReadInit(bytes.NewReader(b))
				if !known(err) {
					t.Fatalf("byte %d is %#x: %v", at, value, err)
				}
				if err != nil {
					continue
				}
				if _, err := Read(bytes.NewReader(segment), MP4, in); !known(err) {
					t.Fatalf("byte %d is %#x: %v", at, value, err)
				}
			}
		}
	}
}

// TestHostile_WebVTTMayBeCutOrWrongAtAnyByte: what comes of it grows by no more than a header.
func TestHostile_WebVTTMayBeCutOrWrongAtAnyByte(t *testing.T) {
	whole := []byte("\ufeffWEBVTT - title\r\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\r\nKind: x\r\n\r\nSTYLE\r\n::cue { }\r\n\r\n" +
		"1\r\n00:00.000 --> 00:01.000 align:left\r\na\r\nb\r\n\r\nNOTE\r\nx\r\n\r\nid\r\n00:01.000 --> 00:02.000\r\nc")
	for at := range whole {
		for _, value := range []byte{0, '\n', '-', '9', 0xff} {
			wrong := bytes.Clone(whole)
			wrong[at] = value
			for _, b := range [][]byte{whole[:at], wrong} {
				got, err := ShiftWebVTT(b, 1<<40)
				if !known(err) || len(got) > len(b)+64 {
					t.Fatalf("%q: %d bytes, %v", b, len(got), err)
				}
				if err == nil && bytes.Count(got, vttArrow) != bytes.Count(b, vttArrow) {
					t.Fatalf("%q: a cue is lost in %q", b, got)
				}
			}
		}
	}
}

// TestHostile_AbsurdCounts: boxes, runs, tables and tags that say that they have thousands of millions of something.
func TestHostile_AbsurdCounts(t *testing.T) {
	in := &Init{tracks: []initTrack{{id: 1, timescale: math.MaxUint32, duration: math.MaxUint32, flags: math.MaxUint32}}}
	all := uint32(0xffffff)
	run := func(count uint32, entries ...uint32) []byte {
		return mp4Box("trun", u32(1<<24|all, count), u32(entries...))
	}
	fragment := func(boxes ...[]byte) []byte {
		return mp4Box("moof", mp4Box("traf", append([][]byte{mp4Box("tfhd", u32(0, 1)), tfdt1(maxTime)}, boxes...)...))
	}
	tables := func(pid int, section ...byte) []byte { return tsPacket(pid, 0, true, nil, section) }
	pat := tables(0, 0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe1, 0, 0, 0, 0, 0)
	for name, c := range map[string]struct {
		format  Format
		segment []byte
	}{
		"a run without its entries":       {MP4, fragment(run(math.MaxUint32))},
		"a run of absurd samples":         {MP4, fragment(run(math.MaxUint32, 0, 0, math.MaxUint32, math.MaxUint32, math.MaxUint32, 0x80000000))},
		"a run by default":                {MP4, fragment(mp4Box("trun", u32(0, math.MaxUint32)), mp4Box("trun", u32(0, math.MaxUint32)))},
		"a run that is empty":             {MP4, fragment(mp4Box("trun"))},
		"a header with all flags":         {MP4, mp4Box("moof", mp4Box("traf", mp4Box("tfhd", u32(all, 1)), tfdt1(1), run(1)))},
		"a time beyond all":               {MP4, mp4Box("moof", traf(1, tfdt1(math.MaxUint64), 1))},
		"no time":                         {MP4, mp4Box("moof", traf(1, mp4Box("tfdt", u32(0)), 1))},
		"an index of all there is":        {MP4, append(mp4Box("sidx", u32(0, 1, math.MaxUint32, 0, 0, math.MaxUint32)), fragment()...)},
		"an index without a timescale":    {MP4, mp4Box("sidx", u32(0, 1, 0, 0, 0, 0))},
		"a box of 2^64 - 1 bytes":         {MP4, append(append(u32(1), "moof"...), u64(math.MaxUint64)...)},
		"a box of 2^63 bytes":             {MP4, append(append(u32(1), "free"...), u64(1<<63)...)},
		"a box of 16 bytes, it says of 8": {MP4, append(append(u32(1), "moof"...), u64(8)...)},
		"boxes in boxes":                  {MP4, nested("moof", 1000)},
		"more boxes than are counted":     {MP4, bytes.Repeat(mp4Box("free"), maxBoxes+1)},
		"more fragments than tracks":      {MP4, bytes.Repeat(mp4Box("moof", traf(1, tfdt0(1), 1), traf(2, tfdt0(1), 1)), 1000)},
		"a table that begins far off":     {TS, tables(0, 0xff)},
		"a table that is longer":          {TS, append(bytes.Clone(pat), tables(0x100, 0, 2, 0xbf, 0xff, 0, 1, 0xc1, 0, 0, 0xe1, 1, 0xff, 0xff)...)},
		"a table that is shorter":         {TS, append(bytes.Clone(pat), tables(0x100, 0, 2, 0xb0, 0, 0, 1, 0xc1, 0, 0, 0xe1, 1, 0xf0, 0)...)},
		"an adaptation that is longer":    {TS, append([]byte{syncByte, 0x41, 0, 0x30, 0xff, 0x18}, make([]byte, packetSize-6)...)},
		"a PES header that is longer":     {TS, tsPacket(256, 0, true, nil, []byte{0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 0xff})},
		"streams of all PIDs":             {TS, everyPID()},
		"a tag of 2^28 bytes":             {Packed, []byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7fPRIV")},
		"a frame of 2^32 bytes":           {Packed, append([]byte("ID3\x03\x00\x00\x00\x00\x01\x00PRIV\xff\xff\xff\xff\x00\x00"), make([]byte, 200)...)},
		"an empty frame of audio":         {Packed, append(id3(1), 0xff, 0xf1, 0x58, 0x80, 0, 0x1f, 0xfc, 0)},
	} {
		s, err := Read(bytes.NewReader(c.segment), c.format, in)
		if !known(err) {
			t.Errorf("%s: read with %v", name, err)
		}
		if err == nil {
			checkBounds(t, name, s)
		}
		got, err := shiftAll(bytes.NewReader(c.segment), c.format, Change{Ticks: Offset{Timescale: 1}.Ticks, Init: in})
		if !known(err) || err == nil && len(got) != len(c.segment) {
			t.Errorf("%s: of %d bytes %d are shifted: %v", name, len(c.segment), len(got), err)
		}
	}
}

// checkBounds wants tracks whose times can be added and subtracted.
func checkBounds(t *testing.T, name string, s *Segment) {
	t.Helper()
	if len(s.Tracks) > maxTracks || len(s.counters) > maxPIDs {
		t.Errorf("%s: %d tracks, %d counters", name, len(s.Tracks), len(s.counters))
	}
	for _, track := range s.Tracks {
		for _, time := range []int64{track.Begin, track.End, track.Shown, track.Last} {
			if time > 3*maxTime+math.MaxUint32 || time < -math.MaxUint32 {
				t.Errorf("%s: %+v", name, track)
			}
		}
		Length(&track, &track, s.Format, 1<<40)
		Offset{Start: max(0, track.Begin), Timescale: track.Timescale}.Fits(&track, s.Format)
	}
}

// nested are so many boxes, each in the one before.
func nested(kind string, depth int) (b []byte) {
	for range depth {
		b = mp4Box(kind, b)
	}
	return b
}

// everyPID begins a PES packet in each.
func everyPID() (b []byte) {
	for pid := range nullPID {
		b = append(b, tsPacket(pid, 0, true, nil, pesOf(5, 9))...)
	}
	return b
}

// TestHostile_MediaWithoutEndIsReadToABound: what a box says does not count, nor what comes of it.
func TestHostile_MediaWithoutEndIsReadToABound(t *testing.T) {
	box := func(kind string, size uint64) io.Reader {
		head := binary.BigEndian.AppendUint64(append(u32(1), kind...), size)
		return io.MultiReader(bytes.NewReader(head), zeros{})
	}
	in := &Init{tracks: []initTrack{{id: 1, timescale: 1}}}
	for _, kind := range []string{"moof", "sidx", "prft"} {
		if _, err := Read(box(kind, 1<<60), MP4, in); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v, want %v", kind, err, ErrTooLarge)
		}
	}
	if _, err := ReadInit(box("moov", 1<<60)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("moov: %v, want %v", err, ErrTooLarge)
	}
	if _, err := Read(zeros{}, TS, nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("zeros as MPEG-TS: %v", err)
	}
}
