package playlist

import (
	"bytes"
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
	lines := appendBitrate(w.sticky(nil, nil, first, true), first.bitrate)
	w.opening = opening{text: string(lines), formats: formats(first.Keys), clears: bytes.HasPrefix(lines, []byte(noKey+"\n")), mapped: first.Map != nil}
	if first.Map != nil && !sameKeys(first.Map.keys, encrypting(first.Keys)) {
		w.opening.formats = formats(first.Map.keys)
	}
	w.last = closing{joined(after), last.Map != nil}
}

// segment writes the text of the next segment, and of the keys, MAP and BITRATE in
// force. After a discontinuity all of these are repeated.
func (w *writer) segment(i int, segments []Segment, discontinuity bool) {
	s, before := &segments[i], &Segment{}
	if i > 0 {
		before = &segments[i-1]
	}
	same := sameMap(before.Map, s.Map)
	change := w.line[:0]
	switch {
	case i == 0: // see opening
	case discontinuity:
		change = appendBitrate(w.sticky(append(change, tagDiscontinuity+"\n"...), before.Keys, s, true), s.bitrate)
	case !same:
		change = appendBitrate(w.sticky(change, before.Keys, s, false), s.changedBitrate(before))
	default:
		change = appendBitrate(w.keys(change, before.Keys, s.Keys, false), s.changedBitrate(before))
	}
	if w.line = change; len(change) > 0 {
		w.changes = append(w.changes, linesAt{i, w.once(change)})
	}
	if i == 0 || !same || !sameKeys(before.Keys, s.Keys) || before.bitrate != s.bitrate {
		w.line = appendBitrate(w.sticky(w.line[:0], nil, s, false), s.bitrate)
		w.states = append(w.states, state{linesAt{i, w.once(w.line)}, w.formats(s.Keys)})
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

// once is a text as a string; equal texts share their memory.
func (w *writer) once(text []byte) string {
	known, has := w.texts[string(text)]
	if !has {
		known = string(text)
		w.texts[known] = known
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

func (s *Segment) changedBitrate(before *Segment) string {
	if s.bitrate == before.bitrate {
		return ""
	}
	return s.bitrate
}

func appendBitrate(dst []byte, bitrate string) []byte {
	if bitrate == "" {
		return dst
	}
	return append(append(dst, bitrate...), '\n')
}

// sticky appends the live lines of the keys and the media initialization section of a
// segment, after a segment with the keys before. With again, keys that were in force
// already are repeated. A media initialization section with other keys than the segment
// is written first, with its own keys.
func (w *writer) sticky(dst []byte, before []Key, s *Segment, again bool) []byte {
	if s.Map == nil {
		return w.keys(dst, before, s.Keys, again)
	}
	if sameKeys(s.Map.keys, encrypting(s.Keys)) {
		return w.rewrite(w.keys(dst, before, s.Keys, again), s.Map.line)
	}
	if len(s.Map.keys) == 0 {
		dst = append(dst, noKey+"\n"...)
	} else {
		dst = w.keys(dst, before, s.Map.keys, again)
	}
	return w.keys(w.rewrite(dst, s.Map.line), s.Map.keys, s.Keys, false)
}

// keys appends the lines that change the keys in force from before to now. With again, it
// also repeats keys that were in force already.
func (w *writer) keys(dst []byte, before, keys []Key, again bool) []byte {
	if !again && sameKeys(before, keys) {
		return dst
	}
	lasting := slices.ContainsFunc(before, func(b Key) bool {
		return !slices.ContainsFunc(keys, func(k Key) bool { return k.format == b.format })
	})
	if lasting {
		dst = append(dst, noKey+"\n"...)
	}
	for _, k := range keys {
		dst = w.rewrite(dst, k.line)
		if k.implied {
			dst = append(k.appendIV(dst[:len(dst)-1]), '\n')
		}
	}
	return dst
}

// rewrite appends a line with its address replaced by the live one. It caches the result,
// of keys without the IV at their end.
func (w *writer) rewrite(dst []byte, line string) []byte {
	iv := ""
	if i := len(line) - len(ivPrefix) - 32; i > 0 && strings.HasPrefix(line[i:], ivPrefix) {
		line, iv = line[:i], line[i:]
	}
	out, known := w.rewritten[line]
	if !known {
		out = replaceURI(line, func(ref string) string { return resource(w.addresses, w.n, w.base, ref) })
		w.rewritten[line] = out
	}
	return append(append(append(dst, out...), iv...), '\n')
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
