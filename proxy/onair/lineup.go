package onair

import (
	"errors"
	"sync"

	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/panics"
)

// lineup are the channels: streams that stay loaded.
type lineup struct {
	*loader
	tried    chan struct{} // closed when all have been tried
	replaced func() bool   // another Station has them
	searches searches
}

// loadAll loads all channels, and closes tried when each has been tried.
func (l *lineup) loadAll() {
	var all sync.WaitGroup
	for _, c := range l.config.Channels {
		k := c.key()
		if l.store.get(k) != nil && !c.Lists() {
			continue
		}
		all.Add(1)
		l.keepLoaded(k, sync.OnceFunc(all.Done))
	}
	go func() { // ends with the first attempts, which are bounded in time
		all.Wait()
		close(l.tried)
	}()
}

// keepLoaded loads a channel and tries again until that works. tried is called
// after the first attempt.
func (l *lineup) keepLoaded(k Key, tried func()) {
	if !l.work.Begin() {
		tried()
		return
	}
	go func() {
		defer l.work.Done()
		defer panics.Survive(l.config.Log)
		pause := leastPause
		for {
			st, err := l.once(k)
			tried()
			if p := l.mounts[k.Mount].playout; p != nil && err == nil {
				p.run(st)
				return
			}
			wait := background.Jitter(pause)
			if held, is := errors.AsType[*failure.Held](err); is {
				wait = max(wait, held.Left) // as the origin requests
			}
			if err == nil || !l.work.Pause(wait) || l.replaced() {
				return
			}
			pause = min(2*pause, mostOutage)
		}
	}()
}

// Tried is closed when all channels have been tried once.
func (l *lineup) Tried() <-chan struct{} { return l.tried }
