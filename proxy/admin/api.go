package admin

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/wire"
)

// api answers below /api/, as API.md describes.
type api struct {
	Config
	checks chan struct{} // one for each check that may run
}

// route is one entry of the API.
type route struct {
	pattern string
	handler http.Handler
}

func (a *api) routes() []route {
	a.checks = make(chan struct{}, maxChecks)
	return []route{
		{"GET /api/status", answer(a.status)},
		{"GET /api/streams", answer(a.streams)},
		{"GET /api/streams/{id}", answer(a.stream)},
		{"GET /api/streams/{id}/playlist", http.HandlerFunc(a.playlist)},
		{"GET /api/schedule", answer(a.schedule)},
		{"GET /api/origins", answer(a.origins)},
		{"GET /api/events", answer(a.events)},
		{"GET /api/cache", answer(a.cache)},
		{"GET /api/config", answer(a.config)},
		{"GET /api/check", answer(a.check)},
		{"POST /api/load", answer(a.load)},
		{"POST /api/streams/{id}/reload", answer(a.reload)},
		{"POST /api/streams/{id}/drop", answer(a.drop)},
	}
}

func noSuchRoute(w http.ResponseWriter, _ *http.Request) {
	fail(w, http.StatusNotFound, "the API has nothing at this address")
}

// wrongMethod answers all methods but the one of a route.
func wrongMethod(method string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		allowed := method
		if method == http.MethodGet {
			allowed = "GET, HEAD"
		}
		w.Header().Set("Allow", allowed)
		fail(w, http.StatusMethodNotAllowed, "only "+method+" is answered here")
	})
}

// explain turns errors into statuses, for the whole API. The code is empty if the
// request itself is invalid.
func explain(err error) (status int, code, line string) {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return refused.status, "", refused.line
	case errors.Is(err, onair.ErrNoStream), errors.Is(err, onair.ErrNoRendition), errors.Is(err, onair.ErrAddress):
		return http.StatusNotFound, "", err.Error()
	case errors.Is(err, onair.ErrUnknownChannel):
		return http.StatusNotFound, "", err.Error()
	case errors.Is(err, onair.ErrOffAir):
		return http.StatusServiceUnavailable, "", err.Error()
	case errors.Is(err, onair.ErrInstant):
		return http.StatusBadRequest, "", err.Error()
	case errors.Is(err, loop.ErrNotYet):
		return http.StatusServiceUnavailable, failure.CodeNotBegun, loop.ErrNotYet.Error()
	}
	return failure.Explain(err)
}

func (a *api) streams(r *http.Request) (Streams, error) {
	s := a.Station()
	return NewStreams(s.Now(), s.Snapshots(), s.OffAir(), r.URL.Query().Get("search")), nil
}

func (a *api) stream(r *http.Request) (*Detail, error) {
	at, err := instant(r, "at")
	if err != nil {
		return nil, err
	}
	one, err := a.Station().Snapshot(r.PathValue("id"), at)
	if err != nil {
		return nil, err
	}
	return NewDetail(one), nil
}

func (a *api) playlist(w http.ResponseWriter, r *http.Request) {
	text, err := a.playlistAt(r)
	if err != nil {
		failBy(w, err)
		return
	}
	sendText(w, http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}

func (a *api) playlistAt(r *http.Request) (string, error) {
	at, err := instant(r, "at")
	if err != nil {
		return "", err
	}
	rendition, err := strconv.Atoi(r.URL.Query().Get("rendition"))
	if err != nil {
		return "", &refusal{http.StatusBadRequest, "rendition is a number, as of GET /api/streams/{id}"}
	}
	one, err := a.Station().Snapshot(r.PathValue("id"), at)
	if err != nil {
		return "", err
	}
	return Playlist(one, rendition)
}

// instant reads a parameter; zero: it is not given.
func instant(r *http.Request, name string) (at time.Time, err error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return at, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		return at, &refusal{http.StatusBadRequest, name + " is an instant such as 2026-01-01T00:00:00Z"}
	}
	if at.IsZero() {
		return at, onair.ErrInstant
	}
	return at, nil
}

// Origins are all of them.
type Origins struct {
	Origins []OriginStatus `json:"origins"`
}

func (a *api) origins(*http.Request) (Origins, error) {
	return Origins{ListOrigins(a.Station(), a.Metrics)}, nil
}

func (a *api) events(*http.Request) (Events, error) {
	now := time.Now()
	return Events{wire.Instant(now), a.Journal.since(now.Add(-eventsFor))}, nil
}

func (a *api) cache(*http.Request) (CacheStatus, error) {
	return Caches(a.Station(), a.Metrics), nil
}

func (a *api) config(*http.Request) (Settings, error) { return a.Settings(), nil }

// Loaded is a stream that has been loaded.
type Loaded struct {
	ID string `json:"id"`
}

func (a *api) load(r *http.Request) (Loaded, error) {
	id, err := a.Station().Open(r.Context(), r.URL.Query().Get("address"))
	return Loaded{id}, err
}

// Reloaded is the outcome of a revalidation at the origin.
type Reloaded struct {
	Outcome metrics.Revalidation `json:"outcome"` // unchanged, changed, gone or failed
}

func (a *api) reload(r *http.Request) (Reloaded, error) {
	outcome, err := a.Station().Reload(r.Context(), r.PathValue("id"))
	return Reloaded{outcome}, err
}

// Dropped is a stream that has been dropped.
type Dropped struct {
	ID string `json:"id"`
}

func (a *api) drop(r *http.Request) (Dropped, error) {
	id := r.PathValue("id")
	return Dropped{id}, a.Station().Drop(id)
}
