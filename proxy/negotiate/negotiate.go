// Package negotiate reads the request headers that several parts of proxy answer
// by: Accept-Encoding and If-None-Match. Values are as in an http.Header; nothing
// is allocated.
package negotiate

import (
	"strconv"
	"strings"
)

// AcceptsGzip reads Accept-Encoding (RFC 9110 12.5.3). What it says of gzip takes
// precedence over what it says of all codings.
func AcceptsGzip(values []string) bool {
	all := false
	for _, value := range values {
		for coding := range strings.SplitSeq(value, ",") {
			name, weight, weighted := strings.Cut(coding, ";")
			accepted := !weighted || positive(weight)
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				return accepted
			case name == "*":
				all = accepted
			}
		}
	}
	return all
}

// positive reads a weight, q=0.5.
func positive(weight string) bool {
	name, value, _ := strings.Cut(weight, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && q > 0 && strings.EqualFold(strings.TrimSpace(name), "q")
}

// Names reports whether If-None-Match names an entity tag (RFC 9110 13.1.2),
// compared weakly. No tag, which is empty, is named by * only.
func Names(values []string, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for _, rest := range values {
		for rest != "" {
			var candidate string
			candidate, rest = next(rest)
			candidate = strings.TrimPrefix(candidate, "W/")
			if candidate == "*" || candidate == tag && tag != "" {
				return true
			}
		}
	}
	return false
}

// next splits the first entity tag off a list. A comma in quotes belongs to it.
func next(list string) (tag, rest string) {
	quoted := false
	for i := range len(list) {
		switch {
		case list[i] == '"':
			quoted = !quoted
		case list[i] == ',' && !quoted:
			return strings.TrimSpace(list[:i]), list[i+1:]
		}
	}
	return strings.TrimSpace(list), ""
}
