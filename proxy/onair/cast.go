package onair

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/problem"
	"vod2live/proxy/vod"
)

// cast are the items of a channel that have been laid out and rendered under its
// model.
type cast struct {
	*env
	library *library
	channel Channel

	model     *playlist.Model
	described []playlist.Description
	variants  []bool // which renditions are variant streams
	fixed     bool   // model and target

	ledger
	breaks breaksRefs // of items that were put on the timeline; their index is their ID

	mu     sync.Mutex // guards all below
	target time.Duration
	newest map[Clip]*play
	all    []*play        // by the ID of their items
	failed map[Clip]error // why items could not be prepared

	loaded *loaded // ahead; nil: nothing
}

// emptied is a cast for the same channel, without its items.
func emptied(c *cast) *cast {
	made := newCast(c.env, c.library, c.channel)
	made.ledger, made.model, made.target, made.fixed = c.ledger, c.model, c.target, true
	return &made
}

// play is an item of a channel, or one of its parts.
type play struct {
	*rendered
	item    *loop.Item
	wish    Clip
	notices []playlist.Notice
	parts   []*play  // after the first, which this is
	later   bool     // it is one of these
	changed bool     // its VOD is another than when the schedule was locked, and counts for the same
	standIn *standIn // nil: it is the item itself
}

func newCast(e *env, l *library, c Channel) cast {
	return cast{env: e, library: l, channel: c, newest: map[Clip]*play{}, failed: map[Clip]error{}}
}

// get prepares an item, from what is known of its VOD if that is recent.
func (c *cast) get(i Clip) (*play, error) {
	if c.isWithdrawn(i) {
		return nil, errWithdrawn
	}
	if c.loaded != nil {
		if known, is := c.loaded.items[i]; is {
			return known.one, known.err
		}
	}
	if sum, recent, _ := c.library.sum(c.title(i)); recent {
		if shared := c.library.rendered(c.key(i, sum)); shared != nil {
			return &play{rendered: shared, wish: i}, nil
		}
	}
	return c.read(i)
}

// read makes an item ready as its origin has it now.
func (c *cast) read(i Clip) (one *play, err error) {
	err = c.library.read(c.title(i), func(v *vod.VOD) error {
		shared, err := c.render(i, v)
		one = &play{rendered: shared, wish: i}
		return err
	})
	if err != nil {
		return nil, err
	}
	return one, nil
}

// render makes the text of an item, unless another channel has it.
func (c *cast) render(i Clip, v *vod.VOD) (*rendered, error) {
	sum := v.Sources.Sum(nil)
	if shared := c.library.rendered(c.key(i, sum)); shared != nil {
		return shared, nil
	}
	program, err := c.lay(i, sourceOf(v))
	if err != nil {
		return nil, err
	}
	key := c.key(i, sum) // the target duration may have risen
	if shared := c.library.rendered(key); shared != nil {
		return shared, nil
	}
	made, a := &rendered{key: key, known: c.library.held.of(key.title)}, c.addresses(i.Origin, v)
	if key.moves {
		made.moving, made.tagged = movingItem(program, v)
	}
	if err := made.render(program, a); err != nil {
		return nil, err
	}
	made.origins, made.segments, made.listed = a.reached(), a.named.sorted(), a.listed.sorted()
	c.library.share(made)
	return made, nil
}

// lay lays a VOD out under the channel's target duration. Where none is configured it
// rises to that of the VOD while the first era is read.
func (c *cast) lay(i Clip, source playlist.Source) (*playlist.Program, error) {
	clip := i.program()
	clip.Target, clip.Window = c.targetNow(), c.channel.Options.Window
	program, err := c.model.Lay(source, clip)
	refusal, refused := errors.AsType[*loop.Refusal](err)
	if !refused || refusal.Code != loop.CodeTargetExceeded || c.fixed || c.channel.Target > 0 {
		return program, err
	}
	clip.Target = 0
	if program, err = c.model.Lay(source, clip); err == nil {
		c.raise(program.VOD.TargetDuration)
	}
	return program, err
}

func (c *cast) targetNow() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.target
}

func (c *cast) raise(target time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.target = max(c.target, target)
}

// title is the VOD of an item as it is read for this channel.
func (c *cast) title(i Clip) title {
	t := i.title()
	t.moves = i.whole() && c.channel.goesOn()
	return t
}

// key is what the text of an item depends on.
func (c *cast) key(i Clip, sum [sha256.Size]byte) textKey {
	key := textKey{c.title(i), sum, c.model.Key(), i.In, c.targetNow(), c.channel.Options.Window, i.breaks, 0, i.bare}
	if _, has := i.Breaks(); has {
		key.out = i.Out
	}
	return key
}

func sourceOf(v *vod.VOD) playlist.Source {
	return playlist.Source{Multivariant: v.Multivariant, Media: v.Media}
}

// add gives an item that was read its place among the others, and its parts theirs.
func (c *cast) add(one *play) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, one.place(len(c.all))...)
	c.newest[one.wish] = one
	delete(c.failed, one.wish)
}

// addresses of a channel's playlists, for a VOD at an origin.
func (c *cast) addresses(origin string, v *vod.VOD) *addresses {
	return &addresses{
		client: c.client, own: origin, mount: c.channel.Name, path: channelPath,
		single:    c.model != nil && c.model.Multivariant() == nil || c.model == nil && v.Multivariant == nil,
		variables: v.HasVariables(), named: named{},
	}
}

// programs are those of all items, by ID.
func (c *cast) programs() []*playlist.Program {
	all := make([]*playlist.Program, len(c.all))
	for id, one := range c.all {
		all[id] = one.program
	}
	return all
}

// plan is an era of items that have all been prepared.
func (c *cast) plan(e Era) loop.Plan {
	plan := loop.Plan{At: e.At, Wait: e.Wait, Play: c.items(e.Play, 0), Loop: c.items(e.Loop, len(e.Play))}
	if e.repeatsOne() {
		plan.Reset = c.newest[e.Loop[0].Clip].share()
	}
	if w := e.Written; w != nil {
		plan.Starts, plan.Numbers = w.Starts, &loop.Numbers{Media: w.Numbers.Media, Discontinuity: w.Numbers.Discontinuity}
	}
	return plan
}

// items are those of a list whose first entry has a number.
func (c *cast) items(wishes []Item, first int) []*loop.Item {
	var all []*loop.Item
	for n, i := range wishes {
		for _, it := range c.plays(c.newest[i.Clip], c.breaks.id(i.breaks)) {
			all = append(all, it.As(first+n))
		}
	}
	return all
}

// problems are the notices of the items.
func (c *cast) problems() (all []problem.Problem) {
	for _, one := range c.all {
		name := one.wish.title().String()
		for _, n := range c.noticesOf(one) {
			all = append(all, problem.Noticed(n).About(name))
		}
		if c.newest[one.wish] == one {
			all = append(all, one.problems()...)
		}
		if one.tagged != nil {
			all = append(all, one.tagged.Problem().About(name))
		}
	}
	return all[:min(len(all), maxProblems)]
}
