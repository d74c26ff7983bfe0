package onair

import (
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/proxy/schedule"
)

// edited lets another version of an item take over when it begins next, once two looks
// have found the same.
func (p *playout) edited(one *play, now time.Time) {
	log := p.config.Log.With(zap.String("channel", p.channel.Name), zap.String("vod", one.wish.title().String()))
	newer, err := p.cast.read(one.wish)
	if err != nil {
		p.tell(one.wish.title().failed(err), "an item has changed, and the new version can't be played; the old one plays on")
		return
	}
	if newer.text() == one.text() {
		delete(p.seen, one.wish)
		return
	}
	if p.seen[one.wish] != newer.text() {
		p.seen[one.wish] = newer.text()
		return
	}
	delete(p.seen, one.wish)
	at, err := p.takeOver(one, newer, now)
	if err != nil {
		p.tell(one.wish.title().failed(err), "an item has changed, and the new version can't take over; the old one plays on")
		return
	}
	p.config.Metrics.Eras[metrics.EraBegun].Inc()
	log.Info("item changed: the new version plays from its next start", zap.Time("at", at), zap.String("code", CodeEdited))
}

// takeOver begins another era when an item begins next, with its new version.
func (p *playout) takeOver(one, newer *play, now time.Time) (at time.Time, err error) {
	before, known := p.cast.newest[one.wish], len(p.cast.all)
	at, rest, ok := p.rest(one, now.Add(p.cast.target+time.Second))
	if !ok {
		return at, errors.New("it does not start again in this era")
	}
	old := p.cast.plan(rest)
	p.cast.add(newer)
	if p.on().Written != nil {
		rest.Written = writtenAt(p.stream.newest.Load().live.Timeline, at)
	}
	plan := p.cast.plan(rest)
	plan.At = at
	if err = countsAs(rest, old, plan); err == nil {
		err = p.add(placed{Plan: plan, of: rest, edit: true})
	}
	if err != nil {
		p.cast.newest[one.wish], p.cast.all = before, p.cast.all[:known]
		return at, err
	}
	return at, nil
}

// countsAs refuses a plan of an era that counts for other numbers than another, if numbers
// are written down.
func countsAs(e Era, old, plan loop.Plan) error {
	same := func(a, b []*loop.Item) bool {
		return slices.EqualFunc(stretchesOf(a), stretchesOf(b), loop.Stretch.Equal)
	}
	if e.Written == nil || same(old.Play, plan.Play) && same(old.Loop, plan.Loop) {
		return nil
	}
	return &schedule.Refusal{Code: schedule.CodeItemChanged, Detail: "it counts for other numbers than the schedule has written down"}
}

// rest is the remaining part of the last era from the next start of an item after
// an instant.
func (p *playout) rest(one *play, from time.Time) (at time.Time, rest Era, ok bool) {
	line := p.stream.newest.Load().live.Timeline
	begins, fills := line.Begins(), fills(p.cast.newest, one.wish)
	w, err := line.Window(0, p.config.Now())
	if err != nil {
		return at, rest, false
	}
	for number := w.End; ; {
		r := line.Run(0, number)
		if r.Len() <= 0 || r.Zero.Sub(from) > 7*24*time.Hour {
			return at, rest, false
		}
		if !r.Zero.Before(from) && !r.Zero.Before(begins) && beginsWith(r.Item, one, fills) {
			return r.Zero, p.on().from(r.Zero.Sub(begins), p.cast.length), true
		}
		number += r.Len()
	}
}

// beginsWith reports whether an edited item can take over at a play: that of the item, or
// for an item in breaks the next item after it.
func beginsWith(it *loop.Item, one *play, fills bool) bool {
	if _, filled := it.Filled(); filled || it.Joined {
		return false
	}
	return it.ID == one.item.ID || fills
}

// from is the rest of the era from one of its items on, with its offset in the
// era.
func (e Era) from(o time.Duration, length func(Item) time.Duration) Era {
	rest := Era{At: e.At, Wait: e.Wait}
	for x, i := range e.Play {
		if o <= 0 {
			rest.Play, rest.Loop = e.Play[x:], e.Loop
			return rest
		}
		o -= length(i)
	}
	var round time.Duration
	for _, i := range e.Loop {
		round += length(i)
	}
	if round > 0 {
		o %= round
	}
	for x, i := range e.Loop {
		if o <= 0 {
			rest.Loop = slices.Concat(e.Loop[x:], e.Loop[:x])
			return rest
		}
		o -= length(i)
	}
	rest.Loop = e.Loop
	return rest
}
