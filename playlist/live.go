package playlist

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strings"
	"time"

	"vod2live/loop"
)

// Live is a VOD made ready to be served: laid out, its text rendered. It is
// immutable and safe for concurrent use.
type Live struct {
	Stream       *loop.Stream
	Multivariant []byte  // the live multivariant playlist; nil if the VOD has none
	Fingerprint  [8]byte // equal for equal text, in every process

	media []text // of each rendition
}

// Options of a live stream.
type Options struct {
	Window time.Duration // the least that a playlist spans
	Epoch  time.Time     // when the first loop begins; from 1970 on
}

// NewLive makes a VOD ready. multivariant is nil if the VOD is a single media
// playlist; else media are those of its renditions, in their order. The error
// is a *loop.Refusal.
func NewLive(multivariant *Multivariant, media []*Media, addresses Addresses, options Options) (*Live, error) {
	vod, err := loop.Lay(renditionsOf(multivariant, media), options.Window)
	if err != nil {
		return nil, err
	}
	live := &Live{Stream: &loop.Stream{VOD: vod, Epoch: options.Epoch}, media: make([]text, len(media))}
	r := renderer{vod: vod, addresses: addresses, version: version(vod, media)}
	for n, m := range media {
		if live.media[n], err = r.render(n, m); err != nil {
			return nil, err
		}
	}
	if multivariant != nil {
		live.Multivariant = multivariant.encode(addresses)
	}
	live.Fingerprint = live.fingerprint(options)
	return live, nil
}

// renditionsOf are what package loop needs of a VOD. A single media playlist,
// which has no multivariant one, is the reference.
func renditionsOf(multivariant *Multivariant, media []*Media) []loop.Rendition {
	if multivariant == nil {
		return []loop.Rendition{media[0].renditionOf(true, false)}
	}
	renditions, leads := make([]loop.Rendition, len(media)), multivariant.leads()
	for n, m := range media {
		renditions[n] = m.renditionOf(leads[n], multivariant.Renditions[n].Subtitles)
	}
	return renditions
}

// gapVersion is what EXT-X-GAP needs by Apple's own list of versions; section 8
// names none.
const gapVersion = 8

// version is the lowest that all renditions can state; rounding the target
// duration down needs 6.
func version(vod *loop.VOD, media []*Media) int {
	lowest := 3
	for n, m := range media {
		lowest = max(lowest, m.Version)
		if vod.Tracks[n].Gaps > 0 {
			lowest = max(lowest, gapVersion)
		}
		for i := range vod.Tracks[n].Len() {
			if vod.Tracks[n].Duration(i) > vod.TargetDuration {
				lowest = max(lowest, 6)
			}
		}
	}
	return lowest
}

// Bytes is about what the live stream takes of memory.
func (l *Live) Bytes() int {
	size := len(l.Multivariant) + 1024
	for n := range l.media {
		size += l.media[n].bytes() + 8*l.Stream.VOD.Tracks[n].Len()
	}
	return size
}

// Renditions is their number.
func (l *Live) Renditions() int { return len(l.media) }

func (l *Live) fingerprint(options Options) (sum [8]byte) {
	h := sha256.New()
	fmt.Fprintln(h, options.Epoch.UnixNano(), l.Stream.VOD.Window, l.Stream.VOD.Length)
	h.Write(l.Multivariant)
	for n := range l.media {
		l.media[n].hash(h)
	}
	return [8]byte(h.Sum(nil))
}

// AppendMedia writes the live media playlist of a rendition in a window that
// the stream gave (4.4.3).
func (l *Live) AppendMedia(dst []byte, rendition int, w loop.Window) []byte {
	t := &l.media[rendition]
	dst = append(dst, t.header...)
	dst = appendInt(append(dst, tagMediaSequence+":"...), w.MediaSequence)
	dst = appendInt(append(dst, "\n"+tagDiscontinuitySequence+":"...), w.DiscontinuitySequence)
	dst = append(dst, '\n')
	var dates dateWriter
	dst = l.appendLasting(dst, rendition, w.First, &dates)
	p := l.Stream.Segment(rendition, w.First)
	if p.Discontinuity {
		dst = append(dst, t.change(p.Index)...)
	} else {
		dst = append(dst, t.states[t.pieces[p.Index].state]...)
	}
	track, zero := &l.Stream.VOD.Tracks[rendition], l.zero(p.Loop)
	for g, i := w.First, p.Index; g < w.End; g, i = g+1, i+1 {
		if i == track.Len() {
			i = 0
			p.Loop++
			zero = l.zero(p.Loop)
		}
		if g > w.First {
			dst = append(dst, t.change(i)...)
		}
		for n := t.pieces[i].ranges; n < t.pieces[i+1].ranges; n++ {
			dst = l.appendRange(dst, rendition, &t.ranges[n], p.Loop, &dates)
		}
		dst = append(dst, t.blob[t.pieces[i].body:t.pieces[i].date]...)
		dst = dates.append(dst, zero.Add(track.Start(i)))
		dst = append(dst, t.blob[t.pieces[i].date:t.pieces[i+1].from]...)
	}
	return dst
}

// appendLasting writes those whose segment has left the window, but whose end
// has not (6.2.1).
func (l *Live) appendLasting(dst []byte, rendition int, first int64, dates *dateWriter) []byte {
	ranges := l.media[rendition].ranges
	if len(ranges) == 0 {
		return dst
	}
	head, n := l.Stream.Segment(rendition, first), int64(l.Stream.VOD.Tracks[rendition].Len())
	for k := max(head.Loop-l.media[rendition].lasts, 0); k <= head.Loop; k++ {
		for i := range ranges {
			if r := &ranges[i]; k*n+int64(r.segment) < first && l.zero(k).Add(r.until).After(head.Start) {
				dst = l.appendRange(dst, rendition, r, k, dates)
			}
		}
	}
	return dst
}

func (l *Live) appendRange(dst []byte, rendition int, r *rangeText, k int64, dates *dateWriter) []byte {
	first := k * int64(l.Stream.VOD.Tracks[rendition].Len())
	dsn := func(segment int) int64 {
		return l.Stream.Segment(rendition, first+int64(segment)).DiscontinuitySequence
	}
	return r.append(dst, occurrence{l.zero(k), dsn}, dates)
}

// zero is when loop k begins.
func (l *Live) zero(k int64) time.Time {
	return l.Stream.Epoch.Add(time.Duration(k) * l.Stream.VOD.Length)
}

// beneath is an address beneath that of rendition n, as seen from itself.
func beneath(addresses Addresses, n int, name string) string {
	address, query, has := strings.Cut(addresses.Rendition(n), "?")
	if has {
		query = "?" + query
	}
	return path.Base(address) + "/" + name + query
}
