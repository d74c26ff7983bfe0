package onair

import (
	"slices"
	"time"

	"vod2live/metrics"
	"vod2live/playlist"
)

// Channel is a stream with its own name: /{Name}/master.m3u8. It is loaded at
// the start and stays loaded.
type Channel struct {
	Name    string // as that of an origin, and of none
	Origin  string
	Path    string // of its VOD below the origin, escaped
	Query   string // of its VOD, where that is a part of the name; not that of viewers
	Options playlist.Options
	DVR     time.Duration // as that of Config

	Object *ObjectSource // the schedule object; then Origin and Path are its own until it has been read
	Eras   []Era         // what it plays, if that is more than one VOD in a loop; then Origin, Path and Query are the model's
	Target time.Duration // TD; 0: that of the VODs of the first era

	Title, Logo, Number, Group string // for guides
	Unlisted                   bool   // guides do not have it
	Only                       Guide  // of its VOD, where it plays one
	Filler                     []Clip // fillers between programmes, wherever they play
	Programmes                 bool   // its playlists announce its items
}

// Lists reports whether it plays lists of VODs.
func (c Channel) Lists() bool { return len(c.Eras) > 0 || c.Object != nil }

// model is the VOD whose renditions players see.
func (c Channel) model() title { return title{origin: c.Origin, path: c.Path, query: c.Query} }

// goesOn reports whether timestamps may be continuous over a loop of the channel: a
// loop of one whole VOD.
func (c Channel) goesOn() bool {
	return c.Options.Continuous && (c.Object != nil || slices.ContainsFunc(c.Eras, Era.repeatsOne))
}

// key is that of its stream.
func (c Channel) key() Key { return Key{Mount: c.Name, Path: channelPath} }

// channelPath is the path of a channel's stream below its mount.
const channelPath = "master.m3u8"

// states are the metrics of channels and places.
func (l *lineup) states() metrics.State {
	now := l.config.Now()
	state := metrics.State{Paused: map[string]int{}}
	for _, c := range l.config.Channels {
		state.Channels = append(state.Channels, l.channelState(c, now))
	}
	for _, o := range l.config.Origins {
		state.Paused[o.Name] = 0
		for _, p := range o.Status(now) {
			if p.Paused {
				state.Paused[o.Name]++
			}
		}
	}
	return state
}

func (l *lineup) channelState(c Channel, now time.Time) metrics.ChannelState {
	st := l.store.get(c.key())
	if st == nil {
		return metrics.ChannelState{Name: c.Name}
	}
	state := metrics.ChannelState{
		Name: c.Name, Loaded: true, Loop: turn(st.at(now).live, now),
		Unconfirmed: max(now.Sub(time.Unix(0, st.confirmedAt.Load())), 0),
	}
	state.Break = untilBreak(st.at(now).live, now)
	if p := l.mounts[c.Name].playout; p != nil {
		state.Items = p.items(st, now)
	}
	return state
}

// untilBreak is in seconds, 0 during a break; nil: there is none within a day.
func untilBreak(live *playlist.Live, now time.Time) *float64 {
	if !live.Interrupted() {
		return nil
	}
	b, ok := live.Timeline.NextBreak(now, now.Add(24*time.Hour))
	if !ok {
		return nil
	}
	left := max(b.Start.Sub(now), 0).Seconds()
	return &left
}

// turn is the number of the loop at the live edge; 0 before there is one.
func turn(live *playlist.Live, now time.Time) int64 {
	w, err := live.Timeline.Window(0, now)
	if err != nil {
		return 0
	}
	return live.Timeline.Run(0, w.End-1).Turn
}
