package loop

import "time"

// MaxInterval is how long after its beginning an interval without an end stops
// growing, and the greatest length of one with an end.
const MaxInterval = 24 * time.Hour

// Between returns the part of a rendition that an interval of the stream shows at an
// instant: the segments from the reference's newest boundary at from, to its first
// boundary not before to. Without to, it ends at the live edge until the interval stops
// growing, see [Timeline.growsTo]. Ended is true once the whole interval is published in
// all renditions. ErrNotYet: a rendition has no segment yet. ErrOver: a rendition will
// never have one.
func (t *Timeline) Between(rendition int, from, to, at time.Time) (Window, error) {
	if from.Before(t.epoch.Add(t.eras[0].start)) {
		return Window{}, ErrTooOld
	}
	iv, e := t.interval(from, to), at.Sub(t.epoch)
	on := iv.at(max(min(e, iv.to-1), iv.from)).era
	if !on.shows(rendition) {
		return Window{}, ErrLeftOut
	}
	if err := iv.check(rendition, e); err != nil {
		return Window{}, err
	}
	w := Window{Ended: e >= iv.complete, Era: on.item()}
	w.First, w.End = iv.span(rendition, e)
	w.DiscontinuitySequence = t.headSequence(rendition, w.First)
	w.Changed = t.epoch.Add(iv.changed(rendition, e, w.End))
	w.Since, w.Edge = t.since(iv.from), w.Changed
	w.Ahead = t.epoch.Add(min(w.Edge.Sub(t.epoch)+on.lead(), iv.to))
	if !w.Ended {
		w.Next = t.epoch.Add(iv.next(rendition, e, w.End))
	}
	return w, nil
}

// check returns why the interval is not shown at e: it is too long, or a rendition of
// its first item, or the requested rendition, has no segment.
func (iv *interval) check(rendition int, e time.Duration) error {
	began := iv.Timeline.at(iv.from).era
	for r := range iv.eras[0].first {
		first, end := iv.span(r, e)
		switch {
		case iv.tooLong(r, first, iv.limit(r)):
			return ErrTooLong
		case end > first || r != rendition && !began.shows(r):
		case iv.limit(r) <= first: // no segment is to come
			return ErrOver
		default:
			return ErrNotYet
		}
	}
	return nil
}

// interval is a stretch of a timeline between two boundaries of the reference.
type interval struct {
	*Timeline
	from, to time.Duration
	complete time.Duration // instant at which the whole interval is published in all renditions
}

// dateUnit is the unit that an EXT-X-PROGRAM-DATE-TIME is rounded down to: an
// instant read there must find the segment below it.
const dateUnit = time.Millisecond

func (t *Timeline) interval(from, to time.Time) interval {
	iv := interval{Timeline: t, from: t.boundary(from.Sub(t.epoch) + dateUnit - 1)}
	end, ends := t.end()
	switch {
	case to.IsZero():
		iv.to = iv.growsTo(from.Sub(t.epoch))
	case ends && t.epoch.Add(end).Before(to):
		iv.to = end
	default:
		iv.to = t.boundaryFrom(to.Sub(t.epoch))
	}
	for r := range t.eras[0].first {
		if limit := iv.limit(r); limit > iv.begin(r) {
			iv.complete = max(iv.complete, t.endOf(r, limit-1))
		}
	}
	return iv
}

// growsTo is where an interval stops that began to grow at an instant: at the end of
// the stream, else at the reference's newest boundary when it has lasted for
// MaxInterval, when a rendition's MaxWindow-th segment ends, or when a segment begins
// with one discontinuity more than MaxTags.
func (iv *interval) growsTo(since time.Duration) time.Duration {
	most := since + MaxInterval
	over, ends := iv.end()
	if ends {
		most = min(most, over)
	}
	for r := range iv.eras[0].first {
		first, end := iv.begin(r), iv.begun(r, most)
		if end <= first {
			continue
		}
		if end-first >= MaxWindow {
			end = first + MaxWindow
			most = min(most, iv.endOf(r, end-1))
		}
		head := iv.headSequence(r, first)
		n := search(int(end-first), func(n int) bool { return iv.dsn(r, first+int64(n))-head > MaxTags })
		if number := first + int64(n); number < end {
			p := iv.of(r, number)
			most = min(most, p.start+p.item().Start(r, int(number-p.media(r))))
		}
	}
	if ends && most == over {
		return over
	}
	return iv.boundary(most)
}

// boundary is the reference's newest boundary at e, or the stream's end.
func (t *Timeline) boundary(e time.Duration) time.Duration {
	p := t.at(e)
	return p.start + p.item().boundary(e-p.start)
}

// begin is the number of a rendition's first segment in the interval.
func (iv *interval) begin(rendition int) int64 {
	return max(iv.published(rendition, iv.from+tolerance), iv.Begin(rendition))
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
	return iv.begun(rendition, iv.to-tolerance)
}

// begun is the number of the first segment of a rendition that begins at e or later.
func (t *Timeline) begun(rendition int, e time.Duration) int64 {
	p := t.at(e - 1)
	return p.media(rendition) + int64(p.item().started(rendition, e-p.start))
}

func (iv *interval) span(rendition int, e time.Duration) (first, end int64) {
	return iv.begin(rendition), min(iv.published(rendition, e), iv.limit(rendition))
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
	if p := iv.at(e); p.end() < iv.to && iv.changesAt(p.end()) {
		at = min(at, p.end())
	}
	return at
}

// endOf is when the segment with a number ends.
func (t *Timeline) endOf(rendition int, number int64) time.Duration {
	p := t.of(rendition, number)
	return p.start + p.item().Start(rendition, int(number-p.media(rendition))+1)
}
