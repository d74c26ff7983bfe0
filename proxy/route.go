package proxy

import (
	"strconv"
	"strings"

	"vod2live/metrics"
)

// kind of thing that an address names.
type kind int

const (
	kindResource  kind = iota // handed through from the origin
	kindStream                // the playlist of a VOD, or its only rendition
	kindRendition             // a media playlist beneath a stream
	kindSlice                 // a piece of WebVTT beneath a rendition
	kindGap                   // a segment that does not exist, beneath a rendition
)

// target is what a request's path names.
type target struct {
	kind      kind
	mount     string
	path      string // beneath the mount, escaped; of the stream, if it is in one
	rendition int
	era       int // of a slice
	slice     int
}

// parse reads an escaped path. Nothing is cleaned: what is odd is no address.
func parse(path string) (t target, ok bool) {
	path, ok = strings.CutPrefix(plainUnreserved(path), "/")
	if !ok {
		return t, false
	}
	t.mount, t.path, ok = strings.Cut(path, "/")
	if !ok || t.path == "" || strings.HasSuffix(t.path, "/") {
		return t, false
	}
	if isPlaylist(t.path) {
		t.kind = kindStream
		if stream, n, is := beneathStream(t.path); is {
			t.kind, t.path, t.rendition = kindRendition, stream, n
		}
		return t, true
	}
	rendition, name := cutLast(t.path)
	stream, n, is := beneathStream(rendition)
	if !is {
		return t, true
	}
	if slice, vtt := strings.CutSuffix(name, ".vtt"); vtt {
		if era, i, digits := eraAndNumber(slice); digits {
			return target{kindSlice, t.mount, stream, n, era, i}, true
		}
	}
	if name == "gap" {
		t.kind = kindGap
	}
	return t, true
}

// plainUnreserved writes what need not be escaped plainly (RFC 3986 6.2.2.2), and
// what must be in capitals (6.2.2.1), so that one thing has one address.
func plainUnreserved(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		c, escaped := escape(path[i:])
		switch {
		case !escaped:
			b.WriteByte(path[i])
			continue
		case unreserved(c):
			b.WriteByte(c)
		default:
			b.WriteString(strings.ToUpper(path[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

// escape is what the escape that begins a text stands for.
func escape(text string) (c byte, ok bool) {
	if text[0] != '%' || len(text) < 3 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[1:3], 16, 8)
	return byte(n), err == nil
}

func unreserved(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// isPlaylist goes by the ending alone (4: .m3u8 or .m3u), in any case.
func isPlaylist(path string) bool {
	return hasSuffixFold(path, ".m3u8") || hasSuffixFold(path, ".m3u")
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) > len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// beneathStream splits STREAM.m3u8/N.m3u8.
func beneathStream(path string) (stream string, n int, ok bool) {
	stream, last := cutLast(path)
	digits, is := strings.CutSuffix(last, ".m3u8")
	if !is || !isPlaylist(stream) {
		return "", 0, false
	}
	n, ok = number(digits)
	return stream, n, ok
}

func cutLast(path string) (before, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

// number reads digits without leading zeros.
func number(s string) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && len(s) < 8 && strconv.Itoa(n) == s && n >= 0
}

// eraAndNumber reads what names a slice: its number, in later eras behind theirs.
func eraAndNumber(s string) (era, n int, ok bool) {
	first, rest, later := strings.Cut(s, "-")
	if !later {
		n, ok = number(s)
		return 0, n, ok
	}
	era, ok = number(first)
	n, digits := number(rest)
	return era, n, ok && digits && era > 0
}

func (t target) route() metrics.Route {
	switch t.kind {
	case kindStream:
		return metrics.RouteMultivariant
	case kindRendition:
		return metrics.RouteMedia
	}
	return metrics.RouteSegment
}
