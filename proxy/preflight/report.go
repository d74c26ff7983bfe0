// Package preflight reports the properties of a VOD, what its live stream
// changes, and its problems, before it is on air. It loads the VOD with the same
// code as serving.
package preflight

import (
	"cmp"

	"vod2live/playlist"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// Report is the result. Its names in JSON, which are those of the operator's
// API, and all codes are stable.
type Report struct {
	Loops          bool              `json:"loops"`   // it can be a live stream
	Address        string            `json:"address"` // of the stream for viewers, without a query; empty: it can have none
	Origin         string            `json:"origin"`
	VOD            string            `json:"vod"`                     // its path below the origin
	Source         string            `json:"source"`                  // its address at the origin, masked; empty: it can have none
	Length         wire.Seconds      `json:"length_seconds"`          // of one loop; 0 if it can't loop
	TargetDuration wire.Seconds      `json:"target_duration_seconds"` // of the live stream; 0: it can't loop
	Window         wire.Seconds      `json:"window_seconds"`          // span of a live playlist; 0: it can't loop
	Breaks         []wire.Seconds    `json:"breaks_seconds"`          // where in the loop breaks are marked
	Renditions     []Rendition       `json:"renditions"`
	Repairs        []problem.Problem `json:"repairs"`  // notices of what the live stream changes
	Problems       []problem.Problem `json:"problems"` // problems of the VOD
}

// Rendition is one media playlist.
type Rendition struct {
	Index           int           `json:"index"`
	Source          string        `json:"source"` // its address at the origin, masked
	Kind            playlist.Kind `json:"kind"`
	Name            string        `json:"name"` // this and the next five are from the multivariant playlist
	Language        string        `json:"language"`
	Group           string        `json:"group"`
	Bandwidth       string        `json:"bandwidth"`
	Resolution      string        `json:"resolution"`
	Codecs          string        `json:"codecs"`
	Reference       bool          `json:"reference"`               // it gives the loop its length
	Sliced          bool          `json:"sliced"`                  // its WebVTT is re-sliced
	VODSegments     int           `json:"vod_segments"`            // that the VOD has
	Segments        int           `json:"segments"`                // in one loop; 0 if it can't loop
	GapSegments     int           `json:"gap_segments"`            // of them, that fill up the end
	Length          wire.Seconds  `json:"length_seconds"`          // of the VOD's
	MediaLength     wire.Seconds  `json:"media_length_seconds"`    // of its media, by check -segments; 0: not known
	TargetDuration  wire.Seconds  `json:"target_duration_seconds"` // as the VOD states it
	Discontinuities int           `json:"discontinuity_count"`     // of the VOD's, the first segment's not counted
	Format          string        `json:"format"`                  // ts, fmp4, webvtt, audio or unknown
	Encryption      []string      `json:"encryption"`              // its methods
}

// Status is how the check command ends: 0 without problems, 1 with warnings, 2
// with errors.
func (r *Report) Status() int {
	status := 0
	for _, p := range r.Problems {
		switch p.Severity {
		case problem.Error:
			return 2
		case problem.Warning:
			status = 1
		}
	}
	return status
}

func (r *Report) repair(code string, rendition int, text string) {
	r.Repairs = append(r.Repairs, r.finding(problem.Notice, code, rendition, text))
}

func (r *Report) problem(severity problem.Severity, code string, rendition int, text string) {
	r.Problems = append(r.Problems, r.finding(severity, code, rendition, text))
}

// finding is about a rendition (-1: the VOD as a whole).
func (r *Report) finding(severity problem.Severity, code string, rendition int, text string) problem.Problem {
	p := problem.New(severity, code, text).In(rendition)
	if rendition >= 0 && rendition < len(r.Renditions) {
		of := r.Renditions[rendition]
		p.Kind, p.Name, p.Source = of.Kind, of.Name, of.Source
	}
	return p
}

func byWorst(a, b problem.Problem) int {
	return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), byRendition(a, b))
}

func byRendition(a, b problem.Problem) int {
	return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a.Code, b.Code))
}

// number is the rendition of a problem; -1: the VOD as a whole.
func number(p problem.Problem) int {
	if p.Rendition == nil {
		return -1
	}
	return *p.Rendition
}
