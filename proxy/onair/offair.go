package onair

import "time"

// OffAir is a channel that is not loaded, so that its viewers get an error. It
// is tried again and again.
type OffAir struct {
	Channel Channel
	ID      string    // of its stream, when that is loaded
	Address string    // of viewers
	Err     error     // of the last attempt that reached the origin; nil: the first is under way
	Since   time.Time // when the first attempt failed; zero: it is under way
}

// OffAir are the channels that are not loaded, as they are configured.
func (l *lineup) OffAir() (all []OffAir) {
	for _, c := range l.config.Channels {
		if k := c.key(); l.store.get(k) == nil {
			since, err := l.store.failures.last(k)
			all = append(all, OffAir{c, k.ID(), k.address(), err, since})
		}
	}
	return all
}
