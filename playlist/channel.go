package playlist

import (
	"iter"
	"slices"
	"time"

	"vod2live/loop"
)

// NewChannel returns the stream of a channel. The ID of each item of the timeline is
// the index of its program, see [Program.Item]. All programs are laid out for one
// target duration. It takes little: a changed timeline, or a program with or without
// its text, is a new stream.
func NewChannel(model *Model, programs []*Program, timeline *loop.Timeline) *Live {
	l := &Live{Timeline: timeline, Multivariant: model.text, Era: len(programs) - 1, headers: make([][]byte, len(model.headers))}
	for _, p := range programs {
		l.versions = append(l.versions, p.version)
	}
	l.version = l.versions[0]
	target := l.VOD.TargetDuration
	for n := range l.headers {
		l.headers[n] = model.header(n, target)
	}
	l.basis = model.sum(target)
	l.lasts = make([]time.Duration, len(l.headers))
	for n := range l.lasts {
		l.lasts[n] = l.longestOf(n)
	}
	return l
}

// Missing are the IDs of the programs without text that a window needs:
// [Live.AppendMedia] and [Live.Fingerprint] need their text.
func (l *Live) Missing(rendition int, w loop.Window) (ids []int) {
	for r := range l.plays(rendition, w) {
		if l.of(r.Item).Text == [8]byte{} && !slices.Contains(ids, r.Item.ID) {
			ids = append(ids, r.Item.ID)
		}
	}
	return ids
}

// plays are the plays of items whose text a window of a rendition needs, in order:
// those with shown segments, and before them those with ranges that may not have
// ended at the window's start.
func (l *Live) plays(rendition int, w loop.Window) iter.Seq[loop.Run] {
	return func(yield func(loop.Run) bool) {
		head := l.Timeline.Run(rendition, w.First)
		since := head.Start(rendition, head.From)
		for number := l.firstLasting(rendition, head); number < w.First-int64(head.From); {
			r := l.Timeline.Run(rendition, number)
			number += r.Len()
			if r.Zero.Add(l.of(r.Item).media[rendition].lasts).After(since) && !yield(r) {
				return
			}
		}
		for number := w.First; number < w.End; {
			r := l.Timeline.Run(rendition, number)
			r.To = min(r.To, r.From+int(w.End-number))
			number += r.Len()
			if !yield(r) {
				return
			}
		}
	}
}

// firstLasting is the number of the first segment of the earliest play with ranges that
// may not have ended where a window begins.
func (l *Live) firstLasting(rendition int, head loop.Run) int64 {
	longest := l.longest(rendition)
	since := head.Start(rendition, head.From)
	number := head.First - int64(head.From)
	for longest > 0 && number > l.Timeline.Begin(rendition) {
		r := l.Timeline.Run(rendition, number-1)
		if !r.Zero.Add(longest).After(since) {
			break
		}
		number -= int64(r.From) + 1
	}
	return number
}

// longest is the longest time for which a range of a rendition is kept.
func (l *Live) longest(rendition int) time.Duration {
	if l.lasts != nil {
		return l.lasts[rendition]
	}
	return l.longestOf(rendition)
}

// longestOf is longest of all versions: a channel may have thousands.
func (l *Live) longestOf(rendition int) (longest time.Duration) {
	for _, v := range l.versions {
		if v.LeftOut(rendition) == nil {
			longest = max(longest, v.media[rendition].lasts)
		}
	}
	return longest
}
