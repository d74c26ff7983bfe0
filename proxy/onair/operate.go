package onair

import (
	"context"

	"vod2live/metrics"
	"vod2live/proxy/origin"
	"vod2live/proxy/room"
)

// Open loads the stream of an address (as in Find) as for a viewer request,
// and returns its id. The error is ErrAddress or one for Explain.
func (s *Station) Open(ctx context.Context, address string) (id string, err error) {
	viewers, _, err := s.forViewers(address)
	if err != nil {
		return "", err
	}
	k, _, err := s.locate(viewers)
	if err != nil {
		return "", err
	}
	st := s.store.get(k)
	if st == nil {
		if st, err = s.loader.await(ctx, k); err != nil {
			return "", err
		}
	}
	return st.key.ID(), nil
}

// Reload compares a stream with its origin now. The error is ErrNoStream or the
// context's.
func (s *Station) Reload(ctx context.Context, id string) (metrics.Revalidation, error) {
	st := s.store.byID(id)
	if st == nil {
		return "", ErrNoStream
	}
	if st.scheduled {
		return s.mounts[st.key.Mount].playout.reload(), nil
	}
	end, first := st.look.begin()
	for !first {
		select {
		case <-st.look.underWay():
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
		end, first = st.look.begin()
	}
	defer end()
	if !s.work.Begin() {
		return "", context.Canceled
	}
	defer s.work.Done()
	return s.follower.check(s.store.books().lastForm(st)), nil
}

// Drop forgets a loaded stream; the next request loads it again. A channel is
// loaded again at once. The error is ErrNoStream.
func (s *Station) Drop(id string) error {
	st := s.store.byID(id)
	if st == nil {
		return ErrNoStream
	}
	s.drop(st)
	return nil
}

// drop forgets a stream, and loads a channel again.
func (s *Station) drop(st *Stream) {
	s.store.remove(st)
	if p := s.mounts[st.key.Mount].playout; p != nil {
		p.drop(st)
	}
	if s.mounts[st.key.Mount].channel != "" {
		s.keepLoaded(st.key, func() {})
	}
}

// Room is the memory for all that is being loaded.
func (s *Station) Room() *room.Room { return s.room }

// StoreStatus is what the loaded streams take of memory.
type StoreStatus struct {
	Bytes, Limit int64
	Streams      int
	Failures     int // streams that could not be loaded a moment ago
}

// Store describes what is loaded.
func (s *Station) Store() StoreStatus { return s.store.status() }

// Origins are those of the configuration.
func (s *Station) Origins() []*origin.Origin { return s.config.Origins }
