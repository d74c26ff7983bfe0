package onair

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"time"
	"weak"

	"vod2live/proxy/schedule"
)

// Errors of requests about a channel.
var (
	ErrUnknownChannel = errors.New("no channel of this name is configured")
	ErrOffAir         = errors.New("the channel is off air: nothing is loaded")
)

// Channels are those of the configuration. What the schedule object of one has for guides
// counts.
func (l *lineup) Channels() []Channel {
	all := slices.Clone(l.config.Channels)
	for n := range all {
		if o := l.object(all[n].Name); o != nil {
			c := &all[n]
			c.Title, c.Logo, c.Number, c.Group = cmp.Or(o.Title, c.Title), cmp.Or(o.Logo, c.Logo), cmp.Or(o.Number, c.Number), cmp.Or(o.Group, c.Group)
		}
	}
	return all
}

// object is the schedule object of a channel; nil: it has none, or none is in force.
func (l *lineup) object(channel string) *schedule.Object {
	if p := l.mounts[channel].playout; p != nil {
		return p.agenda.object()
	}
	return nil
}

// Programmes are the plays of a channel between two instants, without notices and
// numbers. Each play of a slate in a break is a separate one. They begin with the
// programme on air at the first instant, but not before the first known era, and end
// before the first era whose items are not known yet. The error is ErrUnknownChannel
// or ErrOffAir.
func (l *lineup) Programmes(name string, from, to time.Time) (iter.Seq[Play], error) {
	o, c, err := l.outlook(name)
	if err != nil {
		return nil, err
	}
	return o.programmes(c, from, o.known(c, l.config.Now(), to)), nil
}

// Schedule has the same plays as Programmes, from the one on air at the first instant
// on, and the breaks; at most this many.
func (l *lineup) Schedule(name string, from, to time.Time, most int) (*Schedule, error) {
	o, c, err := l.outlook(name)
	if err != nil {
		return nil, err
	}
	return o.schedule(c, from, o.known(c, l.config.Now(), to), most), nil
}

func (l *lineup) outlook(name string) (*outlook, *Channel, error) {
	for n := range l.config.Channels {
		c := &l.config.Channels[n]
		if c.Name != name {
			continue
		}
		st := l.store.get(c.key())
		if st == nil {
			return nil, nil, ErrOffAir
		}
		return st.outlook(), c, nil
	}
	return nil, nil, ErrUnknownChannel
}

// Versions identify what the channels of a Station play: equal ones are the same.
type Versions []version

type version struct {
	on     weak.Pointer[era]
	ahead  weak.Pointer[prospect]
	object weak.Pointer[schedule.Object]
}

// Versions are those of the channels, in their order.
func (l *lineup) Versions() Versions {
	all := make(Versions, len(l.config.Channels))
	for n, c := range l.config.Channels {
		if st := l.store.get(c.key()); st != nil {
			all[n] = version{weak.Make(st.newest.Load()), weak.Make(st.ahead.Load()), weak.Make(l.object(c.Name))}
		}
	}
	return all
}

// Equal reports whether nothing has changed between two.
func (v Versions) Equal(other Versions) bool { return slices.Equal(v, other) }
