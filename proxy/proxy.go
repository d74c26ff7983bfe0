// Package proxy answers viewers: with live playlists made of VODs at configured
// origins, and with everything else passed through from there.
//
// Package onair has the streams; this package has the HTTP side. Segments are
// streamed through and never collected, unless they are cached: see
// [segmentcache].
package proxy

import (
	"context"
	"fmt"
	"net/http"

	"vod2live/metrics"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/route"
	"vod2live/proxy/segmentcache"
)

// Config is what a Server needs. All fields but the marked ones are required.
type Config struct {
	onair.Config

	Segments *segmentcache.Cache // outlives the Server; nil: segments are not kept
	Requests *Requests           // under way; outlives the Server; nil: not bounded
	Previous *Server             // with an older configuration, to be followed; nil: none
	CORS     CORS                // which pages may read answers; zero: all
	Guide    *Guide              // nil: none

	NoAccessLog bool // requests are logged only if they fail by 5xx
}

// Server is the viewers' handler. Close ends its background work.
type Server struct {
	config    Config
	station   *onair.Station
	resources *resources
	guides    *guides // nil: there is no guide
	cross     *crossOrigin
	access    accessLog
	ids       requestIDs
}

// New makes a Server.
func New(config Config) *Server {
	var before *onair.Station
	if previous := config.Previous; previous != nil {
		before = previous.station
		closeIdle(previous.config.Transport) // they count against ours
		config.Previous = nil                // or it would stay in memory, with those before it
	}
	if config.Guide != nil {
		config.Ahead = config.Guide.ahead()
	}
	s := &Server{config: config, cross: newCrossOrigin(config.CORS)}
	s.station = onair.New(config.Config, before)
	s.resources = newResources(&config, s.station)
	s.guides = newGuides(&config, s.station)
	s.access = accessLog{s.station.FailureLog(), config.NoAccessLog}
	return s
}

// Station has the streams that are answered with.
func (s *Server) Station() *onair.Station { return s.station }

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
	as, err := metrics.RouteOther, error(nil)
	defer func() { // also when a broken answer is cut off by a panic
		s.config.Requests.leave()
		s.config.Metrics.HTTP.InFlight.Dec()
		took := s.config.Now().Sub(start)
		s.config.Metrics.HTTP.Done(as, rec.status, took, rec.bytes)
		s.access.log(r, rec, took, err)
		*rec = recorder{}
		recorders.Put(rec)
	}()
	s.cross.allow(rec.Header(), r)
	rec.takeID(r)
	if err = s.config.Requests.enter(); err == nil {
		as, err = s.serve(rec, r)
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
func (s *Server) serve(w *recorder, r *http.Request) (as metrics.Route, err error) {
	defer panics.Catch(&err)
	if r.Method == http.MethodOptions {
		answerOptions(w, r)
		return metrics.RouteOptions, nil
	}
	if err := check(r); err != nil {
		return metrics.RouteOther, err
	}
	if s.isGuide(r) {
		return metrics.RouteGuide, s.serveGuide(w, r)
	}
	t, err := s.target(r)
	if err != nil {
		return metrics.RouteOther, err
	}
	w.mount = t.Mount
	return s.serveTarget(w, r, t)
}

func (s *Server) serveTarget(w *recorder, r *http.Request, t route.Target) (as metrics.Route, err error) {
	as = routeOf(t)
	switch t.Kind {
	case route.Resource:
		return as, s.resources.serve(w, r, t)
	case route.Gap:
		return as, failure.ErrGap
	}
	st, err := s.stream(r.Context(), s.station.KeyOf(t, r.URL.RawQuery), w)
	if err != nil {
		return as, err
	}
	switch {
	case t.Kind == route.Rendition && t.Rendition == 0 && st.Single():
		redirectToStream(w, r)
		return as, nil
	case t.Kind == route.Stream && st.Single():
		as = metrics.RouteMedia
	}
	if ours := s.station.Selection(t, r.URL.RawQuery); ours != "" {
		return as, s.serveView(w, r, st, t, ours)
	}
	return as, s.serveStream(w, r, st, t)
}

// check is why a request is not looked at.
func check(r *http.Request) error {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return failure.ErrMethod
	case len(r.URL.EscapedPath()) > maxPath || len(r.URL.RawQuery) > maxQuery:
		return failure.ErrTooLong
	}
	return nil
}

// target is what a request names.
func (s *Server) target(r *http.Request) (t route.Target, err error) {
	path := r.URL.EscapedPath()
	t, ok := s.station.Target(path)
	if !ok {
		return t, fmt.Errorf("%w: %s", failure.ErrNoSuchPath, s.station.Unknown(path))
	}
	if !origin.SafePath(path) {
		return t, failure.ErrBadPath
	}
	return t, nil
}

// serveStream answers at an address of a loaded stream.
func (s *Server) serveStream(w *recorder, r *http.Request, st onair.Form, t route.Target) error {
	switch t.Kind {
	case route.Rendition:
		return s.serveRendition(w, r, st, t)
	case route.Slice:
		return s.serveSlice(w, r, st, t)
	case route.Moved:
		return s.serveMoved(w, r, st, t)
	}
	return s.servePlaylist(w, r, st)
}

// stream returns a stream for the viewer behind w, and loads it if necessary.
func (s *Server) stream(ctx context.Context, k onair.Key, w *recorder) (onair.Form, error) {
	if st, ok := s.station.Loaded(ctx, k); ok {
		return st, nil
	}
	w.giveTime(s.config.Timeout)
	return s.station.Load(origin.WithRequestID(ctx, w.identify()), k)
}

func routeOf(t route.Target) metrics.Route {
	switch t.Kind {
	case route.Stream:
		return metrics.RouteMultivariant
	case route.Rendition:
		return metrics.RouteMedia
	}
	return metrics.RouteSegment
}
