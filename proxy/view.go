package proxy

import (
	"net/http"

	"vod2live/loop"
	"vod2live/proxy/answer"
	"vod2live/proxy/onair"
	"vod2live/proxy/route"
	"vod2live/proxy/timeshift"
)

// wholeAge is the Cache-Control of a completely published interval.
var wholeAge = []string{"public, max-age=86400"}

// serveView answers with the part of a loaded stream that the query of its address
// selects.
func (s *Server) serveView(w *recorder, r *http.Request, st onair.Form, t route.Target, ours string) error {
	now, multivariant := s.station.Now(), t.Kind == route.Stream && !st.Single()
	v, err := timeshift.Parse(ours, multivariant, now)
	switch {
	case err != nil:
		return err
	case v.View == loop.View{}:
		return s.serveStream(w, r, st, t)
	case multivariant:
		return s.serveViewMultivariant(w, r, st, v, ours)
	}
	n := t.Rendition
	if err := hasRendition(st, t); err != nil {
		return err
	}
	a, back, err := s.station.ViewMedia(r.Context(), st, n, v, now)
	if err != nil {
		return err
	}
	defer back()
	age := wholeAge
	if !onair.Whole(v, a, now) {
		age = answer.MaxAge(min(a.Until.Sub(now), st.TargetDuration(now)/2))
	}
	if !w.head {
		s.station.CountPoll(st.Stream, n, now)
	}
	return clientGone(a.Write(w, r, answer.MimePlaylist, age))
}

func (s *Server) serveViewMultivariant(w *recorder, r *http.Request, st onair.Form, v timeshift.View, ours string) error {
	a, query, err := s.station.ViewMultivariant(st, v, ours, s.station.Now())
	if err != nil {
		return err
	}
	age := s.station.LookEvery(st.Stream)
	if v.Relative {
		age = min(age, timeshift.Round)
	}
	return s.write(w, r, a, query, answer.MaxAge(age))
}
