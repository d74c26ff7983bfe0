package onair

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"vod2live/metrics"
	"vod2live/proxy/failure"
)

// Key is a requested stream.
type Key struct {
	Mount, Path, Query string
	named              bool // the query is a part of the VOD's name
}

// own is the key without the request that it was read from. All keys of a mount share
// its name.
func (k Key) own() Key {
	return Key{k.Mount, strings.Clone(k.Path), strings.Clone(k.Query), k.named}
}

// isForm reports whether the stream is one of the VOD at the path without
// query.
func (k Key) isForm() bool { return k.Query != "" && !k.named }

func (k Key) String() string { return k.Mount + "/" + k.Path + "?" + k.Query }

// store holds the loaded streams, by use and within a bound in bytes, and for
// a while those that could not be loaded.
type store struct {
	mu      sync.Mutex // guards all below
	streams *simplelru.LRU[*Stream, struct{}]
	forms   *forms
	pinned  map[Key]*Stream   // channels: never dropped; nil until loaded
	counted map[*Stream]taken // of usage, by stream
	listed  *listed

	failures *failures
	loading  *loading

	limit   int64
	now     func() time.Time
	needed  func(*Stream) bool // must not be dropped for others
	thrash  func(*Stream)      // called for a VOD with too many texts
	metrics *metrics.Metrics
	usage   usage
	views   *viewCache
}

// mostOfAll is the share of the memory for streams that one stream may take.
const mostOfAll = 4

// taken is what a stream takes of a store.
type taken struct {
	bytes  int64
	listed [][]uint64 // the addresses of each of its eras
}

func newStore(limit int64, now func() time.Time, m *metrics.Metrics) *store {
	s := &store{
		counted: map[*Stream]taken{}, listed: newListed(), forms: newForms(limit), pinned: map[Key]*Stream{}, failures: newFailures(), loading: newLoading(),
		limit: limit, now: now, needed: func(*Stream) bool { return false }, thrash: func(*Stream) {}, metrics: m,
	}
	s.streams, _ = simplelru.NewLRU(math.MaxInt, s.dropped) // bounded by bytes instead
	s.usage.metrics, s.usage.sweep = m, s.dropIdle
	s.views = newViewCache(limit, &s.usage)
	m.CacheLimit.Set(float64(limit))
	s.count()
	return s
}

// dropped keeps the books when a stream goes; the lock is held.
func (s *store) dropped(st *Stream, _ struct{}) {
	s.uncount(st)
	s.views.forget(st)
	s.changeForms(func() { s.forms.dropText(st) })
	s.count()
}

func (s *store) get(k Key) *Stream { return s.form(k, s.now()).Stream }

// form is a loaded stream for the viewers of a key whose query was admitted. It counts
// as used, without a query once a second.
func (s *store) form(k Key, now time.Time) Form {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, pinned := s.pinned[k]; pinned {
		return Form{Stream: st}
	}
	of := s.forms.paths[k.path()]
	one := of.get(k.Query)
	if one == nil {
		return Form{}
	}
	if one != of.plain || of.plainUsed.set(now) {
		of.use(one)
		s.streams.Get(one.st)
	}
	return Form{one.st, one.query, one}
}

// pin makes a key one whose stream is never dropped.
func (s *store) pin(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pinned[k] = nil
}

// add keeps a stream and drops the least recently used ones beyond the limit. The
// error is failure.ErrFull if none of them can be spared: streams in use whose
// origin fails, and channels.
func (s *store) add(st *Stream) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.count()
	if _, pinned := s.pinned[st.key]; pinned {
		s.unpin(st.key)
		s.pinned[st.key] = st
		s.failures.forget(st.key)
		s.countIn(st)
		if !s.shrink(st.key) {
			s.unpin(st.key)
			return failure.ErrFull
		}
		return nil
	}
	s.streams.Add(st, struct{}{})
	s.forms.addText(st)
	s.countIn(st)
	s.dropText(st)
	if !s.shrink(st.key) {
		s.streams.Remove(st)
		return failure.ErrFull
	}
	return nil
}

// unpin drops the stream of a channel, which stays one.
func (s *store) unpin(k Key) {
	if st := s.pinned[k]; st != nil {
		s.pinned[k] = nil
		s.uncount(st)
	}
}

// resize notes what a stream takes after a new era has come or an old one gone.
func (s *store) resize(st *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.count()
	now, pinned := s.pinned[st.key]
	if !pinned {
		now = st
	}
	if now == st && (pinned || s.streams.Contains(st)) {
		s.countIn(st)
	}
	s.shrink(st.key)
}

// countIn counts what a stream takes now; the lock is held. It is remembered, as
// a stream that two servers know for a while may change meanwhile.
func (s *store) countIn(st *Stream) {
	s.uncount(st)
	has := taken{bytes: int64(st.bytes())}
	for e := st.newest.Load(); e != nil; e = e.earlier {
		has.listed = append(has.listed, e.listed)
	}
	s.counted[st] = has
	if !s.usage.retired.Load() { // else another store counts them
		st.answers.move(s)
	}
	s.usage.streams.Add(has.bytes)
	for _, addresses := range has.listed {
		s.listed.change(addresses, 1)
	}
}

func (s *store) uncount(st *Stream) {
	has := s.counted[st]
	delete(s.counted, st)
	st.answers.leave(s)
	s.usage.streams.Add(-has.bytes)
	for _, addresses := range has.listed {
		s.listed.change(addresses, -1)
	}
}

// shrink drops the least recently used streams beyond the limit, except for one.
// It reports whether the others fit.
func (s *store) shrink(but Key) bool {
	for s.usage.total() > s.limit {
		if s.views.dropOne() {
			continue
		}
		if !s.evict(but) {
			return false
		}
		s.metrics.CacheEvictions.Inc()
	}
	return true
}

// evict drops the stream used least recently that can be spared; not the newest.
func (s *store) evict(newest Key) bool {
	if st, _, some := s.streams.GetOldest(); some && st.key != newest && !s.needed(st) {
		s.streams.RemoveOldest()
		return true
	}
	for _, st := range s.streams.Keys() {
		if st.key != newest && !s.needed(st) {
			s.streams.Remove(st)
			return true
		}
	}
	return false
}

// count updates the metrics; the lock is held.
func (s *store) count() {
	s.usage.tell()
	if !s.usage.retired.Load() {
		s.metrics.Streams.Set(float64(s.loaded()))
		s.metrics.Queries.Set(float64(s.forms.n))
	}
}

// loaded is how many streams are; the lock is held.
func (s *store) loaded() int {
	loaded := s.streams.Len()
	for _, st := range s.pinned {
		if st != nil {
			loaded++
		}
	}
	return loaded
}

func (s *store) status() StoreStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return StoreStatus{s.usage.total(), s.limit, s.loaded(), s.failures.len()}
}

// remove drops a stream, unless it has been replaced already.
func (s *store) remove(st *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.count()
	if now, pinned := s.pinned[st.key]; pinned && now == st {
		s.unpin(st.key)
	} else {
		s.streams.Remove(st)
	}
}

// retire leaves the metrics to another store, and returns the loaded streams,
// those used least recently first.
func (s *store) retire() []*Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage.retired.Store(true)
	streams := s.streams.Keys()
	for _, st := range s.pinned {
		if st != nil {
			streams = append(streams, st)
		}
	}
	return streams
}

// all are the loaded streams: channels by name, then those used last.
func (s *store) all() []*Stream {
	s.mu.Lock()
	var channels []*Stream
	for _, st := range s.pinned {
		if st != nil {
			channels = append(channels, st)
		}
	}
	others := s.streams.Keys() // that leaves their order as it is
	s.mu.Unlock()
	slices.SortFunc(channels, func(a, b *Stream) int { return cmp.Compare(a.key.Mount, b.key.Mount) })
	slices.Reverse(others)
	return append(channels, others...)
}

// dropIdle drops the answers without requests for a while.
func (s *store) dropIdle() {
	now := s.now()
	s.views.dropIdle(now)
	for _, st := range s.all() {
		st.dropIdle(now)
	}
}

// byID is the loaded stream of an id; nil: there is none.
func (s *store) byID(id string) *Stream {
	for _, st := range s.all() {
		if st.key.ID() == id {
			return st
		}
	}
	return nil
}
