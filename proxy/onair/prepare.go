package onair

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"vod2live/playlist"
	"vod2live/proxy/panics"
	"vod2live/proxy/vod"
)

// readsEach is how many VODs one channel reads at once.
const readsEach = 4

// prepare makes all items of some eras ready. The error is a failure.ItemError. What
// the items of the channel's first era have in common is fixed by the first call.
func (c *cast) prepare(ctx context.Context, eras []Era) error {
	if err := c.readModel(); err != nil {
		return c.channel.model().failed(err)
	}
	if !c.fixed && len(eras) > 0 && eras[0].Written != nil {
		if err := (counts{c}).fixAs(eras[0].Written.Numbers.Media); err != nil {
			return c.channel.model().failed(err)
		}
	}
	if !c.fixed && len(eras) > 0 {
		if err := c.fix(ctx, clips(eras[:1])); err != nil {
			return err
		}
	}
	wanted := clips(eras)
	if err := c.prepareAll(ctx, wanted); err != nil {
		return err
	}
	return checkSlates(c.newest, wanted)
}

// fix finds the target duration of the first era, unless it is configured, and
// whether all of the era has I-frames.
func (c *cast) fix(ctx context.Context, first []Clip) error {
	for {
		target := c.target
		if err := c.prepareAll(ctx, first); err != nil {
			return err
		}
		if c.settled(first) && c.target == target {
			c.fixed = true
			return nil
		}
		c.newest, c.all = map[Clip]*play{}, nil // they were laid out for another channel
	}
}

// readModel reads the VOD whose renditions players see.
func (c *cast) readModel() error {
	if c.model != nil {
		return nil
	}
	return c.library.read(c.channel.model(), func(v *vod.VOD) error {
		a := c.addresses(c.channel.Origin, v)
		a.query = playlist.QueryPlace // of views: those of viewers are no part of a channel
		model, err := playlist.NewModel(sourceOf(v), a)
		if err == nil && a.refused != nil {
			err = a.refused
		}
		if err != nil {
			return err
		}
		c.model, c.described = model, v.Multivariant.Describe()
		c.variants = make([]bool, model.Renditions())
		for n := range c.variants {
			c.variants[n] = v.Multivariant == nil || v.Multivariant.Renditions[n].Variant
		}
		if c.target = c.channel.Target; c.target == 0 {
			program, err := model.Lay(sourceOf(v), playlist.Clip{Window: c.channel.Options.Window})
			if err != nil {
				c.model = nil
				return err
			}
			c.target = program.VOD.TargetDuration
		}
		return nil
	})
}

// prepareAll prepares the items that are not ready.
func (c *cast) prepareAll(ctx context.Context, wanted []Clip) error {
	return prepareBy(ctx, c, wanted, c.get)
}

// prepareBy prepares the items that are not ready, by a function: last those with recorded
// numbers, as these count for the slates in their breaks, too.
func prepareBy(ctx context.Context, c *cast, wanted []Clip, get func(Clip) (*play, error)) error {
	free, counted := byLock(c.lacking(slices.Clone(wanted)))
	return cmp.Or(prepareEach(ctx, c, free, get), prepareEach(ctx, c, counted, get))
}

// byLock separates clips with recorded numbers from the others.
func byLock(all []Clip) (free, counted []Clip) {
	for _, i := range all {
		if i.lock == "" {
			free = append(free, i)
		} else {
			counted = append(counted, i)
		}
	}
	return free, counted
}

func prepareEach(ctx context.Context, c *cast, all []Clip, get func(Clip) (*play, error)) error {
	var group errgroup.Group
	group.SetLimit(readsEach)
	for _, i := range all {
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Canceled
			}
			if err := prepareOne(c, i, get); err != nil {
				return c.fail(i, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func prepareOne(c *cast, i Clip, get func(Clip) (*play, error)) (err error) {
	defer panics.Catch(&err)
	one, err := get(i)
	if err == nil {
		err = counts{c}.fits(one)
	}
	if err == nil {
		c.add(one)
	}
	return err
}

// fail notes why an item could not be prepared.
func (c *cast) fail(i Clip, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed[i] = err
	return i.title().failed(err)
}

// lacking are the clips that are not ready yet.
func (c *cast) lacking(wanted []Clip) []Clip {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(wanted, func(i Clip) bool { return c.newest[i] != nil })
}
