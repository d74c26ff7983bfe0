package proxy

import (
	"context"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy/room"
)

// Load loads the stream of an address, as Find takes it, as for a viewer who
// requests it, and returns its id. The error is ErrAddress or one for Explain.
func (s *Server) Load(ctx context.Context, address string) (id string, err error) {
	viewers, _, err := s.site().forViewers(address)
	if err != nil {
		return "", err
	}
	k, _, err := s.site().locate(viewers)
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

// Explain says why a stream could not be loaded: the status that viewers get, the
// code, and the whole cause without secrets.
func Explain(err error) (status int, code, cause string) {
	told := explain(err)
	return told.status, told.code, causeOf(err)
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

// Room is the memory for all that is being loaded.
func (s *Server) Room() *room.Room { return s.loading.Room }
