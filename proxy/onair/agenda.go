package onair

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist/mask"
	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
	"vod2live/proxy/schedule"
)

const (
	// objectEvery is how often a schedule at an origin is looked at, at least.
	objectEvery = time.Minute
	// fileEvery is how often a local one is.
	fileEvery = 2 * time.Second
)

// agenda is the schedule object of a channel: what its origin has is looked at by the
// clock, and adopted by rules that give the same in every process. What its playout
// guards is guarded here.
type agenda struct {
	*env
	source  *ObjectSource
	rules   schedule.Rules
	every   time.Duration
	log     *zap.Logger
	raised  atomic.Pointer[[2]*problem.Problem] // of the newest look, and of the newest adoption
	inForce atomic.Pointer[schedule.Object]     // for readers without the lock; nil: none is
	due     due
	newest  fetched          // of the newest look
	text    []byte           // of the object in force
	held    *schedule.Object // … nil: none is
	seen    time.Time        // when it was found last
	judged  error            // why the newest text is not adopted; nil: it is
	refused error            // the same, or why there was none at the newest look
}

// newAgenda is that of a channel; nil: it has no object.
func newAgenda(e *env, c Channel) *agenda {
	if c.Object == nil {
		return nil
	}
	every, _ := looksAt(e.site, c)
	a := &agenda{
		env: e, source: c.Object, every: every, rules: *rulesOf(e.site, c),
		log: e.config.Log.With(zap.String("channel", c.Name), zap.String("schedule", mask.Text(c.Object.String()))),
	}
	a.raised.Store(&[2]*problem.Problem{})
	return a
}

// looksAt is how often the object of a channel is looked at, and how long that may take.
func looksAt(s site, c Channel) (every, timeout time.Duration) {
	if m := s.mounts[c.Object.Origin]; m != nil {
		return min(m.revalidate, objectEvery), m.origin.Timeout
	}
	return fileEvery, 0
}

// RulesOf are those that servers hold the object of a channel to. A channel that is not
// configured with one may have one at any origin.
func RulesOf(config Config, c Channel) *schedule.Rules {
	if c.Object == nil {
		c.Object = &ObjectSource{}
		for _, o := range config.Origins {
			c.Object.Origins = append(c.Object.Origins, o.Name)
		}
	}
	return rulesOf(newSite(&config), c)
}

func rulesOf(s site, c Channel) *schedule.Rules {
	every, timeout := looksAt(s, c)
	return &schedule.Rules{Channel: c.Name, Lead: LeadOf(every, timeout), DVR: c.DVR, Window: c.Options.Window, Origins: c.Object.Origins}
}

// looked is what a look at the object has found.
type looked struct {
	fetched
	err error
}

// look looks at the object of a playout if that is due; nil: it is not. The playout is
// not locked: an origin may take long.
func (a *agenda) look(ctx context.Context, p *playout) *looked {
	if a == nil {
		return nil
	}
	p.mu.Lock()
	due, have := a.due.left(a.config.Now()) <= 0, a.newest.validators
	p.mu.Unlock()
	if !due {
		return nil
	}
	got, err := a.fetch(ctx, have)
	return &looked{got, err}
}

// take takes what was found; nil: nothing was looked for. It returns an object that is to
// be adopted, nil if there is none; to that in force it is compared if the channel is on
// air. The error is why none is in force.
func (a *agenda) take(found *looked, now time.Time, onAir bool) (*schedule.Object, error) {
	if found == nil {
		return nil, a.missing()
	}
	got, err := found.fetched, found.err
	a.due = dueIn(max(a.every, origin.PauseOf(err)), now)
	if a.held == nil {
		a.due = dueIn(0, now) // whoever waits for the channel says when
	}
	if err != nil {
		return nil, a.refuse(schedule.Unread(err))
	}
	if got.text == nil || a.newest.text != nil && bytes.Equal(got.text, a.newest.text) {
		a.newest.validators = got.validators
		if a.judged == nil {
			a.seen = now
		}
		if schedule.CodeOf(a.judged) != schedule.CodeRewritesPast { // else it may be time to forget that past
			return nil, a.refuse(a.judged)
		}
	} else {
		a.newest = got
	}
	return a.judge(now, onAir)
}

// missing is why no object is in force; nil: one is.
func (a *agenda) missing() error {
	if a.held != nil {
		return nil
	}
	return a.refused
}

func (a *agenda) fetch(ctx context.Context, have origin.Validators) (fetched, error) {
	if a.source.File != "" {
		return readFile(a.source.File, have)
	}
	m := a.mounts[a.source.Origin]
	address, err := m.origin.URL(a.source.Path, a.source.Query)
	if err != nil {
		return fetched{}, err
	}
	return fetchObject(ctx, m.client, address, have)
}

// judge says whether the newest text is to be adopted.
func (a *agenda) judge(now time.Time, onAir bool) (*schedule.Object, error) {
	if a.judged = nil; a.held != nil && bytes.Equal(a.newest.text, a.text) {
		a.seen = now
		return nil, a.refuse(nil)
	}
	o, err := a.read()
	if err == nil && onAir {
		err = a.rules.Check(a.held, o, a.seen, now)
	} else if err == nil {
		err = a.rules.CheckAlone(o)
	}
	if a.judged = err; err != nil {
		return nil, a.refuse(err)
	}
	return o, nil
}

// read reads the newest text.
func (a *agenda) read() (*schedule.Object, error) {
	a.reading.Lock()
	defer a.reading.Unlock()
	return schedule.Read(mask.Text(a.source.String()), a.newest.text)
}

// refuse notes why the newest object is not adopted; nil: it is in force.
func (a *agenda) refuse(err error) error {
	before := a.refused
	a.refused = err
	if err == nil {
		a.raise(0, nil)
		return nil
	}
	outcome, code := metrics.ScheduleRefused, schedule.CodeOf(err)
	if r, is := errors.AsType[*schedule.Refusal](err); is && r.Err != nil && code == schedule.CodeUnreadable {
		outcome = metrics.ScheduleUnreadable
	}
	p := problem.New(problem.Warning, string(code), "The schedule is not adopted, what is loaded goes on: "+mask.Shorten(err.Error(), maxProblemText))
	a.raise(0, &p)
	a.config.Metrics.Schedules[outcome].Inc()
	if before == nil || schedule.CodeOf(before) != code {
		a.log.Warn("the schedule is not adopted; what is loaded goes on", zap.String("code", string(code)), zap.String("error", mask.Shorten(err.Error(), 1024)))
	}
	return a.missing()
}

// adopted notes that an object is in force, with what it changed: left and took are the
// numbers at the live edge before and after.
func (a *agenda) adopted(o *schedule.Object, late bool, left, took int64) {
	a.held, a.text, a.seen = o, a.newest.text, a.config.Now()
	a.inForce.Store(o)
	_ = a.refuse(nil)
	log := a.log.With(zap.Time("written", o.Written), zap.Time("frozen", o.Frozen), zap.Int("eras", len(o.Eras)))
	if a.source.differs(o) {
		log.Warn("the configuration has another model or target_duration than the schedule, which counts")
	}
	if !late {
		a.config.Metrics.Schedules[metrics.ScheduleAdopted].Inc()
		a.raise(1, nil)
		log.Info("schedule adopted")
		return
	}
	a.config.Metrics.Schedules[metrics.ScheduleLate].Inc()
	p := problem.New(problem.Warning, string(schedule.CodeLate), fmt.Sprintf("The schedule was adopted after it was frozen: this process was at number %d and went on with %d.", left, took))
	a.raise(1, &p)
	log.Warn("schedule adopted after it was frozen", zap.String("code", string(schedule.CodeLate)), zap.Int64("left", left), zap.Int64("took", took))
}

// raise notes a problem for the operator, nil: it is over.
func (a *agenda) raise(n int, p *problem.Problem) {
	all := *a.raised.Load()
	all[n] = p
	a.raised.Store(&all)
}

// problems are what an operator should know of the schedule. It is nil for none.
func (a *agenda) problems() (all []problem.Problem) {
	if a == nil {
		return nil
	}
	for _, p := range a.raised.Load() {
		if p != nil {
			all = append(all, *p)
		}
	}
	return all
}

// like says whether two are at the same place, or neither channel has one.
func (a *agenda) like(old *agenda) bool {
	if a == nil || old == nil {
		return a == old
	}
	return a.source.String() == old.source.String() && a.source.Query == old.source.Query
}

// inherit goes on with the object of an older configuration.
func (a *agenda) inherit(old *agenda) {
	if a == nil {
		return
	}
	a.due, a.newest, a.text, a.held, a.seen, a.judged, a.refused = old.due, old.newest, old.text, old.held, old.seen, old.judged, old.refused
	a.raised.Store(old.raised.Load())
	a.inForce.Store(old.inForce.Load())
}

// object is the one in force; nil: none is.
func (a *agenda) object() *schedule.Object {
	if a == nil {
		return nil
	}
	return a.inForce.Load()
}

// left is how many seconds there are until the last era of the object in force begins, at
// least 0; nil: no object is in force.
func (a *agenda) left(now time.Time) *float64 {
	o := a.object()
	if o == nil {
		return nil
	}
	left := max(o.Eras[len(o.Eras)-1].At.Sub(now), 0).Seconds()
	return &left
}
