package proxy

import (
	"net/http"

	"vod2live/proxy/origin"
)

// servePlaylist answers at a stream's own address: the multivariant playlist,
// or the only media playlist.
func (s *Server) servePlaylist(w *recorder, r *http.Request, st *stream) error {
	multivariant := st.at(s.clock.Now()).multivariant
	if multivariant == nil {
		return s.serveMedia(w, r, st, 0)
	}
	return multivariant.write(w, r, mimePlaylist, s.age(s.lookEvery(st)))
}

// serveRendition answers beneath a stream.
func (s *Server) serveRendition(w *recorder, r *http.Request, st *stream, n int) error {
	if st.single() || n >= len(st.renditions) {
		return origin.ErrNotFound
	}
	return s.serveMedia(w, r, st, n)
}

func (s *Server) serveMedia(w *recorder, r *http.Request, st *stream, n int) error {
	now := s.clock.Now()
	a, err := st.media(n, now)
	if err != nil {
		return err
	}
	e := st.at(now)
	if !w.head {
		s.countPoll(st, e, n, now)
	}
	age := min(a.until.Sub(now), e.live.VOD.TargetDuration/2)
	return a.write(w, r, mimePlaylist, s.age(age))
}
