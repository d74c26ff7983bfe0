package onair

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"vod2live/proxy/schedule"
)

// load loads all items of the base and of the new eras. For items of the base that can't
// be loaded something stands in, as in the servers.
func (l *locker) load(ctx context.Context) error {
	p := l.playout
	if err := p.cast.prepare(ctx, nil); err != nil {
		return err
	}
	base := p.coming[:len(l.base())]
	if len(base) > 0 {
		p.cast.learn(l.Current)
		if err := (counts{&p.cast}).fixAs(base[0].Written.Numbers.Media); err != nil {
			return err
		}
	}
	if err := readAll(ctx, &p.cast, clips(p.coming), p.coming[:1]); err != nil {
		return err
	}
	if err := l.standIn(base); err != nil {
		return err
	}
	var wrong []error
	for _, clip := range clips(p.coming) {
		if err := p.cast.failed[clip]; err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", clip.title(), err))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	if !l.Skip {
		return fmt.Errorf("%w\n-skip-missing leaves out what can't be loaded", errors.Join(wrong...))
	}
	l.skipped = wrong
	return l.skip()
}

// standIn lets something stand in for items of the base that can't be loaded.
func (l *locker) standIn(base []Era) error {
	c := &l.playout.cast
	for _, i := range c.lacking(clips(base)) {
		if c.channel.goesOn() && base[0].repeatsOne() && base[0].Loop[0].Clip == i {
			return fmt.Errorf("%s: its loop is on air, its timestamps may go on, and how many discontinuities it counts for can't be known without it: %w", i.title(), c.failed[i])
		}
		if err := standIns(c).standIn(i, role{}, c.failed[i]); err != nil {
			return err
		}
	}
	return nil
}

// skip leaves out the items of new eras that can't be loaded.
func (l *locker) skip() error {
	missing := func(i schedule.Item) bool { return l.playout.cast.failed[ClipOf(i)] != nil }
	for n := range l.new {
		e := &l.new[n]
		played := len(e.Play)
		e.Play = slices.DeleteFunc(slices.Clone(e.Play), missing)
		looped := slices.DeleteFunc(slices.Clone(e.Loop), missing)
		if len(looped) == 0 && len(e.Loop) > 0 || len(e.Play) == 0 && played > 0 && e.End {
			return fmt.Errorf("nothing that can be loaded is left of the era at %s", e.At.Format(time.RFC3339))
		}
		e.Loop = looped
	}
	l.playout.coming = ErasOf(slices.Concat(l.base(), l.new), time.Time{})
	return nil
}

// checkSlate refuses items for which gaps would stand in, unless they may.
func (l *locker) checkSlate() error {
	if l.made.Slate == nil {
		return nil
	}
	l.playout.cast.slate = ClipOf(*l.made.Slate).title()
	gaps, err := standIns(&l.playout.cast).slateGaps(clips(l.playout.coming[len(l.base()):]))
	if err != nil {
		l.gaps = append(l.gaps, fmt.Errorf("slate: %w", err))
	}
	for _, i := range slices.SortedFunc(maps.Keys(gaps), Clip.compare) {
		l.gaps = append(l.gaps, fmt.Errorf("%s: the slate does not fit %d of its stretches (%s)", i.title(), gaps[i], schedule.CodeItemGaps))
	}
	if len(l.gaps) > 0 && !l.Gaps {
		return fmt.Errorf("%w\n-gaps lets gaps stand in where the slate does not fit", errors.Join(l.gaps...))
	}
	return nil
}
