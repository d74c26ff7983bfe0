package proxy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"net/url"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
)

// leastRecheck is the soonest that a failed revalidation is tried again.
const leastRecheck = 5 * time.Second

// revalidate asks the origin, in the background and at most once at a time,
// whether a stream that is requested is still what it has. Only a viewer of a
// stream that nobody has watched for a while waits for it, see awaitLook.
// Whatever it finds, the stream goes on; only a VOD that has been gone for long
// enough ends.
func (s *Server) revalidate(st *stream, now time.Time) {
	if next := st.check.Load(); next != nil && next.left(now) > 0 {
		return
	}
	if !st.checking.CompareAndSwap(false, true) {
		return
	}
	if !s.begin() { // another server may have the stream now
		st.checking.Store(false)
		return
	}
	done := st.looked.begin()
	go func() {
		defer s.work.Done()
		defer close(done)
		defer st.checking.Store(false)
		defer panics.Survive(s.config.Log)
		s.check(st)
	}()
}

// check asks the origin and takes what it says into account. The caller has
// checking, and work that has begun.
func (s *Server) check(st *stream) metrics.Revalidation {
	found, err := s.compare(st)
	if s.context.Err() == nil {
		s.config.Metrics.Revalidations[found].Inc()
		s.noteRevalidation(st, found, err)
	}
	return found
}

func (s *Server) noteRevalidation(st *stream, found metrics.Revalidation, err error) {
	now := s.config.Now()
	s.settle(st)
	log := s.config.Log.With(zap.String("mount", st.key.mount), zap.String("path", shorten(st.key.path)))
	next := s.lookEvery(st)
	defer func() { st.checkIn(next, now) }() // also after a panic, which the next viewer would repeat
	if found != metrics.Gone {
		st.goneAt.Store(0)
	}
	cut := found == metrics.Unknowable || found == metrics.Gone
	if errors.Is(err, origin.ErrBusy) || errors.Is(err, room.ErrFull) {
		cut = st.cut.Load() // the origin was not asked
	}
	wasCut := st.cut.Swap(cut)
	if wasCut && !cut {
		log.Info("stream revalidated again")
	}
	if found == metrics.Unchanged {
		st.confirmedAt.Store(now.UnixNano())
		st.renewed.stop()
		next = s.lookEvery(st)
		st.forgetSeen() // an edit that could not take over is undone
	}
	switch found {
	case metrics.Changed:
		soon := s.update(st, log)
		if next = s.lookEvery(st); soon {
			next = min(next, leastRecheck)
		}
	case metrics.Gone:
		if st.goneAt.CompareAndSwap(0, now.UnixNano()) {
			log.Warn("the VOD is gone from the origin; the stream plays on for a while", zap.Duration("ends_in", s.goneAfter(st.key)), zap.String("code", CodeVODGone), zap.Error(err))
		}
		if now.Sub(time.Unix(0, st.goneAt.Load())) >= s.goneAfter(st.key) {
			log.Warn("stream ended: its VOD is gone from the origin", zap.Error(err))
			s.drop(st)
		}
	case metrics.Unknowable:
		next = max(min(next, leastRecheck), origin.PauseOf(err))
		panics.Log(log, err)
		if !wasCut {
			s.warn(log, "stream not revalidated; it plays on", st.key.mount, err)
		}
	}
}

// checkIn says when to ask the origin again.
func (st *stream) checkIn(wait time.Duration, now time.Time) {
	next := dueIn(wait, now)
	st.check.Store(&next)
}

// compare asks for each playlist of a stream again: first for the one that
// names the others, so that an origin that fails is asked once. Where that has
// changed, the others may have other names: it is an edit, whatever has become
// of them.
func (s *Server) compare(st *stream) (metrics.Revalidation, error) {
	ctx, cancel := context.WithTimeoutCause(s.context, loadTimeouts*s.config.Timeout, origin.ErrTimeout)
	defer cancel()
	share := s.loading.Open()
	defer share.Close()
	client := s.mounts[st.key.mount].client.Within(share)
	var changed atomic.Bool
	ask := func(ctx context.Context, src *source) (err error) {
		defer panics.Catch(&err)
		same, err := src.same(ctx, client)
		if err == nil && !same {
			changed.Store(true)
		}
		return err
	}
	err := ask(ctx, &st.sources[0])
	if errors.Is(err, origin.ErrNotFound) && !denied(err) {
		return metrics.Gone, err
	}
	if err == nil && st.renewed.sure {
		return metrics.Changed, nil // as ever; all are fetched anew
	}
	if err == nil && !changed.Load() {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(fetches)
		for i := range st.sources[1:] {
			group.Go(func() error { return ask(ctx, &st.sources[1+i]) })
		}
		err = group.Wait()
	}
	switch {
	case errors.Is(err, origin.ErrNotFound) && !denied(err):
		return metrics.Changed, nil // a rendition is absent: loading says whether the VOD can do without
	case err != nil:
		return metrics.Unknowable, err
	case changed.Load():
		return metrics.Changed, nil
	}
	return metrics.Unchanged, nil
}

// denied says whether a 404 to the viewer was a 403 of the origin: that does not
// end a stream that is loaded.
func denied(err error) bool {
	var status *origin.StatusError
	return errors.As(err, &status)
}

// same says whether the origin has a playlist as it was loaded. Where it is but
// its validators are new, as of another place or after a copy, they are taken
// over.
func (src *source) same(ctx context.Context, client *origin.Client) (bool, error) {
	address, err := url.Parse(src.address)
	if err != nil {
		return false, err
	}
	p, err := client.Playlist(origin.Quoted(ctx, src.quoted), address, src.validators)
	switch {
	case src.leftOut != "" && err != nil:
		return true, nil // it is not back
	case src.optional && errors.Is(err, origin.ErrNotFound):
		return true, nil // it stays as it is loaded
	case err != nil:
		return false, err
	case p.Unchanged:
		return true, nil
	}
	defer p.Release()
	if sha256.Sum256(p.Body) != src.sum {
		return src.leftOut == playlist.CodeNoEndlist && stillLive(p.Body), nil
	}
	src.validators = p.Validators
	return true, nil
}

// stillLive reports whether a playlist is one of a stream that goes on.
func stillLive(body []byte) bool { return !bytes.Contains(body, []byte("#EXT-X-ENDLIST")) }
