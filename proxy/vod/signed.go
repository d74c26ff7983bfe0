package vod

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
)

// unsigned is the sum of a playlist without the values in queries of its URIs: it
// stays equal if the origin signs them again at each request. It is the sum of the
// whole text if one path has several queries, which then distinguish resources.
func unsigned(body []byte, whole [sha256.Size]byte) [sha256.Size]byte {
	h := sha256.New()
	queries := map[string]string{} // by path
	for line := range bytes.Lines(body) {
		for len(line) > 0 {
			before, uri, after := cutURI(line)
			path, query, _ := strings.Cut(uri, "?")
			if other, known := queries[path]; known && other != query {
				return whole
			}
			if uri != "" {
				queries[path] = query
			}
			h.Write(before)
			h.Write([]byte(path + "?" + names(query)))
			line = after
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// cutURI cuts a line around its first URI: the line itself, or an attribute.
func cutURI(line []byte) (before []byte, uri string, after []byte) {
	if line[0] != '#' && line[0] != '"' {
		return nil, string(bytes.TrimSpace(line)), nil
	}
	const attribute = `URI="`
	i := bytes.Index(line, []byte(attribute))
	if i < 0 {
		return line, "", nil
	}
	i += len(attribute)
	n := bytes.IndexByte(line[i:], '"')
	if n < 0 {
		return line, "", nil
	}
	return line[:i], string(line[i : i+n]), line[i+n:]
}

// names are the parameters of a query without their values.
func names(query string) string {
	parameters := strings.Split(query, "&")
	for i, p := range parameters {
		parameters[i], _, _ = strings.Cut(p, "=")
	}
	return strings.Join(parameters, "&")
}

// MayBeSigned reports whether any URI of the VOD has a query.
func (all Sources) MayBeSigned() bool {
	return slices.ContainsFunc(all, func(src source) bool { return src.queries })
}

// SignedAnew reports whether a VOD differs from its previous version at most in
// the values of queries.
func (all Sources) SignedAnew(before Sources) bool {
	return all.MayBeSigned() && all.SameLayout(before)
}

// SameLayout reports whether two VODs differ in queries of addresses alone, if at all.
func (all Sources) SameLayout(before Sources) bool {
	if len(all) != len(before) {
		return false
	}
	for i, src := range all {
		was := before[i]
		if src.leftOut != was.leftOut || src.leftOut == "" && src.unsigned != was.unsigned {
			return false
		}
	}
	return true
}
