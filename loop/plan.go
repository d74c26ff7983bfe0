package loop

import (
	"math"
	"time"
)

// Plan is an era as configured: Play once, then Loop indefinitely, until the next
// era begins.
type Plan struct {
	At   time.Time     // the requested instant: the era begins at a boundary near it
	Wait time.Duration // the longest wait for the end of the item on air
	Play []*Item
	Loop []*Item // none: the stream ends after Play
	// Reset is the number of plays that share one discontinuity, in a loop of one
	// item with continuous timestamps. With 0 and 1 each play has its own
	// discontinuity.
	Reset   int64
	Numbers *Numbers // of its first segments; nil: they continue the previous era, else 0
	// Starts is the actual start of the era, as a schedule object has it. Zero: the first
	// era starts at At, later ones where the previous era can be left.
	Starts time.Time
}

// Numbers are those of the first segments of an era.
type Numbers struct {
	Media         []int64 // media sequence numbers, by rendition (4.4.3.2)
	Discontinuity int64   // discontinuity sequence number, its own tag counted (4.4.3.3)
}

// era is a plan with its place on the timeline. It is immutable.
type era struct {
	wish, start time.Duration // since the epoch
	wait        time.Duration
	first       []int64       // media sequence numbers, by rendition
	tags        int64         // before it: the DSN of its first segment less one
	target      time.Duration // TD
	window      time.Duration // W
	floor       time.Duration // no window begins before

	play, loop, tail block
	repeats          int64 // plays of the loop before the tail
	reset            int64
	endless          bool // it has a loop
}

// unbounded is the number of plays of a loop that no other era follows: about as
// many as a stream could have.
const unbounded = 1 << 62

// LiveWindow is W: six segments and three target durations are always in it.
func LiveWindow(least, target time.Duration) time.Duration {
	return max(least, minimum*(target+time.Second)+tolerance)
}

// lead is how long before its beginning a break is announced: at least two target
// durations, as W is more than six.
func (e *era) lead() time.Duration { return e.window / 2 }

// check refuses an era that leaves out a rendition of the previous era: players
// may have selected it.
func (e *era) check(before *era) error {
	for r := range e.first {
		if t := &e.item().VOD.Tracks[r]; before.shows(r) && t.LeftOut != nil {
			return t.LeftOut
		}
	}
	return nil
}

// open is the era as the first of a timeline.
func (t *Timeline) open(p Plan) *era {
	renditions, target := len(p.first().VOD.Tracks), p.first().VOD.TargetDuration
	e := &era{
		wish: p.At.Sub(t.epoch), start: p.At.Sub(t.epoch), wait: p.Wait,
		target: target, window: LiveWindow(t.least, target), floor: math.MinInt64,
		play: newList(renditions, p.Play).all(), loop: newList(renditions, p.Loop).all(),
		repeats: unbounded, reset: max(p.Reset, 1), endless: len(p.Loop) > 0,
	}
	if !p.Starts.IsZero() {
		e.start = p.Starts.Sub(t.epoch)
	}
	if e.first, e.tags = make([]int64, renditions), -1; p.Numbers != nil {
		e.tags = p.Numbers.Discontinuity - 1
		for r := range e.first { // of one that is left out they are not written
			e.first[r] = max(p.Numbers.Media[r], 0)
		}
	}
	return e
}

// first is the item that the era begins with.
func (p *Plan) first() *Item {
	if len(p.Play) > 0 {
		return p.Play[0]
	}
	return p.Loop[0]
}

// item is the first item of the era.
func (e *era) item() *Item {
	if e.play.last() >= 0 {
		return e.play.item(0)
	}
	return e.loop.item(0)
}

// shows reports whether the era has a rendition, rather than leaving it out.
func (e *era) shows(rendition int) bool { return e.play.count(rendition)+e.loop.count(rendition) > 0 }

// follow places the era behind a closed one. The target duration never falls;
// where it rises, no window begins earlier than it would have done (6.2.1).
func (e *era) follow(before *era, start time.Duration) {
	e.start = start
	e.target, e.window = max(e.target, before.target), max(e.window, before.window)
	e.floor = before.floor
	if e.target > before.target {
		e.floor = max(e.floor, start-before.window)
	}
	e.first, e.tags = before.after()
	for r := range e.first {
		if !before.shows(r) { // its numbers rise as if it had been shown
			e.first[r] += before.repeats * e.loop.count(r)
		}
	}
}

// closed is the era that ends in one play of an item: at the beginning of the
// item, where it is cut, or at its end.
func (e *era) closed(p place, to edge) *era {
	ended := *e
	last := p.block.until(p.x, to.cut)
	if to.after {
		last = p.block.until(p.x+1, nil)
	}
	switch {
	case !p.looped:
		ended.play, ended.repeats = last, 0
	case last.whole == len(last.items):
		ended.repeats = p.turn + 1
	default:
		ended.repeats, ended.tail = p.turn, last
	}
	return &ended
}

// after returns the numbers of the first segments after a closed era.
func (e *era) after() (first []int64, tags int64) {
	first = make([]int64, len(e.first))
	for r := range first {
		first[r] = e.first[r] + e.play.count(r) + e.repeats*e.loop.count(r) + e.tail.count(r)
	}
	tags = e.tags + e.play.tagged()
	if e.reset == 1 {
		return first, tags + e.repeats*e.loop.tagged() + e.tail.tagged()
	}
	plays := e.repeats
	if e.tail.last() >= 0 {
		plays++
	}
	return first, tags + (plays+e.reset-1)/e.reset
}
