package onair

import (
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"vod2live/proxy/panics"
)

// loaded are items that have been loaded, or could not be, for a playout that is not
// locked meanwhile: an origin may take long.
type loaded struct {
	items map[Clip]attempt
	done  bool
	seen  bool // place has what there is
}

type attempt struct {
	one *play
	err error
}

// errLoading is of an item that is being loaded.
var errLoading = errors.New("its origin has not answered yet")

// loadDue loads what place will need next, and reports whether it must
// continue.
func loadDue(p *playout, now time.Time) bool {
	if load := p.cast.loaded; load != nil && !load.seen {
		load.seen = load.done
		return !load.done
	}
	p.cast.loaded = nil
	due := p.coming[:len(p.coming)-len(after(p.coming, now.Add(p.channel.lead())))]
	lacking := p.cast.lacking(clips(due))
	if len(lacking) == 0 || !p.work.Begin() {
		return false
	}
	load := &loaded{items: map[Clip]attempt{}}
	for _, i := range lacking {
		load.items[i] = attempt{err: errLoading}
	}
	p.cast.loaded = load
	go load.all(p, emptied(&p.cast), lacking)
	return true
}

func (l *loaded) all(p *playout, c *cast, wanted []Clip) {
	defer p.work.Done()
	var mu sync.Mutex // guards all
	all := map[Clip]attempt{}
	var group errgroup.Group
	group.SetLimit(readsEach)
	for _, i := range wanted {
		group.Go(func() error {
			one, err := getSafely(c, i)
			mu.Lock()
			defer mu.Unlock()
			all[i] = attempt{one, err}
			return nil
		})
	}
	_ = group.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	l.items, l.done = all, true
}

func getSafely(c *cast, i Clip) (one *play, err error) {
	defer panics.Catch(&err)
	return c.get(i)
}
