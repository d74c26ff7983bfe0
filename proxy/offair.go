package proxy

// OffAir is a channel that is not loaded, so that its viewers get an error. It
// is tried again and again.
type OffAir struct {
	Channel Channel
	Address string // of viewers
	Err     error  // of the last attempt; nil: the first is under way
}

// OffAir are the channels that are not loaded, as they are configured.
func (s *Station) OffAir() (all []OffAir) {
	for _, c := range s.config.Channels {
		if k := c.key(); s.store.get(k) == nil {
			all = append(all, OffAir{c, k.address(), s.store.lastFailure(k)})
		}
	}
	return all
}
