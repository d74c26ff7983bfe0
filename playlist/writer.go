package playlist

import (
	"net/url"
	"slices"
	"strings"
)

// writer writes the text of one rendition.
type writer struct {
	*renderer
	text
	packer    packer
	n         int
	base      *url.URL
	folder    folder            // of the last address
	rewritten map[string]string // EXT-X-KEY and EXT-X-MAP lines with their live addresses
	texts     map[string]string // equal texts, shared
	bytes     int               // of these texts
	line      []byte            // buffer for one text
}

// ends notes the parts of the first and the last segment that seams need.
func (w *writer) ends(first, last *Segment, after []string) {
	lines := first.sticky(nil, true)
	w.opening = opening{formats: formats(first.Keys), clears: len(lines) > 0 && lines[0] == noKey, mapped: first.Map != nil}
	if first.Map != nil && !sameKeys(first.Map.keys, encrypting(first.Keys)) {
		w.opening.formats = formats(first.Map.keys)
	}
	w.opening.text = joined(w.sticky(lines, first.bitrate))
	w.last = closing{joined(after), last.Map != nil}
}

// segment writes the text of the next segment, and of the keys, MAP and BITRATE in
// force. After a discontinuity all of these are repeated.
func (w *writer) segment(i int, segments []Segment, discontinuity bool) {
	s, before := &segments[i], &Segment{}
	if i > 0 {
		before = &segments[i-1]
	}
	var change []string
	switch {
	case i == 0: // see opening
	case discontinuity:
		change = w.restart(before.Keys, s)
	case !sameMap(before.Map, s.Map):
		change = w.sticky(s.sticky(before.Keys, false), s.changedBitrate(before))
	default:
		change = w.sticky(appendKeys(nil, before.Keys, s.Keys, false), s.changedBitrate(before))
	}
	if len(change) > 0 {
		w.changes = append(w.changes, linesAt{i, w.once(change)})
	}
	if i == 0 || !sameMap(before.Map, s.Map) || !sameKeys(before.Keys, s.Keys) || before.bitrate != s.bitrate {
		lines := w.once(w.sticky(s.sticky(nil, false), s.bitrate))
		w.states = append(w.states, state{linesAt{i, lines}, w.formats(s.Keys)})
	}
	head := joined(s.before)
	if s.Gap {
		head += tagGap + "\n"
	}
	w.line = w.rest(w.line[:0], s)
	w.packer.add(head, s.info, w.line)
}

// formats are those of some keys; equal ones of the state before share their memory.
func (w *writer) formats(keys []Key) []string {
	all := formats(keys)
	if n := len(w.states); n > 0 && slices.Equal(w.states[n-1].formats, all) {
		return w.states[n-1].formats
	}
	return all
}

// rest appends the text after a segment's EXTINF, up to its address.
func (w *writer) rest(line []byte, s *Segment) []byte {
	if s.ByteRange != "" {
		line = append(append(append(line, tagByteRange+":"...), s.ByteRange...), '\n')
	}
	for _, between := range s.between {
		line = append(append(line, between...), '\n')
	}
	return append(w.address(line, s), '\n')
}

// once is the text of some lines; equal texts share their memory.
func (w *writer) once(lines []string) string {
	text := joined(lines)
	known, has := w.texts[text]
	if !has {
		w.texts[text], known = text, text
		w.bytes += len(text)
	}
	w.bytes += 24
	return known
}

// joined is lines with their line ends.
func joined(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// restart is a discontinuity with the keys, MAP and BITRATE in force after it.
func (w *writer) restart(before []Key, s *Segment) []string {
	return append([]string{tagDiscontinuity}, w.sticky(s.sticky(before, true), s.bitrate)...)
}

func (s *Segment) changedBitrate(before *Segment) string {
	if s.bitrate == before.bitrate {
		return ""
	}
	return s.bitrate
}

// sticky is the live lines of keys, MAP and BITRATE.
func (w *writer) sticky(lines []string, bitrate string) []string {
	for i, line := range lines {
		lines[i] = w.rewrite(line)
	}
	if bitrate != "" {
		lines = append(lines, bitrate)
	}
	return lines
}

// rewrite replaces a line's address by the live one. It caches the result, of keys
// without the IV at their end.
func (w *writer) rewrite(line string) string {
	iv := ""
	if i := len(line) - len(ivPrefix) - 32; i > 0 && strings.HasPrefix(line[i:], ivPrefix) {
		line, iv = line[:i], line[i:]
	}
	out, known := w.rewritten[line]
	if !known {
		out = replaceURI(line, func(ref string) string { return resource(w.addresses, w.n, w.base, ref) })
		w.rewritten[line] = out
	}
	return out + iv
}

// address appends that of a segment; that of a gap or a slice is the live one already.
func (w *writer) address(line []byte, s *Segment) []byte {
	if s.ours {
		return append(line, s.URI...)
	}
	if live, name, is := w.folder.in(s.URI); is {
		return append(append(line, live...), name...)
	}
	live := resource(w.addresses, w.n, w.base, s.URI)
	w.folder = folderOf(w.addresses, s.URI, live)
	return append(line, live...)
}
