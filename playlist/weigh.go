package playlist

import "bytes"

// Weight is the size of a playlist, counted before it is decoded.
type Weight struct {
	Bytes    int
	Lines    int
	Segments int // addresses
	Keys     int // EXT-X-KEY
	Defines  int // EXT-X-DEFINE
}

// Weigh counts the parts of a playlist. It allocates nothing.
func Weigh(body []byte) (w Weight) {
	w.Bytes = len(body)
	for lines := range bytes.SplitSeq(bytes.TrimPrefix(body, []byte("\ufeff")), []byte{'\n'}) {
		for line := range bytes.SplitSeq(lines, []byte{'\r'}) {
			w.add(bytes.TrimSpace(line))
		}
	}
	return w
}

// add counts a line.
func (w *Weight) add(line []byte) {
	if len(line) == 0 {
		return
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

// Memory for decoding: the text is copied here, for the library and line by line by it;
// each line is two strings, and each segment is one of the library's and one of this
// package's. A test compares these with playlists of all kinds.
const (
	copies       = 4
	perLine      = 64
	perSegment   = 320
	perKey       = 100
	perEncrypted = 100 // a segment, where there are keys
)

// Cost is about the bytes of memory for decoding, and those of them in use until the
// VOD is ready: the text once, and half of the rest.
func (w Weight) Cost() (all, lasting int64) {
	parts := perLine*w.Lines + perSegment*w.Segments + perKey*w.Keys
	if w.Keys > 0 {
		parts += perEncrypted * w.Segments
	}
	all, lasting = int64(copies*w.Bytes+parts), int64(w.Bytes+parts/2)
	if w.Defines > 0 {
		all += maxGrowth // Media.Grown is the real growth
	}
	return all, lasting
}

// TextCost is about the most bytes of memory for a rendition's text while it is
// rendered: keys and init sections are repeated twice at each change.
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
