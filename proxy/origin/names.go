package origin

import "strings"

// Names are patterns of last path elements; in each, * is any text. They are
// compared with the unescaped element.
type Names []string

// Match reports whether a pattern fits the last element of an escaped path.
func (n Names) Match(path string) bool {
	if len(n) == 0 {
		return false
	}
	element := unescape(path[strings.LastIndexByte(path, '/')+1:])
	for _, pattern := range n {
		if fits(pattern, element) {
			return true
		}
	}
	return false
}

// fits takes for each * the shortest text that will do: no other choice fits
// where that does not.
func fits(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	text, ok := strings.CutPrefix(text, first)
	if !ok || !star {
		return ok && text == ""
	}
	for {
		part, more, star := strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], more
	}
}
