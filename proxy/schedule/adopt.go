package schedule

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"vod2live/loop"
)

// Code of why an object is not adopted, or of what was noticed when it was.
type Code string

// The codes.
const (
	CodeUnreadable    Code = "schedule-unreadable"
	CodeEmpty         Code = "schedule-empty"
	CodeLayout        Code = "layout-version"
	CodeOlder         Code = "schedule-older"
	CodeConflict      Code = "schedule-conflict"
	CodeLate          Code = "schedule-late"
	CodeRewritesPast  Code = "schedule-rewrites-past"
	CodeLeadTooShort  Code = "lead-too-short"
	CodeChanged       Code = "channel-changed"
	CodeNumbersDiffer Code = "numbers-differ"
	CodeNumbersNeeded Code = "numbers-missing"
	CodeItemChanged   Code = "item-changed"
	CodeItemGaps      Code = "item-gaps"
)

// Refusal is why an object is not adopted: that before it goes on.
type Refusal struct {
	Code   Code
	Detail string
	Err    error // the cause; nil: there is none beside
}

func (r *Refusal) Error() string { return r.Detail + " (" + string(r.Code) + ")" }

func (r *Refusal) Unwrap() error { return r.Err }

func refuse(code Code, format string, args ...any) error {
	return &Refusal{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Unread is the refusal of an object that can't be read.
func Unread(err error) *Refusal {
	return &Refusal{Code: CodeUnreadable, Detail: err.Error(), Err: err}
}

// CodeOf is the code of an error of [Read] or [Rules.Check]; empty: it has none.
func CodeOf(err error) Code {
	if r, is := errors.AsType[*Refusal](err); is {
		return r.Code
	}
	m, is := errors.AsType[*Mistake](err)
	switch {
	case !is:
		return ""
	case m.Code == "":
		return CodeUnreadable
	}
	return m.Code
}

// Rules are what objects of one channel are held to.
type Rules struct {
	Channel string
	Lead    time.Duration // from written to frozen, at least
	DVR     time.Duration // how far back viewers may go
	Window  time.Duration // of live playlists, at least
	Origins []string      // whose VODs it may name
}

// CheckAlone checks an object by itself, before it is compared with that in force.
func (r *Rules) CheckAlone(o *Object) error {
	switch lead := o.Frozen.Sub(o.Written); {
	case o.Written.IsZero():
		return refuse(CodeUnreadable, "the object has no written and frozen: vod2live schedule lock writes them")
	case o.Name != "" && o.Name != r.Channel:
		return refuse(CodeChanged, "the object is of the channel %q", o.Name)
	case o.Target == 0 || o.Model == nil:
		return refuse(CodeUnreadable, "the object has no target_duration or no model: vod2live schedule lock writes them")
	case lead < r.Lead:
		return refuse(CodeLeadTooShort, "frozen is %s after written, at least %s are needed", lead, r.Lead)
	}
	if err := r.CheckOrigins(o); err != nil {
		return err
	}
	return o.CheckNumbers()
}

// Check checks an object against that in force, which is another text, and was seen last at
// an instant: later ones may have been missed since.
func (r *Rules) Check(held, o *Object, seen, now time.Time) error {
	switch {
	case o.Written.Equal(held.Written):
		return refuse(CodeConflict, "two objects were written at %s", o.Written.Format(time.RFC3339))
	case o.Written.Before(held.Written):
		return refuse(CodeOlder, "the object was written at %s, that in force at %s", o.Written.Format(time.RFC3339), held.Written.Format(time.RFC3339))
	case o.Frozen.Before(held.Frozen):
		return refuse(CodeOlder, "the object is frozen at %s, that in force at %s", o.Frozen.Format(time.RFC3339), held.Frozen.Format(time.RFC3339))
	case !reflect.DeepEqual(o.Model, held.Model) || o.Target != held.Target:
		return refuse(CodeChanged, "the object has another model or target_duration than that in force: these never change")
	}
	if err := r.CheckAlone(o); err != nil {
		return err
	}
	return r.checkPast(held, o, seen, now)
}

// keep is how long after its end an era must stay in an object: viewers are shown
// something of it.
func (r *Rules) keep(o *Object) time.Duration {
	keep := loop.LiveWindow(r.Window, o.Target) + 2*o.Target
	if r.DVR > 0 {
		keep += r.DVR + 24*time.Hour
	}
	return keep
}

// Ended is how many eras at the front of an object ended so long before an instant that
// nothing of them is shown, and are not needed to count the later ones.
func (r *Rules) Ended(o *Object, now time.Time) (n int) {
	for k := range o.Eras {
		if e := &o.Eras[k]; e.Numbers != nil && !e.Starts.After(now.Add(-r.keep(o))) {
			n = k
		}
	}
	return n
}

// checkPast refuses an object that changes what was said for an instant before it is
// frozen, and that has passed, unless one that was missed may have changed it. It may leave
// out eras that ended long ago.
func (r *Rules) checkPast(held, o *Object, seen, now time.Time) error {
	until := earlier(earlier(now, o.Frozen), seen.Add(r.Lead))
	at, differs := FirstChange(held, o, now.Add(-r.keep(o)))
	if differs && at.Before(until.Add(o.Target)) {
		return refuse(CodeRewritesPast, "the era at %s is not as it was, and what begins before %s can't change", at.Format(time.RFC3339), until.Add(o.Target).Format(time.RFC3339))
	}
	return nil
}

// FirstChange is the instant of the first era that is not the same in two objects. Eras
// that are missing at the front of the second do not count if they ended before an
// instant, and the first one left has numbers.
func FirstChange(held, o *Object, ended time.Time) (at time.Time, differs bool) {
	old, eras := held.Eras, o.Eras
	for len(old) > 0 && eras[0].Numbers != nil && old[0].At.Before(eras[0].At) {
		next := &eras[0]
		if len(old) > 1 {
			next = &old[1]
		}
		if !next.begins().Before(ended) {
			break
		}
		old = old[1:]
	}
	for n := 0; ; n++ {
		switch {
		case n == len(old) && n == len(eras):
			return at, false
		case n == len(old):
			return eras[n].At, true
		case n == len(eras):
			return old[n].At, true
		case !old[n].Equal(&eras[n]):
			return earlier(old[n].At, eras[n].At), true
		}
	}
}

// begins is when the era begins, as far as it is known: the previous one ends then.
func (e *Era) begins() time.Time {
	if e.Starts.IsZero() {
		return e.At.Add(e.Wait)
	}
	return e.Starts
}

// Equal reports whether two eras differ in nothing.
func (e *Era) Equal(other *Era) bool { return bytes.Equal(e.encode(), other.encode()) }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// CheckOrigins refuses an object that names VODs of origins that it may not name.
func (r *Rules) CheckOrigins(o *Object) error {
	known := map[string]bool{}
	for _, name := range r.Origins {
		known[name] = true
	}
	all := []*Item{o.Model, o.Slate}
	for i := range o.each() {
		if all = append(all, i); i.Breaks.Plays() {
			all = append(all, i.Breaks.Slate)
		}
	}
	for _, i := range all {
		if i != nil && !known[i.Origin] {
			return refuse(CodeUnreadable, "%s is a VOD of the origin %q; the object may name VODs of: %s (its own origin, others by origins: of the channel)", i.Name(), i.Origin, cmp.Or(strings.Join(r.Origins, ", "), "none, no origin is configured"))
		}
	}
	return nil
}
