package playlist

import (
	"slices"

	"vod2live/loop"
)

// Readdress is the stream with other addresses in the newest version of the VOD,
// which is else the same: its numbers, dates and layout stay. The error is a
// *loop.Refusal.
func (l *Live) Readdress(multivariant *Multivariant, media []*Media, addresses Addresses, options Options) (*Live, error) {
	last := len(l.versions) - 1
	next := &Live{
		version: &version{VOD: l.VOD, stated: l.stated, placed: l.placed, continuity: l.continuity, heir: l.heir}, Timeline: l.Timeline, Era: l.Era, shape: l.shape,
		versions: slices.Clone(l.versions[:last]), oldest: l.oldest, options: l.options, says: l.says,
	}
	media = options.Breaks.source(media)
	if err := next.make(multivariant, media, addresses, options); err != nil {
		return nil, err
	}
	if next.VOD != l.VOD {
		return nil, refuse(loop.CodeRenditionsChanged, "with other addresses a rendition can't be served any more")
	}
	return next, nil
}

// Join is the stream of a VOD that differs from the newest version only in addresses:
// it has the timeline from that version on, and none of l's text. The error is a
// *loop.Refusal.
func (l *Live) Join(multivariant *Multivariant, media []*Media, addresses Addresses, options Options) (*Live, error) {
	next := &Live{version: &version{VOD: l.VOD, stated: l.stated, placed: l.placed, continuity: l.continuity}, Era: l.Era, shape: l.shape, oldest: l.Era, options: options, says: l.says}
	if err := next.make(multivariant, media, addresses, options); err != nil {
		return nil, err
	}
	if next.VOD != l.VOD {
		return nil, refuse(loop.CodeRenditionsChanged, "with other addresses a rendition can't be served")
	}
	next.Timeline = l.Timeline.Newest()
	return next, nil
}
