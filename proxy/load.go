package proxy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
)

const (
	maxVOD       = 64 << 20 // bytes of all playlists of one VOD
	fetches      = 8        // of one VOD at once
	loadTimeouts = 6        // of the origin, that fetching one VOD may take
	retryPause   = 250 * time.Millisecond
	viewerSlack  = 2 * time.Second // a viewer waits for the origin's timeout and this
)

// stream returns a stream to a viewer, who is answered by w, loaded if need be.
func (s *Server) stream(ctx context.Context, k key, w *recorder) (*stream, error) {
	now := s.config.Now()
	if st := s.store.get(k); st != nil {
		s.config.Metrics.CacheHits.Inc()
		s.revalidate(st, now)
		s.awaitLook(ctx, st, now)
		st.use(s.config.Now())
		return st, nil
	}
	s.giveTime(w)
	st, err := s.awaitLoad(origin.WithRequestID(ctx, w.identify()), k)
	if err == nil {
		st.use(s.config.Now())
	}
	return st, err
}

// awaitLoad returns a stream once it is loaded, or why it can't be. All who wait
// for one wait for the same load, which goes on when they leave; its requests to
// the origin have the id of the first.
func (s *Server) awaitLoad(ctx context.Context, k key) (*stream, error) {
	if err := s.store.failure(k, s.config.Now()); err != nil {
		return nil, err
	}
	k = k.own() // it may stay with the stream
	first := false
	loaded := s.loads.DoChan(k.String(), func() (any, error) {
		first = true
		if !s.begin() {
			return nil, context.Canceled
		}
		defer s.work.Done()
		return s.load(origin.WithRequestID(s.context, origin.RequestID(ctx)), k)
	})
	patience := time.NewTimer(s.config.Timeout + viewerSlack)
	defer patience.Stop()
	select {
	case result := <-loaded:
		s.countMiss(first)
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*stream), nil
	case <-patience.C:
		return nil, errLoading
	case <-ctx.Done():
		return nil, context.Canceled
	}
}

func (s *Server) countMiss(first bool) {
	if first {
		s.config.Metrics.CacheMisses.Inc()
	} else {
		s.config.Metrics.CacheWaits.Inc()
		s.config.Metrics.Collapsed.Inc()
	}
}

// loadOnce loads a stream for all who want it now.
func (s *Server) loadOnce(k key) (any, error) {
	st, err, _ := s.loads.Do(k.String(), func() (any, error) { return s.load(s.context, k) })
	return st, err
}

// load loads a stream, with one retry where that can help and was not tried at
// the last load, and keeps it or remembers why not.
func (s *Server) load(ctx context.Context, k key) (st *stream, err error) {
	defer panics.Catch(&err)
	if st := s.store.get(k); st != nil {
		return st, nil // another load ended just before this one began
	}
	if !s.store.begin(k) {
		return nil, errBusy
	}
	defer s.store.done(k)
	slots := s.mounts[k.mount].slots
	if !slots.TryAcquire(1) {
		return nil, errBusy
	}
	defer slots.Release(1)
	start := s.config.Now()
	st, err = s.fetch(ctx, k)
	if retryable(err) && s.store.lastFailure(k) == nil && s.pause(jitter(retryPause)) {
		st, err = s.fetch(ctx, k)
	}
	boundDetail(err)
	if err == nil {
		now := s.config.Now()
		st.checkIn(s.lookEvery(st), now)
		st.confirmedAt.Store(now.UnixNano())
		err = s.store.add(st, s.needed)
		s.handOver(st)
	}
	if err != nil && s.context.Err() == nil {
		err = s.store.failed(k, err, s.config.Now())
	}
	s.logLoad(s.config.Log.With(zap.Duration("took", s.config.Now().Sub(start)), requestID(ctx)), k, st, err)
	return st, err
}

// fetch fetches all playlists of a VOD and makes it ready.
func (s *Server) fetch(ctx context.Context, k key) (st *stream, err error) {
	defer panics.Catch(&err)
	v, err := s.fetchVOD(ctx, k)
	defer v.client.Share().Close()
	if err != nil {
		return nil, err
	}
	e, err := s.newEra(k, v, func(a *addresses) (*playlist.Live, error) {
		return playlist.NewLive(v.multivariant, v.media, a, s.mounts[k.mount].options)
	})
	if err != nil {
		return nil, err
	}
	st = &stream{key: k, renditions: make([]rendition, len(v.media)), sources: v.sources}
	st.newest.Store(e)
	if v.mayBeSigned() {
		st.renewed.expect()
	}
	for n := range st.renditions {
		st.renditions[n].variant = v.multivariant == nil || v.multivariant.Renditions[n].Variant
	}
	return st, nil
}

// fetchVOD fetches all playlists of a VOD. The share of its client must be closed
// once it has been made ready.
func (s *Server) fetchVOD(ctx context.Context, k key) (*vod, error) {
	m := s.mounts[k.mount]
	v := &vod{client: m.client.Within(s.loading.Open())}
	address, err := m.address(k)
	if err != nil {
		return v, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, loadTimeouts*s.config.Timeout, origin.ErrTimeout)
	defer cancel()
	return v, v.fetch(ctx, address)
}

// vod is a VOD while its playlists are fetched. All are counted before any is
// decoded: one of too many segments is refused at the cost of its text.
type vod struct {
	client       *origin.Client
	multivariant *playlist.Multivariant
	media        []*playlist.Media
	sources      []source
	bytes        atomic.Int64
	segments     atomic.Int64
}

func (v *vod) fetch(ctx context.Context, address *url.URL) (err error) {
	defer panics.Catch(&err)
	first, err := v.get(ctx, address)
	if err != nil {
		return &loadError{err}
	}
	v.sources = []source{newSource(first, address)}
	if !playlist.IsMultivariant(first.Body) {
		v.media = make([]*playlist.Media, 1)
		if err := v.count(first); err != nil {
			return err
		}
		return v.decode(ctx, 0, first)
	}
	if err := v.decodeMultivariant(ctx, first); err != nil {
		return err
	}
	return v.fetchRenditions(ctx)
}

func (v *vod) decodeMultivariant(ctx context.Context, p *origin.Playlist) error {
	return v.inRoom(ctx, p, func() (err error) {
		v.multivariant, err = playlist.DecodeMultivariant(p.Body, p.Address)
		return err
	})
}

// inRoom decodes a playlist as soon as there is room for it, and gives back the room
// of its body.
func (v *vod) inRoom(ctx context.Context, p *origin.Playlist, decode func() error) error {
	defer p.Release()
	if ctx.Err() != nil {
		return &loadError{room.Refused(ctx)}
	}
	share := v.client.Share()
	cost, lasting := playlist.Weigh(p.Body).Cost()
	if err := share.Take(ctx, cost); err != nil {
		return &loadError{err}
	}
	defer share.Give(cost - lasting)
	return decode()
}

func (v *vod) fetchRenditions(ctx context.Context) error {
	renditions := v.multivariant.Renditions
	v.media = make([]*playlist.Media, len(renditions))
	v.sources = append(v.sources, make([]source, len(renditions))...)
	fetched := make([]*origin.Playlist, len(renditions))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(fetches)
	for n := range renditions {
		group.Go(func() (err error) {
			defer panics.Catch(&err)
			p, err := v.fetchRendition(within, n)
			if err != nil {
				return v.spare(n, ofRendition(n, err))
			}
			fetched[n] = p
			return ofRendition(n, v.count(p))
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for n, p := range fetched {
		if p == nil {
			continue // it is left out
		}
		if err := v.spare(n, ofRendition(n, v.decode(ctx, n, p))); err != nil {
			return err
		}
	}
	return nil
}

// ofRendition notes in a refusal which rendition it is about.
func ofRendition(n int, err error) error {
	if refusal, is := errors.AsType[*loop.Refusal](err); is && refusal.Rendition < 0 {
		refusal.Rendition = n
	}
	return err
}

// fetchRendition fetches a media playlist, to be decoded.
func (v *vod) fetchRendition(ctx context.Context, n int) (p *origin.Playlist, err error) {
	address := v.multivariant.Renditions[n].Address
	if _, _, within := v.client.Locate(address, ""); !within {
		why := "it lies outside the origins"
		if OddPath(address) {
			why = ErrOddPath.Error()
		}
		return nil, &loop.Refusal{Code: playlist.CodeForeignRendition, Rendition: n, Detail: why + ": " + v.multivariant.Renditions[n].Shown()}
	}
	shown := v.multivariant.Renditions[n].Shown()
	p, err = v.get(origin.Quoted(ctx, shown), address)
	if errors.Is(err, origin.ErrNotFound) {
		return nil, &loop.Refusal{Code: playlist.CodeMissingRendition, Rendition: n, Detail: err.Error()}
	}
	if err != nil {
		return nil, &loadError{err}
	}
	v.sources[n+1] = newSource(p, address)
	v.sources[n+1].quoted = quoted(shown)
	v.sources[n+1].optional = !v.multivariant.Renditions[n].Essential
	return p, nil
}

// quoted is an address as it stands in a playlist, if it has variables.
func quoted(text string) string {
	if strings.Contains(text, "{$") {
		return text
	}
	return ""
}

// count refuses a VOD of too many segments.
func (v *vod) count(p *origin.Playlist) error {
	if v.segments.Add(int64(playlist.Weigh(p.Body).Segments)) > loop.MaxSegments {
		return &loop.Refusal{Code: loop.CodeTooManySegments, Rendition: -1, Detail: fmt.Sprintf("more than %d segments in all renditions", loop.MaxSegments)}
	}
	return nil
}

// decode decodes the media playlist of a rendition.
func (v *vod) decode(ctx context.Context, n int, p *origin.Playlist) (err error) {
	defer panics.Catch(&err)
	var variables playlist.Variables
	if v.multivariant != nil {
		variables = v.multivariant.Variables
	}
	var m *playlist.Media
	err = v.inRoom(ctx, p, func() (err error) {
		m, err = playlist.DecodeMedia(p.Body, p.Address, variables)
		return err
	})
	if err != nil {
		return err
	}
	if v.multivariant != nil && v.multivariant.Renditions[n].Subtitles {
		m.Unsliceable = v.foreignFile(m)
	}
	v.media[n] = m
	if v.bytes.Add(int64(m.Grown)) > maxVOD {
		return origin.ErrTooLarge
	}
	return v.client.Share().Take(ctx, int64(m.Grown)+m.TextCost())
}

// hasVariables says whether its playlists give values to variables.
func (v *vod) hasVariables() bool {
	of := func(m *playlist.Media) bool { return m != nil && m.HasVariables }
	return v.multivariant != nil && len(v.multivariant.Variables) > 0 || slices.ContainsFunc(v.media, of)
}

// get fetches a playlist within the bound of the whole VOD.
func (v *vod) get(ctx context.Context, address *url.URL) (*origin.Playlist, error) {
	p, err := v.client.Playlist(ctx, address, origin.Validators{})
	if err != nil {
		return nil, err
	}
	if v.bytes.Add(int64(len(p.Body))) > maxVOD {
		return nil, origin.ErrTooLarge
	}
	return p, nil
}

func newSource(p *origin.Playlist, address *url.URL) source {
	src := source{validators: p.Validators, sum: sha256.Sum256(p.Body), address: address.String()}
	src.unsigned = src.sum
	if src.queries = bytes.IndexByte(p.Body, '?') >= 0; src.queries {
		src.unsigned = unsigned(p.Body, src.sum)
	}
	return src
}

// bytesOfSources is about what they take of memory.
func (v *vod) bytesOfSources() (size int) {
	for _, src := range v.sources {
		size += len(src.address) + len(src.validators.ETag) + len(src.validators.LastModified)
	}
	return size
}

func loadOutcome(err error) metrics.Load {
	var failed *loadError
	switch {
	case err == nil:
		return metrics.LoadOK
	case errors.Is(err, origin.ErrNotFound):
		return metrics.LoadNotFound
	case errors.Is(err, origin.ErrBusy), errors.Is(err, room.ErrFull):
		return metrics.LoadBusy
	case errors.Is(err, origin.ErrTimeout):
		return metrics.LoadTimeout
	case errors.As(err, &failed):
		return metrics.LoadFailed
	}
	return metrics.LoadRefused
}
