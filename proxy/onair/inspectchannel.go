package onair

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/measure"
)

// ErrNoChannel is of a name that no channel has which plays lists of VODs.
var ErrNoChannel = errors.New("no channel of this name plays a list of VODs")

// ChannelInspection is a channel as a Station would play it, and all that stands in the
// way.
type ChannelInspection struct {
	Name           string
	Origin, Model  string // of the VOD whose renditions viewers see, and its path
	TargetDuration time.Duration
	Window         time.Duration
	Items          []ItemInspection
	Eras           []EraInspection
	Plays          []Play    // from now on
	Ended          time.Time // zero: it has not
	Err            error     // why it can't be on air now; nil: it can
}

// ItemInspection is one of its items.
type ItemInspection struct {
	Clip
	Length  time.Duration // as it plays
	Mapped  []int         // its renditions, by that of the channel; -1: none
	Notices []playlist.Notice
	Breaks  []playlist.PlacedBreak // the last may be at its end
	Tagged  *measure.Tagged        // why its timestamps don't go on over a loop of it alone; nil: they do, or need not
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

// InspectChannel reads all VODs of a channel, and goes on where a Station would stop.
func InspectChannel(ctx context.Context, config Config, name string) (*ChannelInspection, error) {
	for _, c := range config.Channels {
		if c.Name != name || !c.Lists() {
			continue
		}
		config.Channels = nil
		s := New(config, nil)
		defer s.Close()
		return newPlayout(s.env, newLibrary(s.env), c).inspect(ctx), nil
	}
	return nil, ErrNoChannel
}

func (p *playout) inspect(ctx context.Context) *ChannelInspection {
	c := &ChannelInspection{Name: p.channel.Name, Origin: p.channel.Origin, Model: p.channel.Path}
	if c.Err = p.cast.prepare(ctx, nil); c.Err != nil {
		return c
	}
	wanted := clips(p.coming)
	failed := map[Clip]error{}
	for range wanted { // until target duration and renditions are settled
		target, model := p.cast.target, p.cast.model
		failed = map[Clip]error{}
		for _, clip := range p.cast.lacking(append([]Clip{}, wanted...)) {
			one, err := p.cast.read(clip)
			if err == nil {
				p.cast.add(one)
			}
			failed[clip] = err
		}
		if p.cast.settled(clips(p.coming[:1])) && target == p.cast.target && model == p.cast.model {
			break
		}
		p.cast.newest, p.cast.all = map[Clip]*play{}, nil
	}
	c.TargetDuration = p.cast.target
	for _, clip := range wanted {
		c.Items = append(c.Items, p.cast.inspectItem(clip, failed[clip]))
	}
	c.inspectEras(p, failed)
	return c
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

func (c *cast) inspectItem(clip Clip, err error) ItemInspection {
	i := ItemInspection{Clip: clip, Err: err}
	if one := c.newest[clip]; one != nil {
		i.Length, i.Mapped = one.item.Length(), one.program.Mapped
		for _, part := range one.parts {
			i.Length += part.item.Length()
		}
		i.Breaks = one.program.Placed(i.Length)
		i.Notices, i.Tagged = c.noticesOf(one), one.tagged
	}
	failure.BoundDetail(err)
	return i
}

// inspectEras puts all eras on a timeline whose items can be played.
func (c *ChannelInspection) inspectEras(p *playout, failed map[Clip]error) {
	var line *loop.Timeline
	now := p.config.Now()
	begun := begun(p.coming, now)
	for n, e := range p.coming {
		seen := EraInspection{At: e.At}
		for _, clip := range clips([]Era{e}) {
			if failed[clip] != nil {
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
				p.eras = append(p.eras, placed{p.cast.plan(e), e})
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
