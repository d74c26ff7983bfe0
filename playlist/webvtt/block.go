package webvtt

import (
	"bytes"
	"strings"
)

const arrow = "-->"

// shortestCue is the length of the shortest cue, "00:00.000-->00:00.000" and the end of its line.
const shortestCue = 22

// scanner cuts a file into lines and blocks.
type scanner struct {
	text string // with LF as its only line ending, without byte order mark
	pos  int
}

// newScanner copies the body, with every line ending made LF (W3C WebVTT 6.1, first step).
func newScanner(body []byte) *scanner {
	text := string(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if strings.Contains(text, "\r") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	return &scanner{text: text}
}

// mostCues is a bound for the number of cues.
func (s *scanner) mostCues() int {
	return min(strings.Count(s.text, arrow), len(s.text)/shortestCue+1, MaxCues)
}

// peek gives the line at the position and where the next one begins.
func (s *scanner) peek() (line string, next int) {
	if i := strings.IndexByte(s.text[s.pos:], '\n'); i >= 0 {
		return s.text[s.pos : s.pos+i], s.pos + i + 1
	}
	return s.text[s.pos:], len(s.text)
}

// line takes a line.
func (s *scanner) line() string {
	line, next := s.peek()
	s.pos = next
	return line
}

// header takes the lines up to an empty one or one with an arrow: that one begins a cue already.
func (s *scanner) header() string {
	start := s.pos
	for {
		line, next := s.peek()
		if line == "" || strings.Contains(line, arrow) {
			return strings.TrimSuffix(s.text[start:s.pos], "\n")
		}
		s.pos = next
	}
}

// block is the text between blank lines.
type block struct {
	source     string // the text it is cut from
	start, end int    // where it is in there, without its last line ending
	lines      int    // how many there are
	first      string // the first of them
	timing     string // the first or second, if that has an arrow
	payload    int    // where the line after the timing begins
}

// block takes the next block (W3C WebVTT 6.1, "collect a WebVTT block"); false at the end of the file.
func (s *scanner) block() (b block, ok bool) {
	for s.pos < len(s.text) && s.text[s.pos] == '\n' {
		s.pos++
	}
	b = block{source: s.text, start: s.pos, end: s.pos}
	for s.pos < len(s.text) {
		line, next := s.peek()
		if !b.take(line) {
			break
		}
		b.end, s.pos = s.pos+len(line), next
		if b.timing == line {
			b.payload = next
		}
	}
	return b, b.lines > 0
}

// take adds a line to the block. It refuses an empty one, which ends the block, and one with an arrow that comes too
// late to be the block's timing: that begins the next.
func (b *block) take(line string) bool {
	hasArrow := strings.Contains(line, arrow)
	if line == "" || hasArrow && (b.timing != "" || b.lines >= 2) {
		return false
	}
	if b.lines++; b.lines == 1 {
		b.first = line
	}
	if hasArrow {
		b.timing = line
	}
	return true
}

// text is the whole block.
func (b block) text() string { return b.source[b.start:b.end] }

// isComment reports whether it is a comment block (W3C WebVTT 4.1).
func (b block) isComment() bool {
	rest, ok := strings.CutPrefix(b.first, "NOTE")
	return ok && b.timing == "" && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// isDefinition reports whether it is a style sheet or a region, provided that it precedes the
// first cue.
func (b block) isDefinition() bool {
	name := strings.TrimRight(b.first, whitespace)
	return b.timing == "" && b.lines > 1 && (name == "STYLE" || name == "REGION")
}

// cue reads the block as a cue; false: it is not a cue.
func (b block) cue() (c cue, ok bool) {
	if b.timing == "" {
		return cue{}, false
	}
	c, ok = parseTiming(b.timing)
	if b.first != b.timing {
		c.id = b.first
	}
	c.payload = b.source[min(b.payload, b.end):b.end]
	return c, ok
}

// comments are comment blocks that follow each other.
type comments struct {
	start int // where they begin
	text  string
}

// add appends a block.
func (c *comments) add(b block) {
	if c.text == "" {
		c.start = b.start
	}
	c.text = b.source[c.start:b.end]
}

// take gives the comments and forgets them.
func (c *comments) take() string {
	text := c.text
	*c = comments{}
	return text
}
