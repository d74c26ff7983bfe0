package onair

import (
	"encoding/hex"
	"errors"
	"time"

	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy/problem"
)

// Errors of an operator's requests.
var (
	ErrNoStream    = errors.New("no stream of this id is loaded")
	ErrNoRendition = errors.New("the stream has no such rendition")
	ErrInstant     = errors.New("the instant is before the stream's epoch or more than a hundred years ahead")
)

// The limits of listed plays of a channel.
const (
	tellPlays = 24 * time.Hour
	mostPlays = 200
)

// farAhead is how far ahead an operator may look.
const farAhead = 100 * 365 * 24 * time.Hour

// Snapshot is a loaded stream at one instant. No query that a viewer has sent is in
// it.
type Snapshot struct {
	ID       string // identifies the address with its query
	Address  string // of viewers, without the query
	Mount    string
	Channel  bool
	Origin   string
	VOD      string        // its path below the origin
	HasQuery bool          // it was loaded with one
	Forms    int           // queries of viewers, the bare address among them, that it answers
	Texts    int           // of its VOD: it differs from others in queries of addresses alone
	DVR      time.Duration // how far back addresses may go

	At        time.Time
	Live      *playlist.Live         // on air then
	Described []playlist.Description // its renditions
	Next      time.Time              // when a changed VOD takes over; zero: none has come
	Viewers   float64                // approximate, by the requests of the last minute
	Bytes     int                    // of memory
	Used      time.Time              // last viewer request; zero: none
	Confirmed time.Time              // when the origin last had the VOD as it is loaded; zero: it is of several
	State     State
	Plays     []Play // of a channel that plays lists: plays in the window and next
	Problems  []problem.Problem
}

// Snapshots are the loaded streams now: channels by name, then the most recently
// used. They affect neither the cache nor revalidation.
func (s *Station) Snapshots() []Snapshot {
	now := s.clock.Now()
	streams := s.store.all()
	all := make([]Snapshot, len(streams))
	for i, st := range streams {
		all[i] = s.snapshot(st, now)
	}
	return all
}

// Snapshot is the loaded stream of an id at an instant (zero: now, even of a stream
// that has not begun). The error is ErrNoStream or ErrInstant.
func (s *Station) Snapshot(id string, at time.Time) (*Snapshot, error) {
	now := s.clock.Now()
	st := s.store.byID(id)
	switch {
	case st == nil:
		return nil, ErrNoStream
	case at.IsZero():
		at = now
	case at.Before(st.at(at).live.Begins()), at.Sub(now) > farAhead:
		return nil, ErrInstant
	}
	one := s.snapshot(st, at)
	if p := s.mounts[st.key.Mount].playout; p != nil {
		v := one.Live.VOD
		shown := v.Window + 2*v.TargetDuration // at most
		one.Plays = st.outlook().plays(&p.channel, at.Add(-shown), at.Add(tellPlays), mostPlays)
	}
	return &one, nil
}

func (e *env) snapshot(st *Stream, at time.Time) Snapshot {
	m, on := e.mounts[st.key.Mount], st.at(at)
	forms, texts, _ := e.store.books().formCount(st)
	return Snapshot{
		Forms: forms, Texts: texts, DVR: m.dvr,
		ID: st.key.ID(), Address: st.key.address(), Mount: st.key.Mount, Channel: m.channel != "",
		Origin: m.origin.Name, VOD: mask.Shorten(m.vod(st.key.Path), maxAddress), HasQuery: st.key.Query != "",
		At: at, Live: on.live, Described: on.described, Next: st.next(at),
		Viewers: st.viewing.estimate(e.config.Now()), Bytes: st.bytes(),
		Used: instantOf(st.usedAt.nanos.Load()), Confirmed: st.confirmed(),
		State: e.state(st), Problems: e.problems(st),
	}
}

// confirmed is when the origin last had the VOD as it is loaded; zero: it is of several.
func (st *Stream) confirmed() time.Time {
	if st.scheduled {
		return time.Time{}
	}
	return instantOf(st.confirmedAt.Load())
}

// instantOf is the zero time for none.
func instantOf(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}

// ID identifies a key where its query must not be shown.
func (k Key) ID() string {
	d := k.digest()
	return hex.EncodeToString(d[:8])
}

// maxAddress is the maximum length of a shown address.
const maxAddress = 2048

// address is that of viewers, without the query.
func (k Key) address() string {
	address := "/" + k.Mount + "/" + k.Path
	return mask.Shorten(address, maxAddress)
}

// next is when a newer version takes over; zero if none has come.
func (st *Stream) next(at time.Time) time.Time {
	if begins := st.newest.Load().live.Begins(); st.newest.Load().live.Era > 0 && at.Before(begins) {
		return begins
	}
	return time.Time{}
}
