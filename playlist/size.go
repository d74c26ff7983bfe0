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
	maxRewritten    = 32 << 20 // a second, of all media playlists
)

// Bytes of a segment in addition to the lines of the VOD: its date and the line
// ends. A gap or a slice has its own EXTINF and address, too.
const (
	dateBytes = 64
	ourBytes  = 128
)

// tooLong rejects a rendition whose live playlist would be too long.
func tooLong(vod *loop.VOD, n int, m *Media) *loop.Refusal {
	if size := m.longest(vod, &vod.Tracks[n]); size > maxLive {
		return &loop.Refusal{Code: CodeTooLarge, Rendition: n, Detail: fmt.Sprintf("a live playlist would have %d bytes, at most %d are served", size, maxLive)}
	}
	return nil
}

// checkWindows rejects a version whose live playlists would use too much memory, or
// take too much time to write. Previous versions may use the same amount again; where
// addresses reach back to them, they make room for this one.
func (l *Live) checkWindows(options Options) error {
	if rate := l.rewritten(); rate > maxRewritten {
		return refuse(CodeTooLarge, "the live playlists of all renditions would change by %.1f MiB a second, at most %d are written: shorten the window, or serve fewer renditions",
			rate/(1<<20), maxRewritten>>20)
	}
	earlier := 0
	for _, v := range l.versions[:len(l.versions)-1] {
		earlier += v.Bytes()
	}
	if bytes := int64(l.Bytes()+l.WindowBytes()) - min(int64(earlier), options.Memory); options.Memory > 0 && bytes > options.Memory {
		return refuse(CodeTooLarge, "with all its live playlists the VOD would use %.1f MiB of memory, at most %.1f are allowed, a quarter of the memory for streams: shorten the window, or increase -memory",
			float64(bytes)/(1<<20), float64(options.Memory)/(1<<20))
	}
	return nil
}

// rewritten is about how many bytes of live playlists are written in a second: each
// window at each end of a segment of the rendition or of the reference.
func (l *Live) rewritten() (rate float64) {
	v := l.VOD
	for n := range l.media {
		changes := max(v.Tracks[n].Len(), v.Tracks[v.Reference].Len())
		rate += float64(l.windowBytes(n)) * float64(changes) / v.Length.Seconds()
	}
	return rate
}

// WindowBytes is about the memory for the live media playlists of all renditions,
// plain and gzipped.
func (l *Live) WindowBytes() (size int) {
	for n := range l.media {
		size += l.windowBytes(n) * 5 / 4
	}
	return size
}

// windowBytes is about the length of the live playlist of a rendition.
func (l *Live) windowBytes(n int) int {
	if l.LeftOut(n) != nil {
		return 0
	}
	v := l.VOD
	shown := float64(v.Tracks[n].Len()) * v.Window.Seconds() / v.Length.Seconds()
	return len(l.media[n].header) + int(shown*float64(l.media[n].segments.each+len("2026-01-01T00:00:00.000Z")))
}

// longest is the approximate length of the longest live playlist: header, lasting
// ranges, whole loops, and the largest part of a loop that fits the remaining
// window.
func (m *Media) longest(vod *loop.VOD, track *loop.Track) int {
	sizes, fixed := m.sizes(track)
	n, total := len(sizes), 0
	for _, size := range sizes {
		total += size
	}
	end := func(i int) time.Duration {
		if i >= n {
			return vod.Length + track.Start(i-n) + track.Duration(i-n)
		}
		return track.Start(i) + track.Duration(i)
	}
	rest := vod.Window % vod.Length
	most, sum, first := 0, 0, 0
	for i := range 2 * n { // twice: a window may lie across the loop's end
		sum += sizes[i%n]
		for since := end(i) - rest; end(first) <= since && first < i; first++ {
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
