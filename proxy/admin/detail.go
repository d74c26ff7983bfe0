package admin

import (
	"strconv"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// Detail is a stream in full at an instant.
type Detail struct {
	Now wire.Instant `json:"now"` // the requested instant
	Summary
	Media        []Track `json:"media_renditions"`
	Plays        []Play  `json:"plays"`        // of a channel that plays lists of VODs: what the live window shows, is on air, and follows within a day, at most 200; of others none
	Breaks       []Break `json:"breaks"`       // from its live windows on, for a day; at most 200
	Multivariant *string `json:"multivariant"` // the live multivariant playlist, masked; null: there is none, or it is very long
}

// Track is one rendition of a stream.
type Track struct {
	Index                 int            `json:"index"`
	Address               string         `json:"address"` // of viewers, without a query
	Kind                  playlist.Kind  `json:"kind"`
	Name                  string         `json:"name"`
	Language              string         `json:"language"`
	Group                 string         `json:"group"`
	Bandwidth             string         `json:"bandwidth"`
	Resolution            string         `json:"resolution"`
	Codecs                string         `json:"codecs"`
	LeftOut               string         `json:"left_out,omitempty"` // the code why it is not served; absent: it is
	Reference             bool           `json:"reference"`          // it gives the loop its length
	Sliced                bool           `json:"sliced"`             // its WebVTT is cut into new segments
	Segments              int            `json:"segments"`           // in one loop
	MediaSequence         int64          `json:"media_sequence"`
	DiscontinuitySequence int64          `json:"discontinuity_sequence"`
	NextChange            wire.Instant   `json:"next_change"`
	Discontinuities       []wire.Seconds `json:"discontinuities"` // in the loop, that at its start not counted
	Gaps                  []Gap          `json:"gaps"`
	Cues                  []Cue          `json:"cues"`
	Boundaries            []wire.Seconds `json:"boundaries"` // where the loop's segments start; null: too many to list
	Window                []Shown        `json:"window"`     // the newest segments of it
}

// Play is one play of an item of a channel.
type Play struct {
	Start   wire.Instant      `json:"start"`
	End     wire.Instant      `json:"end"`
	VOD     string            `json:"vod"` // ORIGIN/PATH
	In      wire.Seconds      `json:"in_seconds"`
	Title   string            `json:"title"`  // empty: none
	Break   string            `json:"break"`  // ID of the break that it fills; empty: it fills none
	Joined  bool              `json:"joined"` // it continues the item before, or is a break inside that
	Notices []problem.Problem `json:"notices"`
}

func plays(all []onair.Play) []Play {
	told := []Play{}
	for _, p := range all {
		one := Play{Start: wire.Instant(p.Start), End: wire.Instant(p.End), VOD: p.Origin + "/" + p.Path, In: wire.Seconds(p.In), Title: p.Title, Joined: p.Joined, Notices: []problem.Problem{}}
		if p.Break != nil {
			one.Break = playlist.BreakID(*p.Break)
		}
		for _, n := range p.Notices {
			one.Notices = append(one.Notices, problem.Noticed(n))
		}
		one.Notices = append(one.Notices, p.Odd...)
		told = append(told, one)
	}
	return told
}

// Gap is a stretch of the loop without media.
type Gap struct {
	Start    wire.Seconds `json:"start_seconds"`
	Duration wire.Seconds `json:"duration_seconds"`
}

// Cue is a tag of the loop that marks an ad or another range.
type Cue struct {
	Start wire.Seconds `json:"start_seconds"`
	Tag   string       `json:"tag"`
}

// Shown is a segment in a live window.
type Shown struct {
	Sequence      int64        `json:"sequence"`
	Loop          int64        `json:"loop"`
	Index         int          `json:"index"` // in the loop
	Start         wire.Instant `json:"start"`
	InLoop        wire.Seconds `json:"start_seconds"` // from the loop's start
	Duration      wire.Seconds `json:"duration_seconds"`
	Discontinuity bool         `json:"discontinuity"`
	Gap           bool         `json:"gap"`

	discontinuities int64 // its discontinuity sequence number
}

// The limits of one rendition in a Detail; all renditions together have at
// most tellAll.
const (
	tellWindow       = 500
	tellBoundaries   = 2000
	tellMarks        = 500
	tellAll          = 16 // times that
	tellMultivariant = 256 << 10
)

// share is what one of n renditions may have of a limit.
func share(limit, n int) int { return min(limit, max(limit*tellAll/n, 1)) }

// NewDetail returns all about a stream.
func NewDetail(one *onair.Snapshot) *Detail {
	live := one.Live
	d := &Detail{Now: wire.Instant(one.At), Summary: summary(one), Plays: plays(one.Plays), Breaks: breaks(live, one.At), Media: make([]Track, live.Renditions())}
	for n := range d.Media {
		d.Media[n] = track(one, n)
	}
	if text := masked(one, live.Multivariant); live.Multivariant != nil && len(text) <= tellMultivariant {
		d.Multivariant = &text
	}
	return d
}

// Playlist is the live playlist of a rendition, with all queries, names and passwords
// masked. The error is ErrNoRendition or one of package loop.
func Playlist(one *onair.Snapshot, rendition int) (string, error) {
	live := one.Live
	if rendition < 0 || rendition >= live.Renditions() {
		return "", onair.ErrNoRendition
	}
	w, err := live.Timeline.Window(rendition, one.At)
	if err != nil {
		return "", err
	}
	return masked(one, live.AppendMedia(nil, rendition, w)), nil
}

// masked is a live playlist with all that may be secret masked, as to viewers with the
// query that the stream was loaded with.
func masked(one *onair.Snapshot, text []byte) string {
	query := ""
	if one.HasQuery {
		query = mask.Text("?q")[1:]
	}
	return mask.Text(string(playlist.Fill(text, query)))
}

// track returns one rendition.
func track(one *onair.Snapshot, n int) Track {
	live, v, said := one.Live, one.Live.VOD, &one.Described[n]
	t := &v.Tracks[n]
	gaps := live.Gaps(n)
	out := Track{
		Index: n, Address: renditionAddress(one, n), Kind: said.Kind,
		Name: said.Name, Language: said.Language, Group: said.Group,
		Bandwidth: said.Bandwidth, Resolution: said.Resolution, Codecs: said.Codecs,
		Reference: n == v.Reference, Sliced: t.Sliced, Segments: t.Len(),
		Discontinuities: discontinuities(t, share(tellMarks, len(v.Tracks))),
		Gaps:            joined(t, gaps, share(tellMarks, len(v.Tracks))),
		Cues:            cues(t, live.Cues(n), share(tellMarks, len(v.Tracks))),
		Boundaries:      boundaries(t, share(tellBoundaries, len(v.Tracks))),
		Window:          []Shown{},
	}
	if t.LeftOut != nil {
		out.LeftOut = string(t.LeftOut.Code)
		return out
	}
	w, err := live.Timeline.Window(n, one.At)
	if err != nil {
		out.NextChange = wire.Instant(live.Timeline.Ready())
		return out
	}
	out.NextChange = wire.Instant(w.Next)
	out.Window = shown(live.Timeline, n, w, share(tellWindow, len(v.Tracks)))
	out.mark(gaps, live.Begins())
	return out
}

// mark notes the numbers of the newest segment, and which of those shown are
// gaps, in the era that began at an instant.
func (t *Track) mark(gaps []int, epoch time.Time) {
	is := map[int]bool{}
	for _, i := range gaps {
		is[i] = true
	}
	for i := range t.Window {
		s := &t.Window[i]
		s.Gap = is[s.Index] && !time.Time(s.Start).Before(epoch)
		t.MediaSequence, t.DiscontinuitySequence = s.Sequence, s.discontinuities
	}
}

// shown are the newest segments of a window, up to a limit.
func shown(line *loop.Timeline, n int, w loop.Window, limit int) []Shown {
	all := []Shown{}
	for number := max(w.First, w.End-int64(limit)); number < w.End; number++ {
		r := line.Run(n, number)
		start := r.Start(n, r.From)
		all = append(all, Shown{
			Sequence: number, Loop: r.Turn, Index: r.From, Start: wire.Instant(start), InLoop: wire.Seconds(start.Sub(r.Zero)),
			Duration: wire.Seconds(r.Start(n, r.From+1).Sub(start)), Discontinuity: r.Discontinuity(n, r.From), discontinuities: r.DiscontinuitySequence(n, r.From),
		})
	}
	return all
}

// renditionAddress is that of one, without a query.
func renditionAddress(one *onair.Snapshot, n int) string {
	if one.Live.Multivariant == nil {
		return one.Address
	}
	return one.Address + "/" + strconv.Itoa(n) + ".m3u8"
}

func discontinuities(t *loop.Track, limit int) []wire.Seconds {
	all := []wire.Seconds{}
	for i := 1; i < t.Len() && len(all) < limit; i++ {
		if t.Marked(i) {
			all = append(all, wire.Seconds(t.Start(i)))
		}
	}
	return all
}

// joined are stretches of gaps, which are ascending.
func joined(t *loop.Track, gaps []int, limit int) []Gap {
	all := []Gap{}
	for n, i := range gaps {
		switch {
		case n > 0 && gaps[n-1] == i-1:
			all[len(all)-1].Duration += wire.Seconds(t.Duration(i))
		case len(all) == limit:
			return all
		default:
			all = append(all, Gap{wire.Seconds(t.Start(i)), wire.Seconds(t.Duration(i))})
		}
	}
	return all
}

func cues(t *loop.Track, marks []playlist.Mark, limit int) []Cue {
	all := []Cue{}
	for _, m := range marks[:min(len(marks), limit)] {
		all = append(all, Cue{wire.Seconds(t.Start(m.Segment)), m.Tag})
	}
	return all
}

func boundaries(t *loop.Track, limit int) []wire.Seconds {
	if t.Len() > limit {
		return nil
	}
	all := make([]wire.Seconds, t.Len())
	for i := range all {
		all[i] = wire.Seconds(t.Start(i))
	}
	return all
}
