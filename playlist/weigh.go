package playlist

import "bytes"

// Weight is what a media playlist has, counted before it is decoded.
type Weight struct {
	Bytes    int
	Lines    int
	Segments int // addresses
	Keys     int // EXT-X-KEY
}

// Weigh counts what a media playlist has. It takes no memory.
func Weigh(body []byte) (w Weight) {
	w.Bytes = len(body)
	for line := range bytes.FieldsFuncSeq(bytes.TrimPrefix(body, []byte("\ufeff")), isNewline) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		w.Lines++
		switch {
		case line[0] != '#':
			w.Segments++
		case bytes.HasPrefix(line, []byte(tagKey+":")):
			w.Keys++
		}
	}
	return w
}

// What decoding takes: the text is copied by us, for the library and by its buffer
// as that grows; each line is a string twice, and each segment is one of the
// library's and one of ours. A test holds these to what playlists of all kinds take.
const (
	copies       = 5
	perLine      = 128
	perSegment   = 400
	perKey       = 400
	perEncrypted = 200 // a segment, where there are keys
)

// Cost is about how many bytes decoding takes, and of them those that stay in use
// until the VOD has been made ready: the text once, and half of the rest.
func (w Weight) Cost() (all, lasting int64) {
	parts := perLine*w.Lines + perSegment*w.Segments + perKey*w.Keys
	if w.Keys > 0 {
		parts += perEncrypted * w.Segments
	}
	return int64(copies*w.Bytes + parts), int64(w.Bytes + parts/2)
}
