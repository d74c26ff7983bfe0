package onair

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/route"
	"vod2live/proxy/vod"
)

// title is a VOD at an origin, as channels name it.
type title struct {
	origin, path, query string
	moves               bool // its media is measured: its timestamps may be continuous over its loops
}

func (t title) String() string { return t.origin + "/" + t.path }

// failed is the error of an item of this VOD.
func (t title) failed(err error) error {
	return &failure.ItemError{Item: t.String(), Query: t.query, Err: err}
}

// library fetches the VODs of channels, and compares them with their origins. A VOD
// that several channels need at the same time is fetched and decoded once.
type library struct {
	*env

	mu   sync.Mutex // guards open
	open map[title]*opened

	held    *records
	ahead   chan struct{} // one for each VOD that is read for a forecast
	layouts sharedItems   // of forecasts, without text
	texts   sharedItems
}

// sum is that of a VOD's playlists when they were last read or compared, and whether that
// was within the interval of comparisons.
func (l *library) sum(t title) (sum [sha256.Size]byte, recent, known bool) {
	r := l.held.known(t)
	if r == nil {
		return sum, false, false
	}
	r.looking.Lock()
	defer r.looking.Unlock()
	if len(r.sources) == 0 {
		return sum, false, false
	}
	recent = r.found.Revalidation == metrics.Unchanged && r.look.left(l.config.Now()) > 0
	return r.sources.Sum(nil), recent, true
}

// opened is a VOD that is being fetched, or that someone is reading.
type opened struct {
	fetched chan struct{} // closed once the three below are set
	vod     *vod.VOD
	err     error
	record  *record // of the VOD
	readers int
	turn    sync.Mutex // of readers: the next finds what one has made
}

// record is what is known of a fetched VOD.
type record struct {
	looking sync.Mutex // one look at a time; guards all below
	sources vod.Sources
	look    due       // no look is needed before
	found   lookFound // by the newest look
}

// lookFound is what a look at an origin has found.
type lookFound struct {
	metrics.Revalidation
	at time.Time
}

func newLibrary(e *env) *library {
	return &library{ahead: make(chan struct{}, readAhead), env: e, open: map[title]*opened{}, held: newRecords()}
}

// read lets a function read a VOD as its origin has it now, one after the other. The
// error is that of the fetch, or the function's.
func (l *library) read(t title, use func(*vod.VOD) error) error {
	o := l.enter(t)
	defer l.leave(t, o)
	select {
	case <-o.fetched:
	case <-l.work.Context.Done():
		return context.Canceled
	}
	if o.err != nil {
		return o.err
	}
	o.turn.Lock()
	defer o.turn.Unlock()
	return use(o.vod)
}

func (l *library) enter(t title) *opened {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := l.open[t]
	if o == nil {
		o = &opened{fetched: make(chan struct{})}
		l.open[t] = o
		go l.fetch(t, o)
	}
	o.readers++
	return o
}

// leave closes a VOD without readers.
func (l *library) leave(t title, o *opened) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.readers--; o.readers > 0 {
		return
	}
	if l.open[t] == o {
		delete(l.open, t)
	}
	select {
	case <-o.fetched:
		o.close()
	default: // all have left before it came: fetch closes it
	}
}

func (o *opened) close() {
	if o.vod != nil {
		o.vod.Close()
	}
}

func (l *library) fetch(t title, o *opened) {
	v, err := l.fetchOnce(t)
	record := l.held.of(t)
	if err == nil {
		l.note(t, record, v)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	o.vod, o.err, o.record = v, err, record
	close(o.fetched)
	if o.readers == 0 {
		o.close()
	}
}

func (l *library) fetchOnce(t title) (v *vod.VOD, err error) {
	defer panics.Catch(&err)
	if !l.work.Begin() {
		return nil, context.Canceled
	}
	defer l.work.Done()
	m := l.mounts[t.origin]
	ctx, cancel := context.WithTimeoutCause(l.work.Context, background.LoadTimeouts*l.config.Timeout, origin.ErrTimeout)
	defer cancel()
	folder, _ := route.CutLast(t.path)
	release, err := m.slots.Acquire(ctx, folder)
	if err != nil {
		return nil, failure.ErrBusy
	}
	defer release()
	address, err := m.origin.URL(t.path, t.query)
	if err != nil {
		return nil, err
	}
	v = vod.New(m.client.Within(l.room.Open()))
	if err = v.Fetch(ctx, address); err == nil {
		err = v.Measure(ctx, m.origin, t.moves)
	}
	if err != nil {
		v.Close()
		failure.BoundDetail(err)
		return nil, err
	}
	return v, nil
}

// note keeps what the VOD is compared by later.
func (l *library) note(t title, r *record, v *vod.VOD) {
	r.looking.Lock()
	defer r.looking.Unlock()
	now := l.config.Now()
	r.sources, r.found = v.Sources, lookFound{metrics.Unchanged, now}
	r.look = dueIn(l.mounts[t.origin].revalidate, now)
}

// changed asks the origin, at most once per interval, whether a fetched VOD is still
// the same.
func (l *library) changed(t title, r *record) metrics.Revalidation {
	r.looking.Lock()
	defer r.looking.Unlock()
	if r.look.left(l.config.Now()) > 0 {
		return r.found.Revalidation
	}
	return l.ask(t, r)
}

// look is changed at once.
func (l *library) look(t title, r *record) metrics.Revalidation {
	r.looking.Lock()
	defer r.looking.Unlock()
	return l.ask(t, r)
}

// ask asks the origin; the record is locked.
func (l *library) ask(t title, r *record) metrics.Revalidation {
	if len(r.sources) == 0 {
		return r.found.Revalidation
	}
	found, err := l.compare(t, r.sources)
	l.config.Metrics.Revalidations[found].Inc()
	next := l.mounts[t.origin].revalidate
	if found == metrics.Unknowable {
		next = max(min(next, leastRecheck), origin.PauseOf(err))
	}
	now := l.config.Now()
	r.found, r.look = lookFound{found, now}, dueIn(next, now)
	return found
}

func (l *library) compare(t title, sources vod.Sources) (metrics.Revalidation, error) {
	ctx, cancel := context.WithTimeoutCause(l.work.Context, background.LoadTimeouts*l.config.Timeout, origin.ErrTimeout)
	defer cancel()
	share := l.room.Open()
	defer share.Close()
	return sources.Compare(ctx, l.mounts[t.origin].client.Within(share), false)
}
