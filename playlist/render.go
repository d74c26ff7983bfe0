package playlist

import (
	"bytes"
	"fmt"
	"hash"
	"iter"
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
	plain  []byte // the same without EXT-X-INDEPENDENT-SEGMENTS; nil: no header

	opening  opening
	segments packed
	last     closing
	changes  []linesAt // lines for a change at a segment after the first
	states   []state   // keys, MAP and BITRATE in force from a segment on, for the head of a window
	beneath  [2]string // addresses below the rendition, up to and after the last element; empty: none are written
	gap      string    // address of the gaps that pad a cut item
	ranges   []rangeText
	lasts    time.Duration // until the last range ends, from the beginning of its play
	cut      bool          // some ranges leave the window before they end
	sum      string        // in the names of its slices; empty: not sliced
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

// state is the set of tags in force from a segment on.
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
	size := len(t.beneath[0]) + len(t.beneath[1]) + len(t.header) + len(t.plain) + len(t.gap) + len(t.opening.text) + len(t.last.after) + 16*cap(t.opening.formats) + t.segments.bytes()
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
	var line []byte
	for s := range t.lines() {
		line = append(appendInt(line[:0], int64(s.segment)), ' ')
		line = append(append(line, s.text...), '\n')
		h.Write(line)
	}
	for i := range t.ranges {
		r := &t.ranges[i]
		line = appendInt(line[:0], int64(r.segment))
		for _, d := range []time.Duration{r.start, r.end, r.until} {
			line = append(append(line, ' '), d.String()...)
		}
		line = append(append(append(line, ' '), r.text...), '\n')
		h.Write(line)
	}
}

// renderer renders the renditions of one VOD.
type renderer struct {
	vod       *loop.VOD
	addresses Addresses
	version   int

	multivariant *Multivariant
	media        []*Media
	continuity   *Continuity
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
	if r.continuity != nil {
		w.beneath = beneathOf(r.addresses, n, r.multivariant == nil)
	}
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
