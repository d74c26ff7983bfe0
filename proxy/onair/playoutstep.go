package onair

import (
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy/failure"
	"vod2live/proxy/panics"
)

const (
	// ahead is how long before its start an item is loaded, or compared with its
	// origin; that is spread among channels.
	ahead  = 15 * time.Minute
	spread = 3 * time.Minute
	// retryItem is how soon an item that could not be loaded is tried again.
	retryItem = 5 * time.Second
	// mostCompared is how many plays are looked at for items to compare.
	mostCompared = 256
)

// run keeps a channel on air that has been loaded, until its work ends, or the stream
// is no longer this playout's.
func (p *playout) run(st *Stream) {
	if p.ahead != nil && p.work.Begin() {
		go p.ahead.run(st)
	}
	for on := true; on && p.has(st); {
		on = p.work.Pause(p.step())
	}
}

// has reports whether a stream is the current one.
func (p *playout) has(st *Stream) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stream == st
}

// step does what is due, and returns the time until the next step.
func (p *playout) step() (wait time.Duration) {
	defer panics.Survive(p.config.Log)
	wait = time.Minute // also after a panic
	found := p.agenda.look(p.work.Context, p)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stream == nil {
		return wait
	}
	_ = p.agenda.attend(p.work.Context, p, found) // one is in force
	now := p.config.Now()
	loading := loadDue(p, now)
	next := p.place(now)
	p.compare(now)
	if wait = p.mounts[p.channel.Origin].revalidate; len(p.seen) > 0 {
		wait = retryItem
	}
	if !next.IsZero() {
		wait = min(wait, next.Sub(now))
	}
	if p.agenda != nil {
		wait = min(wait, p.agenda.due.left(now))
	}
	if loading {
		return time.Second
	}
	return max(wait, time.Second)
}

// lead is how long before its start an item is loaded.
func (c *Channel) lead() time.Duration {
	h := fnv.New32a()
	h.Write([]byte(c.Name))
	return ahead + time.Duration(h.Sum32())*(spread>>10)>>22
}

// place puts the eras that begin soon on the timeline, and returns when there is more
// to place; zero: nothing known. An era whose items are not all there a target duration
// before its requested instant is skipped: what is published then must not change.
func (p *playout) place(now time.Time) time.Time {
	for len(p.coming) > 0 {
		e := p.coming[0]
		if due := e.At.Add(-p.channel.lead()); now.Before(due) {
			return due
		}
		last := e.At.Add(-p.cast.target)
		err := placeNext(p, !now.Before(last))
		if errors.Is(err, errLoading) && now.Before(last) {
			return now.Add(time.Second)
		}
		if err != nil && now.Before(last) {
			p.tell(err, "item not loaded; it is tried again until its era begins", zap.Time("at", e.At))
			return now.Add(min(retryItem, last.Sub(now)))
		}
		p.coming = p.coming[1:]
		p.lacking.Store(0)
		if err != nil {
			p.config.Metrics.ErasSkipped(p.channel.Name).Inc()
			p.config.Log.Error("era skipped: not all of its items can be loaded", p.fields(err, zap.Time("at", e.At), zap.String("code", CodeEraSkipped))...)
		}
	}
	return time.Time{}
}

// placeNext puts the next era on the timeline. At the last moment, stand-ins replace what
// is missing.
func placeNext(p *playout, now bool) error {
	next := p.coming[0]
	if now {
		p.cast.loaded = nil
	}
	err := p.cast.prepare(p.work.Context, p.coming[:1])
	if !errors.Is(err, errLoading) {
		p.lacking.Store(int32(len(p.cast.lacking(clips(p.coming[:1])))))
	}
	if err == nil {
		err = p.extend(next)
	}
	if err != nil && now && standIns(&p.cast).standInFor(next, nextOf(p.coming), err) == nil {
		err = p.extend(next)
	}
	return err
}

// nextOf is the era after the first of some; nil: none is known.
func nextOf(coming []Era) *Era {
	if len(coming) < 2 {
		return nil
	}
	return &coming[1]
}

// extend puts an era of prepared items on the timeline.
func (p *playout) extend(e Era) error {
	plan := p.cast.plan(e)
	if e.joins {
		plan.At = p.stream.newest.Load().live.Timeline.Free(e.At)
	}
	if e.Written != nil { // nothing may be in the way of what all replicas play
		p.eras = slices.DeleteFunc(slices.Clone(p.eras), func(on placed) bool { return on.edit && on.goes(e.At, p.cast.target) })
		if last := &p.eras[len(p.eras)-1]; standIns(&p.cast).recut(last.of, &e) {
			last.Plan = last.again(&p.cast)
		}
		if standIns(&p.cast).recut(e, nextOf(p.coming)) {
			plan = p.cast.plan(e)
		}
	}
	return p.add(placed{Plan: plan, of: e})
}

// compare lets those items that begin soon be compared with their origins, while
// viewers watch.
func (p *playout) compare(now time.Time) {
	if now.Sub(p.stream.answered()) <= ahead {
		p.compareBy(p.library.changed, now)
	}
}

// reload compares the items that begin soon with their origins now, at an operator's
// request. It returns the most important finding.
func (p *playout) reload() (found metrics.Revalidation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.compareBy(p.library.look, p.config.Now())
	for _, found := range []metrics.Revalidation{metrics.Changed, metrics.Gone, metrics.Unknowable} {
		if slices.Contains(all, found) {
			return found
		}
	}
	return metrics.Unchanged
}

// compareBy compares those items that begin soon by a function, each VOD once.
func (p *playout) compareBy(look func(title, *record) metrics.Revalidation, now time.Time) []metrics.Revalidation {
	asked := map[title]metrics.Revalidation{}
	for _, one := range p.soon(now) {
		t := p.cast.title(one.wish)
		if one.standIn != nil {
			retrieve(p, one, now)
			continue
		}
		found, known := asked[t]
		if !known {
			found = look(t, one.known)
			asked[t] = found
		}
		_, again := p.seen[one.wish]
		if found == metrics.Changed || again {
			p.edited(one, now)
		}
	}
	return slices.Collect(maps.Values(asked))
}

// soon are the items that begin soon, each once.
func (p *playout) soon(now time.Time) (all []*play) {
	line := p.stream.newest.Load().live.Timeline
	w, err := line.Window(0, now)
	if err != nil {
		return nil
	}
	number := w.End
	for range mostCompared {
		r := line.Run(0, number)
		if r.Zero.After(now.Add(p.channel.lead())) || r.Len() <= 0 {
			break
		}
		if one := p.cast.all[r.Item.ID]; r.Zero.After(now) && p.cast.newest[one.wish] == one && !slices.Contains(all, one) {
			all = append(all, one)
		}
		number += r.Len()
	}
	return all
}

// add begins another era.
func (p *playout) add(e placed) error {
	before := p.eras
	p.eras = append(slices.Clip(p.eras), e)
	if err := p.air(); err != nil {
		p.eras = before
		return err
	}
	return nil
}

// tell logs a failure unless it is the last one logged for the item.
func (p *playout) tell(err error, message string, fields ...zap.Field) {
	item := ""
	if of, is := errors.AsType[*failure.ItemError](err); is {
		item = of.Item
	}
	if code := failure.CodeOf(err); p.told[item] != code {
		p.told[item] = code
		p.config.Log.Warn(message, p.fields(err, append(fields, zap.String("code", code))...)...)
	}
}

func (p *playout) fields(err error, more ...zap.Field) []zap.Field {
	failure.BoundDetail(err)
	panics.Log(p.config.Log, err)
	return append([]zap.Field{zap.String("channel", p.channel.Name), zap.Error(err)}, more...)
}
