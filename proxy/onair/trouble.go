package onair

import (
	"fmt"
	"slices"
	"time"

	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
)

// The codes of what happens while a stream plays, beside CodeOriginFails. Those
// of its VOD are preflight's.
const (
	CodeVODGone      = "vod-gone"
	CodeVODChanged   = "vod-changed"
	CodeVODUnsettled = "vod-unsettled"
	CodeSegmentsFail = "segments-fail"
	CodeManyTexts    = "many-texts"
	CodeEditSeenLate = "edit-seen-late"
	CodeWindowRaised = "window-raised"
	CodeTargetRaised = "target-duration-raised"
	CodeEraSkipped   = "era-skipped"            // not all of it could be played
	CodeEdited       = "channel-edited"         // in this process: another list, or another version of an item
	CodeRewritesPast = "schedule-rewrites-past" // what has been played can't change
)

// maxProblems of one VOD are kept, and maxProblemText bytes of the text of each.
const (
	maxProblems    = 16
	maxProblemText = 256
)

// State of a stream.
type State string

// The states.
const (
	StateOK      State = "ok"
	StateStale   State = "stale"   // the last request to the origin failed: the stream continues
	StateGone    State = "gone"    // the origin no longer has the VOD: the stream ends in a while
	StateChanged State = "changed" // the origin has another VOD, which was not taken over
)

// problems of a stream.
func (e *env) problems(st *Stream) []problem.Problem {
	return slices.Concat(st.lost.problems(e.config.Now()), e.atOrigin(st), e.texts(st), st.newest.Load().problems, e.raised(st), e.scheduling(st))
}

// atOrigin returns the problem of the VOD's origin.
func (e *env) atOrigin(st *Stream) []problem.Problem {
	name := e.mounts[st.key.Mount].origin.Name
	switch e.state(st) {
	case StateGone:
		since := st.gone.at()
		ends := since.Add(e.mounts[st.key.Mount].goneAfter).UTC().Format(time.RFC3339)
		return []problem.Problem{problem.New(problem.Error, CodeVODGone, "The VOD was not found at origin "+name+" since "+since.UTC().Format(time.RFC3339)+".").
			Advise("Bring it back before " + ends + ", when the stream ends for viewers.").Began(since)}
	case StateStale:
		return []problem.Problem{st.originFails(e.mounts[st.key.Mount].origin)}
	case StateChanged:
		if st.unsettled.holds() {
			return []problem.Problem{problem.New(problem.Warning, CodeVODUnsettled, "Each request to origin "+name+" finds another version of the VOD. The loaded one plays on, but its segments may be gone.").Began(st.unsettled.at())}
		}
		return []problem.Problem{problem.New(problem.Warning, CodeVODChanged, "The VOD has changed at the origin, and the new version can't take over: "+st.refused.cause()+". The previous version plays on.").Began(st.refused.at())}
	}
	return nil
}

// originFails is the problem of a stream whose own request failed, or whose whole
// origin fails.
func (st *Stream) originFails(o *origin.Origin) problem.Problem {
	since, cause := o.Outage()
	if by := st.cut.cause(); by != "" {
		since, cause = st.cut.at(), by
	}
	text := "The last request to origin " + o.Name + " failed: " + cause + ". Playlists go on, segments may fail."
	return problem.New(problem.Warning, failure.CodeOriginFails, text).Began(since)
}

// scheduling returns the problem of a channel's schedule object.
func (e *env) scheduling(st *Stream) []problem.Problem {
	if p := e.mounts[st.key.Mount].playout; p != nil {
		return p.agenda.problems()
	}
	return nil
}

func (e *env) raised(st *Stream) []problem.Problem {
	if st.scheduled {
		return nil
	}
	asked, window := e.mounts[st.key.Mount].options.Window, st.newest.Load().live.VOD.Window
	if window <= asked {
		return nil
	}
	return []problem.Problem{problem.New(problem.Notice, CodeWindowRaised, fmt.Sprintf("The window is %s instead of %s, so that it holds six segments: it spans at least 6 target durations and 6.5 s.", window, asked))}
}

func (e *env) state(st *Stream) State {
	switch {
	case st.gone.holds():
		return StateGone
	case st.cut.holds(), e.mounts[st.key.Mount].origin.Failing():
		return StateStale
	case st.refused.holds(), st.unsettled.holds():
		return StateChanged
	}
	return StateOK
}
