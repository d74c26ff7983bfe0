package playlist

import (
	"slices"
	"strings"
	"time"

	"vod2live/loop"
)

// AppendMedia writes the live media playlist of a rendition in a window of the
// timeline (4.4.3).
func (l *Live) AppendMedia(dst []byte, rendition int, w loop.Window) []byte {
	return l.AppendView(dst, rendition, w, View{})
}

// AppendView writes the media playlist of a rendition for a view of the stream, of
// which w is the window.
func (l *Live) AppendView(dst []byte, rendition int, w loop.Window, view View) []byte {
	dst = view.appendHeader(dst, l.header(rendition, w))
	dst = appendInt(append(dst, tagMediaSequence+":"...), w.First)
	dst = appendInt(append(dst, "\n"+tagDiscontinuitySequence+":"...), w.DiscontinuitySequence)
	dst = append(dst, '\n')
	room := scratches.Get().(*scratch)
	defer scratches.Put(room)
	out := mediaWriter{live: l, rendition: rendition, room: room, dst: dst}
	from := out.skip(w, view)
	out.lasting(w)
	out.skippedRanges(w.First, from)
	out.announced(w)
	out.after(from, w.First)
	for number := from; number < w.End; {
		r := l.Timeline.Run(rendition, number)
		r.To = min(r.To, r.From+int(w.End-number))
		number += r.Len()
		out.run(r)
	}
	if w.Ended {
		out.dst = append(out.dst, tagEndlist+"\n"...)
	}
	return out.dst
}

// header is that of the version in force, without EXT-X-INDEPENDENT-SEGMENTS unless
// all versions shown have it: it applies to all segments (4.4.2.1).
func (l *Live) header(rendition int, w loop.Window) []byte {
	if l.headers != nil {
		return l.headers[rendition]
	}
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
	before    *loop.Item // the previously written item; nil: none yet
	last      loop.Run   // that it belongs to, or that was skipped; of none: zero
}

func (w *mediaWriter) text(it *loop.Item) *text { return &w.live.of(it).media[w.rendition] }

// run writes consecutive segments of an item. Before them it writes the state in
// force, at the window's head, or the seam between two items.
func (w *mediaWriter) run(run loop.Run) {
	t, kept := w.text(run.Item), run.Item.Kept(w.rendition)
	if w.before == nil {
		if run.Discontinuity(w.rendition, run.From) {
			w.dst = append(w.dst, tagDiscontinuity+"\n"...)
		}
		w.dst = append(w.dst, t.state(min(run.From, kept-1)).text...)
	} else {
		w.seam(t, run.Discontinuity(w.rendition, run.From))
	}
	if run.From == 0 {
		w.cueIn(&w.last, &run)
	}
	w.before, w.last = run.Item, run
	w.segments(t, run, kept)
	for i := max(run.From, kept); i < run.To; i++ {
		w.gap(t, run, i)
	}
}

// segments writes those of a run that its VOD has: the item's first ones, before kept.
func (w *mediaWriter) segments(t *text, run loop.Run, kept int) {
	if run.From >= kept {
		return
	}
	r := t.from(run.From, w.room)
	for i := run.From; i < min(run.To, kept); i++ {
		if change := r.change(i); i > run.From {
			w.dst = append(w.dst, change...)
		}
		for ; len(r.ranges) > 0 && r.ranges[0].segment == i; r.ranges = r.ranges[1:] {
			w.dst = r.ranges[0].append(w.dst, run.Zero, &w.dates)
		}
		pattern := r.pattern()
		w.cue(&run, i)
		w.dst = append(w.dst, pattern.head...)
		w.dst = w.dates.append(w.dst, run.Start(w.rendition, i))
		if i == kept-1 && run.Item.Overhang(w.rendition) > 0 {
			w.dst = appendShorter(w.dst, pattern.info, run.Item.Start(w.rendition, kept)-run.Item.Start(w.rendition, i))
		} else {
			w.dst = append(w.dst, pattern.info...)
		}
		if run.Reset > 1 && t.beneath[0] != "" {
			w.move(r.restIn(i, w.room), run, run.First+int64(i-run.From))
			continue
		}
		w.dst = r.appendRest(w.dst)
	}
}

// appendShorter writes the EXTINF line of a segment that hangs over the end of a cut
// item.
func appendShorter(dst []byte, info string, d time.Duration) []byte {
	dst = appendSeconds(append(dst, "\n"+tagInf+":"...), d)
	return append(dst, info[strings.IndexByte(info, ','):]...)
}

// gap writes a segment that pads a cut item (4.4.4.7).
func (w *mediaWriter) gap(t *text, run loop.Run, i int) {
	w.cue(&run, i)
	w.dst = append(w.dst, tagGap+"\n"+tagProgramDateTime+":"...)
	w.dst = w.dates.append(w.dst, run.Start(w.rendition, i))
	w.dst = appendSeconds(append(w.dst, "\n"+tagInf+":"...), run.Item.Start(w.rendition, i+1)-run.Item.Start(w.rendition, i))
	w.dst = append(append(append(w.dst, ",\n"...), t.gap...), '\n')
}

// seam writes the text between two items: the lines after the last segment of the
// previous item, the discontinuity, METHOD=NONE if keys no longer apply, and the state
// in force at the first segment. With continuous timestamps there is no discontinuity,
// and a state in force is not repeated.
func (w *mediaWriter) seam(t *text, tagged bool) {
	before := w.text(w.before)
	if w.before.Whole() {
		w.dst = append(w.dst, before.last.after...)
	}
	if tagged {
		w.dst = append(w.dst, tagDiscontinuity+"\n"...)
	}
	last := before.state(w.before.Kept(w.rendition) - 1)
	if !tagged && last.text == t.state(0).text {
		return
	}
	ends := func(format string) bool { return !slices.Contains(t.opening.formats, format) }
	if !t.opening.clears && slices.ContainsFunc(last.formats, ends) {
		w.dst = append(w.dst, noKey+"\n"...)
	}
	w.dst = append(w.dst, t.opening.text...)
}

// lasting writes the ranges whose segment has left the window but which had not
// ended at its start (6.2.1), the oldest play first.
func (w *mediaWriter) lasting(shown loop.Window) {
	var since time.Time
	for r := range w.live.plays(w.rendition, shown) {
		if since.IsZero() {
			head := w.live.Timeline.Run(w.rendition, shown.First)
			since = head.Start(w.rendition, head.From)
		}
		number := r.First - int64(r.From) // of the item's first segment
		if number > shown.First {
			break
		}
		published := min(int(shown.First-number), r.Item.Kept(w.rendition))
		for i := range w.text(r.Item).ranges {
			dateRange := &w.text(r.Item).ranges[i]
			if dateRange.segment < published && r.Zero.Add(dateRange.until).After(since) {
				w.dst = dateRange.append(w.dst, r.Zero, &w.dates)
			}
		}
	}
}
