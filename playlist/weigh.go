package playlist

import "bytes"

// Weight is what a playlist has, counted before it is decoded.
type Weight struct {
	Bytes    int
	Lines    int
	Segments int // addresses
	Keys     int // EXT-X-KEY
	Defines  int // EXT-X-DEFINE
}

// Weigh counts what a playlist has. It takes no memory.
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
		case bytes.HasPrefix(line, []byte(tagDefine+":")):
			w.Defines++
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
	all, lasting = int64(copies*w.Bytes+parts), int64(w.Bytes+parts/2)
	if w.Defines > 0 {
		all += maxGrowth // what became of it is told by Media.Grown
	}
	return all, lasting
}

// TextCost is about how many bytes the text of a rendition takes at the most while
// it is made: keys and init sections are said again at each change, twice.
func (m *Media) TextCost() int64 {
	cost := 0
	for i := range m.Segments {
		s := &m.Segments[i]
		if i == 0 || s.Discontinuity || !sameMap(m.Segments[i-1].Map, s.Map) || !sameKeys(m.Segments[i-1].Keys, s.Keys) {
			cost += 2 * s.stickyBytes()
		}
		if cost > maxText {
			return maxText
		}
	}
	return int64(cost)
}
