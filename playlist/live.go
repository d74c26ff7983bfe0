package playlist

import (
	"crypto/sha256"
	"errors"
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
	Era          int     // how many others it follows
	Text         [8]byte // equal for equal text, in every process
	Fingerprint  [8]byte // … and equal eras before

	media   []text // of each rendition
	version int
	shape   shape
	earlier *Live // the era before, which may be shown yet; nil: none
}

// Options of a live stream.
type Options struct {
	Window time.Duration // the least that a playlist spans
	Epoch  time.Time     // when the first loop begins; from 1970 on
	Strict bool          // refuse a VOD rather than leave an optional rendition out
}

// NewLive makes a VOD ready. multivariant is nil if the VOD is a single media
// playlist; else media are those of its renditions, in their order. The error
// is a *loop.Refusal.
func NewLive(multivariant *Multivariant, media []*Media, addresses Addresses, options Options) (*Live, error) {
	vod, err := loop.Lay(renditionsOf(multivariant, media), options.Window)
	if err != nil {
		return nil, err
	}
	live := &Live{Stream: &loop.Stream{VOD: vod, Epoch: options.Epoch}, shape: shapeOf(multivariant, media)}
	if err := live.render(multivariant, media, addresses); err != nil {
		return nil, err
	}
	return live.strictly(options)
}

// strictly refuses a VOD of which something is left out, if that is what the
// operator wants.
func (l *Live) strictly(options Options) (*Live, error) {
	for n := range l.media {
		if why := l.LeftOut(n); why != nil && options.Strict {
			return nil, why
		}
	}
	return l, nil
}

// LeftOut says why a rendition is not served; nil: it is.
func (l *Live) LeftOut(rendition int) *loop.Refusal { return l.Stream.VOD.Tracks[rendition].LeftOut }

// render makes the text of a VOD that is laid out.
func (l *Live) render(multivariant *Multivariant, media []*Media, addresses Addresses) (err error) {
	r := renderer{vod: l.Stream.VOD, addresses: addresses, version: version(l.Stream.VOD, media), multivariant: multivariant, media: media}
	if l.earlier != nil {
		r.earlier = l.earlier.media
		r.version = max(r.version, l.earlier.version)
	}
	l.version = r.version
	l.media = make([]text, len(media))
	size := 0
	for n, m := range media {
		err := l.renderOne(&r, n, m)
		if refusal, is := errors.AsType[*loop.Refusal](err); is && multivariant != nil && !multivariant.Renditions[n].Essential && !l.wasShown(n) {
			l.Stream.VOD = l.Stream.VOD.Without(n, refusal)
			continue
		}
		if err != nil {
			return err
		}
		if size += l.media[n].bytes(); size > maxText {
			return refuse(CodeTooLarge, "the live text of all renditions is longer than %d bytes", maxText)
		}
	}
	if multivariant != nil {
		l.Multivariant = multivariant.encode(addresses, l.LeftOut)
	}
	l.sum()
	return nil
}

// wasShown says whether the era before had a rendition: players have chosen it.
func (l *Live) wasShown(rendition int) bool {
	return l.earlier != nil && l.earlier.LeftOut(rendition) == nil
}

// renderOne makes the text of one rendition, unless it is left out.
func (l *Live) renderOne(r *renderer, n int, m *Media) (err error) {
	if l.LeftOut(n) != nil {
		return nil
	}
	if err := l.checkSize(n, m); err != nil {
		return err
	}
	l.media[n], err = r.render(n, m)
	return err
}

// renditionsOf are what package loop needs of a VOD. A single media playlist,
// which has no multivariant one, is the reference.
func renditionsOf(multivariant *Multivariant, media []*Media) []loop.Rendition {
	if multivariant == nil {
		return []loop.Rendition{media[0].renditionOf(true, Rendition{Essential: true})}
	}
	renditions, leads := make([]loop.Rendition, len(media)), multivariant.leads()
	for n, m := range media {
		renditions[n] = m.renditionOf(leads[n], multivariant.Renditions[n])
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
		if vod.Tracks[n].LeftOut != nil {
			continue
		}
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
	size := len(l.Multivariant) + 512 + l.Stream.VOD.Bytes()
	for n := range l.media {
		size += 256 + l.media[n].bytes()
	}
	if l.earlier != nil {
		size += l.earlier.Bytes()
	}
	return size
}

// WindowBytes is about how long the media playlists of all renditions are.
func (l *Live) WindowBytes() (size int) {
	v := l.Stream.VOD
	for n := range l.media {
		shown := int(float64(v.Tracks[n].Len()) * v.Window.Seconds() / v.Length.Seconds())
		size += 256 + shown*(l.media[n].segments.each+len("2026-01-01T00:00:00.000Z"))
	}
	return size
}

// Slices is what the slices of a rendition are named after, see [SliceName];
// empty: it has none.
func (l *Live) Slices(rendition int) string { return l.media[rendition].sum }

// Renditions is their number.
func (l *Live) Renditions() int { return len(l.media) }

// sum finds the fingerprints.
func (l *Live) sum() {
	h := sha256.New()
	fmt.Fprintln(h, l.Stream.VOD.Window, l.Stream.VOD.Length)
	h.Write(l.Multivariant)
	for n := range l.media {
		l.media[n].hash(h)
	}
	l.Text = [8]byte(h.Sum(nil))
	fmt.Fprintln(h, l.Stream.Epoch.UnixNano())
	if l.earlier != nil {
		h.Write(l.earlier.Fingerprint[:])
	}
	l.Fingerprint = [8]byte(h.Sum(nil))
}

// AppendMedia writes the live media playlist of a rendition in a window that
// the stream gave (4.4.3).
func (l *Live) AppendMedia(dst []byte, rendition int, w loop.Window) []byte {
	header, joint := l.media[rendition].header, w.Earlier.Len() > 0
	if joint {
		header = l.media[rendition].joint
	}
	dst = append(dst, header...)
	dst = appendInt(append(dst, tagMediaSequence+":"...), w.MediaSequence)
	dst = appendInt(append(dst, "\n"+tagDiscontinuitySequence+":"...), w.DiscontinuitySequence)
	dst = append(dst, '\n')
	var dates dateWriter
	dst = l.appendAllLasting(dst, rendition, w, &dates)
	if joint {
		dst = l.earlier.appendSegments(dst, rendition, w.Earlier, true, &dates)
	}
	return l.appendSegments(dst, rendition, w.Span, !joint, &dates)
}

// appendSegments writes a span of segments, which may be at the window's head.
func (l *Live) appendSegments(dst []byte, rendition int, span loop.Span, head bool, dates *dateWriter) []byte {
	if span.Len() == 0 {
		return dst
	}
	room := scratches.Get().(*scratch)
	defer scratches.Put(room)
	t, track := &l.media[rendition], &l.Stream.VOD.Tracks[rendition]
	p := l.Stream.Segment(rendition, span.First)
	zero, r := l.zero(p.Loop), t.from(p.Index, room)
	if head {
		if p.Discontinuity {
			dst = append(dst, tagDiscontinuity+"\n"...)
		}
		dst = append(dst, t.state(p.Index)...)
	}
	for g, i := span.First, p.Index; g < span.End; g, i = g+1, i+1 {
		if i == track.Len() {
			i = 0
			p.Loop++
			zero, r = l.zero(p.Loop), t.from(0, room)
		}
		change := r.change(i)
		if i == 0 && p.Loop == 0 {
			change = t.begin
		}
		if g > span.First || !head {
			dst = append(dst, change...)
		}
		for ; len(r.ranges) > 0 && r.ranges[0].segment == i; r.ranges = r.ranges[1:] {
			dst = l.appendRange(dst, &r.ranges[0], p.Loop, dates)
		}
		pattern := r.pattern()
		dst = append(dst, pattern.head...)
		dst = dates.append(dst, zero.Add(track.Start(i)))
		dst = append(dst, pattern.info...)
		dst = r.appendRest(dst)
	}
	return dst
}

// appendAllLasting writes the ranges whose segment has left the window, but
// whose end has not (6.2.1).
func (l *Live) appendAllLasting(dst []byte, rendition int, w loop.Window, dates *dateWriter) []byte {
	since := l.Stream.Segment(rendition, w.First).Start
	switch {
	case w.Earlier.Len() > 0:
		since = l.earlier.Stream.Segment(rendition, w.Earlier.First).Start
		dst = l.earlier.appendLasting(dst, rendition, w.Earlier.First, since, dates)
	case l.earlier != nil:
		dst = l.earlier.appendLasting(dst, rendition, l.earlier.published(rendition, l.Stream.Epoch), since, dates)
	}
	return l.appendLasting(dst, rendition, w.First, since, dates)
}

// appendLasting writes those of one era whose segment is before the first, and
// whose end is after an instant.
func (l *Live) appendLasting(dst []byte, rendition int, first int64, since time.Time, dates *dateWriter) []byte {
	ranges := l.media[rendition].ranges
	if len(ranges) == 0 {
		return dst
	}
	n := int64(l.Stream.VOD.Tracks[rendition].Len())
	for k := max(first/n-l.media[rendition].lasts, 0); k <= first/n; k++ {
		for i := range ranges {
			if r := &ranges[i]; k*n+int64(r.segment) < first && l.zero(k).Add(r.until).After(since) {
				dst = l.appendRange(dst, r, k, dates)
			}
		}
	}
	return dst
}

func (l *Live) appendRange(dst []byte, r *rangeText, k int64, dates *dateWriter) []byte {
	return r.append(dst, l.zero(k), dates)
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
