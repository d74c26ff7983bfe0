package playlist

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"

	"vod2live/loop"
	"vod2live/playlist/mask"
)

// Variables are the values defined by EXT-X-DEFINE (4.4.2.3).
type Variables map[string]string

// source is the lines of a playlist with its variables replaced.
type source struct {
	lines   []string
	written []string // the lines with {$name}, which messages may show; nil: no line has any
}

// replaced returns the original n-th line if it had variables, else "".
func (s source) replaced(n int) string {
	if s.written == nil || s.written[n] == s.lines[n] {
		return ""
	}
	return s.written[n]
}

// replacedLines are the lines of a playlist with its variables replaced; nil: it
// has no variables.
func (s source) replacedLines() []string {
	if s.written == nil {
		return nil
	}
	return s.lines
}

// HasVariables reports whether a playlist may define variables or refer to some.
func HasVariables(body []byte) bool {
	return bytes.Contains(body, []byte(tagDefine)) || bytes.Contains(body, []byte("{$"))
}

// substitute replaces every variable reference by its value and drops the
// EXT-X-DEFINE lines. imports are the variables that a media playlist may IMPORT
// from its multivariant playlist, query is that of the playlist's own address, body
// is the text of the lines.
func substitute(lines []string, imports Variables, query string, body []byte) (source, Variables, error) {
	if !hasVariables(lines) {
		return source{lines: lines}, nil, nil
	}
	values := Variables{}
	s := source{make([]string, 0, len(lines)), make([]string, 0, len(lines))}
	grown := 0
	for n, written := range lines {
		line, err := values.expand(written)
		if err != nil {
			return s, nil, atLine(err, body, n, true)
		}
		if grown += max(len(line)-len(written), 0); grown > maxGrowth {
			return s, nil, refuse(CodeTooLarge, "variables make the playlist longer by more than %d bytes", maxGrowth)
		}
		if name, _ := splitTag(line); name != tagDefine {
			s.lines, s.written = append(s.lines, line), append(s.written, written)
		} else if err := values.define(line, imports, query); err != nil {
			return s, nil, atLine(err, body, n, true)
		}
	}
	return s, values, nil
}

// hasVariables reports whether a playlist defines variables or refers to some: one
// that refers to an undefined variable must not be served (4.3).
func hasVariables(lines []string) bool {
	for _, line := range lines {
		if strings.HasPrefix(line, tagDefine) || strings.Contains(line, "{$") {
			return true
		}
	}
	return false
}

func (v Variables) define(line string, imports Variables, query string) *loop.Refusal {
	var name, value string
	found := false
	for _, a := range attributes(line) {
		switch a.name {
		case "NAME":
			name = a.value
		case "VALUE":
			value, found = a.value, true
		case "IMPORT":
			name = a.value
			value, found = imports[name]
		case "QUERYPARAM":
			name = a.value
			value, found = parameter(query, name)
		}
	}
	if name == "" || !found {
		return refuse(CodeUndefinedVariable, "the variable has no value")
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r == '"' || unicode.IsControl(r) }) {
		return refuse(CodeUndefinedVariable, "the value has a quote or a control character") // a QUERYPARAM could insert lines
	}
	if _, twice := v[name]; twice {
		return refuse(CodeSyntax, "the variable is defined a second time") // parsers must fail (4.4.2.3)
	}
	v[name] = value
	return nil
}

// parameter returns a query parameter, percent-decoded (RFC 3986 2.1): a + is a plus.
func parameter(query, name string) (value string, ok bool) {
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key, err := url.PathUnescape(key); err != nil || key != name {
			continue
		}
		if value, err := url.PathUnescape(value); err == nil {
			return value, true
		}
	}
	return "", false
}

// The longest that references may make one line, and the most that they may add to
// all lines.
const (
	maxExpansion = 64 << 10
	maxGrowth    = 32 << 20
)

// expand replaces the {$name} of a line; comments and titles have none.
func (v Variables) expand(line string) (string, *loop.Refusal) {
	name, _ := splitTag(line)
	comment := strings.HasPrefix(line, "#") && name == ""
	if comment || name == tagInf || !strings.Contains(line, "{$") {
		return line, nil
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(line, "{$")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		value, defined := v[name]
		switch {
		case !closed: // no reference
			b.WriteString("{$" + rest)
			return b.String(), nil
		case !defined:
			return "", refuse(CodeUndefinedVariable, "no EXT-X-DEFINE for {$%s}", mask.Shorten(name, 200))
		}
		if b.WriteString(value); b.Len() > maxExpansion {
			return "", refuse(CodeTooLarge, "variables make a line longer than %d bytes", maxExpansion)
		}
		line = after
	}
}
