package proxy

import (
	"cmp"
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/room"
)

// StationConfig is what a Station needs. All fields but the marked ones are required.
type StationConfig struct {
	Origins    []*origin.Origin
	Channels   []Channel         // none are needed
	Transport  http.RoundTripper // to the origins; see NewTransport
	Now        func() time.Time  // the clock that streams follow
	Log        *zap.Logger
	Metrics    *metrics.Metrics
	Options    playlist.Options // of every stream
	Revalidate time.Duration    // a stream asked for is compared with its origin so often, unless that says otherwise
	GoneAfter  time.Duration    // a VOD that is absent for so long ends, likewise
	Timeout    time.Duration    // of an origin; a viewer waits a little longer for a load
	CacheBytes int64            // about what loaded streams may take of memory
	LoadBytes  int64            // … and playlists while they are loaded; 0: a sixth of that

	Examine func(*Inspection) []Problem // finds the problems of a VOD that is loaded; nil: none are found
}

// Station has the streams on air. It is safe for concurrent use.
type Station struct {
	*env
	*lineup
	loader   *loader
	follower *follower
	slicer   *slicer

	next atomic.Pointer[Station] // has taken over; nil: none has
}

// NewStation makes a Station. It takes over what is loaded from one with an older
// configuration, nil if there was none.
func NewStation(config StationConfig, before *Station) *Station {
	e := &env{
		site: newSite(&config), config: config, clock: &clock{now: config.Now, log: config.Log},
		store: newStore(config.CacheBytes, config.Metrics), work: newBackground(), failures: newFailureLog(config.Log, config.Now),
	}
	s := &Station{env: e}
	s.loader = &loader{env: e, handOver: s.handOver}
	s.follower = &follower{env: e, ended: s.drop}
	s.lineup = &lineup{loader: s.loader, tried: make(chan struct{}), replaced: func() bool { return s.next.Load() != nil }}
	for _, o := range config.Origins {
		e.logOutages(o)
	}
	for _, c := range config.Channels {
		s.store.pin(c.key())
	}
	limit := cmp.Or(config.LoadBytes, config.CacheBytes/6)
	if before == nil {
		e.room = room.New(limit)
		s.slicer = newSlicer(e.work, e.room, config.Timeout, nil)
	} else {
		e.room = before.room // which may have loads under way
		e.room.Resize(limit)
		s.slicer = newSlicer(e.work, e.room, config.Timeout, before.slicer)
		s.adopt(before)
	}
	config.Metrics.Follow(s.states)
	s.loadAll()
	return s
}

// Close ends all background work and waits for it.
func (s *Station) Close() { s.work.close() }

// Now is the instant that viewers are answered for.
func (s *Station) Now() time.Time { return s.clock.Now() }

// Loaded returns a stream to a viewer if it is loaded, else nil.
func (s *Station) Loaded(ctx context.Context, k key) *stream {
	st := s.store.get(k)
	if st == nil {
		return nil
	}
	now := s.config.Now()
	s.config.Metrics.CacheHits.Inc()
	s.follower.revalidate(st, now)
	s.follower.awaitLook(ctx, st, now)
	st.use(s.config.Now())
	return st
}

// Load loads a stream for a viewer. Its requests to the origin have the id of the
// viewer's, see origin.WithRequestID.
func (s *Station) Load(ctx context.Context, k key) (*stream, error) {
	st, err := s.loader.await(ctx, k)
	if err == nil {
		st.use(s.config.Now())
	}
	return st, err
}

// Slice returns a piece of WebVTT beneath a rendition of a stream.
func (s *Station) Slice(ctx context.Context, st *stream, t target) (*answer, error) {
	e := st.sliced(t.rendition, t.sum)
	if e == nil || t.slice >= e.live.VOD.Tracks[t.rendition].Len() {
		return nil, origin.ErrNotFound
	}
	of := sliceOf{st.key.String(), t.mount, s.mounts[t.mount].client, t.rendition, t.slice}
	return s.slicer.slice(ctx, e.cues[t.rendition], of)
}

// Listed is as much of a viewer's query for a resource as loaded VODs list with it;
// not known if none of them lists the resource at all.
func (s *Station) Listed(o *origin.Origin, path, query string) (kept string, known bool) {
	return s.store.listed.query(o, path, query)
}

// clientOf asks an origin.
func (s *Station) clientOf(o *origin.Origin) *origin.Client { return s.client.Of(o) }

// failureLog is where failures are logged.
func (s *Station) failureLog() *failureLog { return s.failures }

// keyOf is that of the stream which an address and a query are of.
func (s *Station) keyOf(t target, query string) key { return s.mounts[t.mount].key(t, query) }
