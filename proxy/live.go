package proxy

import (
	"net/http"
	"time"

	"vod2live/proxy/origin"
)

// servePlaylist answers at a stream's own address: the multivariant playlist,
// or the only media playlist.
func (s *Server) servePlaylist(w *recorder, r *http.Request, st *stream) error {
	multivariant := st.multivariant(s.station.Now())
	if multivariant == nil {
		return s.serveMedia(w, r, st, 0)
	}
	return clientGone(multivariant.write(w, r, mimePlaylist, maxAge(s.station.lookEvery(st))))
}

// serveRendition answers beneath a stream.
func (s *Server) serveRendition(w *recorder, r *http.Request, st *stream, n int) error {
	if st.single() || n >= st.count() {
		return origin.ErrNotFound
	}
	return s.serveMedia(w, r, st, n)
}

func (s *Server) serveMedia(w *recorder, r *http.Request, st *stream, n int) error {
	now := s.station.Now()
	a, err := st.media(n, now)
	if err != nil {
		return err
	}
	if !w.head {
		s.station.CountPoll(st, n, now)
	}
	age := min(a.until.Sub(now), st.targetDuration(now)/2)
	return clientGone(a.write(w, r, mimePlaylist, maxAge(age)))
}

// sliceAge is how long a piece of WebVTT stays.
const sliceAge = time.Minute

// serveSlice answers with the cues of one segment of the reference.
func (s *Server) serveSlice(w *recorder, r *http.Request, st *stream, t target) error {
	w.giveTime(s.config.Timeout)
	a, err := s.station.Slice(r.Context(), st, t)
	if err != nil {
		return err
	}
	return clientGone(a.write(w, r, mimeWebVTT, maxAge(sliceAge)))
}
