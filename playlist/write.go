package playlist

import (
	"slices"
	"time"

	"vod2live/loop"
)

// AppendMedia writes the live media playlist of a rendition in a window of the
// timeline (4.4.3).
func (l *Live) AppendMedia(dst []byte, rendition int, w loop.Window) []byte {
	dst = append(dst, l.header(rendition, w)...)
	dst = appendInt(append(dst, tagMediaSequence+":"...), w.First)
	dst = appendInt(append(dst, "\n"+tagDiscontinuitySequence+":"...), w.DiscontinuitySequence)
	dst = append(dst, '\n')
	room := scratches.Get().(*scratch)
	defer scratches.Put(room)
	out := mediaWriter{live: l, rendition: rendition, room: room, dst: dst}
	out.lasting(w)
	for number := w.First; number < w.End; {
		r := l.Timeline.Run(rendition, number)
		r.To = min(r.To, r.From+int(w.End-number))
		number += r.Len()
		out.run(r)
	}
	return out.dst
}

// header is that of the version in force, without EXT-X-INDEPENDENT-SEGMENTS unless
// all versions shown have it: it applies to all segments (4.4.2.1).
func (l *Live) header(rendition int, w loop.Window) []byte {
	t := &l.of(w.Era).media[rendition]
	for number := w.First; len(l.versions) > 1 && t.plain != nil && number < w.End; {
		r := l.Timeline.Run(rendition, number)
		if l.of(r.Item).media[rendition].plain == nil {
			return t.plain
		}
		number += r.Len()
	}
	return t.header
}

// mediaWriter writes one media playlist.
type mediaWriter struct {
	live      *Live
	rendition int
	room      *scratch
	dates     dateWriter
	dst       []byte
	before    *loop.Item // the item written last; nil: none yet
}

func (w *mediaWriter) text(it *loop.Item) *text { return &w.live.of(it).media[w.rendition] }

// run writes consecutive segments of an item. Before them it writes the state in
// force, at the window's head, or the seam between two items.
func (w *mediaWriter) run(run loop.Run) {
	t := w.text(run.Item)
	r := t.from(run.From, w.room)
	if w.before == nil {
		if run.Discontinuity(w.rendition, run.From) {
			w.dst = append(w.dst, tagDiscontinuity+"\n"...)
		}
		w.dst = append(w.dst, t.state(run.From)...)
	} else {
		w.dst = appendSeam(w.dst, w.text(w.before), t)
	}
	w.before = run.Item
	for i := run.From; i < run.To; i++ {
		if change := r.change(i); i > run.From {
			w.dst = append(w.dst, change...)
		}
		for ; len(r.ranges) > 0 && r.ranges[0].segment == i; r.ranges = r.ranges[1:] {
			w.dst = r.ranges[0].append(w.dst, run.Zero, &w.dates)
		}
		pattern := r.pattern()
		w.dst = append(w.dst, pattern.head...)
		w.dst = w.dates.append(w.dst, run.Start(w.rendition, i))
		w.dst = append(w.dst, pattern.info...)
		w.dst = r.appendRest(w.dst)
	}
}

// appendSeam writes the text between two items: the lines after the last segment of
// the previous item, the discontinuity, METHOD=NONE where keys no longer apply, and
// the state in force at the first segment.
func appendSeam(dst []byte, before, t *text) []byte {
	dst = append(dst, before.last.after...)
	dst = append(dst, tagDiscontinuity+"\n"...)
	ends := func(format string) bool { return !slices.Contains(t.opening.formats, format) }
	if !t.opening.clears && slices.ContainsFunc(before.last.formats, ends) {
		dst = append(dst, noKey+"\n"...)
	}
	return append(dst, t.opening.text...)
}

// lasting writes the ranges whose segment has left the window, but which have not
// ended at its start (6.2.1), the oldest play first.
func (w *mediaWriter) lasting(shown loop.Window) {
	var longest time.Duration
	for _, v := range w.live.versions {
		if v.LeftOut(w.rendition) == nil {
			longest = max(longest, v.media[w.rendition].lasts)
		}
	}
	if longest == 0 {
		return
	}
	line := w.live.Timeline
	head := line.Run(w.rendition, shown.First)
	since := head.Start(w.rendition, head.From)
	number := shown.First - int64(head.From)
	for number > line.Begin(w.rendition) {
		r := line.Run(w.rendition, number-1)
		if !r.Zero.Add(longest).After(since) {
			break
		}
		number -= int64(r.From) + 1
	}
	for number <= shown.First {
		r := line.Run(w.rendition, number)
		for i := range w.text(r.Item).ranges {
			dateRange := &w.text(r.Item).ranges[i]
			if number+int64(dateRange.segment) < shown.First && r.Zero.Add(dateRange.until).After(since) {
				w.dst = dateRange.append(w.dst, r.Zero, &w.dates)
			}
		}
		number += r.Len()
	}
}
