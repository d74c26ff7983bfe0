package preflight

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"vod2live/playlist"
	"vod2live/proxy"
	"vod2live/proxy/codes"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
)

// Checker checks VODs at configured origins.
type Checker struct {
	Client   *origin.Client
	Options  playlist.Options
	Segments bool        // ask the origin for every segment
	Log      *zap.Logger // of panics that are caught; nil: none
}

// Check reports on a VOD.
func (c *Checker) Check(ctx context.Context, at proxy.Address) *Report {
	in := proxy.Inspect(ctx, c.Client, c.Options, at)
	for _, err := range in.Errors {
		panics.Log(c.Log, err)
	}
	r := newReport(in)
	c.media(ctx, r, in)
	slices.SortStableFunc(r.Repairs, byRendition)
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return byRendition(a.Finding, b.Finding) })
	return r
}

// newReport says what the VOD's playlists tell.
func newReport(in *proxy.Inspection) *Report {
	r := &Report{Loops: in.Live != nil, Renditions: []Rendition{}, Repairs: []Finding{}, Problems: []Problem{}}
	r.describe(in)
	r.refusals(in)
	r.notes(in)
	if in.Live != nil {
		r.layout(in)
	}
	r.shape(in)
	return r
}

// Examine finds the problems of a VOD that is loaded, without asking its
// origin; what its live stream has otherwise is a notice each.
func Examine(in *proxy.Inspection) []proxy.Problem {
	r := newReport(in)
	var all []proxy.Problem
	add := func(severity proxy.Severity, f Finding) {
		p := proxy.Problem{Severity: severity, Code: f.Code, Text: f.Detail, Advice: codes.Of(f.Code).Remedy}
		if f.Rendition >= 0 {
			p.Rendition = &f.Rendition
		}
		all = append(all, p)
	}
	for _, p := range r.Problems {
		add(p.Severity, p.Finding)
	}
	slices.SortStableFunc(r.Repairs, byRendition)
	for _, f := range r.Repairs {
		add(proxy.Notice, f)
	}
	return all
}

// describe says what the VOD is.
func (r *Report) describe(in *proxy.Inspection) {
	if in.Live != nil {
		v := in.Live.Stream.VOD
		r.Length, r.Window, r.TargetDuration = v.Length.Seconds(), v.Window.Seconds(), int(v.TargetDuration/time.Second)
	}
	for n, m := range in.Media {
		rendition := Rendition{Number: n, Kind: kind(in.Multivariant, n)}
		if in.Multivariant != nil {
			rendition.Address = in.Multivariant.Renditions[n].Shown()
		}
		if m != nil {
			rendition.measure(m)
		}
		if in.Live != nil {
			track := &in.Live.Stream.VOD.Tracks[n]
			rendition.Served, rendition.Gaps = track.Len()-track.Gaps, track.Gaps
			rendition.Reference = n == in.Live.Stream.VOD.Reference
		}
		r.Renditions = append(r.Renditions, rendition)
	}
}

// The kinds of renditions that more is said of.
const (
	kindIFrames   = "iframes"
	kindSubtitles = "subtitles"
)

func kind(m *playlist.Multivariant, n int) string {
	if m == nil {
		return "media"
	}
	switch r := m.Renditions[n]; {
	case r.IFrames:
		return kindIFrames
	case r.Video:
		return "video"
	case r.Variant:
		return "variant"
	case r.Subtitles:
		return kindSubtitles
	}
	return "media"
}

func (r *Rendition) measure(m *playlist.Media) {
	r.Segments, r.TargetDuration, r.Format = len(m.Segments), int(m.TargetDuration/time.Second), format(m)
	for i, s := range m.Segments {
		r.Length += s.Duration.Seconds()
		if i > 0 && s.Discontinuity {
			r.Discontinuities++
		}
		for _, k := range s.Keys {
			if !slices.Contains(r.Encryption, k.Method()) {
				r.Encryption = append(r.Encryption, k.Method())
			}
		}
	}
	r.Length = time.Duration(r.Length * float64(time.Second)).Round(time.Microsecond).Seconds()
}
