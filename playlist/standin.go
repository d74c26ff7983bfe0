package playlist

import (
	"errors"
	"slices"
	"time"

	"vod2live/loop"
)

// StandIn replaces an item that can't be played. It has the same segment counts, so
// that no number after it changes.
type StandIn struct {
	Stretches []loop.Stretch // of the item, between its discontinuities
	Cut       loop.Stretch   // where the next era cuts the item: what comes before; zero: it does not
	Slate     Source         // plays in each stretch where that has as many segments; no Media: none does
}

// errMiscounted is of what would count for other numbers.
var errMiscounted = errors.New("nothing that has so many segments can stand in for the item")

// StandIn lays out the stand-in of an item, at addresses of the channel: the slate,
// and gaps where the slate does not fit. It reports how many stretches are gaps.
func (m *Model) StandIn(s StandIn, clip Clip, addresses Addresses) (p *Program, gaps int, err error) {
	c := composer{model: m, wish: s, target: clip.Target, addresses: addresses}
	if len(s.Slate.Media) > 0 {
		if slate, err := m.Lay(s.Slate, Clip{Target: clip.Target, Window: clip.Window}); err == nil {
			c.slate = slate
		}
	}
	for {
		p, gaps, err = c.compose(clip.Window)
		if err == nil || c.slate == nil {
			return p, gaps, err
		}
		c.slate = nil
	}
}

// composer builds the stand-in of an item.
type composer struct {
	model     *Model
	wish      StandIn
	slate     *Program // nil: no slate
	target    time.Duration
	addresses Addresses

	plays []bool // the slate, by stretch
}

// compose builds the stand-in from slate and gaps.
func (c *composer) compose(window time.Duration) (p *Program, gaps int, err error) {
	m := c.model
	p = &Program{version: &version{stated: channelVersion}, model: m, Mapped: make([]int, m.Renditions()), source: make([]*Media, m.Renditions())}
	c.plays = nil
	for k := range c.wish.Stretches {
		fits := c.slate != nil && c.fits(k)
		if c.plays = append(c.plays, fits); !fits {
			gaps++
		}
	}
	renditions := make([]loop.Rendition, m.Renditions())
	for n := range renditions {
		p.Mapped[n] = absent
		if m.leftOut[n] != nil {
			renditions[n] = loop.Rendition{Optional: true, Refused: m.leftOut[n]}
			continue
		}
		p.source[n], renditions[n] = c.rendition(n)
	}
	if p.VOD, err = loop.LayFrom(c.target, renditions, window); err != nil {
		return nil, 0, err
	}
	if p.VOD.TargetDuration != c.target || !slices.EqualFunc(loop.NewItem(p.VOD, 0).Stretches(), c.wish.Stretches, loop.Stretch.Equal) {
		return nil, 0, errMiscounted
	}
	p.measure()
	return p, gaps, nil
}

// rendition is the media playlist of rendition n, and as package loop has it.
func (c *composer) rendition(n int) (*Media, loop.Rendition) {
	as := c.model.renditions[n]
	if as.Subtitles && c.asReference(n) {
		return &Media{}, loop.Rendition{Optional: true, Absent: true, Sliceable: true} // no cues, but no gaps
	}
	media := &Media{Version: 3}
	if c.slate != nil && c.slate.source[n] != nil {
		media.address, media.Version = c.slate.source[n].address, c.slate.source[n].Version
	}
	var missing time.Duration // by which the gaps before are too short
	for k := range c.wish.Stretches {
		first := len(media.Segments)
		for _, part := range c.parts(k) {
			if c.plays[k] && c.has(n) {
				media.Segments = c.appendSlate(media.Segments, n, part, len(media.Segments)-first)
			} else {
				media.Segments, missing = c.appendGaps(media.Segments, n, part.Segments[n], part.Length+missing)
			}
		}
		if k > 0 && first < len(media.Segments) {
			media.Segments[first].Discontinuity = true
		}
	}
	as.Subtitles = false // its segments are as they are to be
	r := media.renditionOf(c.model.leads[n], as)
	r.Optional = false
	return media, r
}

// asReference reports whether a rendition has as many segments in all stretches as
// the reference, which is the first leading rendition.
func (c *composer) asReference(n int) bool {
	reference := slices.Index(c.model.leads, true)
	return !slices.ContainsFunc(c.wish.Stretches, func(s loop.Stretch) bool { return s.Segments[n] != s.Segments[reference] })
}

// parts are those of stretch k before and after the cut, if it is in there.
func (c *composer) parts(k int) []loop.Stretch {
	whole := c.wish.Stretches[k]
	before := c.cutIn(k)
	if before.Length == 0 {
		return []loop.Stretch{whole}
	}
	after := loop.Stretch{Length: whole.Length - before.Length, Segments: slices.Clone(whole.Segments)}
	for n := range after.Segments {
		after.Segments[n] -= max(before.Segments[n], 0)
	}
	return []loop.Stretch{before, after}
}

// cutIn is the part of stretch k before the cut; zero: the cut is not in the
// stretch.
func (c *composer) cutIn(k int) loop.Stretch {
	cut := loop.Stretch{Length: c.wish.Cut.Length, Segments: slices.Clone(c.wish.Cut.Segments)}
	for _, s := range c.wish.Stretches[:k] {
		cut.Length -= s.Length
		for n := range cut.Segments {
			cut.Segments[n] -= max(s.Segments[n], 0)
		}
	}
	if cut.Length <= 0 || cut.Length >= c.wish.Stretches[k].Length {
		return loop.Stretch{}
	}
	return cut
}

// has reports whether the slate has segments for a rendition.
func (c *composer) has(n int) bool {
	return c.slate.source[n] != nil && len(c.slate.source[n].Segments) > 0 && !c.slate.VOD.Tracks[n].Sliced
}

// How long before a stretch's end a rendition of the slate may end, and how much of
// its last segment must remain.
const (
	slateEnds   = 500 * time.Millisecond
	slateSliver = 100 * time.Millisecond
)

// fits reports whether the slate, from its start, has as many segments as stretch k, and
// as the part of the stretch before the cut.
func (c *composer) fits(k int) bool {
	if before := c.cutIn(k); before.Length > 0 && !c.fitsIn(before, true) {
		return false
	}
	return c.fitsIn(c.wish.Stretches[k], false)
}

// fitsIn reports whether the slate can end at the end of a stretch. exactly: the
// reference has a boundary there.
func (c *composer) fitsIn(s loop.Stretch, exactly bool) bool {
	for n := range c.slate.VOD.Tracks {
		as := &c.model.renditions[n]
		if c.model.leftOut[n] != nil || as.Subtitles || !as.Essential && !c.has(n) {
			continue
		}
		if !c.has(n) || !c.endsIn(n, s, exactly && c.model.leads[n]) {
			return false
		}
	}
	return true
}

// endsIn reports whether rendition n of the slate can end at the end of a stretch,
// without a discontinuity before it.
func (c *composer) endsIn(n int, s loop.Stretch, exactly bool) bool {
	track, count := &c.slate.VOD.Tracks[n], int(s.Segments[n])
	if count < 1 || count > track.Kept {
		return false
	}
	for i := 1; i < count; i++ {
		if track.Marked(i) {
			return false
		}
	}
	last, missing := s.Length-track.Start(count-1), s.Length-track.Start(count)
	return last > slateSliver && rounded(last) <= c.target && missing <= slateEnds && (missing == 0 || !exactly)
}

func rounded(d time.Duration) time.Duration { return (d + time.Second/2) / time.Second * time.Second }

// appendSlate appends the segments of a part that begins with the slate's segment from.
func (c *composer) appendSlate(all []Segment, n int, part loop.Stretch, from int) []Segment {
	track, begin := &c.slate.VOD.Tracks[n], time.Duration(0)
	if from > 0 {
		begin = track.Start(from)
	}
	to := from + int(part.Segments[n])
	for i := from; i < to; i++ {
		s := c.slate.source[n].Segments[i]
		s.Discontinuity, s.Date, s.ranges, s.before, s.between = false, time.Time{}, nil, nil, nil
		if d := begin + part.Length - track.Start(i); i == to-1 && d != s.Duration {
			s.Duration, s.info = d, info(d, "")
		}
		all = append(all, s)
	}
	return all
}

// appendGaps appends n gaps of equal length, none above the target duration, and
// returns the time that is still missing.
func (c *composer) appendGaps(all []Segment, n int, count int64, length time.Duration) ([]Segment, time.Duration) {
	most := c.target + time.Second/2 - 1
	for ; count > 0; count-- {
		d := min(length/time.Duration(count), most)
		all = append(all, Segment{ours: true, Gap: true, URI: beneath(c.addresses, n, gapName), Duration: d, info: info(d, "")})
		length -= d
	}
	return all, length
}
