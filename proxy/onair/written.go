package onair

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/schedule"
)

// Written is what an object has written down of an era: when it starts, and the numbers
// of its first segments. What its items count for is in a ledger.
type Written struct {
	Starts  time.Time
	Numbers schedule.Numbers
}

// Counted is what an item counts for, as laid out for its channel.
type Counted struct {
	Sum       string
	Stretches []schedule.Stretch
}

// ErasOf are the eras of a schedule. One without an instant is at the epoch.
func ErasOf(all []schedule.Era, epoch time.Time) (made []Era) {
	for _, e := range all {
		at := epoch
		if !e.At.IsZero() {
			at = e.At.UTC()
		}
		made = append(made, Era{At: at, Wait: e.Wait, Play: itemsOf(e.Play), Loop: itemsOf(e.Loop), Written: writtenOf(&e)})
	}
	return made
}

func itemsOf(all []schedule.Item) (made []Item) {
	for _, i := range all {
		made = append(made, ItemOf(i))
	}
	return made
}

// ItemOf is an item of a schedule.
func ItemOf(i schedule.Item) Item {
	return Item{
		Clip:  ClipOf(i),
		Guide: Guide{Title: i.Title, Subtitle: i.Subtitle, Desc: i.Desc, Category: i.Category, Episode: i.Episode, Date: i.Date, Icon: i.Icon},
	}
}

// ClipOf is what an item of a schedule plays.
func ClipOf(i schedule.Item) Clip {
	clip := Clip{Origin: i.Origin, Path: i.Path, Query: i.Query, In: i.In, Out: i.Out, lock: lockOf(&i)}
	return clip.WithBreaks(BreaksOf(i.Breaks))
}

// BreaksOf are the breaks of an item of a schedule; zero: it has none.
func BreaksOf(b *schedule.Breaks) Breaks {
	if b == nil || b.Off {
		return Breaks{}
	}
	made := Breaks{
		Every: b.Every, At: NewOffsets(b.At), Between: b.Between, For: b.For, Keep: b.SourceMarkers == schedule.KeepMarkers,
		Marks: playlist.Marks{DateRange: b.Has(schedule.MarkDateRange), Cue: b.Has(schedule.MarkCue)},
	}
	if b.Has(schedule.MarkInterstitial) {
		made.Interstitial, made.Assets = true, b.Assets
	}
	if b.Slate != nil {
		made.Slate = ClipOf(*b.Slate)
	}
	return made
}

// lockOf stands for what is written down of an item; empty: nothing is.
func lockOf(i *schedule.Item) string {
	if len(i.Stretches) == 0 {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, i.Sum, i.Stretches)
	return string(h.Sum(nil)[:12])
}

// ledger is what a schedule object has written down of its items. Without an object it is
// empty.
type ledger struct {
	counted   map[string]Counted // what items count for, by what stands for it
	withdrawn map[title]bool
	slate     title // zero: there is none
	filler    []Clip
}

// isWithdrawn says whether a schedule withdraws an item, or what is played in its breaks.
func (c *ledger) isWithdrawn(i Clip) bool {
	b, _ := i.Breaks()
	return c.withdrawn[i.title()] || b.plays() && c.withdrawn[b.Slate.title()]
}

// learn notes what another object has written down.
func (c *ledger) learn(o *schedule.Object) {
	c.counted, c.withdrawn, c.filler, c.slate = map[string]Counted{}, map[title]bool{}, nil, title{}
	for n := range o.Eras {
		for _, i := range slices.Concat(o.Eras[n].Play, o.Eras[n].Loop) {
			if lock := lockOf(&i); lock != "" {
				c.counted[lock] = Counted{i.Sum, i.Stretches}
			}
		}
	}
	for _, i := range o.Withdrawn {
		c.withdrawn[ClipOf(i).title()] = true
	}
	for _, i := range o.Filler {
		c.filler = append(c.filler, ClipOf(i).plain())
	}
	if o.Slate != nil {
		c.slate = ClipOf(*o.Slate).title()
	}
}

// counts are what items of a channel count for.
type counts struct{ *cast }

// fits says why an item is not as it was written down: it must be stood in for.
func (c counts) fits(one *play) error {
	want, locked := c.counted[one.wish.lock]
	if !locked {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if b, _ := one.wish.Breaks(); b.plays() {
		slate := c.newest[b.Slate]
		if slate == nil {
			return b.Slate.title().failed(cmp.Or(c.failed[b.Slate], errWithdrawn))
		}
		if err := b.checkSlate(slate); err != nil {
			return err
		}
	}
	laid := *one
	laid.place(0)
	if !slices.EqualFunc(c.stretches(&laid), want.Stretches, loop.Stretch.Equal) {
		return &schedule.Refusal{Code: schedule.CodeItemChanged, Detail: "the VOD counts for other numbers than the schedule has written down: lock it anew, or bring the old version back"}
	}
	if one.sum() != want.Sum {
		one.changed = true
	}
	return nil
}

func writtenOf(e *schedule.Era) *Written {
	if e.Numbers == nil {
		return nil
	}
	return &Written{Starts: e.Starts.UTC(), Numbers: *e.Numbers}
}

// fixAs leaves out the renditions that written numbers leave out: whether a channel has
// I-frames was decided by its very first era.
func (c counts) fixAs(media []int64) error {
	if len(media) != c.model.Renditions() {
		return &schedule.Refusal{Code: schedule.CodeNumbersDiffer, Detail: fmt.Sprintf("the model has %d renditions, the schedule numbers %d", c.model.Renditions(), len(media))}
	}
	for r, number := range media {
		if number == schedule.Absent && c.model.LeftOut(r) == nil {
			c.model = c.model.WithoutIFrames()
		}
	}
	for r, number := range media {
		if (number == schedule.Absent) != (c.model.LeftOut(r) != nil) {
			return &schedule.Refusal{Code: schedule.CodeNumbersDiffer, Detail: fmt.Sprintf("rendition %d is left out here, or in the schedule, and not in both", r)}
		}
	}
	c.fixed = true
	return nil
}

// check compares what is written down of an era with where it is on a timeline.
func (w *Written) check(at loop.Begin) error {
	switch {
	case w == nil:
		return nil
	case !w.Starts.Equal(at.At):
		return &schedule.Refusal{Code: schedule.CodeNumbersDiffer, Detail: fmt.Sprintf("an era starts at %s here, in the schedule at %s", at.At.UTC().Format(time.RFC3339Nano), w.Starts.Format(time.RFC3339Nano))}
	case w.Numbers.Discontinuity != at.Discontinuity || !slices.Equal(w.Numbers.Media, at.Media):
		return &schedule.Refusal{Code: schedule.CodeNumbersDiffer, Detail: fmt.Sprintf("the era at %s has the numbers %v, %d here, in the schedule %v, %d", w.Starts.Format(time.RFC3339Nano), at.Media, at.Discontinuity, w.Numbers.Media, w.Numbers.Discontinuity)}
	}
	return nil
}

// writtenAt is what a schedule would have written down of an era that begins at an
// instant where an item of a timeline does.
func writtenAt(line *loop.Timeline, at time.Time) *Written {
	w := &Written{Starts: at}
	for p := range line.Plays(at) {
		w.Numbers.Discontinuity = p.DiscontinuitySequence()
		for r := range p.Renditions() {
			w.Numbers.Media = append(w.Numbers.Media, p.MediaSequence(r))
		}
		break
	}
	return w
}
