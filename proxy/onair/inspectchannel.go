package onair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/measure"
	"vod2live/proxy/schedule"
)

// ErrNoChannel is of a name that no channel has which plays lists of VODs.
var ErrNoChannel = errors.New("no channel of this name plays a list of VODs")

// ChannelInspection is a channel as a Station would play it, with all obstacles.
type ChannelInspection struct {
	Name           string
	Origin, Model  string // of the VOD whose renditions viewers see, and its path
	TargetDuration time.Duration
	Window         time.Duration
	Items          []ItemInspection
	Eras           []EraInspection
	Plays          []Play    // from now on
	Ended          time.Time // zero: it has not
	Slate          error     // why the slate can't be played; nil: it can, or there is none
	Err            error     // why it can't be on air now; nil: it can
}

// ItemInspection is one of its items.
type ItemInspection struct {
	Clip
	Length  time.Duration // as it plays
	Mapped  []int         // its renditions, by that of the channel; -1: none
	Notices []playlist.Notice
	Breaks  []playlist.PlacedBreak // the last may be at its end
	Tagged  *measure.Tagged        // why its timestamps can't be continuous over a loop of it alone; nil: they are, or need not be
	Changed bool                   // since the schedule was locked; it counts for the same
	Gaps    int                    // stretches that the schedule's slate does not fit
	Err     error                  // why it can't be played; nil: it can
}

// EraInspection is one of its eras.
type EraInspection struct {
	At     time.Time
	Starts time.Time // zero: it can't be played
	Err    error     // why not
}

const (
	inspectAhead = 24 * time.Hour
	inspectPlays = 50
)

// InspectChannel reads all VODs of a channel. It continues where a Station would
// stop.
func InspectChannel(ctx context.Context, config Config, name string) (*ChannelInspection, error) {
	for _, c := range config.Channels {
		if c.Name != name || !c.Lists() {
			continue
		}
		config.Channels = nil
		s := New(config, nil)
		defer s.Close()
		p := newPlayout(s.env, newLibrary(s.env), c)
		if c.Object != nil && len(c.Eras) == 0 {
			p.agenda = newAgenda(s.env, c)
		}
		return p.inspect(ctx), nil
	}
	return nil, ErrNoChannel
}

// InspectSchedule reads all VODs of a schedule object, for a channel with its name and
// options.
func InspectSchedule(ctx context.Context, config Config, c Channel, o *schedule.Object) *ChannelInspection {
	config.Channels = nil
	s := New(config, nil)
	defer s.Close()
	c.Object, c.Target = cmp.Or(c.Object, &ObjectSource{}), o.Target
	model := o.ModelItem()
	c.Origin, c.Path, c.Query = model.Origin, model.Path, model.Query
	c.Eras = ErasOf(o.Eras[rulesOf(s.site, c).Ended(o, config.Now()):], time.Time{})
	p := newPlayout(s.env, newLibrary(s.env), c)
	p.cast.learn(o)
	return p.inspect(ctx)
}

func (p *playout) inspect(ctx context.Context) *ChannelInspection {
	c := &ChannelInspection{Name: p.channel.Name, Origin: p.channel.Origin, Model: p.channel.Path}
	if c.Err = p.agenda.attend(ctx, p, p.agenda.look(ctx, p)); c.Err != nil {
		return c
	}
	c.Origin, c.Model = p.cast.channel.Origin, p.cast.channel.Path
	if c.Err = p.cast.prepare(ctx, nil); c.Err != nil {
		return c
	}
	if w := p.coming[0].Written; w != nil {
		if c.Err = (counts{&p.cast}).fixAs(w.Numbers.Media); c.Err != nil {
			return c
		}
	}
	wanted := clips(p.coming)
	if c.Err = readAll(ctx, &p.cast, wanted, p.coming[:1]); c.Err != nil {
		return c
	}
	c.TargetDuration = p.cast.target
	for _, clip := range wanted {
		c.Items = append(c.Items, inspectItem(&p.cast, clip))
	}
	if p.cast.slate != (title{}) {
		c.inspectSlate(&p.cast)
	}
	for n, e := range p.coming {
		if e.Written != nil {
			_ = standIns(&p.cast).standInFor(e, nextOf(p.coming[n:]), errWithdrawn) // what can't be shows in its era
		}
	}
	c.inspectEras(p)
	return c
}

// readAll reads all clips that can be read, until the target duration and the renditions
// of the first eras are settled. Why others can't be played is in failed. The error is of
// the context.
func readAll(ctx context.Context, c *cast, wanted []Clip, first []Era) error {
	for range wanted {
		target, model := c.target, c.model
		_ = prepareBy(ctx, c, wanted, c.read)
		if c.fixed || c.settled(clips(first)) && target == c.target && model == c.model {
			break
		}
		c.newest, c.all = map[Clip]*play{}, nil
	}
	return ctx.Err()
}

// settled removes I-frames from the model unless all of some items have them, and
// reports whether it has not changed.
func (c *cast) settled(first []Clip) bool {
	for _, clip := range first {
		if one := c.newest[clip]; one != nil && !one.program.IFrames() {
			c.model = c.model.WithoutIFrames()
			return false
		}
	}
	return true
}

func inspectItem(c *cast, clip Clip) ItemInspection {
	i := ItemInspection{Clip: clip, Err: c.failed[clip]}
	if one := c.newest[clip]; one != nil {
		i.Length, i.Mapped = one.item.Length(), one.program.Mapped
		for _, part := range one.parts {
			i.Length += part.item.Length()
		}
		i.Breaks = one.program.Placed(i.Length)
		i.Notices, i.Tagged = c.noticesOf(one), one.tagged
		i.Changed = one.changed
	}
	failure.BoundDetail(i.Err)
	return i
}

// inspectSlate finds the items that the slate does not fit.
func (c *ChannelInspection) inspectSlate(of *cast) {
	all := make([]Clip, len(c.Items))
	for n := range all {
		all[n] = c.Items[n].Clip
	}
	gaps, err := standIns(of).slateGaps(all)
	c.Slate = err
	for n := range c.Items {
		c.Items[n].Gaps = gaps[c.Items[n].Clip]
	}
}

// inspectEras puts all eras whose items can be played on a timeline.
func (c *ChannelInspection) inspectEras(p *playout) {
	var line *loop.Timeline
	now := p.config.Now()
	begun := begun(p.coming, now)
	for n, e := range p.coming {
		seen := EraInspection{At: e.At}
		for _, clip := range clips([]Era{e}) {
			if p.cast.newest[clip] == nil {
				seen.Err = fmt.Errorf("%s can't be played", clip.title())
			}
		}
		if seen.Err == nil {
			seen.Err = checkSlates(p.cast.newest, clips([]Era{e}))
		}
		if seen.Err == nil {
			longer, err := extended(line, p.cast.plan(e), p.channel.Options.Window)
			if seen.Err = err; err == nil {
				line, seen.Starts = longer, longer.Begins()
				p.eras = append(p.eras, placed{Plan: p.cast.plan(e), of: e})
			}
		}
		if n < begun {
			c.Err = errors.Join(c.Err, seen.Err)
		}
		c.Eras = append(c.Eras, seen)
	}
	if len(p.eras) == 0 {
		return
	}
	made, err := p.make()
	if err != nil {
		c.Err = errors.Join(c.Err, err)
		return
	}
	c.Window = made.live.VOD.Window
	if w, err := made.live.Timeline.Window(0, now); err == nil && w.Ended {
		c.Ended = w.Changed
		return
	}
	c.Plays = made.outlook(nil).plays(&p.channel, now, now.Add(inspectAhead), inspectPlays)
}

// extended is a timeline, nil for none, with one more era.
func extended(line *loop.Timeline, plan loop.Plan, window time.Duration) (*loop.Timeline, error) {
	if line == nil {
		return loop.NewTimeline(plan.At, window, plan)
	}
	return line.Then(plan)
}
