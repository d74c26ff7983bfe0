package playlist

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"vod2live/loop"
	"vod2live/playlist/mask"
)

// maxLines of one playlist are read; a day of one-second segments with a date
// on each has 260,000.
const maxLines = 1_000_000

// readLines returns the clean lines of an origin's answer: no BOM, no blank line, no
// space around a line, no control character, UTF-8 (4.1).
func readLines(body []byte) ([]string, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if bytes.Count(body, []byte("\n"))+bytes.Count(body, []byte("\r")) > maxLines {
		return nil, refuse(CodeTooLarge, "more than %d lines", maxLines)
	}
	text := string(body)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, string(utf8.RuneError))
	}
	text = newlines(text)
	lines := make([]string, 0, strings.Count(text, "\n")+1)
	for line := range strings.SplitSeq(text, "\n") {
		if line = cleanLine(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0]+" ", tagM3U+" ") {
		return nil, refuse(CodeNotPlaylist, "the text does not begin with #EXTM3U")
	}
	lines[0] = tagM3U
	return lines, nil
}

// newlines makes CR and CR LF a LF.
func newlines(text string) string {
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

func isNewline(r rune) bool { return r == '\n' || r == '\r' }

func cleanLine(line string) string {
	if mayHaveControls(line) {
		line = strings.Map(func(r rune) rune {
			switch {
			case r == '\t':
				return ' '
			case unicode.IsControl(r):
				return -1
			}
			return r
		}, line)
	}
	line = strings.TrimSpace(line)
	if value, is := strings.CutPrefix(line, tagInf+":"); is {
		line = cleanInf(line, value)
	} else if strings.Contains(line, " ") {
		if name, _ := splitTag(line); attributeTags[name] {
			line = tidyAttributes(line)
		}
	}
	return line
}

// cleanInf returns an EXTINF with a comma after its duration: it is often missing
// (4.4.4.1), and in IPTV lists attributes precede it, which players read as an
// address or as a part of the number. They become a part of the title.
func cleanInf(line, value string) string {
	if duration, _, found := strings.Cut(value, ","); found && !strings.Contains(duration, " ") {
		return line
	}
	value = strings.TrimLeft(value, " ")
	end := strings.IndexAny(value, ", ")
	if end < 0 {
		return tagInf + ":" + value + ","
	}
	duration, title := value[:end], strings.TrimLeft(value[end:], " ")
	return tagInf + ":" + duration + "," + strings.TrimPrefix(title, ",")
}

// mayHaveControls is a fast check with false positives: other characters may begin
// with 0xc2, too.
func mayHaveControls(line string) bool {
	for i := 0; i < len(line); i++ {
		if c := line[i]; c < ' ' || c == 0x7f || c == 0xc2 {
			return true
		}
	}
	return false
}

// atLine adds the line number and the line to a refusal: the n-th line that is not
// blank nor, unless they count, an EXT-X-DEFINE. No other message quotes a
// playlist.
func atLine(err *loop.Refusal, body []byte, n int, defines bool) *loop.Refusal {
	text := newlines(string(body))
	number, found := 0, ""
	for line := range strings.Lines(text) {
		number++
		if line = cleanLine(line); line != "" && (defines || !strings.HasPrefix(line, tagDefine)) {
			if n--; n < 0 {
				found = line
				break
			}
		}
	}
	err.Detail = fmt.Sprintf("line %d: %s: %s", number, err.Detail, quote(found))
	return err
}

// maxQuote bounds what a message shows of a line.
const maxQuote = 200

// quote is a line for messages.
func quote(line string) string {
	line = mask.Text(strings.ToValidUTF8(line, string(utf8.RuneError)))
	if len(line) > maxQuote {
		return mask.Shorten(line, maxQuote) + "…"
	}
	return line
}

// attributeTags have an attribute list.
var attributeTags = map[string]bool{
	tagDefine: true, tagKey: true, tagMap: true, tagDateRange: true, tagMedia: true, tagStreamInf: true, tagIFrameStreamInf: true,
	tagSessionData: true, tagSessionKey: true, tagContentSteering: true,
}

// tidyAttributes removes spaces around names and values: they are not allowed (4.2),
// and players read them as a part of the name or value.
func tidyAttributes(line string) string {
	out := make([]byte, 0, len(line))
	quoted := false
	for i := 0; i < len(line); i++ {
		if line[i] == '"' {
			quoted = !quoted
		}
		next := i
		for !quoted && line[next] == ' ' { // no line ends in one
			next++
		}
		if next > i && strings.IndexByte(":,=", out[len(out)-1]) < 0 && line[next] != ',' && line[next] != '=' {
			out = append(out, line[i:next]...)
		}
		if i = max(i, next-1); next == i {
			out = append(out, line[i])
		}
	}
	return string(out)
}

// IsMultivariant reports whether a playlist has tags that only multivariant playlists
// have (4.4.6). It stops at the first tag that only one kind has; the rest may be
// malformed.
func IsMultivariant(body []byte) bool {
	return isMultivariant(func(yield func(string) bool) {
		for line := range bytes.FieldsFuncSeq(body, isNewline) {
			if !yield(cleanLine(string(line))) {
				return
			}
		}
	})
}

func isMultivariant(lines iter.Seq[string]) bool {
	for line := range lines {
		switch name, _ := splitTag(line); name {
		case tagStreamInf, tagMedia, tagIFrameStreamInf:
			return true
		case tagInf, tagTargetDuration:
			return false
		}
	}
	return false
}

// splitTag splits a line into its tag and the text after the colon. An address and a
// comment have no tag.
func splitTag(line string) (name, value string) {
	if !strings.HasPrefix(line, "#EXT") {
		return "", ""
	}
	name, value, _ = strings.Cut(line, ":")
	return name, value
}
