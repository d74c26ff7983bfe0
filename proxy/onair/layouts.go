package onair

import (
	"crypto/sha256"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"
)

// layouts are those of items that forecasts have read, without text. Channels share
// them, as long as one has them.
type layouts struct {
	all   sync.Map     // of textKey: weak.Pointer[rendered]
	bytes atomic.Int64 // about what they take of memory
}

// get is nil where no channel has it.
func (l *layouts) get(k textKey) *rendered {
	if p, known := l.all.Load(k); known {
		return p.(weak.Pointer[rendered]).Value()
	}
	return nil
}

// keep lets other channels have a layout, and counts what it takes of memory, also in the
// usage of streams.
func (l *layouts) keep(made *rendered, usage *atomic.Int64) {
	l.all.Store(made.key, weak.Make(made))
	size := int64(made.size())
	count := func(bytes int64) {
		l.bytes.Add(bytes)
		usage.Add(bytes)
	}
	count(size)
	runtime.AddCleanup(made, func(k textKey) {
		if l.get(k) == nil { // else it was made again
			l.all.Delete(k)
		}
		count(-size)
	}, made.key)
}

// lastSum is that of a VOD's playlists when they were read or compared last.
func (l *library) lastSum(t title) (sum [sha256.Size]byte, known bool) {
	r := l.record(t)
	r.looking.Lock()
	defer r.looking.Unlock()
	if len(r.sources) == 0 {
		return sum, false
	}
	return r.sources.Sum(nil), true
}
