package vod

import (
	"context"
	"errors"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/measure"
	"vod2live/proxy/media"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
)

// short is a loop whose media is measured unless the origin is told otherwise: an
// error of milliseconds adds up within an hour.
const short = 15 * time.Minute

// CodeSegmentMissing is of a VOD of which a segment that is measured is missing.
const CodeSegmentMissing loop.Code = "segment-missing"

// Measure reads how long the audio lasts that determines the length of the loop, if
// the VOD's origin is to be measured. It is part of loading: where it failed, the
// loop would have another length than in other processes.
func (v *VOD) Measure(ctx context.Context, o *origin.Origin) (err error) {
	defer panics.Catch(&err)
	n, length, refused := playlist.Sound(v.Multivariant, v.Media)
	if refused != nil || !measures(o, length) {
		return nil // what is refused is said when the VOD is laid out
	}
	shown := v.Sources[0].Address
	if v.Multivariant != nil {
		shown = v.Multivariant.Renditions[n].Shown()
	}
	share := v.Client.Share()
	if err := share.Take(ctx, measure.Memory); err != nil {
		return &failure.LoadError{Err: err}
	}
	defer share.Give(measure.Memory)
	m, err := measure.Read(ctx, v.Client, v.Media[n], shown)
	if errors.Is(err, origin.ErrNotFound) { // the VOD itself is there
		return &loop.Refusal{Code: CodeSegmentMissing, Rendition: n, Detail: err.Error()}
	}
	if err != nil {
		return &failure.LoadError{Err: err}
	}
	v.Media[n].Sound, _ = m.Length(media.Audio)
	return nil
}

// measures tells whether loops of such a length are measured.
func measures(o *origin.Origin, length time.Duration) bool {
	switch o.Measure {
	case origin.MeasureAll:
		return true
	case origin.MeasureShort:
		return length < short && !o.Direct
	}
	return false
}
