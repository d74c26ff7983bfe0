package onair

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"vod2live/metrics"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
)

// Key identifies a stream.
type Key struct {
	Mount, Path, Query string
	named              bool // the query is a part of the VOD's name
}

// own is the key without the request that it was read from.
func (k Key) own() Key {
	return Key{strings.Clone(k.Mount), strings.Clone(k.Path), strings.Clone(k.Query), k.named}
}

// isForm says whether the stream is one of the VOD that the bare path names.
func (k Key) isForm() bool { return k.Query != "" && !k.named }

func (k Key) bare() Key { return Key{Mount: k.Mount, Path: k.Path} }

func (k Key) String() string { return k.Mount + "/" + k.Path + "?" + k.Query }

// digest stands for the key of a failure: a stranger's addresses may be long.
type digest [sha256.Size]byte

func (k Key) digest() digest { return sha256.Sum256([]byte(k.String())) }

const (
	maxForms     = 16     // queries of one path that are kept beside the bare path
	maxFormLoads = 4      // of them loaded at once
	maxFailures  = 10_000 // streams that could not be loaded, remembered

	notFoundFor = 5 * time.Second  // a 404 is remembered
	fullFor     = 5 * time.Second  // that there is no memory
	leastPause  = time.Second      // before the next attempt after a failure
	mostPause   = 15 * time.Second // … after many
	mostOutage  = time.Second      // … of an origin that may be back at any moment
)

// store holds the loaded streams, by use and within a bound in bytes, and for
// a while those that could not be loaded.
type store struct {
	mu       sync.Mutex // guards all below
	streams  *simplelru.LRU[Key, *Stream]
	forms    map[Key][]Key // the queries of a path, oldest first
	loading  map[Key]int   // how many of them are being loaded
	failures *simplelru.LRU[digest, remembered]
	pinned   map[Key]*Stream   // channels: never dropped; nil until loaded
	counted  map[*Stream]taken // of usage, by stream
	listed   *listed

	limit   int64
	now     func() time.Time
	needed  func(*Stream) bool // must not be dropped for others
	metrics *metrics.Metrics
	usage   usage
}

// mostOfAll is the share of the memory for streams that one stream may take.
const mostOfAll = 4

// taken is what a stream takes of a store.
type taken struct {
	bytes  int64
	listed [][]uint64 // the addresses of each of its eras
}

// remembered is why a stream could not be loaded, and until when that is said
// again without asking the origin.
type remembered struct {
	err     error
	until   due
	backoff time.Duration // of an origin that fails: longer each time
}

func newStore(limit int64, now func() time.Time, m *metrics.Metrics) *store {
	s := &store{
		counted: map[*Stream]taken{}, listed: newListed(), forms: map[Key][]Key{}, pinned: map[Key]*Stream{}, loading: map[Key]int{},
		limit: limit, now: now, needed: func(*Stream) bool { return false }, metrics: m,
	}
	s.streams, _ = simplelru.NewLRU(math.MaxInt, s.dropped) // bounded by bytes instead
	s.usage.metrics, s.usage.sweep = m, s.dropIdle
	s.failures, _ = simplelru.NewLRU[digest, remembered](maxFailures, nil)
	m.CacheLimit.Set(float64(limit))
	s.count()
	return s
}

// dropped keeps the books when a stream goes; the lock is held.
func (s *store) dropped(k Key, st *Stream) {
	s.uncount(st)
	if k.isForm() {
		forms := slices.DeleteFunc(s.forms[k.bare()], func(o Key) bool { return o == k })
		if s.forms[k.bare()] = forms; len(forms) == 0 {
			delete(s.forms, k.bare())
		}
	}
	s.count()
}

func (s *store) get(k Key) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, pinned := s.pinned[k]; pinned {
		return st
	}
	st, _ := s.streams.Get(k)
	return st
}

// pin makes a key one whose stream is never dropped.
func (s *store) pin(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pinned[k] = nil
}

// add keeps a stream and drops the ones used least recently that are too much. The
// error is failure.ErrFull if none of them can be spared: those in use whose origin
// fails, and channels.
func (s *store) add(st *Stream) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.count()
	s.failures.Remove(st.key.digest())
	if _, pinned := s.pinned[st.key]; pinned {
		s.unpin(st.key)
		s.pinned[st.key] = st
		s.countIn(st)
		if !s.shrink(st.key) {
			s.unpin(st.key)
			return failure.ErrFull
		}
		return nil
	}
	s.streams.Remove(st.key)
	s.streams.Add(st.key, st)
	s.countIn(st)
	s.addForm(st.key)
	if !s.shrink(st.key) {
		s.streams.Remove(st.key)
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
		now, _ = s.streams.Peek(st.key)
	}
	if now == st {
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

// shrink drops the streams used least recently that are too much, but for one. It
// reports whether the others fit.
func (s *store) shrink(but Key) bool {
	for s.usage.total() > s.limit {
		if !s.evict(but) {
			return false
		}
		s.metrics.CacheEvictions.Inc()
	}
	return true
}

// evict drops the stream used least recently that can be spared; not the newest.
func (s *store) evict(newest Key) bool {
	if k, st, some := s.streams.GetOldest(); some && k != newest && !s.needed(st) {
		s.streams.RemoveOldest()
		return true
	}
	for _, k := range s.streams.Keys() {
		if st, _ := s.streams.Peek(k); k != newest && !s.needed(st) {
			s.streams.Remove(k)
			return true
		}
	}
	return false
}

func (s *store) addForm(k Key) {
	if !k.isForm() {
		return
	}
	bare := k.bare()
	s.forms[bare] = append(s.forms[bare], k)
	if forms := s.forms[bare]; len(forms) > maxForms {
		s.streams.Remove(forms[0])
	}
}

// count tells the metrics; the lock is held.
func (s *store) count() {
	s.usage.tell()
	if !s.usage.retired.Load() {
		s.metrics.Streams.Set(float64(s.loaded()))
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
	return StoreStatus{s.usage.total(), s.limit, s.loaded(), s.failures.Len()}
}

// remove drops a stream, unless it has been replaced already.
func (s *store) remove(st *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.count()
	if now, pinned := s.pinned[st.key]; pinned && now == st {
		s.unpin(st.key)
	} else if now, _ := s.streams.Peek(st.key); now == st {
		s.streams.Remove(st.key)
	}
}

// retire leaves the metrics to another store, and returns the loaded streams,
// those used least recently first.
func (s *store) retire() []*Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage.retired.Store(true)
	streams := s.streams.Values()
	for _, st := range s.pinned {
		if st != nil {
			streams = append(streams, st)
		}
	}
	return streams
}

// begin says whether one more form of a path may be loaded now; done ends it.
// So a stranger's queries leave slots to other streams.
func (s *store) begin(k Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.isForm() && s.loading[k.bare()] == maxFormLoads {
		return false
	}
	if k.isForm() {
		s.loading[k.bare()]++
	}
	return true
}

func (s *store) done(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bare := k.bare(); k.isForm() {
		if s.loading[bare]--; s.loading[bare] == 0 {
			delete(s.loading, bare)
		}
	}
}

// failed remembers why a stream could not be loaded: each time for longer, and
// for as long as the origin asks. It returns what is said meanwhile.
func (s *store) failed(k Key, err error, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, _ := s.failures.Get(k.digest())
	most := mostPause
	if origin.Sick(err) {
		most = mostOutage
	}
	f := remembered{err: err, backoff: min(max(2*last.backoff, leastPause), most)}
	pause := max(f.backoff, origin.PauseOf(err))
	switch {
	case errors.Is(err, origin.ErrNotFound):
		pause = notFoundFor
	case errors.Is(err, failure.ErrFull):
		pause = fullFor
	case errors.Is(err, origin.ErrPaused): // and so not asked
		pause, f.backoff = origin.PauseOf(err), last.backoff
	case errors.Is(err, origin.ErrBusy): // likewise
		pause, f.backoff = leastPause, last.backoff
	}
	f.until = dueIn(pause, now)
	s.failures.Add(k.digest(), f)
	return &failure.Held{Err: err, Left: pause}
}

// failure returns why a stream could not be loaded a moment ago, or nil.
func (s *store) failure(k Key, now time.Time) error {
	d := k.digest()
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _ := s.failures.Get(d)
	if left := f.until.left(now); left > 0 {
		return &failure.Held{Err: f.err, Left: left}
	}
	return nil
}

// lastFailure is why a stream could not be loaded when that was tried last, nil
// if it has not been.
func (s *store) lastFailure(k Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _ := s.failures.Peek(k.digest())
	return f.err
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
	others := s.streams.Values() // that leaves their order as it is
	s.mu.Unlock()
	slices.SortFunc(channels, func(a, b *Stream) int { return cmp.Compare(a.key.Mount, b.key.Mount) })
	slices.Reverse(others)
	return append(channels, others...)
}

// dropIdle drops the answers that nobody has requested for a while.
func (s *store) dropIdle() {
	now := s.now()
	for _, st := range s.all() {
		st.dropIdle(now)
	}
}

// byID is the loaded stream of an id, nil if there is none.
func (s *store) byID(id string) *Stream {
	for _, st := range s.all() {
		if st.key.ID() == id {
			return st
		}
	}
	return nil
}
