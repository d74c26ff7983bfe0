package playlist

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"vod2live/loop"
)

// The notices of breaks.
const (
	NoteBreakMoved   Note = "break-moved"    // a break is more than a target duration after its requested instant
	NoteBreakLeftOut Note = "break-left-out" // a break is requested after the item's end
)

// CodeSlateTooShort is of a VOD that would be played too often in one break.
const CodeSlateTooShort loop.Code = "slate-too-short"

// Pieces are the parts of the item, itself the first, before they are rendered: it is
// parted by breaks in which something is played.
func (p *Program) Pieces() []*Program { return append([]*Program{p}, p.rest...) }

// Marks are the breaks without length of the item, if it plays long enough; id is
// theirs, see [Live.Announce].
func (p *Program) Marks(length time.Duration, id int) []loop.Break {
	return marksOf(p.placed, p.In, length, id)
}

// BreakAtEnd reports whether a break follows the item.
func (p *Program) BreakAtEnd() bool { return p.placed.AtEnd }

// PlacedBreak is a break of an item, from the item's beginning, without the time that
// breaks take.
type PlacedBreak struct{ Wish, At time.Duration }

// Placed are the breaks of the item, if it plays long enough; the last may be at its
// end.
func (p *Program) Placed(length time.Duration) []PlacedBreak {
	return placedIn(&p.placed, p.In, length)
}

// placedIn are the breaks of an item that begins at an instant of its VOD and has a
// length.
func placedIn(placed *loop.Breaks, in, length time.Duration) (all []PlacedBreak) {
	for _, one := range placed.Inside {
		all = append(all, PlacedBreak{one.Wish, one.At - in})
	}
	if !placed.AtEnd {
		return all
	}
	last := PlacedBreak{length, length}
	if len(placed.ToEnd) > 0 {
		last.Wish = placed.ToEnd[0]
	}
	return append(all, last)
}

// breakNotices are about the breaks of an item between two instants of its VOD.
func breakNotices(placed *loop.Breaks, in, end time.Duration) (all []Notice) {
	for _, wish := range placed.Moved {
		all = append(all, Notice{NoteBreakMoved, -1, fmt.Sprintf("the break at %s is %s later", wish, placed.After(in, end, wish))})
	}
	for _, wish := range placed.Outside {
		all = append(all, Notice{NoteBreakLeftOut, -1, fmt.Sprintf("no break at %s: the item lasts %s", wish, end-in)})
	}
	return all
}

// place places the breaks of the item.
func (p *Program) place(renditions []loop.Rendition, clip Clip) error {
	whole := p.VOD
	in, err := whole.In(renditions, clip.In)
	if err != nil {
		return err
	}
	end := whole.Length
	if clip.Out > 0 {
		end = min(clip.Out, end)
	}
	p.placed = whole.Place(clip.Breaks, renditions, in, end)
	p.Notices = append(p.Notices, breakNotices(&p.placed, in.At, end)...)
	if clip.Part && len(p.placed.Inside) > 0 {
		entries := []loop.Entry{in}
		for _, at := range p.placed.Inside {
			entries = append(entries, at.Entry)
		}
		p.noteMoved(in, clip.In)
		return p.part(whole, renditions, entries, cmp.Or(clip.Out, forever))
	}
	if clip.In > 0 {
		return p.begin(renditions, clip.In)
	}
	return nil
}

// part makes the program the first part of the item, and the others the rest. Each begins
// at an entry. The last one is laid out to the VOD's end, even if less of it plays.
func (p *Program) part(whole *loop.VOD, renditions []loop.Rendition, entries []loop.Entry, end time.Duration) (err error) {
	source, ranges := make([]*Media, len(p.source)), make([][]placedRange, len(p.source))
	for r, m := range p.source {
		source[r], ranges[r] = m.withoutRanges()
	}
	parts := make([]*Program, len(entries))
	for n, in := range entries {
		one := p
		if n > 0 {
			one = &Program{version: &version{stated: p.stated}, model: p.model, Mapped: p.Mapped}
		}
		to := loop.Entry{At: end}
		if n+1 < len(entries) {
			to = entries[n+1]
			one.VOD, err = whole.Part(in, to, renditions)
		} else {
			one.VOD, err = whole.From(in, renditions)
		}
		if err != nil {
			return err
		}
		one.In, one.source = in.At, make([]*Media, len(source))
		for r, m := range source {
			one.source[r] = m.piece(one.VOD, r, in, to).with(partOf(ranges[r], in.At, to.At, n == 0))
		}
		parts[n] = one
	}
	p.rest = parts[1:]
	return nil
}

// forever is after the end of every VOD.
const forever = time.Duration(math.MaxInt64)

// piece is the playlist of rendition r from an entry on, as it was laid out, up to
// another.
func (m *Media) piece(vod *loop.VOD, r int, in, to loop.Entry) *Media {
	switch {
	case m == nil:
		return nil
	case vod.Tracks[r].Sliced:
		return m.since(in.At)
	case to.First != nil && in.First[r] >= 0:
		m = m.first(to.First[r])
	}
	return m.from(max(in.First[r], 0), in.At)
}

// first is the playlist cut to n segments, if it has more.
func (m *Media) first(segments int) *Media {
	if segments <= 0 || segments >= len(m.Segments) {
		return m
	}
	part := *m
	part.Segments, part.after = m.Segments[:segments:segments], nil
	return &part
}
