package proxy

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// Errors of what an operator asks for.
var (
	ErrNoStream    = errors.New("no stream of this id is loaded")
	ErrNoRendition = errors.New("the stream has no such rendition")
	ErrInstant     = errors.New("the instant lies before the stream's epoch or more than a hundred years ahead")
)

// Detail is a stream in full at an instant.
type Detail struct {
	Now Instant `json:"now"` // the instant that was asked for
	Summary
	Media        []Track `json:"media_renditions"`
	Multivariant *string `json:"multivariant"` // the live multivariant playlist, queries masked; null: it has none, or a very long one
}

const (
	tellMultivariant = 256 << 10
	tellAhead        = 100 * 365 * 24 * time.Hour
)

// Detail tells of a stream in full, as it is at an instant (zero: now). The
// error is ErrNoStream or ErrInstant.
func (s *Server) Detail(id string, at time.Time) (*Detail, error) {
	st, at, err := s.findAt(id, at)
	if err != nil {
		return nil, err
	}
	live := st.onAir()
	d := &Detail{Now: Instant(at), Summary: s.summary(st, at, Notice), Media: make([]Track, live.Renditions())}
	described := live.Describe(renditionNumber)
	for n := range d.Media {
		d.Media[n] = st.track(n, &described[n], at)
	}
	if text := st.masked(live.Multivariant); live.Multivariant != nil && len(text) <= tellMultivariant {
		d.Multivariant = &text
	}
	return d, nil
}

// PlaylistAt is the live playlist of a rendition at an instant (zero: now), the
// queries masked if a viewer's may be among them. The error is ErrNoStream,
// ErrNoRendition, ErrInstant or one of package loop.
func (s *Server) PlaylistAt(id string, rendition int, at time.Time) (string, error) {
	st, at, err := s.findAt(id, at)
	if err != nil {
		return "", err
	}
	live := st.onAir()
	if rendition < 0 || rendition >= live.Renditions() {
		return "", ErrNoRendition
	}
	w, err := live.Stream.Window(rendition, at)
	if err != nil {
		return "", err
	}
	return st.masked(live.AppendMedia(nil, rendition, w)), nil
}

func (s *Server) findAt(id string, at time.Time) (*stream, time.Time, error) {
	now := s.clock.Now()
	if at.IsZero() {
		at = now
	}
	st := s.find(id)
	switch {
	case st == nil:
		return nil, at, ErrNoStream
	case at.Before(st.onAir().Stream.Epoch), at.Sub(now) > tellAhead:
		return nil, at, ErrInstant
	}
	return st, at, nil
}

var queries = regexp.MustCompile(`\?[^\s",]*`)

// masked is a text of the stream without the query that a viewer came with: it
// stands in addresses, and the origin may have put it into others.
func (st *stream) masked(text []byte) string {
	if st.key.query == "" {
		return string(text)
	}
	return string(queries.ReplaceAll(text, []byte("?***")))
}

// renditionNumber reads the address of a rendition in a multivariant playlist.
func renditionNumber(uri string) (n int, ok bool) {
	uri, _, _ = strings.Cut(uri, "?")
	_, n, ok = beneathStream(uri)
	return n, ok
}
