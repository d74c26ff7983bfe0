package onair

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"vod2live/proxy/origin"
	"vod2live/proxy/vod"
)

// Form is a stream for viewers with one query: the shared playlists, with their own
// query only. The zero value is none.
type Form struct {
	*Stream
	query string
	state *form // nil: of a channel
}

// Query is what viewers get in those of their addresses that have a place for one.
func (f Form) Query() string { return f.query }

// key is that of the address at the origin.
func (f Form) key() Key {
	if f.state == nil {
		return f.Stream.key
	}
	return f.state.key()
}

// form is a query of a path that the origin has let in: there are many of them.
type form struct {
	st    *Stream // that its viewers are answered with
	query string
	apart bool // its validators were not those of the others
	look  look

	front atomic.Pointer[front] // what the origin has given at its address
	asked atomic.Int64          // Unix nanoseconds: when that was

	refusedAt atomic.Int64 // Unix nanoseconds: since when the origin refuses it; 0: it does not
	refusals  atomic.Int32 // since then
	differsAt atomic.Int64 // Unix nanoseconds: since when the origin has another text at its address; 0: it has not
}

// front is what the origin gives at a stream's own address. It is immutable and shared
// by forms.
type front struct {
	sources    vod.Sources // of all playlists, without those validators that change
	text       [32]byte
	validators origin.Validators
}

func frontOf(s vod.Sources) *front { return &front{s, s.Text(), s.Validators()} }

// formBytes is the approximate memory of a form besides its query, frontBytes that
// of its own validators.
const (
	formBytes     = 288
	frontBytes    = 96 + maxValidators
	maxValidators = 128
)

func (f *form) bytes() int64 {
	size := formBytes + len(f.query)
	if f.apart {
		size += frontBytes
	}
	return int64(size)
}

func (f *form) key() Key {
	of := f.st.key
	return Key{of.Mount, of.Path, f.query, of.named}
}

// newForm is a query that was let in now with what the origin gave at its address.
func newForm(st *Stream, query string, got *front, now time.Time) *form {
	f := &form{st: st, query: query}
	f.good(got, now)
	f.apart = f.front.Load() != st.front.Load()
	return f
}

// good notes that the origin has let it in, with the text that it has.
func (f *form) good(got *front, now time.Time) {
	if shared := f.st.front.Load(); got.text == shared.text && got.validators == shared.validators {
		got = shared
	} else if len(got.validators.ETag)+len(got.validators.LastModified) > maxValidators {
		got.validators = origin.Validators{} // they count for each
	}
	f.front.Store(got)
	f.asked.Store(now.UnixNano())
	f.refusedAt.Store(0)
	f.refusals.Store(0)
	f.differsAt.Store(0)
	f.st.good.note(f, now)
}

// lastGood is when the origin last let queries of a stream in.
type lastGood struct {
	mu          sync.Mutex // guards all below
	by          *form
	at, otherAt int64 // Unix nanoseconds: of by, and of any other; 0: never
}

func (g *lastGood) note(by *form, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by != by {
		g.by, g.otherAt = by, g.at
	}
	g.at = now.UnixNano()
}

// others is when it last let another query in than one.
func (g *lastGood) others(but *form) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by == but {
		return g.otherAt
	}
	return g.at
}

// since is how long ago an instant was; the clock may step back.
func since(nanos int64, now time.Time) time.Duration {
	ago := now.Sub(time.Unix(0, nanos))
	if ago < 0 {
		return time.Duration(1<<63 - 1)
	}
	return ago
}

// spread is a part of an interval that differs by query, so that forms are not
// revalidated all at the same time.
func (f *form) spread(interval time.Duration) time.Duration {
	return time.Duration(maphash.String(nameSeed, f.query) % uint64(interval/4))
}
