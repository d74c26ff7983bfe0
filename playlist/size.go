package playlist

import (
	"fmt"
	"time"

	"vod2live/loop"
)

// The longest live playlists: a media playlist is written and compressed again at
// each change, and a multivariant playlist has every line of the VOD's.
const (
	maxLive         = 8 << 20
	maxMultivariant = 2 << 20
)

// Bytes of a segment in addition to the lines of the VOD: its date and the line
// ends. A gap or a slice has its own EXTINF and address, too.
const (
	dateBytes = 64
	ourBytes  = 128
)

// checkSize refuses a rendition whose live playlist would be too long.
func (l *Live) checkSize(n int, m *Media) error {
	if size := m.longest(l.VOD, &l.VOD.Tracks[n]); size > maxLive {
		return &loop.Refusal{Code: CodeTooLarge, Rendition: n, Detail: fmt.Sprintf("a live playlist would have %d bytes, at most %d are served", size, maxLive)}
	}
	return nil
}

// longest is about the length of the longest live playlist: header, lasting ranges,
// whole loops, and the largest part of a loop that fits the remaining window.
func (m *Media) longest(vod *loop.VOD, track *loop.Track) int {
	sizes, fixed := m.sizes(track)
	n, total := len(sizes), 0
	for _, size := range sizes {
		total += size
	}
	end := func(i int) time.Duration {
		return time.Duration(i/n)*vod.Length + track.Start(i%n) + track.Duration(i%n)
	}
	most, sum, first := 0, 0, 0
	for i := range 2 * n { // twice: a window may lie across the loop's end
		sum += sizes[i%n]
		for ; end(first) <= end(i)-vod.Window%vod.Length && first < i; first++ {
			sum -= sizes[first%n]
		}
		most = max(most, sum)
	}
	return fixed + int(vod.Window/vod.Length)*total + most
}

// sizes are about the bytes of each served segment, and those that every playlist
// has.
func (m *Media) sizes(track *loop.Track) (sizes []int, fixed int) {
	sizes = make([]int, track.Len())
	served := m.servedAt(track)
	fixed = bytesOf(m.header)
	lasting := 0
	for i := track.Kept; i < len(sizes); i++ {
		sizes[i] = ourBytes
	}
	var before *Segment
	for i := range m.Segments {
		s := &m.Segments[i]
		at, ok := served(i)
		if !ok {
			continue
		}
		sizes[at] += dateBytes + len(s.info) + len(s.URI) + bytesOf(s.before) + bytesOf(s.between)
		if before == nil || track.Marked(at) || !sameMap(before.Map, s.Map) || !sameKeys(before.Keys, s.Keys) {
			sizes[at] += s.stickyBytes()
		}
		before = s
		for _, r := range s.ranges {
			sizes[at] += len(r.line) + dateBytes
			lasting += len(r.line) + dateBytes
		}
	}
	sizes[0] += bytesOf(m.after)
	fixed += min(2*lasting, maxLastingText)
	return sizes, fixed
}

// stickyBytes are the bytes of the keys and the media initialization section.
func (s *Segment) stickyBytes() (n int) {
	if s.Map != nil {
		n = len(s.Map.line)
	}
	for _, k := range s.Keys {
		n += k.textBytes()
	}
	return n
}

func bytesOf(lines []string) (n int) {
	for _, line := range lines {
		n += len(line) + 1
	}
	return n
}
