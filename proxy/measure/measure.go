// Package measure reads the length of a rendition from its media.
//
// The problem: the EXTINFs of a playlist err by milliseconds, which add up over loops, and a playlist does not say where
// the timestamps of its media begin. The promise: [Read] fetches the initialization section, the beginning of the first
// segment and the last segment, each within a bound, and returns where the tracks begin and end. Equal bytes at the
// origin give an equal result, in every process.
//
// A failure of the origin is an error. Unreadable media is not an error but a result, see [Rendition].Unknown.
package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/media"
	"vod2live/proxy/origin"
)

// The limits of what is read of a rendition.
const (
	maxFirst = 512 << 10 // of the first segment: both tracks of muxed media begin in it, behind a large key frame
	maxLast  = 8 << 20   // of the last segment
	maxInit  = 1 << 20   // of the initialization section
)

// Memory is the approximate maximum of one [Read]: a whole box of MP4.
const Memory = 3 << 20

// Why media is not measured, besides the errors of package media.
var (
	ErrEncrypted     = errors.New("its segments are encrypted as a whole")
	ErrElsewhere     = errors.New("its segments are outside the configured origins")
	ErrGaps          = errors.New("its first or last segment is a gap")
	ErrDiscontinuity = errors.New("it has discontinuities of its own")
	ErrFormat        = errors.New("its format is not known")
	ErrPart          = errors.New("the origin ignores ranges")
)

// Rendition is the measurement of a rendition. It is immutable.
type Rendition struct {
	Playlist time.Duration // sum of EXTINF
	Format   media.Format
	Init     *media.Init    // of MP4: that of the first segment
	First    *media.Segment // as far as it was read; nil: it could not be read
	Last     *media.Segment // nil: it could not be read
	Unknown  error          // why the length is not known; nil: it is, unless it is WebVTT
}

// Read reads the media of a rendition, whose playlist is at the given address. The error is
// that of a request.
func Read(ctx context.Context, client *origin.Client, m *playlist.Media, shown string) (*Rendition, error) {
	r := &Rendition{}
	for i, s := range m.Segments {
		r.Playlist += s.Duration
		if i > 0 && s.Discontinuity {
			r.Unknown = ErrDiscontinuity
		}
	}
	if first, last := &m.Segments[0], &m.Segments[len(m.Segments)-1]; first.Gap || last.Gap {
		r.Unknown = ErrGaps
	} else if isEncrypted(first) || isEncrypted(last) {
		r.Unknown = ErrEncrypted
	}
	if r.Unknown != nil && !errors.Is(r.Unknown, ErrDiscontinuity) {
		return r, nil
	}
	err := r.read(ctx, &fetcher{client, m, shown})
	if isOutcome(err) {
		r.Unknown, err = err, nil
	}
	if err != nil {
		return nil, fmt.Errorf("measure the media: %w", err)
	}
	return r, nil
}

// isEncrypted reports whether a segment can't be read without its key.
func isEncrypted(s *playlist.Segment) bool {
	return slices.ContainsFunc(s.Keys, func(k playlist.Key) bool { return k.Method() == "AES-128" })
}

// isOutcome distinguishes properties of the media from failures of the
// origin.
func isOutcome(err error) bool {
	for _, outcome := range []error{media.ErrMalformed, media.ErrTooLarge, media.ErrNoTimestamp, ErrElsewhere, ErrFormat, ErrPart} {
		if errors.Is(err, outcome) {
			return true
		}
	}
	return false
}

func (r *Rendition) read(ctx context.Context, f *fetcher) (err error) {
	segments := f.media.Segments
	first, last := &segments[0], &segments[len(segments)-1]
	if first.Map != nil {
		if r.Init, err = f.init(ctx, first.Map); err != nil {
			return err
		}
	}
	if first == last {
		r.Format, r.First, err = f.segment(ctx, 0, maxLast, r.Init)
		r.Last = r.First
		return err
	}
	r.Format, r.First, err = f.segment(ctx, 0, maxFirst, r.Init)
	if errors.Is(err, errCut) {
		err = nil
	}
	if err != nil || r.Format == media.WebVTT {
		return err
	}
	return r.readLast(ctx, f)
}

// readLast reads the last segment, which may have its own initialization section.
func (r *Rendition) readLast(ctx context.Context, f *fetcher) (err error) {
	segments, in := f.media.Segments, r.Init
	last := &segments[len(segments)-1]
	if last.Map != nil && !sameResource(segments[0].Map, last.Map) {
		if in, err = f.init(ctx, last.Map); err != nil {
			return err
		}
	}
	_, r.Last, err = f.segment(ctx, len(segments)-1, maxLast, in)
	if errors.Is(err, errCut) && r.Format == media.MP4 && r.Last.Lasts(last.Duration) {
		err = nil
	}
	return err
}

func sameResource(a, b *playlist.Map) bool {
	if a == nil {
		return false
	}
	uri, byteRange := a.Resource()
	other, otherRange := b.Resource()
	return uri == other && byteRange == otherRange
}

// Length is how long the media of a kind lasts. The second result is false if it is not known.
func (r *Rendition) Length(kind media.Kind) (time.Duration, bool) {
	if r.Unknown != nil || r.First == nil || r.Last == nil {
		return 0, false
	}
	first, last := r.First.Track(kind), r.Last.Track(kind)
	if first == nil || last == nil || first.ID != last.ID {
		return 0, false
	}
	return media.Length(first, last, r.Format, r.Playlist)
}

// Begin is when the media of a kind is first shown, on its own timeline. The second result is false if it is not known.
func (r *Rendition) Begin(kind media.Kind) (time.Duration, bool) {
	if r.First == nil {
		return 0, false
	}
	t := r.First.Track(kind)
	if t == nil {
		return 0, false
	}
	shown := t.Shown
	if r.Init != nil {
		shown -= r.Init.Edit(t.ID)
	}
	return media.Duration(shown, t.Timescale)
}
