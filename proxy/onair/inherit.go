package onair

import (
	"reflect"
	"slices"
	"time"

	"go.uber.org/zap"
)

// inherit lets a playout go on with the channel of an older configuration, where that
// is possible: no number changes then.
func (p *playout) inherit(old *playout) {
	old.mu.Lock()
	defer old.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	st := old.stream
	if st == nil || old.channel.model() != p.channel.model() || old.channel.Target != p.channel.Target || old.channel.goesOn() != p.channel.goesOn() || !p.sameOrigins(old) || !p.agenda.like(old.agenda) {
		return
	}
	p.agenda.inherit(old.agenda)
	p.stream, p.eras, p.coming, p.seen = st, old.eras, old.coming, old.seen
	p.cast.take(&old.cast)
	p.library.take(p.cast.all)
	p.ahead.inherit(old.ahead)
	p.follow(old.channel.Eras)
	if err := p.air(); err != nil { // the stream is loaded anew
		p.stream, p.eras, p.coming = nil, nil, p.channel.Eras
		return
	}
	old.stream = nil
	_ = p.store.add(st) // where there is no room for it any more, loadAll tries again and says so
}

// sameOrigins says whether all that a channel plays would be fetched as it was.
func (p *playout) sameOrigins(old *playout) bool {
	for _, one := range old.cast.all {
		for _, name := range append(slices.Clip(one.origins), one.wish.Origin) {
			if o := p.client.Mounted(name); o == nil || !o.Same(old.client.Mounted(name)) {
				return false
			}
		}
	}
	return true
}

// follow lets the eras of this configuration follow those of an older one. A list
// without dates begins when an item ends; of a schedule, nothing that begins within a
// target duration may change.
func (p *playout) follow(before []Era) {
	eras := p.channel.Eras
	k := 0
	for k < len(eras) && k < len(before) && eras[k].equal(before[k]) {
		k++
	}
	if k == len(eras) && k == len(before) {
		return
	}
	defer p.stream.ahead.Store(nil) // it is of what was configured
	soonest := p.config.Now().Add(p.cast.target)
	log := p.config.Log.With(zap.String("channel", p.channel.Name))
	if len(eras) == 1 && len(before) == 1 && eras[0].At.Equal(before[0].At) {
		log.Warn("the list of the channel has changed: in this process it begins at the end of an item", zap.String("code", CodeEdited))
		e := eras[0]
		e.At, e.joins = soonest, true
		p.coming = []Era{e}
		return
	}
	if changesBefore(eras[k:], soonest) || changesBefore(before[k:], soonest) {
		log.Error("the schedule is not taken over: it changes what has been played or begins now; the one before goes on", zap.String("code", CodeRewritesPast))
		p.channel.Eras = before
		return
	}
	p.eras = slices.DeleteFunc(slices.Clone(p.eras), func(e placed) bool { return !e.At.Before(soonest) && !containsEra(eras[:k], e.of) })
	same := slices.DeleteFunc(slices.Clone(p.coming), func(e Era) bool { return !containsEra(eras[:k], e) })
	p.coming = slices.Concat(same, eras[k:]) // without those that have been left out
}

// changesBefore says whether any of some eras begins before an instant.
func changesBefore(eras []Era, at time.Time) bool { return len(eras) > 0 && eras[0].At.Before(at) }

func containsEra(all []Era, e Era) bool { return slices.ContainsFunc(all, e.equal) }

func containsPlaced(all []placed, e Era) bool {
	return slices.ContainsFunc(all, func(p placed) bool { return p.of.At.Equal(e.At) })
}

func (e Era) equal(other Era) bool {
	return e.At.Equal(other.At) && e.Wait == other.Wait && slices.Equal(e.Play, other.Play) && slices.Equal(e.Loop, other.Loop) && reflect.DeepEqual(e.Written, other.Written)
}

// take takes over what another cast has prepared.
func (c *cast) take(other *cast) {
	c.model, c.described, c.variants, c.fixed = other.model, other.described, other.variants, other.fixed
	c.target, c.newest, c.all = other.target, other.newest, other.all
	c.breaks = other.breaks
	if from := other.channel; c.channel.Object != nil {
		c.channel.Origin, c.channel.Path, c.channel.Query, c.channel.Target = from.Origin, from.Path, from.Query, from.Target
		c.ledger = other.ledger
	}
	for _, one := range c.all {
		if !one.later {
			c.library.share(one.rendered)
		}
	}
}

// take takes over what another library knows of the VODs of items: by that they are
// compared with their origins.
func (l *library) take(items []*play) {
	for _, one := range items {
		if one.known != nil {
			l.held.take(one.key.title, one.known)
		}
	}
}

// drop forgets all that was loaded of a stream.
func (p *playout) drop(st *Stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stream == st {
		fresh := newPlayout(p.env, p.library, p.channel)
		p.stream, p.eras, p.coming, p.seen, p.cast.loaded = nil, nil, fresh.coming, fresh.seen, nil
		p.cast.take(&fresh.cast)
	}
}
