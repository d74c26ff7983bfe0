package loop

import (
	"math"
	"time"
)

// Between returns what a rendition shows of an interval of the stream at an
// instant: the segments from the reference's newest boundary at from on, up to its
// first boundary not before to; without to, up to the live edge. Ended is true once
// the whole interval is published in all renditions. ErrNotYet: a rendition has no
// segment yet. from is not before the first era.
func (t *Timeline) Between(rendition int, from, to, at time.Time) (Window, error) {
	iv := t.interval(from, to)
	e := at.Sub(t.epoch)
	for r := range t.eras[0].first {
		if first, end := iv.span(r, e); end <= first {
			return Window{}, ErrNotYet
		}
	}
	w := Window{Ended: e >= iv.complete, Era: iv.at(min(e, iv.to-1)).era.item()}
	w.First, w.End = iv.span(rendition, e)
	w.DiscontinuitySequence = t.headSequence(rendition, w.First)
	w.Changed = t.epoch.Add(iv.changed(rendition, e, w.End))
	if !w.Ended {
		w.Next = t.epoch.Add(iv.next(rendition, e, w.End))
	}
	return w, nil
}

// interval is a stretch of a timeline between two boundaries of the reference.
type interval struct {
	*Timeline
	from, to time.Duration
	complete time.Duration // when the whole interval is published in all renditions
}

// dateUnit is the unit that an EXT-X-PROGRAM-DATE-TIME is rounded down to: an
// instant read there must find the segment below it.
const dateUnit = time.Millisecond

func (t *Timeline) interval(from, to time.Time) interval {
	iv := interval{Timeline: t, from: from.Sub(t.epoch) + dateUnit - 1, to: math.MaxInt64, complete: math.MaxInt64}
	p := t.at(iv.from)
	iv.from = p.start + p.item().boundary(iv.from-p.start)
	end, ends := t.end()
	switch {
	case !to.IsZero() && (!ends || !t.epoch.Add(end).Before(to)):
		iv.to = t.boundaryFrom(to.Sub(t.epoch))
	case ends:
		iv.to = end
	default:
		return iv
	}
	iv.complete = 0
	for r := range t.eras[0].first {
		iv.complete = max(iv.complete, t.endOf(r, iv.limit(r)-1))
	}
	return iv
}

// end is when the stream ends; false if it does not.
func (t *Timeline) end() (time.Duration, bool) {
	last := t.eras[len(t.eras)-1]
	return last.start + last.play.length(), !last.endless
}

// boundaryFrom is the first boundary of the reference at e or later.
func (t *Timeline) boundaryFrom(e time.Duration) time.Duration {
	p := t.at(e)
	if e == p.start {
		return e
	}
	return min(p.start+p.item().boundaryFrom(e-p.start), p.end())
}

// limit is the number of the first segment of a rendition after the interval: the
// first that begins within the tolerance of the interval's end, or later.
func (iv *interval) limit(rendition int) int64 {
	if iv.to == math.MaxInt64 {
		return math.MaxInt64
	}
	p := iv.at(iv.to - tolerance - 1)
	return p.media(rendition) + int64(p.item().started(rendition, iv.to-tolerance-p.start))
}

func (iv *interval) span(rendition int, e time.Duration) (first, end int64) {
	return iv.published(rendition, iv.from+tolerance), min(iv.published(rendition, e), iv.limit(rendition))
}

// changed is when the interval at e last changed.
func (iv *interval) changed(rendition int, e time.Duration, end int64) time.Duration {
	if e >= iv.complete {
		return iv.complete
	}
	return max(iv.endOf(rendition, end-1), iv.at(min(e, iv.to-1)).era.start)
}

// next is when the interval at e changes next.
func (iv *interval) next(rendition int, e time.Duration, end int64) time.Duration {
	at := iv.complete
	if end < iv.limit(rendition) {
		at, _ = iv.nextEnd(rendition, e)
	}
	if p := iv.at(e); iv.changesAt(p.end()) {
		at = min(at, p.end())
	}
	return at
}

// endOf is when the segment with a number ends.
func (t *Timeline) endOf(rendition int, number int64) time.Duration {
	p := t.of(rendition, number)
	return p.start + p.item().Start(rendition, int(number-p.media(rendition))+1)
}
