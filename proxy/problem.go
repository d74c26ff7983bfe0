package proxy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy/codes"
)

// Severity of a problem.
type Severity string

// The severities: what viewers notice, what they may notice, and what is only
// good to know.
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
	Rendition *int          `json:"rendition"` // its number; null: the stream as a whole, and the next three are empty
	Kind      playlist.Kind `json:"kind"`      // of the rendition
	Name      string        `json:"name"`      // of the rendition, as the VOD names it; empty: it does not
	Source    string        `json:"source"`    // the rendition's address at the origin, masked
	Text      string        `json:"text"`
	Advice    string        `json:"advice"` // empty: nothing need be done
	Link      string        `json:"link"`   // to the code's description
}

// NewProblem is one of the stream as a whole, with the advice that its code has.
func NewProblem(severity Severity, code, text string) Problem {
	return Problem{Severity: severity, Code: code, Text: text, Advice: codes.Of(code).Remedy, Link: codes.Link(code)}
}

// advise replaces the advice by one that knows more.
func (p Problem) advise(advice string) Problem {
	p.Advice = advice
	return p
}

// The codes of what happens while a stream plays, beside CodeOriginFails. Those
// of its VOD are preflight's.
const (
	CodeVODGone      = "vod-gone"
	CodeVODChanged   = "vod-changed"
	CodeVODUnsettled = "vod-unsettled"
	CodeEditSeenLate = "edit-seen-late"
	CodeWindowRaised = "window-raised"
	CodeTargetRaised = "target-duration-raised"
)

// maxProblems of one VOD are kept, and maxProblemText bytes of the text of each.
const (
	maxProblems    = 16
	maxProblemText = 256
)

// examine finds the problems of a VOD, the worst first, bounded in number and
// size.
func (s *Server) examine(in *Inspection) []Problem {
	if s.config.Examine == nil {
		return nil
	}
	all := s.config.Examine(in)
	slices.SortStableFunc(all, func(a, b Problem) int { return cmp.Compare(a.Severity.Rank(), b.Severity.Rank()) })
	all = slices.Clone(all[:min(len(all), maxProblems)])
	for i := range all {
		all[i].Text, all[i].Source = mask.Shorten(all[i].Text, maxProblemText), mask.Shorten(all[i].Source, maxProblemText)
	}
	return all
}

// problems of a stream, of a severity and above.
func (s *Server) problems(st *stream, least Severity) []Problem {
	all := []Problem{}
	for _, p := range slices.Concat(s.atOrigin(st), st.newest.Load().problems, s.raised(st)) {
		if p.Severity.Rank() <= least.Rank() {
			all = append(all, p)
		}
	}
	return all
}

// atOrigin says what is wrong with the VOD's origin.
func (s *Server) atOrigin(st *stream) []Problem {
	name := s.mounts[st.key.mount].origin.Name
	switch s.state(st) {
	case StateGone:
		since := time.Unix(0, st.goneAt.Load())
		ends := since.Add(s.goneAfter(st.key)).UTC().Format(time.RFC3339)
		return []Problem{NewProblem(Error, CodeVODGone, "The VOD was not found at origin "+name+" since "+since.UTC().Format(time.RFC3339)+".").
			advise("Bring it back before " + ends + ", when the stream ends for viewers.")}
	case StateStale:
		return []Problem{NewProblem(Warning, CodeOriginFails, "The last request to origin "+name+" failed: playlists go on, segments may fail.")}
	case StateChanged:
		if st.unsettled.Load() {
			return []Problem{NewProblem(Warning, CodeVODUnsettled, "Each request to origin "+name+" finds another version of the VOD. The loaded one plays on, but its segments may be gone.")}
		}
		return []Problem{NewProblem(Warning, CodeVODChanged, "The VOD has changed at the origin, and the new version can't take over: the log says why. The previous version plays on.")}
	}
	return nil
}

func (s *Server) raised(st *stream) []Problem {
	asked, window := s.mounts[st.key.mount].options.Window, st.newest.Load().live.VOD.Window
	if window <= asked {
		return nil
	}
	return []Problem{NewProblem(Notice, CodeWindowRaised, fmt.Sprintf("The window is %s instead of %s, so that it holds six segments: it spans at least 6 target durations and 6.5 s.", window, asked))}
}
