package vod

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/measure"
	"vod2live/proxy/media"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
)

// short is a loop whose media is measured by default: an error of milliseconds
// adds up within an hour.
const short = 15 * time.Minute

// CodeSegmentMissing is of a VOD of which a segment that is measured is missing.
const CodeSegmentMissing loop.Code = "segment-missing"

// Measure reads the length of the audio that determines the length of the loop, if the
// VOD's origin is to be measured; and how timestamps continue over loops, if they are
// to. It is part of loading: a stream without this measurement would differ from the
// one in other processes.
func (v *VOD) Measure(ctx context.Context, o *origin.Origin, continuous bool) (err error) {
	defer panics.Catch(&err)
	if err := v.measureSound(ctx, o, continuous); err != nil || !continuous {
		return err
	}
	return v.measureAll(ctx)
}

func (v *VOD) measureSound(ctx context.Context, o *origin.Origin, continuous bool) error {
	n, length, refused := playlist.Sound(v.Multivariant, v.Media)
	if refused != nil || !continuous && !measures(o, length) {
		return nil // the layout reports the refusal
	}
	m, err := v.measureOne(ctx, n)
	if err != nil {
		return err
	}
	v.Media[n].Sound, _ = m.Length(media.Audio)
	v.Measured = make([]*measure.Rendition, len(v.Media))
	v.Measured[n] = m
	return nil
}

// measureOne measures a rendition. The error is a failure.LoadError or a loop.Refusal.
func (v *VOD) measureOne(ctx context.Context, n int) (*measure.Rendition, error) {
	shown := v.Sources[0].Address
	if v.Multivariant != nil {
		shown = v.Multivariant.Renditions[n].Shown()
	}
	share := v.Client.Share()
	if err := share.Take(ctx, measure.Memory); err != nil {
		return nil, &failure.LoadError{Err: err}
	}
	defer share.Give(measure.Memory)
	m, err := measure.Read(ctx, v.Client, v.Media[n], shown)
	if errors.Is(err, origin.ErrNotFound) { // the VOD itself is there
		return nil, &loop.Refusal{Code: CodeSegmentMissing, Rendition: n, Detail: err.Error()}
	}
	if err != nil {
		return nil, &failure.LoadError{Err: err}
	}
	return m, nil
}

// measuredAtOnce is how many renditions are measured at a time.
const measuredAtOnce = 4

// measureAll determines whether the timestamps of the VOD can continue over its
// loops.
func (v *VOD) measureAll(ctx context.Context) error {
	layout, err := playlist.Layout(v.Multivariant, v.Media)
	if err != nil {
		return nil //nolint:nilerr // the layout reports it
	}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(measuredAtOnce)
	for n, m := range v.Media {
		if m == nil || m.Refusal() != nil || layout.Tracks[n].LeftOut != nil || v.Measured[n] != nil {
			continue
		}
		all.Go(func() (err error) {
			defer panics.Catch(&err)
			v.Measured[n], err = v.measureOne(ctx, n)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	c, err := measure.Continue(v.Measured, v.Media, layout.Reference, layout.Length)
	if tagged, is := errors.AsType[*measure.Tagged](err); is {
		v.Tagged = tagged
		return nil
	}
	if text := c.Text(); text != nil {
		v.Continuity, v.Media[0].Continuity = c, text
	}
	return nil
}

// measures reports whether loops of this length are measured.
func measures(o *origin.Origin, length time.Duration) bool {
	switch o.Measure {
	case origin.MeasureAll:
		return true
	case origin.MeasureShort:
		return length < short && !o.Direct
	}
	return false
}
