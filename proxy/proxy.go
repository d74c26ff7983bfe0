// Package proxy answers viewers: live playlists made of VODs at configured
// origins, and everything else handed through from there.
//
// A live playlist is a function of the VOD's playlists, the options and the
// instant. So a [Server] loads a VOD once, for all who wait, keeps it as long
// as its memory allows, renders each live playlist once per change for all who
// ask, and needs the origin no more for it. Segments are streamed through, never
// gathered, unless they are to be kept for others: see [segmentcache].
package proxy

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/segmentcache"
)

// Config is what a Server needs. All fields but the marked ones are required.
type Config struct {
	Origins    []*origin.Origin
	Channels   []Channel         // none are needed
	Transport  http.RoundTripper // to the origins; see NewTransport
	Now        func() time.Time  // the clock that streams follow
	Log        *zap.Logger
	Metrics    *metrics.Metrics
	Options    playlist.Options    // of every stream
	Revalidate time.Duration       // a stream asked for is compared with its origin so often, unless that says otherwise
	GoneAfter  time.Duration       // a VOD that is absent for so long ends, likewise
	Timeout    time.Duration       // of an origin; a viewer waits a little longer for a load
	CacheBytes int64               // about what loaded streams may take of memory
	LoadBytes  int64               // … and playlists while they are loaded; 0: a sixth of that
	Segments   *segmentcache.Cache // outlives the Server; nil: segments are not kept
	Requests   *Requests           // under way; outlives the Server; nil: not bounded
	Previous   *Server             // with an older configuration, to be followed; nil: none
	CORS       CORS                // which pages may read answers; zero: all

	Examine func(*Inspection) []Problem // finds the problems of a VOD that is loaded; nil: none are found

	NoAccessLog bool // requests are logged only if they fail by 5xx
}

// Server is the viewers' handler. Close ends its background work.
type Server struct {
	config  Config
	client  *origin.Client
	mounts  map[string]*mount
	cross   *crossOrigin
	tried   chan struct{} // closed when all channels have been tried
	clock   clock
	store   *store
	loads   singleflight.Group
	cues    *cueCache
	loading *loading
	ages    [][]string // Cache-Control by seconds
	context context.Context
	cancel  context.CancelFunc
	work    sync.WaitGroup // loads and revalidations
	closing sync.RWMutex   // guards that no work begins once the context is done

	lines lines // of the log, about failures
	ids   requestIDs

	next atomic.Pointer[Server] // has taken over; nil: none has
}

// New makes a Server.
func New(config Config) *Server {
	s := &Server{
		config: config,
		client: origin.NewClient(config.Transport, config.Metrics, config.Origins...),
		cross:  newCrossOrigin(config.CORS),
		clock:  clock{now: config.Now, log: config.Log},
		store:  newStore(config.CacheBytes, config.Metrics),
		cues:   newCueCache(),
		ages:   maxAges(),
	}
	s.context, s.cancel = context.WithCancel(context.Background())
	s.loading = loadingOf(config)
	s.mounts = mounts(config, s.client)
	for _, o := range config.Origins {
		s.logOutages(o)
	}
	for _, c := range config.Channels {
		s.store.pin(key{mount: c.Name, path: channelPath})
	}
	if config.Previous != nil {
		s.adopt(config.Previous)
		config.Previous.closeIdle() // they count against ours
		s.config.Previous = nil     // or it would stay in memory, with those before it
	}
	config.Metrics.Follow(s.metricsState)
	s.loadChannels()
	return s
}

// loadChannels loads all channels, and closes tried when each has been tried.
func (s *Server) loadChannels() {
	s.tried = make(chan struct{})
	var all sync.WaitGroup
	for _, c := range s.config.Channels {
		k := key{mount: c.Name, path: channelPath}
		if s.store.get(k) != nil {
			continue
		}
		all.Add(1)
		s.keepLoaded(k, sync.OnceFunc(all.Done))
	}
	go func() { // ends with the first attempts, which are bounded in time
		all.Wait()
		close(s.tried)
	}()
}

// Tried is closed when all channels have been tried once.
func (s *Server) Tried() <-chan struct{} { return s.tried }

// Close ends all background work, waits for it and lets connections to origins go
// that are not in use.
func (s *Server) Close() {
	s.closing.Lock()
	s.cancel()
	s.closing.Unlock()
	s.work.Wait()
	s.closeIdle()
}

// closeIdle closes the connections to origins that are not in use.
func (s *Server) closeIdle() {
	if t, is := s.config.Transport.(interface{ CloseIdleConnections() }); is {
		t.CloseIdleConnections()
	}
}

// begin says whether background work may begin; it ends with work.Done.
func (s *Server) begin() bool {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.context.Err() != nil {
		return false
	}
	s.work.Add(1)
	return true
}

// ServeHTTP answers one viewer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := s.config.Now()
	rec := recorders.Get().(*recorder)
	*rec = recorder{ResponseWriter: w, head: r.Method == http.MethodHead, varies: s.cross.varies(), ids: &s.ids}
	s.config.Metrics.HTTP.InFlight.Inc()
	route, err := metrics.RouteOther, error(nil)
	defer func() { // also when a broken answer is cut off by a panic
		s.config.Requests.leave()
		s.config.Metrics.HTTP.InFlight.Dec()
		took := s.config.Now().Sub(start)
		s.config.Metrics.HTTP.Done(route, rec.status, took, rec.bytes)
		s.logAccess(r, rec, took, err)
		*rec = recorder{}
		recorders.Put(rec)
	}()
	s.cross.allow(rec.Header(), r)
	rec.takeID(r)
	if err = s.config.Requests.enter(); err == nil {
		route, err = s.serve(rec, r)
	}
	if err != nil {
		panics.Log(s.config.Log, err)
		s.fail(rec, r, err)
	}
	finish(rec, r)
}

const (
	allowedMethods = "GET, HEAD, OPTIONS"

	maxPath  = 4096 // bytes, escaped; a key of S3 has 1024 at most, which may be 3072
	maxQuery = 8192
)

// serve answers a request or returns why it can't.
func (s *Server) serve(w *recorder, r *http.Request) (route metrics.Route, err error) {
	route = metrics.RouteOther
	defer panics.Catch(&err)
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		answerOptions(w, r)
		return metrics.RouteOptions, nil
	default:
		return metrics.RouteOther, errMethod
	}
	path := r.URL.EscapedPath()
	if len(path) > maxPath || len(r.URL.RawQuery) > maxQuery {
		return metrics.RouteOther, errTooLong
	}
	t, m, ok := s.target(path)
	if !ok {
		return metrics.RouteOther, errNoSuchPath
	}
	if !origin.SafePath(path) {
		return metrics.RouteOther, errBadPath
	}
	w.mount = t.mount
	route = t.route()
	switch t.kind {
	case kindResource:
		err = s.transfer(w, r, m, t.path)
		s.noteSegment(r, m, t.path, err)
		return route, err
	case kindGap:
		return route, errGap
	}
	st, err := s.stream(r.Context(), m.key(t, r.URL.RawQuery), w)
	if err != nil {
		return route, err
	}
	if t.kind == kindStream && st.single() {
		route = metrics.RouteMedia
	}
	return route, s.serveStream(w, r, st, t)
}

// serveStream answers at an address of a loaded stream.
func (s *Server) serveStream(w *recorder, r *http.Request, st *stream, t target) error {
	switch t.kind {
	case kindRendition:
		return s.serveRendition(w, r, st, t.rendition)
	case kindSlice:
		s.giveTime(w)
		return s.serveSlice(w, r, st, t)
	}
	return s.servePlaylist(w, r, st)
}

// identity is what of a viewer's query belongs to the stream: players' own
// parameters don't.
func identity(query string, policy origin.Query) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if pair != "" && name != "CMCD" && !strings.HasPrefix(name, "_HLS_") && policy.Forwards(name) {
			kept = append(kept, pair)
		}
	}
	return origin.EscapeQuery(strings.Join(kept, "&"))
}
