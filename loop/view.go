package loop

import (
	"errors"
	"time"
)

// ErrTooOld means that a view begins before the first known era.
var ErrTooOld = errors.New("the view begins before the stream")

// ErrTooLong means that a view has more than MaxWindow segments of a rendition, or
// more than MaxTags discontinuities.
var ErrTooLong = errors.New("the view has too many segments or discontinuities")

// ErrOver means that a view begins after the end of the stream, or less than a segment
// before it.
var ErrOver = errors.New("the view begins after the stream")

// MaxTags are the discontinuities of one rendition in a view.
const MaxTags = 2000

// View is what a viewer selects of a stream. The zero value is the live window. An
// interval, with From, excludes the other two.
type View struct {
	From  time.Time     // an interval begins here; zero: a rolling window
	To    time.Time     // … and ends here; zero: it grows
	Span  time.Duration // the least that a window spans
	Delay time.Duration // how long after the live stream it shows everything
}

// View returns what a rendition shows of a view at an instant. Besides the errors of
// [Timeline.Window] and [Timeline.Between] there are ErrTooOld, ErrTooLong and
// ErrOver.
func (t *Timeline) View(rendition int, v View, at time.Time) (Window, error) {
	switch {
	case !v.From.IsZero():
		return t.Between(rendition, v.From, v.To, at)
	case v == View{}:
		return t.Window(rendition, at)
	case at.Add(-v.Delay).Before(t.epoch.Add(t.eras[0].start)):
		return Window{}, ErrTooOld
	}
	w, err := t.window(rendition, v.Span, at.Add(-v.Delay))
	if err != nil {
		return w, err
	}
	e := at.Add(-v.Delay).Sub(t.epoch)
	for r := range t.eras[0].first {
		if t.tooLong(r, t.head(r, v.Span, e), t.published(r, e)) {
			return Window{}, ErrTooLong
		}
	}
	w.Changed = w.Changed.Add(v.Delay)
	if !w.Ended {
		w.Next = w.Next.Add(v.Delay)
	}
	return w, nil
}

// tooLong reports whether the numbers first to end-1 of a rendition are too many for
// a view, or have too many discontinuities.
func (t *Timeline) tooLong(rendition int, first, end int64) bool {
	return end > first && (end-first > MaxWindow || t.dsn(rendition, end-1)-t.headSequence(rendition, first) > MaxTags)
}

// dsn is the discontinuity sequence number of a segment, its own tag counted.
func (t *Timeline) dsn(rendition int, number int64) int64 {
	r := t.Run(rendition, number)
	return r.DiscontinuitySequence(rendition, r.From)
}

// from is the start of a window at e that spans at least the given length: W
// before the newest boundary, but after an era that raised the target duration not
// earlier than that era's start less the previous W.
func (t *Timeline) from(span, e time.Duration) time.Duration {
	n := search(len(t.eras)-1, func(n int) bool { return t.eras[n+1].start > e })
	on, edge := t.eras[n], t.newestEnd(reference, e)
	if span == 0 {
		return max(edge-on.window, on.floor)
	}
	from := edge - max(on.window, span)
	for i := 1; i <= n; i++ {
		if before := t.eras[i-1]; t.eras[i].target > before.target {
			from = max(from, t.eras[i].start-max(before.window, span))
		}
	}
	return from
}

// Older is the number of the first segment of a window of a rendition that ends less
// than the given time before the window's end: those before it may be skipped
// (6.2.5.1).
func (t *Timeline) Older(rendition int, w Window, d time.Duration) int64 {
	if w.Len() == 0 {
		return w.First
	}
	e := t.endOf(rendition, w.End-1) - d
	if e < t.eras[0].start {
		return w.First
	}
	return min(max(t.published(rendition, e), w.First), w.End)
}

// Head is where an interval begins: the reference's newest boundary at an instant, as
// players read it, floored to a millisecond.
func (t *Timeline) Head(from time.Time) time.Time {
	return t.epoch.Add(t.boundary(from.Sub(t.epoch) + dateUnit - 1))
}
