package onair

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/panics"
	"vod2live/proxy/vod"
)

// forecast finds out what a channel will play, longer ahead than its items are loaded:
// the lengths of items are known to those who have laid them out. What is on air does
// not depend on it.
type forecast struct {
	*playout

	outdated chan struct{} // signals that another schedule is in force

	laid map[Clip]*play // laid out ahead, without their text; as what the playout has, it is guarded by its lock

	mu   sync.Mutex // one forecast at a time is made; guards all below
	told map[Clip]string
	full bool // there is no room for more layouts, and that has been logged
}

const (
	// readAhead is how many VODs all channels together read for forecasts at once.
	readAhead = 4
	// aheadShare is the share of the memory for streams that layouts may take.
	aheadShare = 16
)

// objectAhead is how far ahead what a schedule object says is known, at least.
const objectAhead = 7 * 24 * time.Hour

// mostForeseen is how many eras a forecast has at most.
const mostForeseen = 2000

// span is how long ahead forecasts are made.
func (f *forecast) span() time.Duration {
	if f.agenda != nil {
		return max(f.config.Ahead, objectAhead)
	}
	return f.config.Ahead
}

// forecastEvery is how often a forecast is made anew if anything has changed, and how
// soon an item is tried again that could not be loaded.
const forecastEvery = time.Minute

// run makes forecasts until the stream is no longer that of the playout.
func (f *forecast) run(st *Stream) {
	defer f.work.Done()
	for on := true; on && f.has(st); {
		f.make(st)
		on = f.work.PauseUntil(f.outdated, forecastEvery)
	}
}

// renew has another forecast made soon.
func (f *forecast) renew() {
	select {
	case f.outdated <- struct{}{}:
	default: // it will be
	}
}

// make makes a forecast, unless there is nothing to add to the newest.
func (f *forecast) make(st *Stream) {
	defer panics.Survive(f.config.Log)
	f.mu.Lock()
	defer f.mu.Unlock()
	c, coming, until := f.begin(f.config.Now().Add(f.span()))
	made := &prospect{until: until}
	for n, e := range coming {
		if f.prepare(c, e, nextOf(coming[n:])) { // else it is left out, as by playout.place if it stays so
			made.eras = append(made.eras, placed{Plan: c.plan(e), of: e})
		} else if f.full {
			made.until = e.At
			break
		} else {
			made.lacking = append(made.lacking, e.At)
		}
	}
	made.cast = c.all
	f.playout.mu.Lock()
	defer f.playout.mu.Unlock()
	f.laid = c.newest
	if before := st.ahead.Load(); f.stream == st && (before == nil || !before.equal(made)) {
		st.ahead.Store(made)
	}
}

func (a *prospect) equal(other *prospect) bool {
	return a.until.Equal(other.until) && slices.EqualFunc(a.lacking, other.lacking, time.Time.Equal) && slices.EqualFunc(a.eras, other.eras, func(a, b placed) bool { return a.of.equal(b.of) }) &&
		slices.EqualFunc(a.cast, other.cast, func(a, b *play) bool { return a.rendered == b.rendered && a.wish == b.wish })
}

// begin is a cast for what begins until an instant, the eras that do, and when the next
// one does.
func (f *forecast) begin(until time.Time) (c *cast, coming []Era, next time.Time) {
	f.playout.mu.Lock()
	defer f.playout.mu.Unlock()
	made := emptied(&f.cast)
	known := maps.Clone(f.laid)
	maps.Copy(known, f.cast.newest)
	for _, e := range f.coming {
		if e.At.After(until) || len(coming) == mostForeseen {
			next = e.At
			break
		}
		coming = append(coming, e)
	}
	for _, i := range clips(coming) {
		if one := known[i]; one != nil && (one.standIn == nil || one.standIn.err == nil) {
			made.add(&play{rendered: one.rendered, wish: i, standIn: one.standIn})
		}
	}
	return made, coming, next
}

// prepare lays out all items of an era, and reports whether that was possible. next is the
// era that follows, if that is known.
func (f *forecast) prepare(c *cast, e Era, next *Era) (ok bool) {
	if e.Written != nil {
		return !f.isFull(e) && counts{c}.layAhead(e, next) == nil
	}
	ok = true
	for _, i := range c.lacking(clips([]Era{e})) {
		if f.isFull(e) {
			return false
		}
		one, err := f.lay(c, i)
		code := failure.CodeOf(err)
		if err == nil {
			c.add(one)
			code = ""
		}
		if ok = ok && err == nil; code != f.told[i] {
			f.told[i] = code
			f.tellAhead(i, e, err)
		}
	}
	return ok && checkSlates(c.newest, clips([]Era{e})) == nil
}

// isFull reports whether there is no room for more layouts.
func (f *forecast) isFull(e Era) bool {
	before := f.full
	if f.full = f.library.layouts.bytes.Load() > f.config.CacheBytes/aheadShare; f.full && !before {
		f.config.Log.Warn("no memory left for coming items: the guide of the channel ends early", zap.String("channel", f.channel.Name), zap.Time("at", e.At))
	}
	return f.full
}

// layAhead lays out an era whose numbers are written down: as these say what its items
// count for, none of them is read.
func (c counts) layAhead(e Era, next *Era) error {
	for _, i := range clips([]Era{e}) {
		want, counted := c.counted[i.lock]
		one, r := c.newest[i], c.roleOf(i, e, next)
		if !counted || one != nil && (one.standIn == nil || one.standIn.cut == r.cut.Length && one.standIn.plays == r.plays) {
			continue
		}
		key := textKey{title: title{path: fmt.Sprintf("ahead %x %s", i.lock, r.cut.Length)}, model: c.model.Key(), target: c.targetNow(), window: c.channel.Options.Window}
		program, _, err := c.model.StandIn(playlist.StandIn{Stretches: want.Stretches, Cut: r.cut}, playlist.Clip{Target: key.target, Window: key.window}, c.addresses(c.channel.Origin, &vod.VOD{}))
		if err != nil {
			return err
		}
		made := laidOut(key, program)
		c.library.layouts.keep(made, &c.store.usage.streams)
		c.add(&play{rendered: made, wish: i, standIn: &standIn{cut: r.cut.Length, plays: r.plays}})
	}
	return nil
}

func (f *forecast) tellAhead(i Clip, e Era, err error) {
	if err != nil {
		f.config.Log.Warn("item of a coming era can't be loaded yet: the guide lacks the era", f.fields(err, zap.String("vod", i.title().String()), zap.Time("at", e.At))...)
	}
}

// lay lays out an item, without its text, unless it is known from another channel.
func (f *forecast) lay(c *cast, i Clip) (one *play, err error) {
	select {
	case f.library.ahead <- struct{}{}:
		defer func() { <-f.library.ahead }()
	case <-f.work.Context.Done():
		return nil, f.work.Context.Err()
	}
	t := c.title(i)
	if sum, _, known := f.library.sum(t); known {
		if shared := f.shared(c.key(i, sum)); shared != nil {
			return &play{rendered: shared, wish: i}, nil
		}
	}
	err = f.library.read(t, func(v *vod.VOD) error {
		key := c.key(i, v.Sources.Sum(nil))
		made := f.shared(key)
		if made == nil {
			program, err := c.lay(i, sourceOf(v))
			if err != nil {
				return err
			}
			if made = laidOut(key, program); t.moves {
				made.moving, made.tagged = movingItem(program, v)
			}
			made.known = f.library.held.of(t)
			f.library.layouts.keep(made, &f.store.usage.streams)
		}
		one = &play{rendered: made, wish: i}
		return nil
	})
	return one, err
}

// shared is an item that any channel has laid out; nil: none has.
func (f *forecast) shared(k textKey) *rendered {
	if shared := f.library.rendered(k); shared != nil {
		return shared
	}
	return f.library.layouts.get(k)
}

// laidOut is an item and its other parts, without what was read of the VOD.
func laidOut(key textKey, program *playlist.Program) *rendered {
	all := &rendered{key: key}
	for n, piece := range program.Pieces() {
		one := all
		if n > 0 {
			one = &rendered{key: key}
			all.rest = append(all.rest, one)
		}
		one.program = piece.WithoutText()
	}
	return all
}

// inherit takes over what a forecast of an older configuration has laid out under the
// same model. Both playouts are locked.
func (f *forecast) inherit(old *forecast) {
	if f == nil || old == nil {
		return
	}
	f.laid = maps.Clone(old.laid)
}
