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
func (s *Station) Channels() []Channel { return s.config.Channels }

// Plays are those of a channel between two instants, the one on air at the first
// included, at most so many. They begin with the first era that is known. The error is
// ErrUnknownChannel or ErrOffAir.
func (s *Station) Plays(name string, from, to time.Time, most int) ([]Play, error) {
	for n := range s.config.Channels {
		c := &s.config.Channels[n]
		if c.Name != name {
			continue
		}
		st := s.store.get(c.key())
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
func (s *Station) Versions() Versions {
	all := make(Versions, len(s.config.Channels))
	for n, c := range s.config.Channels {
		if st := s.store.get(c.key()); st != nil {
			all[n] = weak.Make(st.newest.Load())
		}
	}
	return all
}
