// Package preflight tells what a VOD is, what a live stream of it will have
// otherwise, and what will go wrong, before it is on air. It loads the VOD with
// the code that serves it.
package preflight

import (
	"cmp"

	"vod2live/proxy"
)

// Report is what was found. Its names in JSON and all codes are stable.
type Report struct {
	Loops          bool        `json:"loops"`                     // it can be a live stream
	Length         float64     `json:"length,omitempty"`          // of one loop, in seconds
	TargetDuration int         `json:"target_duration,omitempty"` // of the live stream, in seconds
	Window         float64     `json:"window,omitempty"`          // that a live playlist spans, in seconds
	Renditions     []Rendition `json:"renditions"`
	Repairs        []Finding   `json:"repairs"`  // what the live stream has otherwise
	Problems       []Problem   `json:"problems"` // what is wrong with the VOD
}

// Rendition is one media playlist.
type Rendition struct {
	Number          int      `json:"number"`
	Address         string   `json:"address,omitempty"` // at the origin, masked
	Kind            string   `json:"kind"`              // video, variant, subtitles, iframes or media
	Reference       bool     `json:"reference"`         // it gives the loop its length
	Segments        int      `json:"segments"`
	Served          int      `json:"served"`          // of them
	Gaps            int      `json:"gaps"`            // segments without media after them
	Length          float64  `json:"length"`          // in seconds
	TargetDuration  int      `json:"target_duration"` // as the VOD states it, in seconds
	Discontinuities int      `json:"discontinuities"` // of its own, the first segment's not counted
	Format          string   `json:"format"`          // ts, fmp4, webvtt, audio or unknown
	Encryption      []string `json:"encryption,omitempty"`
}

// Finding says something of one rendition (-1: of the VOD as a whole).
type Finding struct {
	Code      string `json:"code"`
	Rendition int    `json:"rendition"`
	Detail    string `json:"detail"`
}

// Problem is a finding that someone should do something about.
type Problem struct {
	Severity proxy.Severity `json:"severity"`
	Finding
}

// Status is how the check command ends: 0 without problems, 1 with warnings, 2
// with errors.
func (r *Report) Status() int {
	status := 0
	for _, p := range r.Problems {
		if p.Severity == proxy.Error {
			return 2
		}
		status = 1
	}
	return status
}

func (r *Report) repair(code string, rendition int, detail string) {
	r.Repairs = append(r.Repairs, Finding{code, rendition, detail})
}

func (r *Report) problem(severity proxy.Severity, code string, rendition int, detail string) {
	r.Problems = append(r.Problems, Problem{severity, Finding{code, rendition, detail}})
}

func byRendition(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Rendition, b.Rendition), cmp.Compare(a.Code, b.Code))
}
