package onair

import (
	"maps"
	"sync"
	"weak"
)

// records are what is known of VODs, each as long as it is being read, or an item of it
// is in use: a channel may play any number of VODs over the years.
type records struct {
	mu    sync.Mutex // guards all below
	all   map[title]weak.Pointer[record]
	sweep int // so many entries are looked through for what is no longer in use
}

// leastSwept is how many entries are never looked through.
const leastSwept = 64

func newRecords() *records {
	return &records{all: map[title]weak.Pointer[record]{}, sweep: leastSwept}
}

// of is the record of a VOD. It is there for as long as the caller, or an item, has it.
func (r *records) of(t title) *record {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.all[t].Value(); known != nil {
		return known
	}
	made := &record{}
	r.add(t, made)
	return made
}

// known is nil where there is none.
func (r *records) known(t title) *record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[t].Value()
}

// take takes over a record that an item has.
func (r *records) take(t title, one *record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(t, one)
}

// add adds a record; the records are locked.
func (r *records) add(t title, one *record) {
	if len(r.all) >= r.sweep {
		maps.DeleteFunc(r.all, func(_ title, one weak.Pointer[record]) bool { return one.Value() == nil })
		r.sweep = max(leastSwept, 2*len(r.all))
	}
	r.all[t] = weak.Make(one)
}
