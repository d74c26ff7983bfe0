package schedule

import (
	"fmt"
	"time"
)

// Fault is a broken rule.
type Fault struct {
	Era  int // which breaks it; -1: the channel as a whole
	Text string
}

// Faults are the rules that a channel breaks as it is written, before [Channel.Fill], as
// far as that is known without its VODs.
func (c *Channel) Faults() (all []Fault) {
	fault := func(era int, format string, args ...any) {
		all = append(all, Fault{era, fmt.Sprintf(format, args...)})
	}
	if n := c.filled(); n > maxItems {
		fault(-1, "more than %d items, with the filler in each era that has no loop", maxItems)
	}
	if len(c.Eras) > 1 && (c.Target == 0 || c.Model == nil) {
		fault(-1, "a schedule of several eras needs target_duration and model, for all VODs that it will ever play, such as target_duration: 6s, model: vod/a/master.m3u8")
	}
	for _, text := range c.breaksFaults() {
		fault(-1, "%s", text)
	}
	for n := range c.Eras {
		e := &c.Eras[n]
		if text := e.fault(n == len(c.Eras)-1, len(c.Filler) > 0); text != "" {
			fault(n, "%s", text)
		}
		if n == 0 {
			continue
		}
		if text := c.Eras[n-1].followed(e, c.Target); text != "" {
			fault(n, "%s", text)
		}
	}
	return all
}

// TooMany says that servers would have to count too many items; empty: they would not.
func (c *Channel) TooMany() string {
	if n := c.counted(); n > MaxCounted {
		return fmt.Sprintf("%d items without numbers; at most %d are counted (%s)", n, MaxCounted, CodeNumbersNeeded)
	}
	return ""
}

// counted are the items after the last era that has numbers.
func (c *Channel) counted() (n int) {
	for i := len(c.Eras) - 1; i >= 0 && c.Eras[i].Numbers == nil; i-- {
		n += len(c.Eras[i].Play) + len(c.Eras[i].Loop)
	}
	return n
}

// filled are the items of all eras after [Channel.Fill].
func (c *Channel) filled() (n int) {
	for i := range c.Eras {
		e := &c.Eras[i]
		if n += len(e.Play) + len(e.Loop); e.repeatsFiller() {
			n += len(c.Filler)
		}
	}
	return n
}

// fault is what is wrong with an era alone; empty: nothing.
func (e *Era) fault(last, filler bool) string {
	switch {
	case e.early():
		return "too early: a schedule begins in 1970 at the earliest"
	case e.End && !last:
		return "only the last era can end the channel (end: true)"
	case e.End && len(e.Loop) > 0:
		return "an era that ends the channel (end: true) has no loop"
	case len(e.Play)+len(e.Loop) == 0 && (e.End || !filler):
		return "an era needs play or loop"
	case !e.End && len(e.Loop) == 0 && !filler:
		return "nothing is left to play after this era: give it a loop, the channel a filler, or the era end: true (nothing-to-fill)"
	}
	return ""
}

// early says whether an era has an instant before any schedule begins.
func (e *Era) early() bool { return !e.At.IsZero() && e.At.Year() < 1970 }

// followed is what is wrong with the next era's instant; empty: nothing.
func (e *Era) followed(next *Era, target time.Duration) string {
	if e.At.IsZero() || next.At.IsZero() {
		return ""
	}
	least := max(target, e.Wait) + 3*target
	switch gap := next.At.Sub(e.At); {
	case gap <= 0:
		return fmt.Sprintf("the eras are not in the order of time: this one begins at %s, the previous one at %s (eras-unordered)", next.At.UTC().Format(time.RFC3339), e.At.UTC().Format(time.RFC3339))
	case gap < least:
		return fmt.Sprintf("the previous era is too short: %s, at least %s are needed (era-too-short)", gap, least)
	}
	return ""
}
