package onair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vod2live/loop"
	"vod2live/proxy/schedule"
)

// LockRequest is what a schedule is made of that replicas agree on.
type LockRequest struct {
	Wish    *schedule.Object
	Current *schedule.Object // in force; nil: none is
	Skip    bool             // items that can't be loaded are left out
	Gaps    bool             // gaps may stand in for items, where the slate does not fit
}

// LockResult is such a schedule, what was left out of the wish, and for what the slate
// can't stand in.
type LockResult struct {
	Object        *schedule.Object
	Skipped, Gaps []error
}

// leastLead is how long before it is frozen an object is written by the tool.
const leastLead = 5 * time.Minute

// LeadOf is how long before it is frozen an object must be written: all servers have
// seen it by then.
func LeadOf(revalidate, timeout time.Duration) time.Duration {
	return 2*revalidate + timeout + 30*time.Second
}

// Lock writes down when the eras of a wish start, under which numbers, and what their
// items count for. What is frozen stays as it is in the current schedule. The channel
// has its name and options; what it plays is that of the wish.
func Lock(ctx context.Context, config Config, c Channel, r LockRequest) (*LockResult, error) {
	config.Channels = nil
	s := New(config, nil)
	defer s.Close()
	c.Object = cmp.Or(c.Object, &ObjectSource{}) // as it is served
	l := &locker{LockRequest: r, made: r.Wish.Wish()}
	rules := rulesOf(s.site, c)
	if err := l.begin(config.Now(), rules.Lead); err != nil {
		return nil, err
	}
	model := l.made.Model
	c.Origin, c.Path, c.Query, c.Target = model.Origin, model.Path, model.Query, l.made.Target
	c.Eras = ErasOf(slices.Concat(l.base(), l.new), time.Time{})
	l.playout = newPlayout(s.env, newLibrary(s.env), c)
	if err := l.load(ctx); err != nil {
		return nil, err
	}
	if err := l.count(); err != nil {
		return nil, err
	}
	if err := l.checkSlate(); err != nil {
		return nil, err
	}
	l.drop(config.Now(), rules)
	if _, err := schedule.Read("the schedule", l.made.Encode()); err != nil {
		return nil, err
	}
	return &LockResult{l.made, l.skipped, l.gaps}, l.made.CheckNumbers()
}

// locker makes an object.
type locker struct {
	LockRequest
	playout *playout
	made    *schedule.Object
	kept    []schedule.Era // of the current object: they are frozen, or have begun
	new     []schedule.Era // of the wish
	skipped []error
	gaps    []error
}

// begin finds what of the current object stays, and what of the wish is new.
func (l *locker) begin(now time.Time, lead time.Duration) error {
	o := l.made
	o.Written = now.UTC().Truncate(time.Second)
	if l.Current != nil && !o.Written.After(l.Current.Written) {
		o.Written = l.Current.Written.Add(time.Second)
	}
	o.Frozen = o.Written.Add(max(leastLead, (lead + time.Second - 1).Truncate(time.Second)))
	if l.Current == nil {
		o.Model, l.new = o.ModelItem(), o.Eras
		return nil
	}
	if l.Current.Frozen.After(o.Frozen) {
		o.Frozen = l.Current.Frozen
	}
	return l.follow(o.Frozen.Add(l.Current.Target))
}

// follow lets the wish follow the current object from an instant on.
func (l *locker) follow(from time.Time) error {
	current, o := l.Current, l.made
	if err := l.checkKeys(); err != nil {
		return err
	}
	o.Name, o.Target, o.Model = current.Name, current.Target, current.Model
	frozen := func(e schedule.Era) bool { return !e.At.Before(from) }
	n := slices.IndexFunc(current.Eras, frozen)
	if n < 0 {
		n = len(current.Eras)
	}
	l.kept = current.Eras[:n]
	if n = slices.IndexFunc(o.Eras, frozen); n < 0 {
		n = len(o.Eras)
	}
	l.new = o.Eras[n:]
	return l.checkFrozen(o.Eras[:n], from)
}

// checkKeys refuses what can't follow the current object at all.
func (l *locker) checkKeys() error {
	current, o := l.Current, l.made
	switch {
	case current.Target == 0 || current.Model == nil || current.Eras[0].Numbers == nil:
		return errors.New("the current schedule is not locked: leave -after out to begin a new one")
	case o.Name != current.Name && o.Name != "" && current.Name != "":
		return neverChanges("channel", o.Name, current.Name)
	case o.Target > 0 && o.Target != current.Target:
		return neverChanges("target_duration", o.Target.String(), current.Target.String())
	case o.Model != nil && o.Model.VOD() != current.Model.VOD():
		return neverChanges("model", o.Model.Path, current.Model.Path)
	}
	return nil
}

func neverChanges(key, wished, current string) error {
	return &schedule.Refusal{Code: schedule.CodeChanged, Detail: fmt.Sprintf("%s of the wish is %s, and %s in the current schedule: it never changes", key, wished, current)}
}

// checkFrozen refuses a wish that has eras before an instant which are not those of the
// current object. It may leave out those at the front.
func (l *locker) checkFrozen(wished []schedule.Era, from time.Time) error {
	if len(wished) == 0 || len(l.kept) == 0 {
		if len(wished) > 0 {
			return changesFrozen(wished[0].At, from)
		}
		return nil
	}
	for n := range wished {
		e := &wished[n]
		same := slices.IndexFunc(l.kept, func(k schedule.Era) bool { return k.At.Equal(e.At) })
		if same < 0 && e.At.Before(l.kept[0].At) {
			continue // it was dropped
		}
		if same < 0 || !l.kept[same].Wished(e) {
			return changesFrozen(e.At, from)
		}
	}
	for n := range l.kept {
		at := l.kept[n].At
		if !at.Before(wished[0].At) && !slices.ContainsFunc(wished, func(e schedule.Era) bool { return e.At.Equal(at) }) {
			return changesFrozen(at, from)
		}
	}
	return nil
}

func changesFrozen(at, from time.Time) error {
	return fmt.Errorf("the era at %s would change, and what begins before %s is frozen: wish for later eras", at.UTC().Format(time.RFC3339), from.UTC().Format(time.RFC3339))
}

// base is the last era that stays: the new ones are counted from it.
func (l *locker) base() []schedule.Era { return l.kept[max(len(l.kept)-1, 0):] }

// count writes down what the timeline has of the new eras.
func (l *locker) count() error {
	p := l.playout
	l.made.Target = p.cast.target
	var plans []loop.Plan
	for _, e := range p.coming {
		plans = append(plans, p.cast.plan(e))
	}
	line, err := l.timeline(plans)
	if err != nil {
		return err
	}
	begins := line.Eras()[len(l.base()):]
	for n := range l.new {
		e := &l.new[n]
		e.Starts = begins[n].At.UTC()
		e.Numbers = &schedule.Numbers{Media: begins[n].Media, Discontinuity: begins[n].Discontinuity}
		l.stretches(e.Play)
		l.stretches(e.Loop)
	}
	l.made.Eras = slices.Concat(l.kept, l.new)
	return nil
}

// timeline is that of some eras. Where the first new one would cut an item that is stood
// in for, it begins at the item's end: nobody knows where that can be cut.
func (l *locker) timeline(plans []loop.Plan) (*loop.Timeline, error) {
	window, base := l.playout.channel.Options.Window, len(l.base())
	if base > 0 && base < len(plans) {
		line, err := loop.NewTimeline(plans[0].At, window, plans[:base]...)
		if err != nil {
			return nil, err
		}
		for on := range line.Plays(plans[base].At) {
			if l.playout.cast.all[on.Item.ID].standIn != nil {
				plans[base].Starts = on.End
			}
			break
		}
	}
	return loop.NewTimeline(plans[0].At, window, plans...)
}

func (l *locker) stretches(items []schedule.Item) {
	for n := range items {
		of := l.playout.cast.newest[ClipOf(items[n])]
		items[n].Sum, items[n].Stretches = of.sum(), counts{&l.playout.cast}.stretches(of)
	}
}

// drop leaves out eras that ended so long ago that no viewer is shown anything of them.
func (l *locker) drop(now time.Time, rules *schedule.Rules) {
	o := l.made
	old := min(rules.Ended(o, now), len(o.Eras)-1, len(l.kept))
	o.Eras = o.Eras[max(old, 0):]
}
