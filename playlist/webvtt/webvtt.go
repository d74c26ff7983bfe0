// Package webvtt cuts slices out of the WebVTT files of an HLS subtitle rendition.
//
// The problem: a subtitle rendition is often one file for the whole VOD, or files much longer than the media segments
// beside them. A live window needs subtitle segments that begin and end where the media segments do, and RFC 8216 3.5
// requires each of them to be a separate WebVTT file, with all cues that are shown during it.
//
// The promise: [Parse] reads a file as a browser would (W3C WebVTT, section 6), and [Slice] writes a file that shows,
// between two instants of the VOD, exactly what the origin's files show. Cues keep their text to the byte; only where
// files disagree on X-TIMESTAMP-MAP are times rewritten, on the time line of the first file since the discontinuity:
//
//	first file                      second file                      slice from 4 s to 8 s
//	WEBVTT                          WEBVTT                           WEBVTT
//	X-TIMESTAMP-MAP=MPEGTS:900000…  X-TIMESTAMP-MAP=MPEGTS:1440000…  X-TIMESTAMP-MAP=MPEGTS:900000…
//
//	00:01.000 --> 00:03.000         00:00.500 --> 00:01.000          00:05.000 --> 00:06.500
//	One                             Three                            Two
//
//	00:05.000 --> 00:06.500                                          00:00:06.500 --> 00:00:07.000
//	Two                                                              Three
//
// It leaves to others which files a slice may need, how they are fetched, how large they may be, and the loop: a slice
// is the same in every loop. It does no I/O, and its values are immutable and safe for concurrent use.
package webvtt

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// MaxSlice is the most bytes of a slice: what a player loads for some seconds of a film.
const MaxSlice = 1 << 20

// maxHeader is the most bytes before the first block of a file: each slice has them.
const maxHeader = 64 << 10

// MaxCues is the largest number of cues that [Parse] accepts in one file: some days of dense subtitles.
const MaxCues = 200_000

// Errors of [Parse], for [errors.Is].
var (
	// ErrSignature means that the file doesn't begin with the word WEBVTT: it is no WebVTT file (W3C WebVTT 4.1).
	ErrSignature = errors.New("no WEBVTT signature")
	// ErrTimestampMap means that an X-TIMESTAMP-MAP has not one LOCAL time and one MPEGTS number, or that a file has
	// two different ones (RFC 8216 3.5).
	ErrTimestampMap = errors.New("malformed X-TIMESTAMP-MAP")
	// ErrTooManyCues means that the file has more than [MaxCues] cues.
	ErrTooManyCues = fmt.Errorf("more than %d cues", MaxCues)
	// ErrHeader means that the lines before the first block are too long.
	ErrHeader = fmt.Errorf("a header of more than %d bytes", maxHeader)
)

// File is one parsed WebVTT file. It is immutable and takes at most six times the memory of the body it came from.
type File struct {
	title       string        // the first line, from its signature on
	header      string        // the lines from there to the first blank one, X-TIMESTAMP-MAP among them
	clock       *timestampMap // nil without X-TIMESTAMP-MAP
	definitions []string      // STYLE and REGION blocks, and the comments before them
	cues        []cue         // sorted by start, else in the order of the file
	text        int           // bytes that all of these are cut from
}

// cueBytes is what a cue takes beside the text that it is cut from.
const cueBytes = 96

// Bytes is about what the file takes of memory.
func (f *File) Bytes() int { return f.text + cueBytes*cap(f.cues) + 16*cap(f.definitions) + 512 }

// Parse reads a WebVTT file in UTF-8, with or without a byte order mark, with any line endings. It does so in time
// linear in its length, which the caller bounds, and keeps no reference to it.
//
// It skips what a browser skips: blocks that are not cues, cues with unreadable timings, STYLE and REGION after the
// first cue. Comments (NOTE) directly before a cue, a STYLE or a REGION are kept, others are dropped. A time beyond 500,000 hours counts as 500,000 hours.
//
// Its errors are [ErrSignature], [ErrHeader], [ErrTimestampMap] and [ErrTooManyCues].
func Parse(body []byte) (*File, error) {
	s := newScanner(body)
	f := &File{title: s.line(), text: len(s.text)}
	if !hasSignature(f.title) {
		return nil, ErrSignature
	}
	f.header = s.header()
	if len(f.title)+len(f.header) > maxHeader {
		return nil, ErrHeader
	}
	var err error
	if f.clock, err = findTimestampMap(f.header); err != nil {
		return nil, err
	}
	if err := f.readBlocks(s); err != nil {
		return nil, err
	}
	f.sortCues()
	return f, nil
}

// hasSignature reports whether a file with this first line is a WebVTT file.
func hasSignature(title string) bool {
	rest, ok := strings.CutPrefix(title, "WEBVTT")
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// readBlocks reads what follows the header.
func (f *File) readBlocks(s *scanner) error {
	f.cues = make([]cue, 0, s.mostCues())
	var notes comments
	for b, ok := s.block(); ok; b, ok = s.block() {
		c, isCue := b.cue()
		switch {
		case isCue && len(f.cues) == MaxCues:
			return ErrTooManyCues
		case isCue:
			c.notes = notes.take()
			f.cues = append(f.cues, c)
		case b.isComment():
			notes.add(b)
		case b.isDefinition() && len(f.cues) == 0:
			f.define(notes.take())
			f.define(b.text())
		default:
			notes.take()
		}
	}
	return nil
}

// define adds a block that belongs before the first cue.
func (f *File) define(block string) {
	if block != "" {
		f.definitions = append(f.definitions, block)
	}
}

// sortCues puts the cues in order, and notes in each how far the cues up to it reach.
func (f *File) sortCues() {
	slices.SortStableFunc(f.cues, func(a, b cue) int { return cmp.Compare(a.start, b.start) })
	reach := time.Duration(0)
	for i := range f.cues {
		reach = max(reach, f.cues[i].until())
		f.cues[i].reach = reach
	}
}
