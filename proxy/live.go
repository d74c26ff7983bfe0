package proxy

import (
	"net/http"
	"time"

	"vod2live/proxy/answer"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/route"
)

// servePlaylist answers at a stream's own address: the multivariant playlist,
// or the only media playlist.
func (s *Server) servePlaylist(w *recorder, r *http.Request, st onair.Form) error {
	multivariant, err := st.Multivariant(s.station.Now())
	if err != nil {
		return err
	}
	if multivariant == nil {
		return s.serveMedia(w, r, st, 0)
	}
	return s.write(w, r, multivariant, st.Query(), answer.MaxAge(s.station.LookEvery(st.Stream)))
}

// write answers with a live playlist as viewers with a query get it.
func (s *Server) write(w *recorder, r *http.Request, a *answer.Answer, query string, age []string) error {
	if a.Own(query) {
		done, err := s.config.Requests.hold(a.SizeFor(query))
		if err != nil {
			return err
		}
		defer done()
		a = a.For(query)
	}
	return clientGone(a.Write(w, r, answer.MimePlaylist, age))
}

// redirectToStream sends viewers from rendition 0 of a single media playlist to the
// stream's own address: the addresses in the playlist are relative to that. Proxies in
// front may serve it below another path.
func redirectToStream(w http.ResponseWriter, r *http.Request) {
	stream, _ := route.CutLast(r.URL.EscapedPath())
	_, name := route.CutLast(stream)
	to := "../" + name
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// serveRendition answers below a stream.
func (s *Server) serveRendition(w *recorder, r *http.Request, st onair.Form, t route.Target) error {
	if err := hasRendition(st, t); err != nil {
		return err
	}
	return s.serveMedia(w, r, st, t.Rendition)
}

// hasRendition is an error where a stream has not the rendition that an address names.
func hasRendition(st onair.Form, t route.Target) error {
	if t.Kind == route.Rendition && (st.Single() || t.Rendition >= st.Count()) {
		return origin.ErrNotFound
	}
	return nil
}

func (s *Server) serveMedia(w *recorder, r *http.Request, st onair.Form, n int) error {
	now := s.station.Now()
	a, err := st.Media(n, now)
	if err != nil {
		return err
	}
	if !w.head {
		s.station.CountPoll(st.Stream, n, now)
	}
	age := min(a.Until.Sub(now), st.TargetDuration(now)/2)
	return s.write(w, r, a, st.Query(), answer.MaxAge(age))
}

// sliceAge is how long a piece of WebVTT stays.
const sliceAge = time.Minute

// serveSlice answers with the cues of one segment of the reference.
func (s *Server) serveSlice(w *recorder, r *http.Request, st onair.Form, t route.Target) error {
	w.giveTime(s.config.Timeout)
	a, err := s.station.Slice(r.Context(), st.Stream, t)
	if err != nil {
		return err
	}
	return clientGone(a.Write(w, r, answer.MimeWebVTT, answer.MaxAge(sliceAge)))
}
