package playlist

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"vod2live/loop"
)

// Marks are what media playlists have of a break.
type Marks struct {
	DateRange    bool   // EXT-X-DATERANGE with SCTE35-OUT, and after it with SCTE35-IN (4.4.5.1.1)
	Cue          bool   // EXT-X-CUE-OUT, -CONT and -IN
	Interstitial bool   // EXT-X-DATERANGE of an interstitial (appendix D)
	Assets       string // address of its list of assets, with placeholders
}

// Placeholders in the address of a list of assets.
const (
	placeBreak   = "{id}"
	placeChannel = "{channel}"
)

// Of are the marks as a stream with a name writes them.
func (m Marks) Of(name string) Marks {
	m.Assets = strings.ReplaceAll(m.Assets, placeChannel, url.QueryEscape(name))
	return m
}

// Breaks are the breaks of a VOD that loops: marks at instants, nothing is played in
// them.
type Breaks struct {
	Rule loop.Rule
	Marks
	Keep bool // the VOD's own markers of breaks stay
}

func (b *Breaks) equal(other *Breaks) bool {
	if b == nil || other == nil {
		return b == other
	}
	return b.Marks == other.Marks && b.Keep == other.Keep && b.Rule.Every == other.Rule.Every && b.Rule.Between == other.Rule.Between && slices.Equal(b.Rule.At, other.Rule.At)
}

// place places the breaks of a VOD that was laid out from some renditions.
func (b *Breaks) place(vod *loop.VOD, renditions []loop.Rendition) (placed loop.Breaks) {
	if b == nil {
		return placed
	}
	in, err := vod.In(renditions, 0)
	if err != nil {
		return placed
	}
	return vod.Place(b.Rule, renditions, in, vod.Length)
}

// Placed are the breaks of a VOD that loops, in its loop; the last may be at its end.
func (l *Live) Placed() []PlacedBreak { return placedIn(&l.placed, 0, l.VOD.Length) }

// BreakNotices are the notices of breaks that are not at their requested
// instants.
func (l *Live) BreakNotices() []Notice { return breakNotices(&l.placed, 0, l.VOD.Length) }

// marksOf are breaks in which nothing is played, of an item that begins at an instant of
// its VOD and has a length.
func marksOf(placed loop.Breaks, in, length time.Duration, id int) (marks []loop.Break) {
	for _, p := range placed.Inside {
		marks = append(marks, loop.Break{At: p.At - in, ID: id})
	}
	if placed.AtEnd {
		marks = append(marks, loop.Break{At: length, ID: id})
	}
	return marks
}

// source are the media playlists without the VOD's own markers, if they go.
func (b *Breaks) source(media []*Media) []*Media {
	if b == nil || b.Keep {
		return media
	}
	return withoutMarkers(media)
}
