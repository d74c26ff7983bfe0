package playlist

import (
	"fmt"
	"hash"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vod2live/loop"
)

// maxText bounds the text of all renditions: keys and init sections that are
// said again and again can be many times what the origin sent.
const maxText = 128 << 20

// text is what a rendition's windows are made of, rendered once.
type text struct {
	header []byte // up to EXT-X-MEDIA-SEQUENCE
	joint  []byte // the same while the era before is shown too; nil: it is the first
	begin  []byte // what changes at the first segment of an era that follows another
	after  string // lines behind the last segment
	blob   []byte // of all segments, one behind the other
	pieces []piece
	states []string // keys, MAP and BITRATE in force, for the head of a window
	ranges []rangeText
	lasts  int64 // loops that a range can be seen after its own
}

// piece is one segment in the blob: [from, body) what changes at it, [body,
// date) its tags up to the date, [date, next from) the rest.
type piece struct {
	from, body, date uint32
	state            uint32
	ranges           uint32 // the first EXT-X-DATERANGE that comes with it
}

func (t *text) bytes() int {
	size := len(t.header) + len(t.joint) + len(t.begin) + len(t.after) + cap(t.blob) + 20*cap(t.pieces)
	for _, s := range t.states {
		size += len(s) + 16
	}
	for _, r := range t.ranges {
		size += len(r.text) + len(r.id) + len(r.class) + 128
	}
	return size
}

// change is what changes at segment i in loop k, from the one above it.
func (t *text) change(i int, k int64) []byte {
	if i == 0 && k == 0 {
		return t.begin
	}
	return t.blob[t.pieces[i].from:t.pieces[i].body]
}

// inForce is what is said to be in force at the last segment.
func (t *text) inForce() string { return t.states[t.pieces[len(t.pieces)-2].state] }

func (t *text) hash(h hash.Hash) {
	h.Write(t.header)
	h.Write(t.blob)
	for _, s := range t.states {
		h.Write([]byte(s))
	}
	for _, r := range t.ranges {
		fmt.Fprintln(h, r.segment, r.first, r.start, r.end, r.until, r.text)
	}
}

// renderer renders the renditions of one VOD.
type renderer struct {
	vod       *loop.VOD
	addresses Addresses
	version   int
	era       int
	earlier   []text // of the renditions in the era before; nil: there is none
}

func (r *renderer) render(n int, m *Media) (text, error) {
	track := &r.vod.Tracks[n]
	segments, err := r.served(n, m)
	if err != nil {
		return text{}, err
	}
	w := writer{renderer: r, n: n, base: m.address, rewritten: map[string]string{}, numbers: map[string]uint32{}}
	w.header, w.after = r.head(m), strings.Join(m.after, "\n")
	w.pieces = make([]piece, 0, len(segments)+1)
	w.ranges = m.ranges(r.vod.Length, m.servedAt(track))
	slices.SortStableFunc(w.ranges, func(a, b rangeText) int { return a.segment - b.segment })
	for i := range segments {
		before := &segments[(i+len(segments)-1)%len(segments)]
		w.segment(i, before, &segments[i], i == 0 || track.Marked(i), m.after)
		if len(w.blob)+w.stateBytes > maxText {
			return text{}, &loop.Refusal{Code: CodeTooLarge, Rendition: n, Detail: fmt.Sprintf("its live text is longer than %d bytes", maxText)}
		}
	}
	w.pieces = append(w.pieces, piece{from: uint32(len(w.blob))})
	w.placeRanges(r.vod.Length)
	if r.earlier != nil {
		if err := w.follow(&r.earlier[n], &segments[0]); err != nil {
			return text{}, err
		}
	}
	w.blob = slices.Clip(w.blob)
	return w.text, nil
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
	n         int
	base      *url.URL
	rewritten map[string]string // EXT-X-KEY and EXT-X-MAP lines with their live addresses
	numbers   map[string]uint32 // of states

	stateBytes int
}

// segment writes the text of one segment after another, and what is in force
// at it. Behind a discontinuity all of that is said again.
func (w *writer) segment(i int, before, s *Segment, discontinuity bool, after []string) {
	p := piece{from: uint32(len(w.blob)), state: w.state(s)}
	if i == 0 {
		w.lines(after) // of the loop before
	}
	switch {
	case discontinuity:
		w.restart(before.Keys, s)
	case !sameMap(before.Map, s.Map):
		w.sticky(s.appendSticky(nil, before.Keys, false), s.changedBitrate(before))
	default:
		w.sticky(appendKeys(nil, before.Keys, s.Keys, false), s.changedBitrate(before))
	}
	p.body = uint32(len(w.blob))
	w.lines(s.before)
	if s.Gap {
		w.lines([]string{tagGap})
	}
	w.blob = append(w.blob, tagProgramDateTime+":"...)
	p.date = uint32(len(w.blob))
	w.blob = append(w.blob, '\n')
	if s.ByteRange != "" {
		w.lines([]string{tagByteRange + ":" + s.ByteRange})
	}
	w.lines([]string{s.info})
	w.lines(s.between)
	w.lines([]string{w.address(s)})
	w.pieces = append(w.pieces, p)
}

// restart writes a discontinuity and all that is in force behind it.
func (w *writer) restart(before []Key, s *Segment) {
	w.lines([]string{tagDiscontinuity})
	w.sticky(s.appendSticky(nil, before, true), s.bitrate)
}

func (s *Segment) changedBitrate(before *Segment) string {
	if s.bitrate == before.bitrate {
		return ""
	}
	return s.bitrate
}

func (w *writer) lines(lines []string) {
	for _, line := range lines {
		w.blob = append(append(w.blob, line...), '\n')
	}
}

// sticky writes keys, MAP and BITRATE.
func (w *writer) sticky(lines []string, bitrate string) {
	for _, line := range lines {
		w.blob = append(append(w.blob, w.rewrite(line)...), '\n')
	}
	if bitrate != "" {
		w.lines([]string{bitrate})
	}
}

// state is the number of the text that a window begins with at the segment.
func (w *writer) state(s *Segment) uint32 {
	var b strings.Builder
	for _, line := range s.appendSticky(nil, nil, false) {
		b.WriteString(w.rewrite(line) + "\n")
	}
	if s.bitrate != "" {
		b.WriteString(s.bitrate + "\n")
	}
	number, known := w.numbers[b.String()]
	if !known {
		number = uint32(len(w.states))
		w.numbers[b.String()] = number
		w.states = append(w.states, b.String())
		w.stateBytes += b.Len()
	}
	return number
}

// rewrite gives a line its live address. Of keys that differ by the IV at their
// end alone it does so once.
func (w *writer) rewrite(line string) string {
	iv := ""
	if i := len(line) - len(",IV=0x") - 32; i > 0 && strings.HasPrefix(line[i:], ",IV=0x") {
		line, iv = line[:i], line[i:]
	}
	out, known := w.rewritten[line]
	if !known {
		out = replaceURI(line, func(ref string) string { return resource(w.addresses, w.n, w.base, ref) })
		w.rewritten[line] = out
	}
	return out + iv
}

// address of a segment; what we serve ourselves is written already.
func (w *writer) address(s *Segment) string {
	if s.ours {
		return s.URI
	}
	return resource(w.addresses, w.n, w.base, s.URI)
}

// placeRanges tells each piece which of the ranges, sorted by segment, are its own.
func (w *writer) placeRanges(length time.Duration) {
	for i := range w.ranges {
		w.lasts = max(w.lasts, int64(w.ranges[i].until/length))
	}
	next := 0
	for i := range w.pieces {
		for next < len(w.ranges) && w.ranges[next].segment < i {
			next++
		}
		w.pieces[i].ranges = uint32(next)
	}
}
