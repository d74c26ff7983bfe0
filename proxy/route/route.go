// Package route finds what the path of a viewer's request names. It is pure: it knows
// no origin but by its names of playlists.
package route

import (
	"strconv"
	"strings"

	"vod2live/playlist"
	"vod2live/proxy/origin"
)

// Kind of resource that an address names.
type Kind int

// The kinds.
const (
	Resource  Kind = iota // handed through from the origin
	Stream                // the playlist of a VOD, or its only rendition
	Rendition             // a media playlist below a stream
	Slice                 // a slice of WebVTT below a rendition
	Gap                   // a segment without media (EXT-X-GAP), below a rendition
	Moved                 // a segment with shifted timestamps, below a rendition
)

// Target is what a request's path names.
type Target struct {
	Kind      Kind
	Mount     string
	Path      string // below the mount, escaped; of the stream, if it is in one
	Rendition int
	Sum       string // of a slice: the sum in its name
	Slice     int
	Number    int64  // of a segment with shifted timestamps
	Name      string // the last element of its path
}

// SplitMount reads an escaped path. Nothing is cleaned: an odd path is not an
// address.
func SplitMount(path string) (mount, rest string, ok bool) {
	path, ok = strings.CutPrefix(PlainUnreserved(path), "/")
	if !ok {
		return "", "", false
	}
	mount, rest, ok = strings.Cut(path, "/")
	return mount, rest, ok && rest != "" && !strings.HasSuffix(rest, "/")
}

// Parse returns what a path below a mount names; names are further patterns
// of playlists.
func Parse(mount, path string, names origin.Names) Target {
	if stream, n, beneath := beneathStream(path, names); beneath {
		return Target{Kind: Rendition, Mount: mount, Path: stream, Rendition: n}
	}
	before, name := CutLast(path)
	if stream, n, beneath := beneathStream(before, names); beneath {
		if sum, i, is := sliceName(name); is {
			return Target{Kind: Slice, Mount: mount, Path: stream, Rendition: n, Sum: sum, Slice: i}
		}
		if number, is := movedNumber(name); is {
			return Target{Kind: Moved, Mount: mount, Path: stream, Rendition: n, Number: number, Name: name}
		}
		if name == "gap" {
			return Target{Kind: Gap, Mount: mount, Path: path}
		}
	}
	if IsPlaylist(path, names) {
		return Target{Kind: Stream, Mount: mount, Path: path}
	}
	return Target{Mount: mount, Path: path}
}

// PlainUnreserved writes unreserved characters plainly (RFC 3986 6.2.2.2), and
// escapes in capitals (6.2.2.1), so that each resource has one address.
func PlainUnreserved(path string) string {
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

// escape is the character of the escape at the beginning of a text.
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

// IsPlaylist goes by the name alone: its ending (4: .m3u8 or .m3u) in any case, or
// one that the origin has beside.
func IsPlaylist(path string, names origin.Names) bool {
	return hasSuffixFold(path, ".m3u8") || hasSuffixFold(path, ".m3u") || names.Match(path)
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) > len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// beneathStream splits STREAM/N.m3u8.
func beneathStream(path string, names origin.Names) (stream string, n int, ok bool) {
	stream, last := CutLast(path)
	if !IsPlaylist(stream, names) {
		return "", 0, false
	}
	n, ok = renditionNumber(last)
	return stream, n, ok
}

// renditionNumber reads N.m3u8.
func renditionNumber(name string) (n int, ok bool) {
	digits, ok := strings.CutSuffix(name, ".m3u8")
	if !ok {
		return 0, false
	}
	return number(digits)
}

// CutLast cuts a path before its last slash; before is empty if there is
// none.
func CutLast(path string) (before, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

// number reads digits without leading zeros.
func number(s string) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && len(s) < 8 && strconv.Itoa(n) == s && n >= 0
}

// sliceName reads what names a slice, see playlist.SliceName.
func sliceName(name string) (sum string, n int, ok bool) {
	sum, rest, _ := strings.Cut(name, "-")
	n, ok = number(strings.TrimSuffix(rest, ".vtt"))
	return sum, n, ok && len(sum) == 8 && name == playlist.SliceName(sum, n)
}

// movedNumber reads what names a segment with shifted timestamps: NUMBER-8 hex.EXT.
func movedNumber(name string) (n int64, ok bool) {
	digits, rest, _ := strings.Cut(name, "-")
	sum, _, dotted := strings.Cut(rest, ".")
	if len(sum) != 8 || strings.Trim(sum, "0123456789abcdef") != "" || !dotted {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == digits && n >= 0
}

// WithoutCMCD removes the data that players send about themselves (CTA-5004).
func WithoutCMCD(query string) string {
	if !strings.Contains(query, "CMCD=") {
		return query
	}
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if !strings.HasPrefix(pair, "CMCD=") {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}
