package preflight

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"vod2live/playlist"
	"vod2live/proxy/onair"
	"vod2live/proxy/panics"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// Checker checks a VOD at its origin.
type Checker struct {
	VOD      *onair.Found
	Now      func() time.Time
	Segments bool        // request every segment
	Log      *zap.Logger // of panics that are caught; nil: none
}

// Check reports on a VOD.
func (c *Checker) Check(ctx context.Context) *Report {
	in := onair.Inspect(ctx, c.VOD.Client, c.VOD.Options, c.VOD.Address)
	in.Now = c.Now()
	for _, err := range in.Errors {
		panics.Log(c.Log, err)
	}
	r := newReport(in)
	r.Address, r.Origin, r.VOD = c.VOD.Viewers, c.VOD.Mount, c.VOD.Path
	c.media(ctx, r, in)
	slices.SortStableFunc(r.Repairs, byRendition)
	slices.SortStableFunc(r.Problems, byWorst)
	return r
}

// newReport fills a report from the VOD's playlists.
func newReport(in *onair.Inspection) *Report {
	r := &Report{Loops: in.Live != nil, Breaks: []wire.Seconds{}, Renditions: []Rendition{}, Repairs: []problem.Problem{}, Problems: []problem.Problem{}}
	r.Source = in.Source
	r.describe(in)
	r.refusals(in)
	r.leftOut(in)
	r.notes(in)
	if in.Live != nil {
		r.layout(in)
	}
	r.shape(in)
	return r
}

// Examine finds the problems of a loaded VOD, without requests to its origin;
// each change that its live stream makes is a notice.
func Examine(in *onair.Inspection) []problem.Problem {
	r := newReport(in)
	slices.SortStableFunc(r.Repairs, byRendition)
	return slices.Concat(r.Problems, r.Repairs)
}

// describe fills in the properties of the VOD.
func (r *Report) describe(in *onair.Inspection) {
	if in.Live != nil {
		v := in.Live.VOD
		for _, b := range in.Live.Placed() {
			r.Breaks = append(r.Breaks, wire.Seconds(b.At))
		}
		for _, n := range in.Live.BreakNotices() {
			r.repair(string(n.Code), -1, n.Detail)
		}
		r.Length, r.Window, r.TargetDuration = wire.Seconds(v.Length), wire.Seconds(v.Window), wire.Seconds(v.TargetDuration)
	}
	said := []playlist.Description{{Kind: playlist.KindMedia}}
	if in.Multivariant != nil {
		said = in.Multivariant.Describe()
	}
	for n, m := range in.Media {
		d := said[n]
		rendition := Rendition{
			Index: n, Kind: d.Kind, Name: d.Name, Language: d.Language, Group: d.Group, Bandwidth: d.Bandwidth,
			Resolution: d.Resolution, Codecs: d.Codecs, Encryption: []string{},
		}
		if rendition.Source = in.Source; in.Multivariant != nil {
			rendition.Source = in.Multivariant.Renditions[n].Shown()
		}
		if m != nil {
			rendition.measure(m)
		}
		if in.Live != nil {
			track := &in.Live.VOD.Tracks[n]
			rendition.Segments, rendition.GapSegments = track.Len(), track.Gaps
			rendition.Reference, rendition.Sliced = n == in.Live.VOD.Reference, track.Sliced
		}
		r.Renditions = append(r.Renditions, rendition)
	}
}

func (r *Rendition) measure(m *playlist.Media) {
	r.VODSegments, r.TargetDuration, r.Format = len(m.Segments), wire.Seconds(m.TargetDuration), format(m)
	for i, s := range m.Segments {
		r.Length += wire.Seconds(s.Duration)
		if i > 0 && s.Discontinuity {
			r.Discontinuities++
		}
		for _, k := range s.Keys {
			if !slices.Contains(r.Encryption, k.Method()) {
				r.Encryption = append(r.Encryption, k.Method())
			}
		}
	}
}
