package onair

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/answer"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/route"
	"vod2live/proxy/timeshift"
)

// views answers with parts of streams.
type views struct{ *env }

// Selection is the part of a query that selects a part of a stream; empty: none.
// These names are ours only in addresses of playlists, and only if addresses may go
// back.
func (s *views) Selection(t route.Target, query string) string {
	m := s.mounts[t.Mount]
	if query == "" || m.dvr == 0 || t.Kind == route.Slice {
		return ""
	}
	ours, _ := timeshift.Split(query, m.origin.Query.Names)
	return ours
}

// keeps is since when all that was on air is known at an instant.
func (e *env) keeps(st *Stream, now time.Time) time.Time {
	dvr := e.mounts[st.key.Mount].dvr
	if dvr == 0 {
		return now
	}
	return now.Add(-dvr - timeshift.MediaGrace)
}

// mostOf is how many bytes one stream may take with its earlier versions.
func (e *env) mostOf() int64 { return e.store.limit / mostOfAll }

// bounds of a stream's views that go this much farther back than the setting.
func (s *views) bounds(st Form, e *era, grace time.Duration) timeshift.Bounds {
	return timeshift.Bounds{Back: s.mounts[st.Stream.key.Mount].dvr + grace, Target: e.target}
}

// ViewMultivariant is the multivariant playlist of a view; ours is the part of the query
// that v was read from. It has places for the query that is returned. The errors are a
// *timeshift.Error, failure.NotYet and origin.ErrNotFound.
func (s *views) ViewMultivariant(st Form, v timeshift.View, ours string, now time.Time) (a *answer.Answer, query string, err error) {
	e := st.at(now)
	grace := time.Duration(0)
	if v.Relative { // it was rounded down
		grace = timeshift.Round
	}
	if err := v.Check(s.bounds(st, e, grace), now); err != nil {
		return nil, "", err
	}
	w, err := e.anyWindow(v, now)
	if err != nil {
		return nil, "", err
	}
	if !v.Growing() && e.over(w, now) {
		return nil, "", origin.ErrNotFound
	}
	var head time.Time
	if v.Growing() {
		head = e.live.Timeline.Head(v.From)
	}
	query = v.Query(ours, head)
	if st.query != "" {
		query += "&" + st.query
	}
	return e.multivariant, query, nil
}

// ViewMedia is the media playlist of a rendition in a view. The errors are those of
// ViewMultivariant, and failure.ErrViews if too many are written, or sent, at once. The
// answer is given back once it is sent.
func (s *views) ViewMedia(ctx context.Context, st Form, n int, v timeshift.View, now time.Time) (a *answer.Answer, back func(), err error) {
	e := st.at(now)
	grace := timeshift.MediaGrace
	if st.Single() {
		grace = 0
	}
	if err := v.Check(s.bounds(st, e, grace), now); err != nil {
		return nil, nil, err
	}
	v.Relative, v.Skip = false, v.Skip && v.Deltas()
	key := viewKey{e, n, v}
	a, kept := s.store.views.get(key, now)
	if a == nil {
		w, err := e.window(n, v, now)
		if err != nil {
			return nil, nil, err
		}
		if !v.Growing() && e.over(w, now) {
			return nil, nil, origin.ErrNotFound
		}
		size := e.sizeOf(n, v, w)
		if a, err = s.store.views.make(ctx, viewJob{st.Stream, key, size, func() *answer.Answer { return e.view(n, v, w, size) }}, now); err != nil {
			return nil, nil, err
		}
	}
	return s.store.views.lending.lend(ctx, a, st.query, kept != nil)
}

// window is what a rendition shows of a view at an instant.
func (e *era) window(n int, v timeshift.View, now time.Time) (loop.Window, error) {
	line := e.live.Timeline
	w, err := line.View(n, v.View, now)
	switch {
	case errors.Is(err, loop.ErrLeftOut):
		return w, origin.ErrNotFound
	case errors.Is(err, loop.ErrTooOld):
		return w, &timeshift.Error{Code: timeshift.CodeTooOld, Detail: "the view begins before the stream"}
	case errors.Is(err, loop.ErrTooLong):
		return w, &timeshift.Error{Code: timeshift.CodeTooLong, Detail: fmt.Sprintf("the view has more than %d segments of a rendition, or %d discontinuities", loop.MaxWindow, loop.MaxTags)}
	case errors.Is(err, loop.ErrOver):
		return w, &timeshift.Error{Code: timeshift.CodeAfterEnd, Detail: "the view begins when the stream has ended"}
	case err != nil:
		return w, &failure.NotYet{Wait: max(line.Ready().Add(v.Delay).Sub(now), e.target)}
	}
	return w, nil
}

// anyWindow is what the first rendition that is not left out shows of a view.
func (e *era) anyWindow(v timeshift.View, now time.Time) (w loop.Window, err error) {
	for n := range e.live.Renditions() {
		if w, err = e.window(n, v, now); !errors.Is(err, origin.ErrNotFound) {
			break
		}
	}
	return w, err
}

// over reports whether a stream ended so long ago that only its intervals are
// available.
func (e *era) over(w loop.Window, now time.Time) bool {
	return w.Ended && !now.Before(e.lasts(w))
}

// lasts is until when a window of a stream that has ended is answered.
func (e *era) lasts(w loop.Window) time.Time {
	return w.Changed.Add(max(leastAfterEnd, e.live.VOD.Window))
}

// forever is the instant until which a completely published interval is
// valid.
const forever = 365 * 24 * time.Hour

// shownOf is how a view is written.
func shownOf(v timeshift.View) playlist.View {
	return playlist.View{Event: v.Growing(), Start: v.Growing(), Deltas: v.Deltas(), Skip: v.Skip}
}

// view writes the playlist of a view, which is about this long.
func (e *era) view(n int, v timeshift.View, w loop.Window, size int) *answer.Answer {
	body := e.live.AppendView(make([]byte, 0, size), n, w, shownOf(v))
	if cap(body)-len(body) > len(body)/8 {
		body = bytes.Clone(body)
	}
	until := w.Next
	switch {
	case w.Ended && v.Growing():
		until = w.Changed.Add(forever)
	case w.Ended:
		until = e.lasts(w)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%v %v %v", v, w.Ended, e.target))
	return answer.New(body, tagOf(e.live, n, w)+"-"+hex.EncodeToString(sum[:8]), w.Changed, until)
}

// sampled is the number of segments from which the text length of many is
// estimated.
const sampled = 64

// sizeOf is about how long a playlist is, as its newest segments are; 0: it is short. A
// long one is written in a fraction of the time if it is not moved while it grows.
func (e *era) sizeOf(n int, v timeshift.View, w loop.Window) int {
	newest := w
	newest.First = max(w.First, w.End-sampled)
	if newest.First == w.First || v.Skip {
		return 0
	}
	sample := int64(len(e.live.AppendView(nil, n, newest, shownOf(v))))
	return int(sample * w.Len() / newest.Len() * 17 / 16)
}

// Whole reports whether an answer to a view is that of a completely published
// interval: it never changes.
func Whole(v timeshift.View, a *answer.Answer, now time.Time) bool {
	return v.Growing() && a.Until.Sub(now) > forever/2
}
