package onair

import (
	"context"
	"slices"
	"time"

	"vod2live/loop"
	"vod2live/proxy/failure"
	"vod2live/proxy/schedule"
)

// attend lets a playout follow another schedule object, if a look has found one. The error
// is why there is none. Without an object it does nothing.
func (a *agenda) attend(ctx context.Context, p *playout, found *looked) error {
	if a == nil {
		return nil
	}
	now := a.config.Now()
	o, err := a.take(found, now, p.stream != nil)
	if err != nil {
		return err
	}
	if p.stream != nil && o != nil {
		return a.follow(ctx, p, o)
	}
	if o != nil {
		a.adopted(o, false, 0, 0)
	}
	if p.stream == nil {
		a.begin(p)
	}
	return nil
}

// begin lets a playout that is not on air play the object in force.
func (a *agenda) begin(p *playout) {
	o, c := a.held, &p.cast.channel
	if c.model() != (title{origin: o.Model.Origin, path: o.Model.Path, query: o.Model.Query}) || c.Target != o.Target {
		p.cast = newCast(p.env, p.library, p.channel)
		c.Origin, c.Path, c.Query, c.Target = o.Model.Origin, o.Model.Path, o.Model.Query, o.Target
	}
	p.cast.learn(o)
	p.eras, p.coming = nil, a.needed(o)
}

// needed are the eras of an object that are shown, or will be.
func (a *agenda) needed(o *schedule.Object) []Era {
	return ErasOf(o.Eras[a.rules.Ended(o, a.config.Now()):], time.Time{})
}

// follow lets a playout on air go on as another object says: what it has in common with
// the one in force stays.
func (a *agenda) follow(ctx context.Context, p *playout, o *schedule.Object) error {
	now, wanted := a.config.Now(), a.needed(o)
	if err := forgetBefore(p, wanted[0].At); err != nil {
		return err
	}
	left, eras, coming := edgeOf(p.stream, now), p.eras, p.coming
	p.cast.learn(o)
	change, differs := schedule.FirstChange(a.held, o, now)
	if differs {
		p.eras = slices.DeleteFunc(slices.Clone(eras), func(e placed) bool { return e.goes(change, o.Target) })
		p.coming = edited(coming, wanted, change)
	}
	if !containsPlaced(p.eras, wanted[0]) { // it was missed
		p.eras = nil
	}
	if !a.withdraw(p) && !differs && p.eras != nil {
		a.adopted(o, false, 0, 0)
		return nil
	}
	if err := a.play(ctx, p, wanted); err != nil {
		p.eras, p.coming = eras, coming
		p.cast.learn(a.held)
		a.newest = fetched{} // it is judged again at the next look
		return a.refuse(&schedule.Refusal{Code: schedule.Code(failure.CodeOf(err)), Detail: err.Error(), Err: err})
	}
	unforeseen(p)
	p.place(now)
	took := edgeOf(p.stream, now)
	p.stream.forget()
	a.adopted(o, differs && (left != took || o.Frozen.Before(now)), left, took)
	return nil
}

// edited are the eras to come of a schedule that changes from an instant on. Those before
// are not taken from the new one: what was left out must not begin late.
func edited(coming, wanted []Era, change time.Time) []Era {
	last := change.Add(-1)
	return slices.Concat(coming[:len(coming)-len(after(coming, last))], after(wanted, last))
}

// forgetBefore forgets the eras that ended before an instant. Another schedule may have no
// counts for what they played.
func forgetBefore(p *playout, at time.Time) error {
	kept := prune(&p.cast, p.eras, at)
	if len(kept) == len(p.eras) {
		return nil
	}
	p.eras = kept
	clear(p.told)
	return p.air()
}

// play puts the eras of a playout on air.
func (a *agenda) play(ctx context.Context, p *playout, wanted []Era) error {
	if err := a.reopen(ctx, p, wanted); err != nil {
		return err
	}
	return p.air()
}

// unforeseen makes the plays end where the next era begins, until a forecast knows that:
// it is made at once.
func unforeseen(p *playout) {
	made := &prospect{}
	if len(p.coming) > 0 {
		made.until = p.coming[0].At
	}
	p.stream.ahead.Store(made)
	p.ahead.renew()
}

// withdraw lets other things play at once in place of what must not be played any more,
// and reports whether any does.
func (a *agenda) withdraw(p *playout) (changed bool) {
	p.eras = slices.Clone(p.eras)
	for n := range p.eras {
		e, next := &p.eras[n], nextAfter(p, n)
		if !slices.ContainsFunc(clips([]Era{e.of}), p.cast.isWithdrawn) {
			continue
		}
		standIns(&p.cast).withdraw(e.of, next)
		standIns(&p.cast).recut(e.of, next)
		if plan := e.again(&p.cast); !sameItems(plan.Play, e.Play) || !sameItems(plan.Loop, e.Loop) {
			e.Plan, changed = plan, true
		}
	}
	return changed
}

func sameItems(a, b []*loop.Item) bool {
	return slices.EqualFunc(a, b, func(a, b *loop.Item) bool { return a.ID == b.ID })
}

// nextAfter is the era that follows one on the timeline; nil: none is known.
func nextAfter(p *playout, n int) *Era {
	for n++; n < len(p.eras); n++ {
		if e := &p.eras[n]; !e.edit {
			return &e.of
		}
	}
	if len(p.coming) > 0 {
		return &p.coming[0]
	}
	return nil
}

// again is the plan of an era with its items as they are now.
func (e *placed) again(c *cast) loop.Plan {
	plan := c.plan(e.of)
	plan.At = e.At
	return plan
}

// goes says whether an era leaves the timeline where another schedule begins to differ:
// with all that follow, and with an item's new version that would be in the way.
func (e *placed) goes(change time.Time, target time.Duration) bool {
	return !e.of.At.Before(change) || e.edit && e.At.After(change.Add(-4*target))
}

// reopen begins the timeline anew where nothing of it stays.
func (a *agenda) reopen(ctx context.Context, p *playout, wanted []Era) error {
	if len(p.eras) > 0 {
		return nil
	}
	n := begun(wanted, a.config.Now().Add(p.cast.channel.Target))
	if err := standIns(&p.cast).ready(ctx, wanted, n, false); err != nil {
		return err
	}
	for _, e := range wanted[:n] {
		p.eras = append(p.eras, placed{Plan: p.cast.plan(e), of: e})
	}
	p.coming = wanted[n:]
	return nil
}

// edgeOf is the number that the first rendition's next segment has; 0: there is none yet.
func edgeOf(st *Stream, now time.Time) int64 {
	w, err := st.newest.Load().live.Timeline.Window(0, now)
	if err != nil {
		return 0
	}
	return w.End
}

// forget drops all answers, which are wrong now.
func (st *Stream) forget() {
	for n := range st.renditions {
		r := &st.renditions[n]
		r.mu.Lock()
		r.set(nil, st.answers.add)
		r.mu.Unlock()
	}
}
