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

	"vod2live/metrics"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/segmentcache"
)

// Config is what a Server needs. All fields but the marked ones are required.
type Config struct {
	StationConfig

	Segments *segmentcache.Cache // outlives the Server; nil: segments are not kept
	Requests *Requests           // under way; outlives the Server; nil: not bounded
	Previous *Server             // with an older configuration, to be followed; nil: none
	CORS     CORS                // which pages may read answers; zero: all

	NoAccessLog bool // requests are logged only if they fail by 5xx
}

// Server is the viewers' handler. Close ends its background work.
type Server struct {
	config    Config
	station   *Station
	resources *resources
	cross     *crossOrigin
	access    accessLog
	ids       requestIDs
}

// New makes a Server.
func New(config Config) *Server {
	var before *Station
	if previous := config.Previous; previous != nil {
		before = previous.station
		closeIdle(previous.config.Transport) // they count against ours
		config.Previous = nil                // or it would stay in memory, with those before it
	}
	s := &Server{config: config, cross: newCrossOrigin(config.CORS)}
	s.station = NewStation(config.StationConfig, before)
	s.resources = newResources(&config, s.station)
	s.access = accessLog{s.station.failureLog(), config.NoAccessLog}
	return s
}

// Station has the streams that are answered with.
func (s *Server) Station() *Station { return s.station }

// Close ends all background work, waits for it and lets connections to origins go
// that are not in use.
func (s *Server) Close() {
	s.station.Close()
	closeIdle(s.config.Transport)
}

// closeIdle closes the connections to origins that are not in use.
func closeIdle(transport http.RoundTripper) {
	if t, is := transport.(interface{ CloseIdleConnections() }); is {
		t.CloseIdleConnections()
	}
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
		s.access.log(r, rec, took, err)
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
	t, ok := s.station.target(path)
	if !ok {
		return metrics.RouteOther, errNoSuchPath
	}
	if !origin.SafePath(path) {
		return metrics.RouteOther, errBadPath
	}
	w.mount = t.mount
	route = routeOf(t)
	switch t.kind {
	case kindResource:
		err = s.resources.serve(w, r, t)
		return route, err
	case kindGap:
		return route, errGap
	}
	st, err := s.stream(r.Context(), s.station.keyOf(t, r.URL.RawQuery), w)
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
		return s.serveSlice(w, r, st, t)
	}
	return s.servePlaylist(w, r, st)
}

// stream returns a stream to a viewer, who is answered by w, loaded if need be.
func (s *Server) stream(ctx context.Context, k key, w *recorder) (*stream, error) {
	if st := s.station.Loaded(ctx, k); st != nil {
		return st, nil
	}
	w.giveTime(s.config.Timeout)
	return s.station.Load(origin.WithRequestID(ctx, w.identify()), k)
}

func routeOf(t target) metrics.Route {
	switch t.kind {
	case kindStream:
		return metrics.RouteMultivariant
	case kindRendition:
		return metrics.RouteMedia
	}
	return metrics.RouteSegment
}
