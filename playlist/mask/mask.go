// Package mask hides what may be a secret in addresses and playlists before
// they reach a log, an error, a report or the operator's API. It is the only
// place that decides what a secret is. It bounds their length, too.
//
// Hidden are the user and password of an address, its query and fragment, the
// content of a data: address (it may be a key), and the VALUE of EXT-X-DEFINE.
// The values that variables have once they are replaced can't be found in a
// text: messages quote playlists as they are at the origin, with {$name}.
package mask

import "strings"

// Secret replaces hidden text.
const Secret = "***"

// Text masks an address, one line of a playlist or a whole playlist. Not for
// sentences: mask the address before you put it into one.
func Text(text string) string {
	if !strings.ContainsAny(text, "?#@:") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.Lines(text) {
		content := strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(content, "#") {
			tag(&b, content)
		} else {
			b.WriteString(address(content))
		}
		b.WriteString(line[len(content):])
	}
	return b.String()
}

// tag masks a line that begins with #. Text in quotes may be an address; text
// outside quotes ends at a question mark.
func tag(b *strings.Builder, line string) {
	if name, value, found := strings.Cut(line, "VALUE="); found && strings.HasPrefix(line, "#EXT-X-DEFINE") {
		line = name + "VALUE=" + Secret
		if strings.HasPrefix(value, `"`) {
			line = name + `VALUE="` + Secret + `"`
		}
	}
	for quoted := false; ; quoted = !quoted {
		part, rest, more := strings.Cut(line, `"`)
		if quoted {
			part = address(part)
		} else {
			part = unquoted(part)
		}
		b.WriteString(part)
		if !more {
			return
		}
		b.WriteByte('"')
		line = rest
	}
}

// unquoted masks text outside quotes. An address there is an attribute value that
// lacks its quotes. Its end is unknown, so rather too much is masked than too
// little.
func unquoted(part string) string {
	if plain, _, has := strings.Cut(part, "?"); has {
		part = plain + "?" + Secret
	}
	const data = "=data:"
	for i := range len(part) {
		if end := i + len(data); end <= len(part) && strings.EqualFold(part[i:end], data) {
			part = part[:end] + Secret
			break
		}
	}
	before, authority, _ := strings.Cut(part, "//")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		part = before + "//" + Secret + authority[at:]
	}
	return part
}

// address masks one address.
func address(ref string) string {
	if i := strings.IndexAny(ref, "?#"); i >= 0 {
		ref = ref[:i+1] + Secret
	}
	if len(ref) > len("data:") && strings.EqualFold(ref[:len("data:")], "data:") {
		return ref[:len("data:")] + Secret
	}
	start := 0
	if i := strings.Index(ref, "//"); i >= 0 {
		start = i + 2
	}
	authority, _, _ := strings.Cut(ref[start:], "/")
	at := strings.LastIndexByte(authority, '@')
	if at < 0 || start == 0 && !strings.Contains(authority[:at], ":") {
		return ref // without slashes before it, only user:password@ is no name
	}
	return ref[:start] + Secret + ref[start+at:]
}
