package media

import (
	"encoding/binary"
	"fmt"
	"io"
)

// maxTracks is the largest number of tracks of a segment.
const maxTracks = 32

// Init is the content of a media initialization section. It is immutable.
type Init struct {
	tracks []initTrack
}

// initTrack is one track of a media initialization section.
type initTrack struct {
	id        uint32
	kind      Kind
	codec     string
	timescale uint32
	duration  uint32 // default of a sample
	flags     uint32 // default of a sample
	edit      int64  // what the edit list takes away at the beginning, in ticks of the track; negative: it adds
}

// Timescale is that of a track; 0: there is no such track.
func (in *Init) Timescale(id uint32) uint32 {
	if t := in.track(id); t != nil {
		return t.timescale
	}
	return 0
}

// Edit is the time that the edit list of a track removes at its beginning, in ticks; negative:
// the time that it adds.
func (in *Init) Edit(id int) int64 {
	if t := in.track(uint32(id)); t != nil {
		return t.edit
	}
	return 0
}

// TimesInside reports whether a track has times in its samples, which a [Reader] does not shift: TTML
// (ISO/IEC 14496-30).
func (in *Init) TimesInside() bool {
	for _, t := range in.tracks {
		if t.codec == "stpp" {
			return true
		}
	}
	return false
}

func (in *Init) track(id uint32) *initTrack {
	if in == nil {
		return nil
	}
	for i := range in.tracks {
		if in.tracks[i].id == id {
			return &in.tracks[i]
		}
	}
	return nil
}

// ReadInit reads a media initialization section.
func ReadInit(r io.Reader) (*Init, error) {
	var moov []byte
	err := topBoxes(r, func(kind string) bool { return kind == "moov" }, func(b box) { moov = b.body })
	if err != nil {
		return nil, fmt.Errorf("read the initialization section: %w", err)
	}
	in := &Init{}
	scale := movieTimescale(child(moov, "mvhd"))
	for b := range boxes(moov) {
		if b.kind == "trak" && len(in.tracks) < maxTracks {
			if t, ok := readTrak(b.body, scale); ok {
				in.tracks = append(in.tracks, t)
			}
		}
	}
	in.readDefaults(child(moov, "mvex"))
	if len(in.tracks) == 0 {
		return nil, fmt.Errorf("read the initialization section: %w: no track", ErrMalformed)
	}
	return in, nil
}

// readDefaults reads the trex boxes.
func (in *Init) readDefaults(mvex []byte) {
	for b := range boxes(mvex) {
		if b.kind != "trex" || len(b.body) < 24 {
			continue
		}
		if t := in.track(binary.BigEndian.Uint32(b.body[4:])); t != nil {
			t.duration = binary.BigEndian.Uint32(b.body[12:])
			t.flags = binary.BigEndian.Uint32(b.body[20:])
		}
	}
}

func movieTimescale(mvhd []byte) uint32 { return at32(mvhd, 12, 20) }

// at32 is a number of a full box, by its place in version 0 and in version 1.
func at32(b []byte, v0, v1 int) uint32 {
	at := v0
	if len(b) > 0 && b[0] == 1 {
		at = v1
	}
	if len(b) < at+4 {
		return 0
	}
	return binary.BigEndian.Uint32(b[at:])
}

func readTrak(trak []byte, movie uint32) (t initTrack, ok bool) {
	t.id = at32(child(trak, "tkhd"), 12, 20)
	t.timescale = at32(child(trak, "mdia", "mdhd"), 12, 20)
	t.kind = kindOf(child(trak, "mdia", "hdlr"))
	if stsd := child(trak, "mdia", "minf", "stbl", "stsd"); len(stsd) >= 16 {
		t.codec = string(stsd[12:16])
	}
	t.edit = edit(child(trak, "edts", "elst"), t.timescale, movie)
	return t, t.id != 0 && t.timescale != 0
}

func kindOf(hdlr []byte) Kind {
	if len(hdlr) < 12 {
		return Other
	}
	switch string(hdlr[8:12]) {
	case "vide":
		return Video
	case "soun":
		return Audio
	case "text", "subt", "sbtl", "clcp":
		return Text
	}
	return Other
}

// edit is what an edit list takes away at the beginning: its first edit with media begins there. An empty edit before
// adds to the beginning. Its durations count in the timescale of the movie.
func edit(elst []byte, timescale, movie uint32) (ticks int64) {
	if len(elst) < 8 || movie == 0 {
		return 0
	}
	entries, size := elst[8:], 12
	if elst[0] == 1 {
		size = 20
	}
	for ; len(entries) >= size; entries = entries[size:] {
		duration, at := editEntry(entries, size)
		if at >= 0 {
			return ticks + at
		}
		added, fits := scale(int64(duration), timescale, uint64(movie))
		if !fits {
			return 0
		}
		ticks -= added
	}
	return ticks
}

func editEntry(b []byte, size int) (duration uint64, at int64) {
	if size == 20 {
		return binary.BigEndian.Uint64(b), int64(binary.BigEndian.Uint64(b[8:]))
	}
	return uint64(binary.BigEndian.Uint32(b)), int64(int32(binary.BigEndian.Uint32(b[4:])))
}
