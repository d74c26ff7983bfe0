package proxy

import (
	"cmp"
	"fmt"
	"slices"
	"time"
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

func (s Severity) rank() int { return slices.Index([]Severity{Error, Warning, Notice}, s) }

// Problem is something that an operator should know of a stream.
type Problem struct {
	Severity  Severity `json:"severity"`
	Code      string   `json:"code"`
	Rendition *int     `json:"rendition"` // null: the stream as a whole
	Text      string   `json:"text"`
	Advice    string   `json:"advice"` // empty: nothing need be done
}

// The codes of what happens while a stream plays, beside CodeOriginFails. Those
// of its VOD are preflight's.
const (
	CodeVODGone      = "vod-gone"
	CodeVODChanged   = "vod-changed"
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
	slices.SortStableFunc(all, func(a, b Problem) int { return cmp.Compare(a.Severity.rank(), b.Severity.rank()) })
	all = slices.Clone(all[:min(len(all), maxProblems)])
	for i := range all {
		all[i].Text = all[i].Text[:min(len(all[i].Text), maxProblemText)]
	}
	return all
}

// problems of a stream, of a severity and above.
func (s *Server) problems(st *stream, least Severity) []Problem {
	all := []Problem{}
	for _, p := range slices.Concat(s.atOrigin(st), st.newest.Load().problems, s.raised(st)) {
		if p.Severity.rank() <= least.rank() {
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
		return []Problem{{
			Severity: Error, Code: CodeVODGone,
			Text:   "The origin " + name + " has the VOD no more, since " + since.UTC().Format(time.RFC3339) + ".",
			Advice: "Bring it back before " + ends + ", when the stream ends for viewers.",
		}}
	case StateStale:
		return []Problem{{
			Severity: Warning, Code: CodeOriginFails,
			Text:   "The origin " + name + " failed when it was asked last: playlists go on, segments may fail.",
			Advice: "Look at the origin; the stream needs no restart once it is back.",
		}}
	case StateChanged:
		return []Problem{{
			Severity: Warning, Code: CodeVODChanged,
			Text:   "The VOD has changed at the origin, and the new version can't take over: the log says why. The old one plays on.",
			Advice: "Mend it or bring the old one back; to play other renditions, publish it under a new address.",
		}}
	}
	return nil
}

func (s *Server) raised(st *stream) []Problem {
	asked, window := s.mounts[st.key.mount].options.Window, st.newest.Load().live.Stream.VOD.Window
	if window <= asked {
		return nil
	}
	return []Problem{{
		Severity: Notice, Code: CodeWindowRaised,
		Text: fmt.Sprintf("The window is %s instead of %s: six segments and three target durations are always in it.", window, asked),
	}}
}
