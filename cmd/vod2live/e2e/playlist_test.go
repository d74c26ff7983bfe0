package e2e

import (
	"strconv"
	"strings"
	"time"
)

// mediaPlaylist is a media playlist as a player reads it. It has its own small reader, so that the tests share no
// mistake with the proxy.
type mediaPlaylist struct {
	version         int
	target          time.Duration // EXT-X-TARGETDURATION
	sequence        int64         // EXT-X-MEDIA-SEQUENCE
	discontinuities int64         // EXT-X-DISCONTINUITY-SEQUENCE, -1 if there is none
	ended           bool          // EXT-X-ENDLIST or EXT-X-PLAYLIST-TYPE stands in it
	segments        []segment
}

// segment is a media segment with all that must not change between two reloads.
type segment struct {
	number        int64  // its media sequence number
	discontinuity int64  // its discontinuity sequence number
	tagged        bool   // EXT-X-DISCONTINUITY stands before it
	duration      string // EXTINF, digit for digit
	date          string // EXT-X-PROGRAM-DATE-TIME
	byterange     string // EXT-X-BYTERANGE
	key           string // the attributes of the last EXT-X-KEY in force
	keys          string // those of all in force, a line for each
	init          string // the attributes of the EXT-X-MAP in force
	initKey       string // those of the EXT-X-KEY in force where that stood
	cues          string // EXT-X-CUE-OUT and EXT-X-CUE-IN
	gap           bool
	uri           string
}

// parseMedia reads a media playlist. It expects what the tests' VODs have and skips all other tags.
func parseMedia(text string) mediaPlaylist {
	p := mediaPlaylist{discontinuities: -1}
	var next segment
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			name, value, _ := strings.Cut(line, ":")
			p.header(name, value)
			next.tag(name, value)
			continue
		}
		next.uri = line
		next.number = p.sequence + int64(len(p.segments))
		p.segments = append(p.segments, next)
		next = segment{key: next.key, keys: next.keys, init: next.init, initKey: next.initKey} // they stay in force
	}
	number := p.discontinuities
	for i := range p.segments {
		if p.segments[i].tagged {
			number++
		}
		p.segments[i].discontinuity = number
	}
	return p
}

// header takes a tag of the whole playlist.
func (p *mediaPlaylist) header(name, value string) {
	switch name {
	case "#EXT-X-VERSION":
		p.version, _ = strconv.Atoi(value)
	case "#EXT-X-TARGETDURATION":
		seconds, _ := strconv.Atoi(value)
		p.target = time.Duration(seconds) * time.Second
	case "#EXT-X-MEDIA-SEQUENCE":
		p.sequence, _ = strconv.ParseInt(value, 10, 64)
	case "#EXT-X-DISCONTINUITY-SEQUENCE":
		p.discontinuities, _ = strconv.ParseInt(value, 10, 64)
	case "#EXT-X-ENDLIST", "#EXT-X-PLAYLIST-TYPE":
		p.ended = true
	}
}

// tag takes a tag that stands before a segment.
func (s *segment) tag(name, value string) {
	switch name {
	case "#EXTINF":
		s.duration, _, _ = strings.Cut(value, ",")
	case "#EXT-X-DISCONTINUITY":
		s.tagged = true
	case "#EXT-X-PROGRAM-DATE-TIME":
		s.date = value
	case "#EXT-X-BYTERANGE":
		s.byterange = value
	case "#EXT-X-KEY":
		s.keys = withKey(s.keys, value)
		if s.key = value; s.keys == "" {
			s.key = "" // METHOD=NONE is the same as no key
		}
	case "#EXT-X-MAP":
		s.init, s.initKey = value, s.key
	case "#EXT-X-CUE-OUT", "#EXT-X-CUE-IN":
		s.cues += name + value
	case "#EXT-X-GAP":
		s.gap = true
	}
}

// withKey are the keys in force after one more: it takes the place of that with its KEYFORMAT, METHOD=NONE of all.
func withKey(keys, key string) string {
	if attribute(key, "METHOD") == "NONE" {
		return ""
	}
	var kept strings.Builder
	for line := range strings.Lines(keys) {
		if attribute(strings.TrimSpace(line), "KEYFORMAT") != attribute(key, "KEYFORMAT") {
			kept.WriteString(line)
		}
	}
	return kept.String() + key + "\n"
}

// length is EXTINF as a time.
func (s segment) length() time.Duration {
	seconds, _ := strconv.ParseFloat(s.duration, 64)
	return time.Duration(seconds * float64(time.Second))
}

// begin is EXT-X-PROGRAM-DATE-TIME, the zero time if there is none.
func (s segment) begin() time.Time {
	date, _ := time.Parse(time.RFC3339Nano, s.date)
	return date
}

// length is the sum of the segments' durations.
func (p mediaPlaylist) length() time.Duration {
	var sum time.Duration
	for _, s := range p.segments {
		sum += s.length()
	}
	return sum
}

// attribute returns the value of an attribute in an attribute list, without its quotes.
func attribute(list, name string) string {
	for list != "" {
		var key, value string
		key, list, _ = strings.Cut(list, "=")
		if quoted, ok := strings.CutPrefix(list, `"`); ok {
			value, list, _ = strings.Cut(quoted, `"`)
			list = strings.TrimPrefix(list, ",")
		} else {
			value, list, _ = strings.Cut(list, ",")
		}
		if key == name {
			return value
		}
	}
	return ""
}

// renditionURIs are the addresses that a multivariant playlist names, in order and each once.
func renditionURIs(text string) []string {
	var found []string
	known := map[string]bool{"": true}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		_, attributes, _ := strings.Cut(line, ":")
		uri := attribute(attributes, "URI")
		if !strings.HasPrefix(line, "#") {
			uri = line
		}
		if !known[uri] {
			known[uri] = true
			found = append(found, uri)
		}
	}
	return found
}
