package playlist

import (
	"iter"
	"slices"
	"strings"
)

// attribute is one NAME=value of an attribute list (4.2).
type attribute struct {
	name  string
	value string // without the quotes
	from  int    // where the value, with its quotes, begins in the line
	to    int
}

// attributes of a tag's line, in their order. It reads malformed lists as far as it
// can.
func attributes(line string) []attribute { return slices.Collect(eachAttribute(line)) }

// eachAttribute is attributes one by one.
func eachAttribute(line string) iter.Seq[attribute] {
	return func(yield func(attribute) bool) {
		at := strings.IndexByte(line, ':') + 1
		for at > 0 && at < len(line) {
			equals := strings.IndexByte(line[at:], '=')
			if equals < 0 {
				return
			}
			from := at + equals + 1
			name := line[at : from-1]
			if comma := strings.LastIndexByte(name, ','); comma >= 0 {
				name = name[comma+1:] // a name without a value precedes it
			}
			to := from + valueLength(line[from:])
			if !yield(attribute{strings.TrimSpace(name), strings.Trim(line[from:to], `" `), from, to}) {
				return
			}
			at = to + 1
		}
	}
}

func valueLength(rest string) int {
	if strings.HasPrefix(rest, `"`) {
		if end := strings.IndexByte(rest[1:], '"'); end >= 0 {
			return end + 2
		}
	}
	if end := strings.IndexByte(rest, ','); end >= 0 {
		return end
	}
	return len(rest)
}

// attributeOf finds one attribute of a line.
func attributeOf(line, name string) (value string, ok bool) {
	for a := range eachAttribute(line) {
		if a.name == name {
			return a.value, true
		}
	}
	return "", false
}

// replaceAttributes replaces values of attributes of a line and keeps every other
// byte. The function returns the whole value, with quotes.
func replaceAttributes(line string, replace func(attribute) (string, bool)) string {
	var b strings.Builder
	written := 0
	for a := range eachAttribute(line) {
		if value, ok := replace(a); ok {
			if written == 0 {
				b.Grow(len(line) + len(value))
			}
			b.WriteString(line[written:a.from])
			b.WriteString(value)
			written = a.to
		}
	}
	if written == 0 {
		return line
	}
	b.WriteString(line[written:])
	return b.String()
}

// replaceURI rewrites the URI attribute of a line.
func replaceURI(line string, rewrite func(string) string) string {
	return replaceAttributes(line, func(a attribute) (string, bool) {
		return quoted(rewrite(a.value)), a.name == "URI"
	})
}

// quoted makes a value a quoted-string, which has no quotes in it (4.2).
func quoted(value string) string { return `"` + strings.ReplaceAll(value, `"`, "%22") + `"` }
