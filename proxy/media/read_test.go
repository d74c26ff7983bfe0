package media

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
	"testing/iotest"
)

// The numbers in these tests are those of ffprobe -show_packets.

func TestRead_MPEGTSWithBFramesAndTables(t *testing.T) {
	for name, want := range map[string][2]Track{
		"first.ts": {
			{ID: 256, Kind: Video, Begin: 126000, End: 216090, Shown: 132006, Last: 222096, Frames: 30, Frame: 3003},
			{ID: 257, Kind: Audio, Begin: 129916, End: 217688, Frames: 42, Exact: Ratio{1024, 44100}},
		},
		"last.ts": {
			{ID: 256, Kind: Video, Begin: 306180, End: 396270, Shown: 312186, Last: 402276, Frames: 30, Frame: 3003},
			{ID: 257, Kind: Audio, Begin: 307549, End: 403679, Frames: 46, Exact: Ratio{1024, 44100}},
		},
	} {
		s, err := Read(bytes.NewReader(file(t, name)), TS, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !s.Tables || len(s.Tracks) != 2 || !s.Tracks[0].Key {
			t.Fatalf("%s: %+v, want tables and two tracks, the first with a key frame", name, s)
		}
		for i, want := range want {
			got := s.Tracks[i]
			if i == 1 {
				want.Shown, want.Last, want.Frame = want.Begin, want.End, 2090
			}
			want.Timescale, want.Key = Clock, got.Key
			if got != want {
				t.Errorf("%s: track %+v, want %+v", name, got, want)
			}
		}
	}
}

func TestRead_MP4OfFFmpeg(t *testing.T) {
	in, err := ReadInit(bytes.NewReader(file(t, "init.mp4")))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Read(bytes.NewReader(file(t, "last.m4s")), MP4, in)
	if err != nil {
		t.Fatal(err)
	}
	video, audio := *s.Track(Video), *s.Track(Audio)
	want := Track{ID: 1, Kind: Video, Codec: "avc1", Timescale: 30000, Begin: 60060, End: 90090, Shown: 62062, Last: 92092, Frames: 30, Frame: 1001, Final: 1001, Key: true}
	if video != want {
		t.Errorf("video %+v, want %+v", video, want)
	}
	want = Track{ID: 2, Kind: Audio, Codec: "mp4a", Timescale: 44100, Begin: 87040, End: 133324, Shown: 87040, Last: 133324, Frames: 46, Frame: 1024, Final: 204, Key: true}
	if audio != want {
		t.Errorf("audio %+v, want %+v", audio, want)
	}
}

func TestRead_MP4OfSeveralFragmentsAndDefaults(t *testing.T) {
	in, err := ReadInit(bytes.NewReader(testInit(
		initTrack{kind: Video, codec: "hvc1", timescale: 90_000, duration: 3600, flags: nonSync},
		initTrack{kind: Audio, codec: "mp4a", timescale: 48_000, duration: 1024},
	)))
	if err != nil {
		t.Fatal(err)
	}
	offsets := mp4Box("traf", mp4Box("tfhd", u32(tfhdDuration, 1, 3000)), tfdt0(10800),
		mp4Box("trun", u32(1<<24|trunTime|trunFirstFlags, 3, 0, 0, 6000, uint32(0xffffffff-2999))))
	segment := append(mp4Box("styp"), mp4Box("moof", mp4Box("mfhd", u32(0, 1)), traf(1, tfdt0(0), 3), traf(2, tfdt1(96), 10), traf(9, tfdt0(5), 1))...)
	segment = append(segment, mp4Box("mdat", make([]byte, 1000))...)
	segment = append(append(segment, mp4Box("moof", offsets)...), mp4Box("mdat")...)
	s, err := Read(iotest.OneByteReader(bytes.NewReader(segment)), MP4, in)
	if err != nil {
		t.Fatal(err)
	}
	want := []Track{
		{ID: 1, Kind: Video, Codec: "hvc1", Timescale: 90_000, Begin: 0, End: 19800, Shown: 0, Last: 22800, Frames: 6, Frame: 3600, Final: 3000, Narrow: true},
		{ID: 2, Kind: Audio, Codec: "mp4a", Timescale: 48_000, Begin: 96, End: 10336, Shown: 96, Last: 10336, Frames: 10, Frame: 1024, Final: 1024, Key: true},
	}
	if len(s.Tracks) != 2 || s.Tracks[0] != want[0] || s.Tracks[1] != want[1] {
		t.Errorf("tracks %+v, want %+v", s.Tracks, want)
	}
	if got := in.Edit(1); got != 1024-45_000 {
		t.Errorf("the edit list takes away %d ticks, want 1024 less half a second", got)
	}
}

// TestRead_AKeyFrameIsMarkedOrBeginsWithParameters: shaka-packager marks none.
func TestRead_AKeyFrameIsMarkedOrBeginsWithParameters(t *testing.T) {
	segment := file(t, "first.ts")
	marks := func(b []byte) []byte {
		b = bytes.Clone(b)
		for p := b; len(p) > 0; p = p[packetSize:] {
			if (*packet)(p).isRandomAccess() {
				p[5] &^= 0x40
			}
		}
		return b
	}
	without := marks(segment)
	for name, c := range map[string]struct {
		segment []byte
		want    bool
	}{
		"marked":                      {segment, true},
		"not marked":                  {without, true},
		"neither marked nor with SPS": {bytes.ReplaceAll(without, []byte{0, 0, 1, 0x67}, []byte{0, 0, 1, 0x61}), false},
	} {
		s, err := Read(bytes.NewReader(c.segment), TS, nil)
		if err != nil || s.Track(Video).Key != c.want {
			t.Errorf("%s: the video begins with a key frame: %t, want %t: %v", name, s.Track(Video).Key, c.want, err)
		}
	}
}

func TestRead_APESHeaderInTwoPacketsIsNoted(t *testing.T) {
	b := append(tsPacket(256, 0, true, nil, pesOf(9, 9)), tsPacket(256, 1, true, nil, pesOf(9, 9)[:12])...)
	for size, split := range map[int]bool{packetSize: false, 2 * packetSize: true} {
		if s, err := Read(bytes.NewReader(b[:size]), TS, nil); err != nil || s.Split != split {
			t.Errorf("%d bytes: %+v, %v, want split %t", size, s, err, split)
		}
	}
}

func TestRead_CutOffSegmentsGiveWhatIsThere(t *testing.T) {
	in, err := ReadInit(bytes.NewReader(file(t, "init.mp4")))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Read(bytes.NewReader(file(t, "first.m4s")[:1500]), MP4, in)
	if err != nil || s.Tracks[0].Begin != 0 || !s.Tracks[0].Key {
		t.Errorf("MP4: %+v, %v", s, err)
	}
	s, err = Read(bytes.NewReader(file(t, "first.ts")[:1000]), TS, nil)
	if err != nil || s.Tracks[0].Begin != 126000 {
		t.Errorf("MPEG-TS: %+v, %v", s, err)
	}
}

func TestRead_PackedAudioCountsFrames(t *testing.T) {
	s, err := Read(iotest.HalfReader(bytes.NewReader(append(id3(Wrap-1), aac(43)...))), Packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Tracks[0]; got.Begin != Wrap-1 || got.Frames != 43 || got.Exact != (Ratio{1024, 44100}) || got.End != got.Begin+89861 {
		t.Errorf("%+v, want 43 frames of 1024 samples from %d on", got, Wrap-1)
	}
	_, err = Read(bytes.NewReader(aac(43)), Packed, nil)
	if !errors.Is(err, ErrNoTimestamp) {
		t.Errorf("without a tag: %v, want %v", err, ErrNoTimestamp)
	}
}

// The headers are of files that ffmpeg wrote: mp3 at 32 kbit/s, AC-3 and EC-3 at 64 kbit/s.
func TestAudioFrames_SizesAndDurations(t *testing.T) {
	for name, c := range map[string]struct {
		header frameHeader
		bytes  []byte
		size   int
		frame  Ratio
	}{
		"mp3, 48 kHz":          {mpegAudio, []byte{0xff, 0xfb, 0x14, 0xc4, 0, 0, 0, 0}, 96, Ratio{1152, 48000}},
		"mp3, 44.1 kHz padded": {mpegAudio, []byte{0xff, 0xfb, 0x92, 0, 0, 0, 0, 0}, 418, Ratio{1152, 44100}},
		"mp3, 22.05 kHz":       {mpegAudio, []byte{0xff, 0xf3, 0x40, 0, 0, 0, 0, 0}, 104, Ratio{576, 22050}},
		"layer 2, 48 kHz":      {mpegAudio, []byte{0xff, 0xfd, 0xa4, 0, 0, 0, 0, 0}, 576, Ratio{1152, 48000}},
		"AC-3, 48 kHz":         {ac3, []byte{0x0b, 0x77, 0, 0, 0x08, 0x40, 0, 0}, 256, Ratio{1536, 48000}},
		"AC-3, 44.1 kHz odd":   {ac3, []byte{0x0b, 0x77, 0, 0, 0x49, 0x40, 0, 0}, 280, Ratio{1536, 44100}},
		"EC-3, 44.1 kHz":       {ac3, []byte{0x0b, 0x77, 0, 0x8a, 0x70, 0x80, 0, 0}, 278, Ratio{1536, 44100}},
		"EC-3, dependent":      {ac3, []byte{0x0b, 0x77, 0x40, 0x8a, 0x70, 0x80, 0, 0}, 278, uncounted},
		"ADTS, 24 kHz":         {adts, []byte{0xff, 0xf1, 0x58, 0x80, 0x10, 0x1f, 0xfc, 0}, 128, Ratio{1024, 24000}},
		"nothing":              {adts, make([]byte, 8), 0, Ratio{}},
	} {
		if size, frame := c.header(c.bytes); size != c.size || frame != c.frame {
			t.Errorf("%s: %d bytes, %v, want %d, %v", name, size, frame, c.size, c.frame)
		}
	}
}

func TestRead_TimestampsWrapWithinASegment(t *testing.T) {
	var b []byte
	for i := range int64(4) {
		dts := (Wrap - 6000 + i*3000) % Wrap
		b = append(b, tsPacket(256, uint8(i), true, nil, pesOf((dts+6000)%Wrap, dts))...)
	}
	s, err := Read(bytes.NewReader(b), TS, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Tracks[0]; got.Begin != Wrap-6000 || got.End != Wrap+6000 || got.Shown != Wrap || got.Last != Wrap+12000 {
		t.Errorf("%+v, want times that rise over the wrap", got)
	}
}

// A box says that it has 4 GiB, a run that it has four thousand million samples: neither costs memory.
func TestRead_SizesThatLieCostNothing(t *testing.T) {
	in := &Init{tracks: []initTrack{{id: 1, timescale: 1, duration: math.MaxUint32}}}
	lie := append(u32(0xfffffff0), "moof"...)
	var runs []byte
	for range 1000 {
		runs = append(runs, mp4Box("trun", u32(0, math.MaxUint32))...)
	}
	lie = append(lie, mp4Box("traf", mp4Box("tfhd", u32(0, 1)), tfdt1(maxTime), runs)...)
	s, err := Read(bytes.NewReader(lie), MP4, in)
	if err != nil || s.Tracks[0].End <= 0 || s.Tracks[0].End > 2*maxTime {
		t.Errorf("%+v, %v", s, err)
	}
	_, err = Read(io.MultiReader(bytes.NewReader(append(u32(0xfffffff0), "moof"...)), zeros{}), MP4, in)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("a moof without end: %v, want %v", err, ErrTooLarge)
	}
}

// zeros is a reader without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestDetect(t *testing.T) {
	for want, b := range map[Format][]byte{
		TS: file(t, "first.ts"), MP4: file(t, "first.m4s"), Packed: id3(0), WebVTT: []byte("\ufeffWEBVTT\n"), Unknown: []byte("#EXTM3U\n"),
	} {
		if got := Detect(b); got != want {
			t.Errorf("Detect of %s = %s", want, got)
		}
	}
}
