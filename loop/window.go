package loop

import (
	"errors"
	"time"
)

// ErrNotYet means that fewer than three target durations of media may have been
// published since the stream, or the rendition, began; see [Timeline.Ready].
var ErrNotYet = errors.New("the stream has not begun")

// ErrLeftOut means that the rendition is not served, see [Track.LeftOut].
var ErrLeftOut = errors.New("the rendition is left out")

// Window is what one rendition shows at an instant: the media segments First to
// End-1, by their media sequence numbers (4.4.3.2). It is the same for all
// instants in [Changed, Next).
type Window struct {
	First, End            int64
	DiscontinuitySequence int64     // EXT-X-DISCONTINUITY-SEQUENCE (4.4.3.3)
	Changed, Next         time.Time // Next is zero if the stream has ended
	Edge                  time.Time // the reference's newest boundary; of an interval, as Changed
	Since, Ahead          time.Time // announced breaks: those that end after Since and begin before Ahead
	Ended                 bool      // all has been published: EXT-X-ENDLIST
	Era                   *Item     // the first item of the era in force
}

// Len is the number of segments.
func (w Window) Len() int64 { return w.End - w.First }

// Ready is the first instant at which the stream has windows.
func (t *Timeline) Ready() time.Time {
	return t.epoch.Add(t.eras[0].start + readyAfter(t.eras[0].target))
}

// readyAfter is enough for three target durations in all renditions.
func readyAfter(target time.Duration) time.Duration { return 4*target + time.Second }

// Window returns what a rendition shows at an instant, or ErrNotYet, or
// ErrLeftOut.
func (t *Timeline) Window(rendition int, at time.Time) (Window, error) {
	return t.window(rendition, 0, at)
}

// window is like Window, with a minimum span.
func (t *Timeline) window(rendition int, span time.Duration, at time.Time) (Window, error) {
	if at.Before(t.Ready()) {
		return Window{}, ErrNotYet
	}
	e := at.Sub(t.epoch)
	on := t.at(e).era
	switch first := t.firstEra(rendition); {
	case !on.shows(rendition):
		return Window{}, ErrLeftOut
	case e < first.start+readyAfter(first.target):
		return Window{}, ErrNotYet
	}
	w := Window{First: t.head(rendition, span, e), End: t.published(rendition, e), Era: on.item()}
	w.Since = t.since(t.from(span, e))
	w.DiscontinuitySequence = t.headSequence(rendition, w.First)
	w.Changed = t.epoch.Add(t.changed(rendition, e))
	w.Edge = t.epoch.Add(t.newestEnd(reference, e))
	w.Ahead = w.Edge.Add(on.lead())
	next, more := t.next(rendition, e)
	if w.Ended = !more; more {
		w.Next = t.epoch.Add(next)
	}
	return w, nil
}

// head is the first number of a window at e: all renditions begin where the
// reference does, within the tolerance. Players (video.js) don't start
// where audio begins a segment before video because its boundary is some
// milliseconds later.
func (t *Timeline) head(rendition int, span, e time.Duration) int64 {
	from := t.from(span, e)
	if from < t.eras[0].start {
		return t.eras[0].first[rendition]
	}
	p := t.at(from)
	return max(t.published(rendition, p.start+p.item().boundary(from-p.start)+tolerance), t.Begin(rendition))
}

// since is the instant from which all renditions of a window announce breaks: no
// rendition has a segment before it, if the window begins at the reference's newest
// boundary at that instant. A process may not know what played before that era.
func (t *Timeline) since(from time.Duration) time.Time {
	begins := t.eras[0].start
	if from < begins {
		return t.epoch.Add(begins)
	}
	p := t.at(from)
	head := p.start + p.item().boundary(from-p.start)
	on := t.at(head).era
	return t.epoch.Add(max(head-on.target, on.start))
}

// Begin is the number of the first known segment of a rendition: that of the first
// era that does not leave it out.
func (t *Timeline) Begin(rendition int) int64 { return t.firstEra(rendition).first[rendition] }

// firstEra is the first that shows a rendition, the last if none does.
func (t *Timeline) firstEra(rendition int) *era {
	for _, e := range t.eras {
		if e.shows(rendition) {
			return e
		}
	}
	return t.eras[len(t.eras)-1]
}

// headSequence is EXT-X-DISCONTINUITY-SEQUENCE of a window that begins with a
// number. A tag at the head is not counted: it is still in the playlist (6.2.1).
func (t *Timeline) headSequence(rendition int, number int64) int64 {
	r := t.Run(rendition, number)
	if r.Discontinuity(rendition, r.From) {
		return r.DiscontinuitySequence(rendition, r.From) - 1
	}
	return r.DiscontinuitySequence(rendition, r.From)
}

// published is the number of the first segment of a rendition that has not ended
// by e.
func (t *Timeline) published(rendition int, e time.Duration) int64 {
	p := t.at(e)
	return p.media(rendition) + int64(p.item().published(rendition, e-p.start))
}

// newestEnd is when the newest segment of a rendition, or of the reference, was
// published; before the first one, when the stream begins.
func (t *Timeline) newestEnd(rendition int, e time.Duration) time.Duration {
	p := t.at(e)
	n := p.item().published(p.item().track(rendition), e-p.start)
	if n == 0 {
		if p.start == t.eras[0].start {
			return p.start
		}
		p = t.at(p.start - 1)
		n = p.item().Len(p.item().track(rendition))
	}
	return p.start + p.item().Start(p.item().track(rendition), n)
}

// nextEnd is the instant at which the next segment after e is published; false:
// there is none.
func (t *Timeline) nextEnd(rendition int, e time.Duration) (time.Duration, bool) {
	p := t.at(e)
	r := p.item().track(rendition)
	if n := p.item().published(r, e-p.start); n < p.item().Len(r) {
		return p.start + p.item().Start(r, n+1), true
	}
	if p.era.ended(p.end()) {
		return 0, false
	}
	p = t.at(p.end())
	return p.start + p.item().Start(p.item().track(rendition), 1), true
}

// changed is when the window at e last changed: when a segment of the rendition or
// of the reference ended, an era began, or the stream ended.
func (t *Timeline) changed(rendition int, e time.Duration) time.Duration {
	on := t.at(e).era
	at := max(t.newestEnd(rendition, e), t.newestEnd(reference, e), on.start)
	if on.ended(e) {
		at = max(at, on.start+on.play.length())
	}
	return at
}

// next is when the window at e changes; false if it does not.
func (t *Timeline) next(rendition int, e time.Duration) (time.Duration, bool) {
	p := t.at(e)
	if p.era.ended(e) {
		return 0, false
	}
	at := p.end()
	if !t.changesAt(at) {
		at = 1 << 62
	}
	for _, r := range [...]int{rendition, reference} {
		if end, more := t.nextEnd(r, e); more {
			at = min(at, end)
		}
	}
	return at, true
}

// changesAt reports whether an era begins at an instant, or the stream ends.
func (t *Timeline) changesAt(e time.Duration) bool {
	on := t.at(e).era
	return on.ended(e) || on.start == e
}

// Since returns the timeline without the eras that no window shows at an instant
// or later.
func (t *Timeline) Since(at time.Time) *Timeline {
	e := at.Sub(t.epoch)
	if e < t.eras[0].start {
		return t
	}
	from := t.from(0, e)
	n := search(len(t.eras)-1, func(n int) bool { return t.eras[n+1].start > from })
	if n == 0 {
		return t
	}
	return &Timeline{epoch: t.epoch, least: t.least, eras: t.eras[n:]}
}

// Newest returns the timeline without all eras but the last. Before that begins there
// is no window.
func (t *Timeline) Newest() *Timeline {
	return &Timeline{epoch: t.epoch, least: t.least, eras: t.eras[len(t.eras)-1:]}
}

// Items calls f with every item of the timeline.
func (t *Timeline) Items(f func(*Item)) {
	for _, e := range t.eras {
		for _, b := range []*block{&e.play, &e.loop, &e.tail} {
			for x := range b.last() + 1 {
				f(b.item(x))
			}
		}
	}
}

// Run is consecutive media segments of one play of an item.
type Run struct {
	Item     *Item
	From, To int       // segments From to To-1 of the item
	Zero     time.Time // when the item begins
	Reset    int64     // plays of the loop that share a discontinuity; 0: this is no loop
	Turn     int64     // how often the era's loop has been played before
	First    int64     // the media sequence number of segment From (4.4.3.2)
	Sequence int64     // the discontinuity sequence number that the item begins with, its tag counted (4.4.3.3)
	Opens    bool      // the item is the first of its era
	Tagged   bool      // EXT-X-DISCONTINUITY precedes the item's first segment
}

// First is the number of the first segment of a rendition that is known.
func (t *Timeline) First(rendition int) int64 { return t.eras[0].first[rendition] }

// Run returns the segment of a rendition with a number, and all that follow in
// the same play of its item. The number is not before the first era's.
func (t *Timeline) Run(rendition int, number int64) Run {
	p := t.of(rendition, number)
	r := Run{Item: p.item(), To: p.item().Len(rendition), Zero: t.epoch.Add(p.start), Turn: p.turn, First: number, Opens: p.start == p.era.start}
	r.From = int(number - p.media(rendition))
	r.Sequence, r.Tagged = p.sequence()
	if p.looped {
		r.Reset = p.era.reset
	}
	return r
}

// Len is the number of segments.
func (r Run) Len() int64 { return int64(r.To - r.From) }

// Start is when segment i of the item begins: its EXT-X-PROGRAM-DATE-TIME.
func (r Run) Start(rendition, i int) time.Time { return r.Zero.Add(r.Item.Start(rendition, i)) }

// Discontinuity reports whether EXT-X-DISCONTINUITY precedes segment i.
func (r Run) Discontinuity(rendition, i int) bool {
	if i == 0 {
		return r.Tagged
	}
	return i < r.Item.Kept(rendition) && r.Item.VOD.Tracks[rendition].Marked(i)
}

// DiscontinuitySequence is that of segment i, its own tag counted.
func (r Run) DiscontinuitySequence(rendition, i int) int64 {
	marks := r.Item.VOD.Tracks[rendition].marks
	return r.Sequence + int64(search(r.Item.marks, func(m int) bool { return marks[m] > i }))
}
