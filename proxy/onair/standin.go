package onair

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
	"vod2live/proxy/schedule"
	"vod2live/proxy/vod"
)

// errWithdrawn is of a VOD that a schedule says must not be played any more.
var errWithdrawn = errors.New("the schedule withdraws it")

// standIn is why another thing plays than the item, and how.
type standIn struct {
	err   error         // nil: in a forecast, where it is not known yet
	gaps  int           // stretches that are gaps; in the others the slate plays
	cut   time.Duration // where the next era cuts it; 0: it does not
	plays int64         // that share a discontinuity, as those of the item do in a loop of it alone; 0: each has its own
}

// problems are what is odd about an item of a schedule object.
func (one *play) problems() (all []problem.Problem) {
	name := one.wish.title().String()
	note := func(severity problem.Severity, code, format string, args ...any) {
		text := mask.Shorten(fmt.Sprintf(format, args...), maxProblemText)
		all = append(all, problem.New(severity, code, text))
	}
	if one.changed {
		note(problem.Notice, string(schedule.CodeItemChanged), "%s: the VOD is another than when the schedule was locked, and counts for the same numbers", name)
	}
	switch s := one.standIn; {
	case s == nil || s.err == nil:
	case s.gaps > 0:
		note(problem.Error, string(schedule.CodeItemGaps), "%d of the %d stretches of %s are gaps: %v", s.gaps, len(one.item.Stretches()), name, s.err)
	default:
		note(problem.Warning, failure.CodeItemUnavailable, "the slate stands in for %s: %v", name, s.err)
	}
	return all
}

// substitutes are what plays in place of items of a channel.
type substitutes struct{ *cast }

func standIns(c *cast) substitutes { return substitutes{c} }

// count is how many items something stands in for. That the slate does for one that is
// withdrawn is as it should be.
func (c substitutes) count() (n metrics.StandIns) {
	for _, one := range c.newest {
		switch s := one.standIn; {
		case s == nil || s.err == nil:
		case s.gaps > 0:
			n.Gaps++
		case !errors.Is(s.err, errWithdrawn):
			n.Slate++
		}
	}
	return n
}

// standInFor lets the slate, or gaps, stand in for those items of an era that are
// lacking. next is the era that follows, as far as it is known. The error is why that
// can't be: what they count for is not written down.
func (c substitutes) standInFor(e Era, next *Era, why error) error {
	free, counted := byLock(c.lacking(clips([]Era{e})))
	if e.Written != nil {
		free = nil // they are played in breaks of the others
	}
	for _, i := range slices.Concat(free, counted) {
		why := cmp.Or(c.failed[i], why)
		if err := c.standIn(i, counts(c).roleOf(i, e, next), why); err != nil {
			return err
		}
	}
	return nil
}

// standIn lets something stand in for an item in its role.
func (c substitutes) standIn(i Clip, r role, why error) error {
	want, locked := c.counted[i.lock]
	if !locked {
		return why
	}
	wish := playlist.StandIn{Stretches: want.Stretches, Cut: r.cut}
	made, err := c.compose(i, wish, r.plays == 0)
	if err != nil {
		return err
	}
	failure.BoundDetail(why)
	made.standIn.err, made.standIn.plays = why, r.plays
	c.add(made)
	code := string(schedule.CodeItemGaps)
	if made.standIn.gaps == 0 {
		code = failure.CodeItemUnavailable
	}
	c.config.Log.Error("an item can't be played, and is stood in for", zap.String("channel", c.channel.Name), zap.String("vod", i.title().String()), zap.Int("gaps", made.standIn.gaps), zap.Error(why), zap.String("code", code))
	return nil
}

// compose makes what stands in for an item, of the slate if that may be and can be read.
func (c substitutes) compose(i Clip, wish playlist.StandIn, slate bool) (one *play, err error) {
	if slate && c.slate != (title{}) && !c.withdrawn[c.slate] {
		err = c.library.read(c.slate, func(v *vod.VOD) (err error) {
			one, err = c.composeOf(i, wish, c.slate.origin, v)
			return err
		})
		if err == nil {
			return one, nil
		}
	}
	return c.composeOf(i, wish, c.channel.Origin, &vod.VOD{})
}

func (c substitutes) composeOf(i Clip, wish playlist.StandIn, own string, v *vod.VOD) (*play, error) {
	wish.Slate = sourceOf(v)
	a := c.addresses(own, v)
	program, gaps, err := c.model.StandIn(wish, playlist.Clip{Target: c.targetNow(), Window: c.channel.Options.Window}, a)
	if err != nil {
		return nil, err
	}
	made := &rendered{}
	if err := made.render(program, a); err != nil {
		return nil, err
	}
	made.key = textKey{title: title{path: fmt.Sprintf("stand-in %x %s", i.lock, wish.Cut.Length)}, sum: sha256.Sum256([]byte(made.program.Sum)), model: c.model.Key(), target: c.targetNow(), window: c.channel.Options.Window}
	made.origins, made.segments, made.listed = a.reached(), a.named.sorted(), a.listed.sorted()
	c.library.share(made)
	return &play{rendered: made, wish: i, standIn: &standIn{gaps: gaps, cut: wish.Cut.Length}}, nil
}

// hopeless says whether an item need not be waited for: its origin has said what it is.
func hopeless(err error) bool {
	_, refused := errors.AsType[*loop.Refusal](err)
	return refused || schedule.CodeOf(err) != "" || errors.Is(err, origin.ErrNotFound) || errors.Is(err, errWithdrawn)
}

// recut makes the stand-ins of an era anew that another one cuts elsewhere than it was
// known.
func (c substitutes) recut(e Era, next *Era) (changed bool) {
	for _, i := range clips([]Era{e}) {
		one := c.newest[i]
		if one == nil || one.standIn == nil {
			continue
		}
		r := counts(c).roleOf(i, e, next)
		if r.cut.Length > 0 && r.cut.Length != one.standIn.cut || r.plays != one.standIn.plays {
			changed = c.standIn(i, r, one.standIn.err) == nil || changed
		}
	}
	return changed
}

// withdraw lets something stand in for those items of an era that are withdrawn.
func (c substitutes) withdraw(e Era, next *Era) {
	for _, i := range clips([]Era{e}) {
		if one := c.newest[i]; one == nil || one.standIn != nil || !c.isWithdrawn(i) || fills(c.newest, i) {
			continue
		}
		if err := c.standIn(i, counts(c).roleOf(i, e, next), errWithdrawn); err != nil {
			c.config.Log.Error("an item is withdrawn, and nothing can stand in for it: the schedule has not written down what it counts for", zap.String("channel", c.channel.Name), zap.String("vod", i.title().String()), zap.Error(err), zap.String("code", string(schedule.CodeNumbersNeeded)))
		}
	}
}

// ready prepares the first of some eras. What is lacking of these is stood in for: at
// once, or if it would be in vain to wait.
func (c substitutes) ready(ctx context.Context, eras []Era, n int, wait bool) error {
	err := c.prepare(ctx, eras[:n])
	if err == nil || !c.fixed || ctx.Err() != nil {
		return err
	}
	lacking := c.lacking(clips(eras[:n]))
	if len(lacking) == 0 || wait && slices.ContainsFunc(lacking, func(i Clip) bool { return !hopeless(c.failed[i]) }) {
		return err
	}
	for k := range n {
		var next *Era
		if k+1 < len(eras) {
			next = &eras[k+1]
		}
		if err := c.standInFor(eras[k], next, err); err != nil {
			return err
		}
	}
	return nil
}

// slateGaps are those items that the slate does not fit, with how many of their stretches
// would be gaps.
func (c substitutes) slateGaps(all []Clip) (map[Clip]int, error) {
	gaps := map[Clip]int{}
	err := c.library.read(c.slate, func(v *vod.VOD) error {
		for _, i := range all {
			one := c.newest[i]
			if one == nil || one.standIn != nil {
				continue
			}
			a := c.addresses(c.slate.origin, v)
			_, n, err := c.model.StandIn(playlist.StandIn{Stretches: counts(c).stretches(one), Slate: sourceOf(v)}, playlist.Clip{Target: c.targetNow(), Window: c.channel.Options.Window}, a)
			if err != nil {
				return fmt.Errorf("%s: %w", i.title(), err)
			}
			if n > 0 {
				gaps[i] = n
			}
		}
		return nil
	})
	return gaps, err
}

// retrieve lets an item play itself from its next begin on that was stood in for, once
// it can be loaded.
func retrieve(p *playout, one *play, now time.Time) {
	if p.cast.isWithdrawn(one.wish) {
		return
	}
	if b, _ := one.wish.Breaks(); b.plays() {
		_ = p.cast.prepareAll(p.work.Context, []Clip{b.Slate}) // fits says why
	}
	newer, err := p.cast.read(one.wish)
	if err == nil {
		err = counts{&p.cast}.fits(newer)
	}
	if err != nil {
		return
	}
	if at, err := p.takeOver(one, newer, now); err == nil {
		p.config.Log.Info("an item can be played again: nothing stands in for it when it begins next", zap.String("channel", p.channel.Name), zap.String("vod", one.wish.title().String()), zap.Time("at", at))
	}
}
