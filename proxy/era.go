package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
)

// era is a version of a stream's VOD. It is immutable.
type era struct {
	live         *playlist.Live
	multivariant *answer     // nil: the VOD is one media playlist
	cues         [][]cueFile // of renditions whose WebVTT is cut anew, by rendition
	origins      []string    // that its addresses lie in
	segments     []uint64    // of a channel: what its addresses name, by hash
	listed       []uint64    // addresses for listed: its own, and those that are outdated
	own          []uint64    // of listed, those in its own text
	outdated     []outdated  // of listed, those before the VOD was signed anew
	problems     []Problem   // of the VOD
	earlier      *era        // on air until the era begins, and shown for a while; nil: none
	addresses    int         // about what its own and those at the origin take of memory
	size         int         // about what all of it takes, with those before it
}

// newEra makes a VOD ready, as a function does with the addresses of a stream.
func (s *Server) newEra(k key, v *vod, ready func(*addresses) (*playlist.Live, error)) (*era, error) {
	m := s.mounts[k.mount]
	a := &addresses{client: s.client, own: m.origin.Name, mount: k.mount, path: k.path, query: k.query, single: v.multivariant == nil, variables: v.hasVariables(), named: m.named()}
	live, err := a.check(ready(a))
	if err != nil {
		return nil, err
	}
	found := &Inspection{Now: s.clock.Now()}
	found.know(v, live)
	e := &era{
		live: live, cues: cueFiles(live, v.media), origins: a.reached(), segments: a.named.sorted(), own: a.listed.sorted(),
		problems: s.examine(found), addresses: len(k.path) + len(k.query) + v.bytesOfSources(),
	}
	if live.Multivariant != nil {
		e.multivariant = newAnswer(live.Multivariant, hex.EncodeToString(live.Text[:]), time.Time{}, time.Time{})
	}
	e.listed = e.own
	e.size = e.weigh()
	return e, nil
}

// at is the era on air at an instant.
func (st *stream) at(now time.Time) *era {
	e := st.newest.Load()
	for e.earlier != nil && now.Before(e.live.Begins()) {
		e = e.earlier
	}
	return e
}

// sliced is the era with the slices that are named after a sum; nil if nothing of
// it is shown.
func (st *stream) sliced(rendition int, sum string) *era {
	e := st.newest.Load()
	for e != nil && (rendition >= len(e.cues) || e.cues[rendition] == nil || e.live.Slices(rendition) != sum) {
		e = e.earlier
	}
	return e
}

// bytes is about what a stream takes of memory.
func (st *stream) bytes() int { return st.newest.Load().size }

// weigh is about what an era takes of memory, with those before it.
func (e *era) weigh() int {
	size := e.live.Bytes() + windowBytes(e.live) + 512*(1+len(e.live.VOD.Tracks)) + e.addresses + 8*len(e.segments) + listedBytes*len(e.listed) + 1024*len(e.problems)
	for _, files := range e.cues {
		for _, f := range files {
			size += 64 + len(f.address)
		}
	}
	if e.earlier != nil {
		size += windowBytes(e.earlier.live)
	}
	return size
}

// windowBytes is about what the answers take, plain and packed, with their
// headers: of half of the renditions, since few viewers watch the same VOD in all.
func windowBytes(live *playlist.Live) int {
	n := live.Renditions()
	return live.WindowBytes()*5/4*((n+1)/2)/n + 512*n
}

// since is the era without those that nothing shows any more at an instant.
func (e *era) since(now time.Time) *era {
	rest := *e
	rest.live, rest.earlier = e.live.Since(now), nil
	rest.list(now)
	if e.earlier != nil && rest.live.Versions() > 1 {
		rest.earlier = e.earlier.since(now)
	}
	rest.size = rest.weigh()
	return &rest
}

// update lets what the origin has now take over at the end of a loop, once two
// fetches have found the same: an edit takes a while to upload. It says whether
// to ask again soon.
func (s *Server) update(st *stream, log *zap.Logger) (soon bool) {
	slots := s.mounts[st.key.mount].slots
	if !slots.TryAcquire(1) {
		return true
	}
	defer slots.Release(1)
	v, err := s.fetchVOD(s.context, st.key)
	defer v.client.Share().Close()
	panics.Log(log, err)
	if errors.Is(err, room.ErrFull) {
		return true
	}
	if failed, is := errors.AsType[*loadError](err); is && origin.Sick(failed) {
		s.warn(log, "the VOD has changed, and could not be loaded again; the old version plays on", st.key.mount, err)
		return true
	}
	if err == nil && v.signedAnew(st) {
		if err = s.renew(st, v, log); err == nil {
			return false
		}
	}
	now := s.clock.Now()
	if sum := v.sum(err); sum != st.seen.sum {
		odd := st.seen != seen{}
		st.noteSeen(sum, now)
		s.noteUnsettled(st, log)
		if err != nil || !s.stood(st, v, now) {
			return !odd // what is another each time is not worth the haste
		}
	}
	if err == nil {
		err = s.follow(st, v, log)
	}
	if err != nil && !st.refused.Swap(true) {
		boundDetail(err)
		panics.Log(log, err)
		s.warn(log, "the VOD has changed, and the new version can't take over; the old one plays on", st.key.mount, err)
		s.config.Metrics.Eras[metrics.EraRefused].Inc()
	}
	return false
}

// sum tells one content of a VOD from another; of one that can't be loaded by
// why not.
func (v *vod) sum(err error) [sha256.Size]byte {
	if err != nil {
		return sha256.Sum256([]byte(err.Error())) // which playlists were fetched before is chance
	}
	h := sha256.New()
	for _, src := range v.sources {
		if src.leftOut == "" { // what else it says is never seen
			h.Write(src.unsigned[:])
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// follow lets a new version take over from the one that is on air. One that
// waits to take over gives way to it.
func (s *Server) follow(st *stream, v *vod, log *zap.Logger) (err error) {
	defer panics.Catch(&err)
	now := s.clock.Now()
	wish, late := s.takeoverOf(st, v, now)
	on := st.at(wish)
	e, err := s.newEra(st.key, v, func(a *addresses) (*playlist.Live, error) {
		return on.live.Follow(v.multivariant, v.media, a, s.mounts[st.key.mount].options, wish)
	})
	if err != nil {
		return err
	}
	live := e.live
	st.settle(v, now)
	if st.renewed.stop(); v.mayBeSigned() {
		st.renewed.expect()
	}
	if live.Text == on.live.Text {
		s.play(st, on) // nothing that is seen has changed, or the change is undone
		return nil
	}
	e.earlier = on
	e = e.since(s.clock.Now())
	s.play(st, e)
	fields := []zap.Field{zap.Time("at", live.Begins()), zap.Int("era", live.Era), zap.Duration("length", live.VOD.Length)}
	if old, target := on.live.VOD.TargetDuration, live.VOD.TargetDuration; target > old {
		fields = append(fields, zap.String("code", CodeTargetRaised), zap.Duration("target_duration", target), zap.Duration("from", old))
	}
	s.config.Metrics.Eras[metrics.EraBegun].Inc()
	if late {
		log.Warn("the VOD has changed: replicas may switch to the new version at another instant", zap.String("code", CodeEditSeenLate))
	}
	log.Info("the VOD has changed: the new version takes over at the end of a loop", fields...)
	return nil
}

// play makes an era the newest of a stream. Answers do not know when it begins.
func (s *Server) play(st *stream, e *era) {
	st.newest.Store(e)
	for n := range st.renditions {
		r := &st.renditions[n]
		r.mu.Lock()
		r.current.Store(nil)
		r.mu.Unlock()
	}
	s.store.resize(st, s.needed)
}

// settle forgets eras that nothing shows any more, and outdated addresses.
func (s *Server) settle(st *stream) {
	e := st.newest.Load()
	if e.earlier == nil && len(e.outdated) == 0 {
		return
	}
	if rest := e.since(s.config.Now()); rest.live.Versions() < e.live.Versions() || len(rest.outdated) < len(e.outdated) {
		s.play(st, rest)
	}
}
