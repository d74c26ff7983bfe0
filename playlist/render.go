package playlist

import (
	"bytes"
	"fmt"
	"hash"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vod2live/loop"
)

// maxText bounds the text of all renditions: repeated keys and init sections can be
// many times the size of the origin's playlists.
const maxText = 128 << 20

// text is the rendered text of a rendition, from which its windows are made.
type text struct {
	header []byte // up to EXT-X-MEDIA-SEQUENCE
	plain  []byte // the same without EXT-X-INDEPENDENT-SEGMENTS; nil: it has none

	opening  opening
	segments packed
	last     closing
	changes  []linesAt // lines for a change at a segment after the first
	states   []state   // keys, MAP and BITRATE in force from a segment on, for the head of a window
	gap      string    // address of the gaps that pad a cut item
	ranges   []rangeText
	lasts    time.Duration // until the last range ends, from the beginning of its play
	cut      bool          // some ranges leave the window before they end
	sum      string        // in the names of its slices; empty: it has none
}

// opening is the text between a discontinuity and the first segment.
type opening struct {
	text    string   // keys, MAP and BITRATE
	formats []string // the KEYFORMATs that its first keys have
	clears  bool     // it begins with METHOD=NONE
	mapped  bool     // it has an EXT-X-MAP
}

// closing is the part of the last segment that a seam needs.
type closing struct {
	after  string // the lines behind it
	mapped bool
}

// state is what is in force from a segment on.
type state struct {
	linesAt
	formats []string // the KEYFORMATs of its keys
}

// linesAt is lines above a segment.
type linesAt struct {
	segment int
	text    string
}

func (t *text) bytes() int {
	size := len(t.header) + len(t.plain) + len(t.gap) + len(t.opening.text) + len(t.last.after) + 16*cap(t.opening.formats) + t.segments.bytes()
	size += 24*cap(t.changes) + 48*cap(t.states)
	known := "" // an equal state and change share one string
	for s := range t.lines() {
		if s.text != known {
			size += len(s.text) + 16
		}
		known = s.text
	}
	for _, r := range t.ranges {
		size += len(r.text) + len(r.id) + len(r.class) + 128
	}
	return size
}

// lines are those of changes, then those of states.
func (t *text) lines() iter.Seq[linesAt] {
	return func(yield func(linesAt) bool) {
		for _, s := range t.changes {
			if !yield(s) {
				return
			}
		}
		for _, s := range t.states {
			if !yield(s.linesAt) {
				return
			}
		}
	}
}

// reader reads a text segment by segment.
type reader struct {
	unpacker
	changes []linesAt   // the following ones
	ranges  []rangeText // the following ones
}

// from returns a reader at segment i.
func (t *text) from(i int, room *scratch) reader {
	change, _ := slices.BinarySearchFunc(t.changes, i, linesAt.compare)
	first, _ := slices.BinarySearchFunc(t.ranges, i, func(r rangeText, i int) int { return r.segment - i })
	return reader{t.segments.from(i, room), t.changes[change:], t.ranges[first:]}
}

// change is the text for changes at segment i.
func (r *reader) change(i int) (text string) {
	if len(r.changes) > 0 && r.changes[0].segment == i {
		text, r.changes = r.changes[0].text, r.changes[1:]
	}
	return text
}

// state is that in force at segment i.
func (t *text) state(i int) *state {
	n, found := slices.BinarySearchFunc(t.states, i, state.compare)
	if !found {
		n--
	}
	return &t.states[n]
}

func (s linesAt) compare(segment int) int { return s.segment - segment }

func (t *text) hash(h hash.Hash) {
	h.Write(t.header)
	fmt.Fprintln(h, t.opening, t.last)
	t.segments.hash(h)
	for s := range t.lines() {
		fmt.Fprintln(h, s.segment, s.text)
	}
	for _, r := range t.ranges {
		fmt.Fprintln(h, r.segment, r.start, r.end, r.until, r.text)
	}
}

// renderer renders the renditions of one VOD.
type renderer struct {
	vod       *loop.VOD
	addresses Addresses
	version   int

	multivariant *Multivariant
	media        []*Media
	in           time.Duration // where a clip begins
	essential    []byte        // sum of the essential renditions; nil: not computed yet
}

func (r *renderer) render(n int, m *Media) (text, error) {
	track := &r.vod.Tracks[n]
	segments, err := r.served(n, m)
	if err != nil {
		return text{}, err
	}
	w := writer{
		renderer: r, n: n, base: m.address, rewritten: map[string]string{},
		packer: packer{numbers: map[pattern]uint64{}}, texts: map[string]string{},
	}
	w.ends(&segments[0], &segments[len(segments)-1], m.after)
	if track.Sliced {
		w.sum = r.sumOf(n)
	}
	w.gap = beneath(r.addresses, n, gapName)
	ranges, cut := m.ranges(r.vod, track, r.addresses)
	w.setRanges(ranges)
	w.cut = cut
	for i := range segments {
		w.segment(i, segments, track.Marked(i))
		if w.packer.bytes+w.bytes > maxText {
			return text{}, &loop.Refusal{Code: CodeTooLarge, Rendition: n, Detail: fmt.Sprintf("its live text is longer than %d bytes", maxText)}
		}
	}
	w.segments = w.packer.pack()
	w.changes, w.states = slices.Clone(w.changes), slices.Clone(w.states)
	return w.text, nil
}

// setHeader gives a rendition its header.
func (t *text) setHeader(header []byte) {
	t.header = header
	if independent := []byte(tagIndependentSegments + "\n"); bytes.Contains(header, independent) {
		t.plain = bytes.ReplaceAll(header, independent, nil)
	}
}

// setRanges gives a rendition its ranges, by segment.
func (t *text) setRanges(ranges []rangeText) {
	t.ranges = ranges
	slices.SortStableFunc(t.ranges, func(a, b rangeText) int { return a.segment - b.segment })
	for i := range t.ranges {
		t.lasts = max(t.lasts, t.ranges[i].until)
	}
}

func (r *renderer) head(m *Media) []byte {
	lines := []string{
		tagM3U,
		tagVersion + ":" + strconv.Itoa(r.version),
		tagTargetDuration + ":" + strconv.Itoa(int(r.vod.TargetDuration/time.Second)),
	}
	return []byte(strings.Join(append(lines, m.header...), "\n") + "\n")
}

// writer writes the text of one rendition.
type writer struct {
	*renderer
	text
	packer    packer
	n         int
	base      *url.URL
	rewritten map[string]string // EXT-X-KEY and EXT-X-MAP lines with their live addresses
	texts     map[string]string // equal texts, shared
	bytes     int               // of these texts
	line      []byte            // buffer for one text
}

// ends notes the parts of the first and the last segment that seams need.
func (w *writer) ends(first, last *Segment, after []string) {
	lines := first.appendSticky(nil, nil, true)
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
		change = w.sticky(s.appendSticky(nil, before.Keys, false), s.changedBitrate(before))
	default:
		change = w.sticky(appendKeys(nil, before.Keys, s.Keys, false), s.changedBitrate(before))
	}
	if len(change) > 0 {
		w.changes = append(w.changes, linesAt{i, w.once(change)})
	}
	if i == 0 || !sameMap(before.Map, s.Map) || !sameKeys(before.Keys, s.Keys) || before.bitrate != s.bitrate {
		lines := w.once(w.sticky(s.appendSticky(nil, nil, false), s.bitrate))
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
	return append(append(line, w.address(s)...), '\n')
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
	return append([]string{tagDiscontinuity}, w.sticky(s.appendSticky(nil, before, true), s.bitrate)...)
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

// address of a segment; that of a gap or a slice is the live one already.
func (w *writer) address(s *Segment) string {
	if s.ours {
		return s.URI
	}
	return resource(w.addresses, w.n, w.base, s.URI)
}
