package media

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// seeds adds a segment of each format, none larger than a few packets.
func seeds(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.segment[:min(len(s.segment), 8*packetSize)], int64(1<<40))
	}
	f.Add(mp4Box("moof", traf(1, tfdt0(50), 2), traf(2, tfdt1(60), 2)), int64(-50))
	f.Add(mp4Box("sidx", u32(0, 1, 90_000, 4000, 0, 1, 2, 3, 4)), int64(7))
	f.Add(tsPacket(256, 3, true, []byte{0x18, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}, pesOf(5, 9)), int64(1<<33))
}

// FuzzReader shifts there and back, in pieces and at once.
func FuzzReader(f *testing.F) {
	seeds(f)
	in := &Init{tracks: []initTrack{{id: 1, timescale: 90_000}, {id: 2, timescale: 48_000}}}
	f.Fuzz(func(t *testing.T, segment []byte, ticks int64) {
		if ticks == -1<<63 {
			return
		}
		for _, format := range []Format{TS, MP4, Packed} {
			change := Change{Ticks: plus(ticks), Init: in, Counters: []Counter{{256, 5}, {257, 15}}, Turn: 7}
			there, err := shiftAll(bytes.NewReader(segment), format, change)
			pieces, inPieces := shiftAll(iotest.OneByteReader(bytes.NewReader(segment)), format, change)
			if !bytes.Equal(there, pieces) || (err == nil) != (inPieces == nil) {
				t.Fatalf("%s: %d bytes, %v at once, %d bytes, %v in pieces", format, len(there), err, len(pieces), inPieces)
			}
			if err != nil {
				if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrOverflow) {
					t.Fatalf("%s: %v", format, err)
				}
				continue
			}
			back, err := shiftAll(bytes.NewReader(there), format, change.back())
			if err != nil || !bytes.Equal(back, segment) {
				t.Fatalf("%s: there and back is not the segment: %v", format, err)
			}
		}
	})
}

func shiftAll(src io.Reader, format Format, change Change) ([]byte, error) {
	var all bytes.Buffer
	w, err := NewWriter(&all, format, change)
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(w, src); err == nil {
		err = w.Close()
	}
	return all.Bytes(), err
}

// FuzzRead reads anything, without panics, and by times that rise.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Add(testInit(initTrack{kind: Video, codec: "avc1", timescale: 90_000, duration: 3000}), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, _ int64) {
		in, err := ReadInit(bytes.NewReader(b))
		if err != nil {
			in = &Init{tracks: []initTrack{{id: 1, timescale: 90_000, duration: 3000}, {id: 2, kind: Audio, timescale: 48_000}}}
		}
		Detect(b)
		for _, format := range []Format{TS, MP4, Packed} {
			s, err := Read(bytes.NewReader(b), format, in)
			if err != nil {
				continue
			}
			for _, track := range s.Tracks {
				if format != MP4 && (track.Begin < 0 || track.End < track.Begin) {
					t.Fatalf("%s: %+v", format, track)
				}
				Length(&track, &track, format, 1<<40)
				Offset{Start: track.Begin, Timescale: track.Timescale}.Fits(&track, format)
			}
		}
	})
}

// FuzzShiftWebVTT shifts there and back, and again: the second time there are no identifiers.
func FuzzShiftWebVTT(f *testing.F) {
	f.Add("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n1\n00:00.000 --> 00:01.000\na\n", int64(5))
	f.Add("WEBVTT\r\n\r\nNOTE\r\n", int64(-1))
	f.Fuzz(func(t *testing.T, body string, ticks int64) {
		there, err := ShiftWebVTT([]byte(body), ticks)
		if err != nil {
			return
		}
		if len(there) > len(body)+100 {
			t.Fatalf("%d bytes became %d", len(body), len(there))
		}
		back, err := ShiftWebVTT(there, -ticks)
		if err != nil {
			t.Fatalf("%v of %q", err, there)
		}
		again, err := ShiftWebVTT(back, ticks)
		if err != nil {
			t.Fatalf("%v of %q", err, back)
		}
		if once, err := ShiftWebVTT(there, 0); err != nil || !bytes.Equal(again, once) {
			t.Fatalf("%q, there and back and there %q: %v", once, again, err)
		}
	})
}
