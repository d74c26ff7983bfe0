package onair

import (
	"runtime"
	"sync"
	"sync/atomic"
	"weak"
)

// sharedItems are items that any channel has laid out, which others share as long as one
// has them.
type sharedItems struct {
	all   sync.Map     // of textKey: weak.Pointer[rendered]
	bytes atomic.Int64 // approximate memory
}

// get is nil where no channel has it.
func (s *sharedItems) get(k textKey) *rendered {
	if p, known := s.all.Load(k); known {
		return p.(weak.Pointer[rendered]).Value()
	}
	return nil
}

// keep shares an item with other channels, and counts its memory, also in the usage of
// streams.
func (s *sharedItems) keep(made *rendered, usage *atomic.Int64) {
	if s.get(made.key) == made {
		return
	}
	s.all.Store(made.key, weak.Make(made))
	size := int64(made.size())
	count := func(bytes int64) {
		s.bytes.Add(bytes)
		usage.Add(bytes)
	}
	count(size)
	runtime.AddCleanup(made, func(k textKey) {
		if s.get(k) == nil { // else it was made again
			s.all.Delete(k)
		}
		count(-size)
	}, made.key)
}
