package proxy

import (
	"context"
	"errors"
	"net/url"
	"time"

	"go.uber.org/zap"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
)

// ErrAddress says that nothing can be a stream at an address.
var ErrAddress = errors.New("no stream can be at this address: it is /MOUNT/PATH of a playlist, such as /live/movie/master.m3u8")

// locate finds the stream that a viewer's address names.
func (s *Server) locate(address string) (key, *mount, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" || u.Scheme != "" {
		return key{}, nil, ErrAddress
	}
	t, m, ok := s.target(u.EscapedPath())
	if !ok || t.kind != kindStream && t.kind != kindRendition || !origin.SafePath(u.EscapedPath()) {
		return key{}, nil, ErrAddress
	}
	return m.key(t, u.RawQuery), m, nil
}

// Load loads the stream at a viewer's address, as for a viewer who asks for it, and
// returns its id. The error is ErrAddress or one for Explain.
func (s *Server) Load(ctx context.Context, address string) (id string, err error) {
	k, _, err := s.locate(address)
	if err != nil {
		return "", err
	}
	if s.store.get(k) == nil {
		if _, err = s.awaitLoad(ctx, k); err != nil {
			return "", err
		}
	}
	return k.id(), nil
}

// Explain says why a stream could not be loaded: the status that viewers get,
// and one line that names nothing secret.
func Explain(err error) (status int, line string) {
	a := explain(err)
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		return a.status, refusal.Error()
	}
	return a.status, a.line
}

// recheckPause is how often an operator who wants the origin asked looks whether
// it is being asked already.
const recheckPause = 20 * time.Millisecond

// Reload asks the origin now whether a stream is still what it has. The error is
// ErrNoStream or the context's.
func (s *Server) Reload(ctx context.Context, id string) (metrics.Revalidation, error) {
	st := s.find(id)
	if st == nil {
		return "", ErrNoStream
	}
	for !st.checking.CompareAndSwap(false, true) {
		if !pause(ctx, recheckPause) {
			return "", context.Cause(ctx)
		}
	}
	defer st.checking.Store(false)
	if !s.begin() {
		return "", context.Canceled
	}
	defer s.work.Done()
	return s.check(st), nil
}

// Drop forgets a loaded stream; who asks for it next loads it anew. A channel is
// loaded again at once. The error is ErrNoStream.
func (s *Server) Drop(id string) error {
	st := s.find(id)
	if st == nil {
		return ErrNoStream
	}
	s.drop(st)
	return nil
}

// drop forgets a stream, and loads a channel again.
func (s *Server) drop(st *stream) {
	s.store.remove(st)
	if s.mounts[st.key.mount].channel != "" {
		s.keepLoaded(st.key, func() {})
	}
}

// Log is where the server logs.
func (s *Server) Log() *zap.Logger { return s.config.Log }

// Examined is where the VOD of a viewer's address is, and how it would be
// loaded, for who wants to look at it. The error is ErrAddress.
func (s *Server) Examined(address string) (*origin.Client, playlist.Options, Address, error) {
	k, m, err := s.locate(address)
	if err != nil {
		return nil, playlist.Options{}, Address{}, err
	}
	return s.client, m.options, Address{Mount: m.origin.Name, Path: m.vod(k.path), Query: k.query}, nil
}
