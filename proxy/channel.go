package proxy

import (
	"slices"
	"time"

	"vod2live/metrics"
	"vod2live/playlist"
)

// Channel is a stream with a name of its own: /{Name}/master.m3u8. It is loaded
// at once and stays loaded.
type Channel struct {
	Name    string // as that of an origin, and of none
	Origin  string
	Path    string // of its VOD beneath the origin, escaped
	Query   string // of its VOD, where that is a part of the name; not that of viewers
	Options playlist.Options
}

// key is that of its stream.
func (c Channel) key() key { return key{mount: c.Name, path: channelPath} }

// channelPath is the path of a channel's stream beneath its mount.
const channelPath = "master.m3u8"

// metricsState is what the metrics say of channels and places.
func (s *Station) metricsState() metrics.State {
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

func (s *Station) channelState(c Channel, now time.Time) metrics.ChannelState {
	st := s.store.get(c.key())
	if st == nil {
		return metrics.ChannelState{Name: c.Name}
	}
	return metrics.ChannelState{
		Name: c.Name, Loaded: true, Loop: edge(st.at(now).live, now).Loop,
		Unconfirmed: max(now.Sub(time.Unix(0, st.confirmedAt.Load())), 0),
	}
}

// SegmentFailed counts a segment that the origin failed for the channels that have it.
func (s *Station) SegmentFailed(origin, path string) {
	if len(s.config.Channels) == 0 {
		return
	}
	hash := nameHash(origin, path)
	for _, c := range s.config.Channels {
		st := s.store.get(c.key())
		if st == nil {
			continue
		}
		if _, has := slices.BinarySearch(st.newest.Load().segments, hash); has {
			s.mounts[c.Name].failures.Inc()
		}
	}
}
