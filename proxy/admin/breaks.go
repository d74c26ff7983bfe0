package admin

import (
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/wire"
)

// Break is a break of a stream, with its marks in playlists.
type Break struct {
	BreakTime
	DateRange    bool `json:"daterange"`
	Cue          bool `json:"cue"`
	Interstitial bool `json:"interstitial"`
}

// BreakTime is when a break is.
type BreakTime struct {
	ID      string       `json:"id"` // of its EXT-X-DATERANGE
	Start   wire.Instant `json:"start"`
	End     wire.Instant `json:"end"` // its start: nothing is played in it
	Planned wire.Seconds `json:"planned_seconds"`
}

func breakTime(b loop.Aired) BreakTime {
	return BreakTime{playlist.BreakID(b), wire.Instant(b.Start), wire.Instant(b.End), wire.Seconds(b.Length)}
}

// The limits of listed breaks.
const (
	breaksAhead = 24 * time.Hour
	mostBreaks  = 200
)

// breaks are those of a stream in its live windows, and for a day ahead.
func breaks(live *playlist.Live, at time.Time) []Break {
	all := []Break{}
	if !live.Interrupted() {
		return all
	}
	for b := range live.Timeline.Breaks(at.Add(-live.VOD.Window), at.Add(breaksAhead)) {
		m := live.Marks(b)
		if all = append(all, Break{breakTime(b), m.DateRange, m.Cue, m.Interstitial}); len(all) == mostBreaks {
			break
		}
	}
	return all
}
