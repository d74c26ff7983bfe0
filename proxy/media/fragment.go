package media

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// maxTime is the largest time of an MP4 track that is read: sums and differences of two fit in 63 bits.
const maxTime = math.MaxInt64 / 4

// readMP4 reads a segment of movie fragments.
func readMP4(r io.Reader, in *Init) (*Segment, error) {
	s, narrow := &Segment{Format: MP4}, false
	err := topBoxes(r, hasTimes, func(b box) {
		if b.kind != "moof" {
			narrow = narrow || len(b.body) > 0 && b.body[0] == 0
			return
		}
		for traf := range boxes(b.body) {
			if traf.kind == "traf" {
				s.addRun(readTraf(traf.body, in))
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read movie fragments: %w", err)
	}
	if len(s.Tracks) == 0 {
		return nil, fmt.Errorf("read movie fragments: %w: none of a known track", ErrMalformed)
	}
	for i := range s.Tracks {
		s.Tracks[i].Narrow = s.Tracks[i].Narrow || narrow
	}
	return s, nil
}

// hasTimes selects the boxes of a segment that have times on the timeline of the
// media.
func hasTimes(kind string) bool { return kind == "moof" || kind == "sidx" || kind == "prft" }

// addRun adds a track fragment to its track.
func (s *Segment) addRun(t Track, ok bool) {
	if !ok {
		return
	}
	for i := range s.Tracks {
		if known := &s.Tracks[i]; known.ID == t.ID {
			known.join(&t)
			return
		}
	}
	if len(s.Tracks) < maxTracks {
		s.Tracks = append(s.Tracks, t)
	}
}

// join adds what comes later.
func (t *Track) join(later *Track) {
	t.End = max(t.End, later.End)
	t.Shown, t.Last = min(t.Shown, later.Shown), max(t.Last, later.Last)
	t.Frames += later.Frames
	t.Narrow = t.Narrow || later.Narrow
	t.Final = later.Final
}

// Flags of tfhd, of trun and of samples.
const (
	tfhdBaseOffset  = 0x000001
	tfhdDescription = 0x000002
	tfhdDuration    = 0x000008
	tfhdSize        = 0x000010
	tfhdFlags       = 0x000020

	trunOffset     = 0x000001
	trunFirstFlags = 0x000004
	trunDuration   = 0x000100
	trunSize       = 0x000200
	trunFlags      = 0x000400
	trunTime       = 0x000800

	nonSync = 0x010000
)

// readTraf reads a track fragment; false if it is of no known track, or has no decoding time.
func readTraf(traf []byte, in *Init) (Track, bool) {
	of, duration, flags, ok := readTfhd(child(traf, "tfhd"), in)
	if !ok {
		return Track{}, false
	}
	begin, narrow, ok := readTfdt(child(traf, "tfdt"))
	if !ok {
		return Track{}, false
	}
	t := Track{
		ID: int(of.id), Kind: of.kind, Codec: of.codec, Timescale: of.timescale,
		Begin: begin, End: begin, Shown: math.MaxInt64, Last: math.MinInt64, Narrow: narrow,
	}
	for b := range boxes(traf) {
		if b.kind == "trun" {
			t.addTrun(b.body, duration, flags)
		}
	}
	return t, t.Frames > 0
}

// readTfhd reads a track fragment's header: its track, and the defaults of its samples.
func readTfhd(b []byte, in *Init) (of *initTrack, duration, sampleFlags uint32, ok bool) {
	if len(b) < 8 {
		return nil, 0, 0, false
	}
	flags := binary.BigEndian.Uint32(b) & 0xffffff
	if of = in.track(binary.BigEndian.Uint32(b[4:])); of == nil {
		return nil, 0, 0, false
	}
	duration, sampleFlags = of.duration, of.flags
	b = b[8:]
	for _, field := range []struct {
		flag uint32
		size int
		into *uint32
	}{{tfhdBaseOffset, 8, nil}, {tfhdDescription, 4, nil}, {tfhdDuration, 4, &duration}, {tfhdSize, 4, nil}, {tfhdFlags, 4, &sampleFlags}} {
		if flags&field.flag == 0 {
			continue
		}
		if len(b) < field.size {
			return nil, 0, 0, false
		}
		if field.into != nil {
			*field.into = binary.BigEndian.Uint32(b)
		}
		b = b[field.size:]
	}
	return of, duration, sampleFlags, true
}

// readTfdt reads a decoding time, and whether its field has 32 bits.
func readTfdt(b []byte) (time int64, narrow, ok bool) {
	switch {
	case len(b) >= 12 && b[0] == 1:
		time = int64(binary.BigEndian.Uint64(b[4:]))
		return time, false, time >= 0 && time <= maxTime
	case len(b) >= 8 && b[0] == 0:
		return int64(binary.BigEndian.Uint32(b[4:])), true, true
	}
	return 0, false, false
}

// addTrun adds the samples of one run.
func (t *Track) addTrun(b []byte, duration, sampleFlags uint32) {
	if len(b) < 8 {
		return
	}
	run := trun{flags: binary.BigEndian.Uint32(b) & 0xffffff, signed: b[0] == 1, duration: duration, sampleFlags: sampleFlags}
	count := binary.BigEndian.Uint32(b[4:])
	b = b[8:]
	if run.flags&trunOffset != 0 {
		b = b[min(4, len(b)):]
	}
	if run.flags&trunFirstFlags != 0 && len(b) >= 4 {
		run.first, b = binary.BigEndian.Uint32(b), b[4:]
	}
	if run.size() == 0 { // all samples by default: a box of some bytes may speak of four thousand million
		t.addSamples(int64(count), int64(duration), run.firstFlags())
		return
	}
	for i := uint32(0); i < count && len(b) >= run.size(); i++ {
		t.addSample(&run, b, i == 0)
		b = b[run.size():]
	}
}

// trun has the fields of a run that apply to all of its samples.
type trun struct {
	flags, first, duration, sampleFlags uint32
	signed                              bool // composition offsets have a sign
}

// size is that of one sample's entry.
func (r *trun) size() (n int) {
	for _, flag := range []uint32{trunDuration, trunSize, trunFlags, trunTime} {
		if r.flags&flag != 0 {
			n += 4
		}
	}
	return n
}

func (r *trun) firstFlags() uint32 {
	if r.flags&trunFirstFlags != 0 {
		return r.first
	}
	return r.sampleFlags
}

// addSample adds the sample whose entry begins in b.
func (t *Track) addSample(r *trun, b []byte, first bool) {
	duration, flags, offset := int64(r.duration), r.sampleFlags, int64(0)
	if r.flags&trunDuration != 0 {
		duration, b = int64(binary.BigEndian.Uint32(b)), b[4:]
	}
	if r.flags&trunSize != 0 {
		b = b[4:]
	}
	if r.flags&trunFlags != 0 {
		flags, b = binary.BigEndian.Uint32(b), b[4:]
	} else if first {
		flags = r.firstFlags()
	}
	if r.flags&trunTime != 0 {
		offset = int64(binary.BigEndian.Uint32(b))
		if r.signed {
			offset = int64(int32(offset))
		}
	}
	if t.Frames == 0 {
		t.Key = flags&nonSync == 0
	}
	t.Shown, t.Last = min(t.Shown, t.End+offset), max(t.Last, t.End+offset+duration)
	if t.Frames <= 1 { // some packagers lengthen the first one
		t.Frame = duration
	}
	t.Final = duration
	t.End, t.Frames = min(t.End+duration, 2*maxTime), t.Frames+1
}

// addSamples adds samples of one duration, without composition offsets.
func (t *Track) addSamples(count, duration int64, flags uint32) {
	if count == 0 {
		return
	}
	if t.Frames == 0 {
		t.Key = flags&nonSync == 0
	}
	length := min(count*min(duration, math.MaxInt32), maxTime) // fits: both have 32 bits
	t.Shown, t.Last = min(t.Shown, t.End), max(t.Last, t.End+length)
	if t.Frames == 0 {
		t.Frame = duration
	}
	t.Final = duration
	t.End, t.Frames = min(t.End+length, 2*maxTime), t.Frames+int(count)
}
