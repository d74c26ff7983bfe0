package onair

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/measure"
	"vod2live/proxy/media"
	"vod2live/proxy/route"
	"vod2live/proxy/vod"
)

// moving describes how the timestamps of a VOD continue over its loops. It is
// immutable.
type moving struct {
	*measure.Continuity
	renditions []movingRendition
}

// movingRendition is what is known of the media of a rendition.
type movingRendition struct {
	format media.Format
	init   *media.Init
	gains  []media.Counter
}

// movingOf is nil if timestamps restart in each loop.
func movingOf(c *measure.Continuity, measured []*measure.Rendition) *moving {
	if c == nil {
		return nil
	}
	m := &moving{c, make([]movingRendition, len(measured))}
	for n, r := range measured {
		if r == nil {
			continue
		}
		m.renditions[n] = movingRendition{format: r.Format, init: r.Init}
		if r.Format == media.TS {
			m.renditions[n].gains = media.Gains(r.First, r.Last)
		}
	}
	return m
}

// movingItem is that of an item of a channel, by the channel's renditions, or the reason
// why it has none.
func movingItem(p *playlist.Program, v *vod.VOD) (*moving, *measure.Tagged) {
	lists := p.Media()
	measured := make([]*measure.Rendition, len(lists))
	for n, list := range lists {
		switch to := p.Mapped[n]; {
		case list == nil || to < 0:
			continue
		case v.Measured == nil || v.Measured[to] == nil:
			return nil, &measure.Tagged{Code: measure.CodeUnmeasured, Rendition: n, Detail: "alone the VOD leaves it out"}
		default:
			measured[n] = v.Measured[to]
		}
	}
	c, err := measure.Continue(measured, lists, p.VOD.Reference, p.VOD.Length)
	if tagged, is := errors.AsType[*measure.Tagged](err); is {
		return nil, tagged
	}
	return movingOf(c, measured), nil
}

// continuity is the part that the text of a VOD needs; nil: timestamps restart in
// each loop.
func (m *moving) continuity() *playlist.Continuity {
	if m == nil {
		return nil
	}
	return m.Text()
}

// share is the number of plays of an item, in a loop of it alone, that share a
// discontinuity; 0: each has its own.
func (one *play) share() int64 {
	if one.standIn != nil {
		return one.standIn.plays
	}
	return one.moving.loops()
}

// loops is how many share a discontinuity; 0: each has its own.
func (m *moving) loops() int64 {
	if m == nil {
		return 0
	}
	return m.Loops
}

// Moved is a segment with shifted timestamps.
type Moved struct {
	Target    route.Target // its source: a resource, or a slice
	Query     string       // of that
	ByteRange string       // n@o of its source; empty: all
	Format    media.Format
	Change    media.Change
	Tag       string        // distinguishes it from others with the same source
	Age       time.Duration // for which it may be kept at most
}

// movedAhead is how many target durations before its publication a segment is served.
const movedAhead = 2

// Moved finds the segment that an address below a rendition names. The error is
// failure.ErrNoSuchPath: no other process has it, either.
func (s *views) Moved(st Form, t route.Target, now time.Time) (*Moved, error) {
	if t.Rendition >= st.Count() {
		return nil, failure.ErrNoSuchPath
	}
	e := st.newest.Load()
	m, is := e.live.Moved(t.Rendition, t.Number)
	if !is || m.Name != t.Name || !s.listed(st, e, t, now) {
		return nil, failure.ErrNoSuchPath
	}
	moving := e.movingOf(m.Version)
	if moving == nil {
		return nil, failure.ErrNoSuchPath
	}
	of, offset := moving.renditions[t.Rendition], moving.Offset(m.Loop)
	moved := &Moved{
		ByteRange: m.ByteRange, Format: of.format, Tag: m.Name,
		Change: media.Change{Ticks: offset.Ticks, Init: of.init, Counters: of.gains, Turn: int(m.Loop)},
		Age:    e.live.VOD.Window + s.mounts[st.Stream.key.Mount].dvr + time.Hour,
	}
	base := "/" + t.Mount + "/" + t.Path
	if !st.Single() {
		base += "/0.m3u8"
	}
	from, err := url.Parse(base)
	if err != nil {
		return nil, failure.ErrNoSuchPath
	}
	uri, err := from.Parse(strings.TrimSuffix(m.URI, playlist.QueryPlace))
	if err != nil {
		return nil, failure.ErrNoSuchPath
	}
	target, known := s.Target(uri.EscapedPath())
	moved.Target, moved.Query = target, uri.RawQuery
	if !known {
		return nil, failure.ErrNoSuchPath
	}
	return moved, nil
}

// movingOf is that of a version of a stream's VOD, or of an item of a channel.
func (e *era) movingOf(version int) *moving {
	if len(e.cast) > 0 {
		return e.cast[version].moving
	}
	for e.earlier != nil && e.live.Era != version {
		e = e.earlier
	}
	return e.moving
}

// listed reports whether any playlist of the stream may list the segment with a number,
// or will soon.
func (s *views) listed(st Form, e *era, t route.Target, now time.Time) bool {
	begins := e.live.Timeline.Run(t.Rendition, t.Number)
	at := begins.Start(t.Rendition, begins.From)
	oldest := s.keeps(st.Stream, now).Add(-e.live.VOD.Window - movedAhead*e.target)
	return at.Before(now.Add(movedAhead*e.target)) && at.After(oldest)
}
