package proxy

import (
	"errors"
	"hash/maphash"
	"net/http"
	"slices"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/origin"
)

// metricsState is what the metrics say of channels and places.
func (s *Server) metricsState() metrics.State {
	now := s.config.Now()
	state := metrics.State{Paused: map[string]int{}}
	for _, c := range s.config.Channels {
		state.Channels = append(state.Channels, s.channelState(c, now))
	}
	for _, o := range s.config.Origins {
		state.Paused[o.Name] = 0
		for _, p := range o.Status(now) {
			if p.Paused {
				state.Paused[o.Name]++
			}
		}
	}
	return state
}

func (s *Server) channelState(c Channel, now time.Time) metrics.ChannelState {
	st := s.store.get(key{mount: c.Name, path: channelPath})
	if st == nil {
		return metrics.ChannelState{Name: c.Name}
	}
	return metrics.ChannelState{
		Name: c.Name, Loaded: true, Loop: edge(st.at(now).live, now).Loop,
		Unconfirmed: max(now.Sub(time.Unix(0, st.confirmedAt.Load())), 0),
	}
}

// named is what the addresses of a stream name at the origins, by hash.
type named map[uint64]struct{}

var nameSeed = maphash.MakeSeed()

func nameHash(origin, path string) uint64 {
	return maphash.String(nameSeed, origin+"/"+plainUnreserved(path))
}

func (n named) add(origin, path string) {
	if n != nil {
		n[nameHash(origin, path)] = struct{}{}
	}
}

func (n named) sorted() []uint64 {
	all := make([]uint64, 0, len(n))
	for hash := range n {
		all = append(all, hash)
	}
	slices.Sort(all)
	return all
}

// noteSegment counts a segment that the origin failed for the channels that
// have it.
func (s *Server) noteSegment(r *http.Request, m *mount, path string, err error) {
	if err == nil || r.Context().Err() != nil || len(s.config.Channels) == 0 || errors.Is(err, errClientGone) || errors.Is(err, errCrowded) || errors.Is(err, origin.ErrBusy) {
		return
	}
	hash := nameHash(m.origin.Name, path)
	for _, c := range s.config.Channels {
		st := s.store.get(key{mount: c.Name, path: channelPath})
		if st == nil {
			continue
		}
		if _, has := slices.BinarySearch(st.newest.Load().segments, hash); has {
			s.mounts[c.Name].failures.Inc()
		}
	}
}
