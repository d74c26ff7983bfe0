package playlist

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafov/m3u8"

	"vod2live/loop"
)

// The library checks the syntax and returns sequence number, dates and addresses;
// everything else is read from the lines. It panics on some malformed tags, and its
// package-level functions take cubic time: this file prevents both.

// parsedMedia is a media playlist as the library reads it.
type parsedMedia = m3u8.MediaPlaylist

// parseMedia reads a media playlist with github.com/grafov/m3u8.
func parseMedia(lines []string) (p *parsedMedia, err error) {
	defer recoverSyntax(&err)
	addresses := 0
	for _, line := range lines {
		if !strings.HasPrefix(line, "#") {
			addresses++
		}
	}
	if p, err = m3u8.NewMediaPlaylist(0, uint(addresses)+1); err != nil {
		return nil, err
	}
	if err := p.Decode(*bytes.NewBuffer(readable(lines)), true); err != nil {
		return nil, syntax(err)
	}
	return p, nil
}

// unreadable finds the line that the library could not read: its error has no line
// number.
func unreadable(lines []string) (n int, line string) {
	for n, line := range lines {
		var err error
		switch name, value := splitTag(line); name {
		case tagInf:
			duration, _, _ := strings.Cut(value, ",")
			_, err = strconv.ParseFloat(duration, 64)
		case tagMediaSequence:
			var number uint64
			_, err = fmt.Sscanf(value, "%d", &number)
		}
		if err != nil {
			return n, line
		}
	}
	return 0, ""
}

// parseMultivariant checks a multivariant playlist. Only its lines are
// used, so an attribute that the library can't read is left to the players.
func parseMultivariant(lines []string) (err error) {
	defer recoverSyntax(&err)
	if err := m3u8.NewMasterPlaylist().Decode(*bytes.NewBuffer(readable(lines)), false); err != nil {
		return syntax(err)
	}
	return nil
}

// maxReadable bounds the tags that the library reads: its attribute lists are
// slow.
const maxReadable = 64 << 10

// readable leaves out tags that need not be read by the library, and that it would
// reject or panic on if malformed. No newline ends the text: the
// library would take a blank line from it.
func readable(lines []string) []byte {
	text := make([]byte, 0, bytesOf(lines))
	for i, line := range lines {
		switch name, value := splitTag(line); {
		case name == tagInf, !strings.HasPrefix(line, "#"): // most lines
		case name == tagMediaSequence && isZero(value), slices.Contains(unneeded, name), strings.HasPrefix(line, "#WV-"), ofSegment(line):
			continue
		case len(line) > maxReadable:
			continue
		case name == tagProgramDateTime:
			if _, err := parseDate(value); err != nil {
				continue
			}
		}
		if i > 0 {
			text = append(text, '\n')
		}
		text = append(text, line...)
	}
	return text
}

// isZero reports whether an EXT-X-MEDIA-SEQUENCE is invalid, and so counts as 0: some
// packagers write it empty or negative.
func isZero(value string) bool {
	return value == "" || value[0] == '-' && digits(value[1:])
}

var unneeded = []string{tagVersion, tagStart, tagTargetDuration, tagPlaylistType, tagDiscontinuitySequence, tagByteRange, tagMap, tagKey}

// syntax hides the library's own words: they quote the playlist.
func syntax(error) *loop.Refusal { return refuse(CodeSyntax, "a line can't be read") }

func recoverSyntax(err *error) {
	if r := recover(); r != nil {
		*err = syntax(fmt.Errorf("malformed: %v", r))
	}
}

// parseDate reads a date in ISO 8601, with or without a colon in its zone.
func parseDate(text string) (time.Time, error) { return m3u8.FullTimeParse(text) }
