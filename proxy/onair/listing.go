package onair

import (
	"errors"
	"time"
	"weak"
)

// Errors of what is asked of a channel.
var (
	ErrUnknownChannel = errors.New("no channel of this name is configured")
	ErrOffAir         = errors.New("the channel is off air: nothing of it is known")
)

// Channels are those of the configuration.
func (l *lineup) Channels() []Channel { return l.config.Channels }

// Plays are those of a channel between two instants, the one on air at the first
// included, at most so many. They begin with the first era that is known. The error is
// ErrUnknownChannel or ErrOffAir.
func (l *lineup) Plays(name string, from, to time.Time, most int) ([]Play, error) {
	for n := range l.config.Channels {
		c := &l.config.Channels[n]
		if c.Name != name {
			continue
		}
		st := l.store.get(c.key())
		if st == nil {
			return nil, ErrOffAir
		}
		return st.newest.Load().plays(c, from, to, most), nil
	}
	return nil, ErrUnknownChannel
}

// Versions stand for what the channels of a Station play: equal ones are the same.
type Versions []weak.Pointer[era]

// Versions are those of the channels, in their order.
func (l *lineup) Versions() Versions {
	all := make(Versions, len(l.config.Channels))
	for n, c := range l.config.Channels {
		if st := l.store.get(c.key()); st != nil {
			all[n] = weak.Make(st.newest.Load())
		}
	}
	return all
}
