package onair

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/answer"
	"vod2live/proxy/panics"
)

// playout keeps the stream of a channel that plays lists of VODs. What it plays when is
// a function of the configuration and of the VODs, and so the same in every process
// that has them all.
type playout struct {
	*env
	library *library
	channel Channel
	ahead   *forecast // nil: none is made
	agenda  *agenda   // nil: a configured list

	lacking atomic.Int32 // items of the next era that could not be loaded

	mu     sync.Mutex // guards all below: one step at a time
	eras   []placed   // on the timeline
	coming []Era      // that are not on it yet
	cast   cast
	stream *Stream           // nil: not on air
	seen   map[Clip][8]byte  // texts of edited items, found once
	told   map[string]string // code of the problem that was logged last, by VOD
	tried  time.Time         // when it was first tried to put the channel on air
}

// standInAfter is how long a channel waits for an item while its origin fails,
// before a stand-in replaces it.
const standInAfter = 30 * time.Second

// placed is an era on the timeline, with its items.
type placed struct {
	loop.Plan
	of   Era  // as configured, or the rest of it after an edited item took over
	edit bool // the latter
}

// on is the last era of the timeline.
func (p *playout) on() Era { return p.eras[len(p.eras)-1].of }

func newPlayout(e *env, l *library, c Channel) *playout {
	p := &playout{
		env: e, library: l, channel: c, coming: c.Eras,
		cast: newCast(e, l, c), seen: map[Clip][8]byte{}, told: map[string]string{},
	}
	e.config.Metrics.ErasSkipped(c.Name) // is there from the start, so that a first one is seen as an increase
	if e.config.Ahead > 0 || c.Object != nil {
		p.ahead = &forecast{playout: p, outdated: make(chan struct{}, 1), laid: map[Clip]*play{}, told: map[Clip]string{}}
	}
	return p
}

// load puts the channel on air, once all items of the eras that have begun are there.
func (p *playout) load(ctx context.Context) (st *Stream, err error) {
	defer panics.Catch(&err)
	found := p.agenda.look(ctx, p)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stream != nil {
		return p.stream, nil
	}
	if err := p.agenda.attend(ctx, p, found); err != nil {
		return nil, err
	}
	begun := begun(p.coming, p.config.Now().Add(p.cast.channel.Target)) // an era may begin before its requested instant
	if p.tried.IsZero() {
		p.tried = p.config.Now()
	}
	if err := standIns(&p.cast).ready(ctx, p.coming, begun, p.config.Now().Sub(p.tried) < standInAfter); err != nil {
		return nil, err
	}
	p.eras = nil
	for _, e := range p.coming[:begun] {
		p.eras = append(p.eras, placed{Plan: p.cast.plan(e), of: e})
	}
	made, err := p.make()
	if err != nil {
		return nil, err
	}
	p.coming, p.tried = p.coming[begun:], time.Time{}
	st = &Stream{key: p.channel.key(), scheduled: true, renditions: make([]rendition, p.cast.model.Renditions()), writing: semaphore.NewWeighted(1)}
	for n, is := range p.cast.variants {
		st.renditions[n].variant = is
	}
	st.newest.Store(made)
	if p.stream = st; p.agenda != nil {
		unforeseen(p)
	}
	return st, nil
}

// begun is how many of the eras to come must be there for the channel to be on air: those
// that have begun, and the first.
func begun(coming []Era, now time.Time) int {
	return max(1, len(coming)-len(after(coming, now)))
}

// after are the eras that begin after an instant.
func after(eras []Era, at time.Time) []Era {
	n := slices.IndexFunc(eras, func(e Era) bool { return e.At.After(at) })
	if n < 0 {
		return nil
	}
	return eras[n:]
}

// make makes the eras of the plans ready for requests.
func (p *playout) make() (*era, error) {
	plans := make([]loop.Plan, len(p.eras))
	for n, e := range p.eras {
		plans[n] = e.Plan
	}
	timeline, err := loop.NewTimeline(plans[0].At, p.channel.Options.Window, plans...)
	if err != nil {
		return nil, err
	}
	for n, at := range timeline.Eras() {
		if err := p.eras[n].of.Written.check(at); err != nil {
			return nil, err
		}
	}
	made := &era{target: p.cast.all[0].program.VOD.TargetDuration, cast: p.cast.all, placed: p.eras, described: p.cast.described, filler: p.cast.filler, problems: p.cast.problems(), standIns: standIns(&p.cast).count()}
	made.live = playlist.NewChannel(p.cast.model, p.cast.programs(), timeline).Announce(p.cast.breaks.marks(p.channel.Name), p.channel.titles(p.eras, p.cast.all))
	for _, one := range p.cast.all {
		made.origins = append(made.origins, one.origins...)
		made.own = append(made.own, one.listed...)
	}
	slices.Sort(made.origins)
	made.origins, made.listed = slices.Compact(made.origins), made.own
	if text := p.cast.model.Multivariant(); text != nil {
		sum := sha256.Sum256(text)
		made.multivariant = answer.New(text, hex.EncodeToString(sum[:8]), time.Time{}, time.Time{})
	}
	made.size = made.weigh()
	return made, nil
}

// air makes the eras those that are answered by.
func (p *playout) air() error {
	made, err := p.make()
	if err == nil {
		p.play(p.stream, made)
	}
	return err
}
