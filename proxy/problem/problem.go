// Package problem has the problems of a VOD or a stream, as check and the API report
// them.
package problem

import (
	"slices"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/codes"
	"vod2live/proxy/wire"
)

// Severity of a problem.
type Severity string

// The severities: viewers notice it, may notice it, or only operators should
// know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Notice  Severity = "notice"
)

// Rank puts severities into order, the worst first.
func (s Severity) Rank() int { return slices.Index([]Severity{Error, Warning, Notice}, s) }

// Problem is something that an operator should know of a stream or of a VOD.
type Problem struct {
	Severity  Severity      `json:"severity"`
	Code      string        `json:"code"`
	Rendition *int          `json:"rendition"`      // its number; null: the stream as a whole, and the next three are empty
	Kind      playlist.Kind `json:"kind"`           // of the rendition
	Name      string        `json:"name"`           // of the rendition, as the VOD names it; empty: it does not
	Source    string        `json:"source"`         // the rendition's address at the origin, masked
	Since     wire.Instant  `json:"since,omitzero"` // when it began; absent: it is one of the VOD as it was loaded
	Text      string        `json:"text"`
	Advice    string        `json:"advice"` // empty: nothing need be done
	Link      string        `json:"link"`   // to the code's description
}

// New makes a problem of the stream as a whole, with the advice of its code.
func New(severity Severity, code, text string) Problem {
	return Problem{Severity: severity, Code: code, Text: text, Advice: codes.Of(code).Remedy, Link: codes.Link(code)}
}

// In makes it one of a rendition; below 0 it stays one of the stream.
func (p Problem) In(rendition int) Problem {
	if rendition >= 0 {
		p.Rendition = &rendition
	}
	return p
}

// Noticed is a notice about an item of a channel.
func Noticed(n playlist.Notice) Problem {
	return New(Notice, string(n.Code), n.Detail).In(n.Rendition)
}

// About says which of several items the problem is about.
func (p Problem) About(item string) Problem {
	p.Text = item + ": " + p.Text
	return p
}

// Began sets the start of the problem.
func (p Problem) Began(since time.Time) Problem {
	p.Since = wire.Instant(since)
	return p
}

// Advise replaces the advice by one that knows more.
func (p Problem) Advise(advice string) Problem {
	p.Advice = advice
	return p
}
