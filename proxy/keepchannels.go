package proxy

import (
	"errors"
	"sync"

	"vod2live/proxy/panics"
)

// loadChannels loads all channels, and closes tried when each has been tried.
func (s *Station) loadChannels() {
	s.tried = make(chan struct{})
	var all sync.WaitGroup
	for _, c := range s.config.Channels {
		k := c.key()
		if s.store.get(k) != nil {
			continue
		}
		all.Add(1)
		s.keepLoaded(k, sync.OnceFunc(all.Done))
	}
	go func() { // ends with the first attempts, which are bounded in time
		all.Wait()
		close(s.tried)
	}()
}

// keepLoaded loads a channel and tries again until that works. tried is called
// after the first attempt.
func (s *Station) keepLoaded(k key, tried func()) {
	if !s.work.begin() {
		tried()
		return
	}
	go func() {
		defer s.work.done()
		defer panics.Survive(s.config.Log)
		pause := leastPause
		for {
			_, err := s.loader.once(k)
			tried()
			wait := jitter(pause)
			if held, is := errors.AsType[*held](err); is {
				wait = max(wait, held.left) // as the origin asks
			}
			if err == nil || !s.work.pause(wait) || s.next.Load() != nil {
				return
			}
			pause = min(2*pause, mostOutage)
		}
	}()
}
