// Package onair has the streams on air.
//
// A live playlist is a function of the VOD's playlists, the options and the
// instant. So a [Station] loads a VOD once for all waiting viewers, keeps it as
// long as its memory allows, and renders each live playlist once per change for
// all requests. After that it needs the origin only to check in the background
// whether the VOD is still the same.
package onair

import (
	"cmp"
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/answer"
	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
	"vod2live/proxy/room"
	"vod2live/proxy/route"
	"vod2live/proxy/subtitles"
)

// Config is what a Station needs. All fields but the marked ones are required.
type Config struct {
	Origins    []*origin.Origin
	Channels   []Channel         // none are needed
	Transport  http.RoundTripper // to the origins; see NewTransport
	Now        func() time.Time  // the clock that streams follow
	Log        *zap.Logger
	Metrics    *metrics.Metrics
	Options    playlist.Options // of every stream
	DVR        time.Duration    // how far back addresses may go; 0: they may not
	Revalidate time.Duration    // revalidation interval of watched streams, unless the origin has its own
	GoneAfter  time.Duration    // a VOD ends after being absent for this long, unless the origin has its own
	Timeout    time.Duration    // of an origin; a viewer waits a little longer for a load
	Ahead      time.Duration    // how far ahead the programmes of channels are loaded; 0: only as items are needed
	CacheBytes int64            // about what loaded streams may take of memory
	LoadBytes  int64            // … and playlists while they are loaded; 0: a sixth of that

	Examine func(*Inspection) []problem.Problem // finds the problems of a VOD that is loaded; nil: none are found
}

// Station has the streams on air. It is safe for concurrent use.
type Station struct {
	*env
	*lineup
	*views
	loader   *loader
	follower *follower
	slicer   *subtitles.Slicer

	next atomic.Pointer[Station] // has taken over; nil: none has
}

// New makes a Station. It takes over the loaded streams of one with an older
// configuration; nil: there is none.
func New(config Config, before *Station) *Station {
	e := &env{
		site: newSite(&config), config: config, clock: &clock{now: config.Now, log: config.Log},
		store: newStore(config.CacheBytes, config.Now, config.Metrics), work: background.New(), failures: failure.NewLog(config.Log, config.Now),
	}
	e.store.needed, e.store.thrash = e.needed, e.logTexts
	s := &Station{env: e, views: &views{e}}
	s.loader = &loader{env: e, handOver: s.handOver}
	s.follower = &follower{env: e, ended: s.drop}
	s.lineup = &lineup{loader: s.loader, tried: make(chan struct{}), replaced: func() bool { return s.next.Load() != nil }}
	for _, o := range config.Origins {
		e.logOutages(o)
	}
	library := newLibrary(e)
	for _, c := range config.Channels {
		s.store.pin(c.key())
		if c.Lists() {
			e.mounts[c.Name].playout = newPlayout(e, library, c)
			e.mounts[c.Name].playout.agenda = newAgenda(e, c)
		}
	}
	s.share(before)
	config.Metrics.Follow(s.states)
	s.loadAll()
	return s
}

// share shares memory with the previous Station, and takes over its loaded streams.
func (s *Station) share(before *Station) {
	limit, c := cmp.Or(s.config.LoadBytes, s.config.CacheBytes/6), subtitles.Config{Work: s.work, Timeout: s.config.Timeout, Memory: s.config.CacheBytes}
	if before == nil {
		s.room = room.New(limit)
		c.Room = s.room
		s.slicer = subtitles.New(c, nil)
		return
	}
	s.room = before.room // which may have loads under way
	s.room.Resize(limit)
	c.Room = s.room
	s.slicer = subtitles.New(c, before.slicer)
	s.adopt(before)
}

// Close ends all background work and waits for it.
func (s *Station) Close() {
	s.work.Close()
	s.store.usage.close()
}

// Rest waits until all background work that has begun is done. It is for tests.
func (s *Station) Rest() { s.work.Rest() }

// Now is the instant that viewers are answered for.
func (s *Station) Now() time.Time { return s.clock.Now() }

// Loaded returns a stream to a viewer if it is loaded and the query has been let in.
func (s *Station) Loaded(ctx context.Context, k Key) (st Form, ok bool) {
	now := s.config.Now()
	st = s.store.form(k, now)
	if st.Stream == nil {
		return st, false
	}
	s.config.Metrics.CacheHits.Inc()
	if !st.scheduled {
		s.follower.revalidate(st, now)
		s.follower.awaitLook(ctx, st.Stream, now)
	}
	st.use(now)
	return st, true
}

// Load loads a stream for a viewer. Its requests to the origin have the id of the
// viewer's, see origin.WithRequestID.
func (s *Station) Load(ctx context.Context, k Key) (Form, error) {
	st, err := s.loader.await(ctx, k)
	if err != nil {
		return Form{}, err
	}
	st.use(s.config.Now())
	return Form{Stream: st, query: k.Query}, nil
}

// Slice returns a piece of WebVTT below a rendition of a stream.
func (s *Station) Slice(ctx context.Context, st *Stream, t route.Target) (*answer.Answer, error) {
	track := st.sliced(t.Rendition, t.Sum)
	if track == nil || t.Slice >= track.Segments() {
		return nil, origin.ErrNotFound
	}
	of := subtitles.Request{Stream: st.key.String(), Mount: t.Mount, Client: s.mounts[t.Mount].client, Rendition: t.Rendition, Segment: t.Slice}
	return s.slicer.Slice(ctx, track, of)
}

// Subtitles is the number of cached WebVTT files, and their memory.
func (s *Station) Subtitles() (files, bytes int) { return s.slicer.Kept() }

// Listed is the part of a viewer's query for a resource that loaded VODs list with
// it; not known if none of them lists the resource.
func (s *Station) Listed(o *origin.Origin, path, query string) (kept string, known bool) {
	return s.store.listed.query(o, path, query)
}

// ClientOf returns the client of an origin.
func (s *Station) ClientOf(o *origin.Origin) *origin.Client { return s.client.Of(o) }

// FailureLog is where failures are logged.
func (s *Station) FailureLog() *failure.Log { return s.failures }
