package media

import (
	"bytes"
	"fmt"
	"io"
)

// Read reads a segment, or the beginning of one, to the end of r, which the caller bounds. MP4 needs the tracks of its
// initialization section. WebVTT has no tracks.
func Read(r io.Reader, format Format, in *Init) (*Segment, error) {
	switch format {
	case TS:
		return readTS(r)
	case MP4:
		return readMP4(r, in)
	case Packed:
		return readPacked(r)
	}
	return nil, fmt.Errorf("%w: a segment of the format %s has no tracks", ErrMalformed, format)
}

// Detect returns the format of a segment by its first bytes, 189 of them for MPEG-TS; Unknown:
// none of them.
func Detect(head []byte) Format {
	switch {
	case bytes.HasPrefix(head, []byte("ID3")):
		return Packed
	case bytes.HasPrefix(bytes.TrimPrefix(head, byteOrderMark), vttSignature):
		return WebVTT
	case len(head) > packetSize && head[0] == syncByte && head[packetSize] == syncByte:
		return TS
	case len(head) >= 8 && isBox(string(head[4:8])):
		return MP4
	}
	return Unknown
}

// isBox recognizes the boxes at the beginning of a segment or an initialization
// section.
func isBox(kind string) bool {
	switch kind {
	case "ftyp", "styp", "sidx", "moof", "moov", "emsg", "prft", "free", "skip", "mdat":
		return true
	}
	return false
}
