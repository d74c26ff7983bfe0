package loop

import "time"

// Timeline is everything that a stream plays, one era after the other, on one
// line of numbers for each rendition. It is immutable and safe for concurrent
// use. All its items have the same renditions.
//
// A wrap, an edit in place, the next VOD and a schedule change are one thing: the
// seam between two plays of items.
type Timeline struct {
	epoch time.Time
	least time.Duration // that a window spans
	eras  []*era        // in their order; all but the last are closed
}

// NewTimeline returns the timeline of at least one era; the first begins at its
// requested instant. Instants count from the epoch. window is the minimum span of
// a window. The error is a *Refusal.
func NewTimeline(epoch time.Time, window time.Duration, plans ...Plan) (*Timeline, error) {
	t := &Timeline{epoch: epoch, least: window}
	t.eras = append(make([]*era, 0, len(plans)), t.open(plans[0]))
	for _, p := range plans[1:] {
		if err := t.add(p); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Then returns the timeline with one more era. No number before its beginning
// changes (6.2.1, 6.2.2). The error is a *Refusal.
func (t *Timeline) Then(p Plan) (*Timeline, error) {
	longer := &Timeline{epoch: t.epoch, least: t.least, eras: append(make([]*era, 0, len(t.eras)+1), t.eras...)}
	return longer, longer.add(p)
}

// Begins is when the last era begins.
func (t *Timeline) Begins() time.Time { return t.epoch.Add(t.eras[len(t.eras)-1].start) }

// Follow returns the timeline with one more era, in which an item, such as an edited
// VOD, repeats from the first end of an item at or after an instant, see
// [Timeline.Free]. The error is a *Refusal. So many of its plays share one
// discontinuity.
func (t *Timeline) Follow(item *Item, at time.Time, plays int64) (*Timeline, error) {
	return t.Then(Plan{At: t.Free(at), Loop: []*Item{item}, Reset: plays})
}

// Free is the first end of an item at or after an instant at which another era
// can begin. It may lie in the past.
func (t *Timeline) Free(at time.Time) time.Time {
	last := t.eras[len(t.eras)-1]
	e := max(at.Sub(t.epoch), last.start+last.leastLength())
	p := t.at(e)
	if first, last := p.first(), p.last(); e > first.start {
		e = last.end()
	}
	return t.epoch.Add(e)
}

// leastLength is the minimum time between the requested instants of this era and
// the next.
func (e *era) leastLength() time.Duration { return max(e.target, e.wait) + 3*e.target }

// add places one more era. The timeline must not be in use yet.
func (t *Timeline) add(p Plan) error {
	last := t.eras[len(t.eras)-1]
	next := t.open(p)
	switch {
	case next.wish <= last.wish:
		return refuse(CodeErasUnordered, -1, "an era at %s is listed after an era at %s", p.At, t.epoch.Add(last.wish))
	case next.wish < last.wish+last.leastLength():
		return refuse(CodeEraTooShort, -1, "an era at %s is followed by one at %s, at least %s are needed between them", t.epoch.Add(last.wish), p.At, last.leastLength())
	case min(next.wish, next.start) < last.start:
		return refuse(CodeEraTooShort, -1, "the previous era starts at %s, later than the requested start %s of this one", t.epoch.Add(last.start), p.At)
	case last.ended(next.wish):
		return refuse(CodeErasUnordered, -1, "an era at %s follows the end of the stream", p.At)
	}
	if err := next.check(last); err != nil {
		return err
	}
	place, to, err := t.leave(p, next)
	if err != nil {
		return err
	}
	if place.start+to.at <= last.start {
		return refuse(CodeEraTooShort, -1, "an era would start and end at %s", t.epoch.Add(last.start))
	}
	closed := last.closed(place, to)
	next.follow(closed, place.start+to.at)
	t.eras[len(t.eras)-1] = closed
	t.eras = append(t.eras, next)
	return nil
}

// edge is where the next era begins in the item on air.
type edge struct {
	at    time.Duration // from the beginning of the item
	cut   *Item         // the item, cut there; nil at its beginning and its end
	after bool          // at its end
}

// leave is where a plan's era takes over from the previous one.
func (t *Timeline) leave(p Plan, next *era) (place, edge, error) {
	if p.Starts.IsZero() {
		at, to := t.at(next.wish).edge(next)
		return at, to, nil
	}
	at := t.at(next.start)
	to := edge{at: next.start - at.start}
	switch item := at.item(); to.at {
	case 0:
	case item.length:
		to.after = true
	default:
		if to.cut = item.Cut(to.at); to.cut.length != to.at {
			return at, to, refuse(CodeNumbersDiffer, -1, "an era starts at %s, where the item on air can't be cut", p.Starts)
		}
	}
	return at, to, nil
}

// edge returns the start of an era: the start of the item on air at the requested
// instant if that is less than a target duration ago and no farther than the item's
// end; the item's end if the era waits long enough; else a place where the item can be
// cut. Breaks inside an item do not count as its ends.
func (p place) edge(next *era) (place, edge) {
	target := p.era.target
	first, last := p.first(), p.last()
	played, left := next.wish-first.start, last.end()-next.wish
	switch item := p.item(); {
	case played < target && played <= left:
		return first, edge{}
	case left < max(target, next.wait):
		return last, edge{at: last.item().length, after: true}
	case next.wish == p.start:
		return p, edge{}
	default:
		cut := item.Cut(next.wish - p.start)
		if cut == item {
			return p, edge{at: item.length, after: true}
		}
		return p, edge{at: cut.length, cut: cut}
	}
}

// place is one play of an item.
type place struct {
	era    *era
	block  *block
	x      int           // of the item in the block
	start  time.Duration // since the epoch
	turn   int64         // of the loop; in the tail the one after the last
	looped bool          // the block is the loop or the tail
}

func (p place) item() *Item        { return p.block.item(p.x) }
func (p place) end() time.Duration { return p.start + p.item().length }

// at is the place on air at e, which is not before the first era; after the end of
// the stream, the last place.
func (t *Timeline) at(e time.Duration) place {
	n := search(len(t.eras)-1, func(n int) bool { return t.eras[n+1].start > e })
	return t.eras[n].at(e - t.eras[n].start)
}

func (e *era) at(o time.Duration) place {
	if once := e.play.length(); o >= once && e.loops() {
		return e.loopAt(o - once)
	}
	x := e.play.at(o)
	return place{era: e, block: &e.play, x: x, start: e.start + e.play.starts[x]}
}

// loops reports whether anything of the loop is played.
func (e *era) loops() bool { return e.endless && (e.repeats > 0 || e.tail.last() >= 0) }

// ended reports whether the era, and with it the stream, has ended by e.
func (e *era) ended(at time.Duration) bool {
	return !e.endless && at >= e.start+e.play.length()
}

func (e *era) loopAt(o time.Duration) place {
	round := e.loop.length()
	p := place{era: e, block: &e.loop, turn: min(int64(o/round), e.repeats), looped: true}
	if p.turn == e.repeats {
		p.block = &e.tail
	}
	begin := time.Duration(p.turn) * round
	p.x = p.block.at(o - begin)
	p.start = e.start + e.play.length() + begin + p.block.starts[p.x]
	return p
}

// of is the place with segment number of a rendition, which is not before the
// first era.
func (t *Timeline) of(rendition int, number int64) place {
	n := search(len(t.eras)-1, func(n int) bool { return t.eras[n+1].first[rendition] > number })
	e := t.eras[n]
	return e.of(rendition, number-e.first[rendition])
}

func (e *era) of(rendition int, j int64) place {
	once := e.play.count(rendition)
	if j < once || !e.loops() {
		x := e.play.of(rendition, j)
		return place{era: e, block: &e.play, x: x, start: e.start + e.play.starts[x]}
	}
	round := e.loop.count(rendition)
	p := place{era: e, block: &e.loop, turn: min((j-once)/round, e.repeats), looped: true}
	if p.turn == e.repeats {
		p.block = &e.tail
	}
	p.x = p.block.of(rendition, j-once-p.turn*round)
	p.start = e.start + e.play.length() + time.Duration(p.turn)*e.loop.length() + p.block.starts[p.x]
	return p
}

// media is the number of the item's first segment in a rendition.
func (p *place) media(rendition int) int64 {
	e := p.era
	number := e.first[rendition] + p.block.counts[rendition][p.x]
	if p.looped {
		number += e.play.count(rendition) + p.turn*e.loop.count(rendition)
	}
	return number
}

// sequence is the discontinuity sequence number of the item's first segment; the
// second value reports whether that segment carries its own tag.
func (p *place) sequence() (dsn int64, tagged bool) {
	e := p.era
	switch {
	case !p.looped:
		dsn, tagged = p.block.tags[p.x], true
	case e.reset > 1:
		dsn, tagged = e.play.tagged()+p.turn/e.reset, p.turn%e.reset == 0
	default:
		dsn, tagged = e.play.tagged()+p.turn*e.loop.tagged()+p.block.tags[p.x], true
	}
	dsn += e.tags + 1
	return dsn, tagged && dsn != 0
}
