package onair

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy/answer"
	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
	"vod2live/proxy/room"
	"vod2live/proxy/subtitles"
	"vod2live/proxy/vod"
)

// env is what the parts of a Station share.
type env struct {
	site
	config   Config
	clock    *clock
	store    *store
	work     *background.Work
	room     *room.Room
	failures *failure.Log
	reading  sync.Mutex // of schedule objects, one at a time: that takes many times their size
}

// needed reports whether viewers use a stream that could not be loaded again,
// or not under the same numbers.
func (e *env) needed(st *Stream) bool {
	lost := st.newest.Load().live.Era > 0 || st.cut.holds() || e.mounts[st.key.Mount].origin.Failing()
	return lost && e.config.Now().UnixNano()-st.usedAt.nanos.Load() < int64(neededFor)
}

// fetchVOD fetches all playlists of a VOD. It must be closed once it has been made
// ready.
func (e *env) fetchVOD(ctx context.Context, k Key) (*vod.VOD, error) {
	m := e.mounts[k.Mount]
	v := vod.New(m.client.Within(e.room.Open()))
	address, err := m.address(k)
	if err != nil {
		return v, err
	}
	ctx, cancel := e.within(ctx)
	defer cancel()
	return v, v.Fetch(ctx, address)
}

// openVOD fetches the playlist at the address of a VOD. It must be closed.
func (e *env) openVOD(ctx context.Context, k Key, have origin.Validators) (*vod.VOD, error) {
	m := e.mounts[k.Mount]
	v := vod.New(m.client.Within(e.room.Open()))
	address, err := m.address(k)
	if err != nil {
		return v, err
	}
	ctx, cancel := e.within(ctx)
	defer cancel()
	return v, v.Open(ctx, address, have)
}

// within bounds all that is fetched of a VOD at once.
func (e *env) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, background.LoadTimeouts*e.config.Timeout, origin.ErrTimeout)
}

// measure measures the media of a VOD that was fetched, before it is laid out.
func (e *env) measure(ctx context.Context, k Key, v *vod.VOD) error {
	ctx, cancel := e.within(ctx)
	defer cancel()
	m := e.mounts[k.Mount]
	return v.Measure(ctx, m.origin, m.options.Continuous)
}

// newEra makes a VOD ready, as a function does with the addresses of a stream. like is
// the era of the same media, for which alone that was measured; nil: it was for the VOD.
func (e *env) newEra(k Key, v *vod.VOD, like *era, ready func(*addresses) (*playlist.Live, error)) (*era, error) {
	m := e.mounts[k.Mount]
	a := &addresses{client: e.client, own: m.origin.Name, mount: k.Mount, path: k.Path, query: playlist.QueryPlace, single: v.Multivariant == nil, variables: v.HasVariables(), named: m.named()}
	live, err := a.check(ready(a))
	if err != nil {
		return nil, err
	}
	moving, tagged := movingOf(v.Continuity, v.Measured), v.Tagged
	if like != nil {
		moving, tagged = like.moving, like.tagged
	}
	found := &Inspection{Now: e.clock.Now()}
	found.know(v, live)
	found.Continuous, found.Tagged = moving.continuity() != nil, tagged
	made := &era{
		target: live.VOD.TargetDuration, live: live, cues: subtitles.Tracks(live.VOD, live.Text, v.Media), origins: a.reached(), segments: a.named.sorted(), own: a.listed.sorted(),
		problems: e.examine(found), described: v.Multivariant.Describe(), addresses: 2*len(k.Path) + v.Sources.Size(),
	}
	if live.Multivariant != nil {
		made.multivariant = answer.New(live.Multivariant, hex.EncodeToString(live.Text[:]), time.Time{}, time.Time{})
	}
	made.listed, made.moving, made.tagged = made.own, moving, tagged
	made.size = made.weigh()
	return made, nil
}

// examine finds the problems of a VOD, the worst first, bounded in number and
// size.
func (e *env) examine(in *Inspection) []problem.Problem {
	if e.config.Examine == nil {
		return nil
	}
	all := e.config.Examine(in)
	slices.SortStableFunc(all, func(a, b problem.Problem) int { return cmp.Compare(a.Severity.Rank(), b.Severity.Rank()) })
	all = slices.Clone(all[:min(len(all), maxProblems)])
	for i := range all {
		all[i].Text, all[i].Source = mask.Shorten(all[i].Text, maxProblemText), mask.Shorten(all[i].Source, maxProblemText)
	}
	return all
}

// LookEvery is the revalidation interval of a stream.
func (e *env) LookEvery(st *Stream) time.Duration {
	every := e.mounts[st.key.Mount].revalidate
	if renewed := time.Duration(st.renewed.every.Load()); renewed > 0 {
		return min(every, renewed)
	}
	return every
}
