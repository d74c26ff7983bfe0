package onair

// OffAir is a channel that is not loaded, so that its viewers get an error. It
// is tried again and again.
type OffAir struct {
	Channel Channel
	Address string // of viewers
	Err     error  // of the last attempt; nil: the first is under way
}

// OffAir are the channels that are not loaded, as they are configured.
func (l *lineup) OffAir() (all []OffAir) {
	for _, c := range l.config.Channels {
		if k := c.key(); l.store.get(k) == nil {
			all = append(all, OffAir{c, k.address(), l.store.failures.last(k)})
		}
	}
	return all
}
