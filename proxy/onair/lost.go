package onair

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
)

// lost counts the viewer requests for segments of a stream that the origin answered
// with an error. The zero value is none.
type lost struct {
	mu       sync.Mutex // guards all below
	requests int
	since    time.Time
	last     time.Time
	cause    string // of the last one
}

// lostFor is how long a lost segment is reported.
const lostFor = 5 * time.Minute

func (l *lost) note(cause string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.last) > lostFor {
		l.requests, l.since = 0, now
	}
	l.requests++
	l.last, l.cause = now, cause
}

// problems reports the requests of the last minutes.
func (l *lost) problems(now time.Time) []problem.Problem {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.requests == 0 || now.Sub(l.last) > lostFor {
		return nil
	}
	text := fmt.Sprintf("Failed viewer requests for its segments: %d. The last one: %s.", l.requests, l.cause)
	return []problem.Problem{problem.New(problem.Error, CodeSegmentsFail, text).Began(l.since)}
}

// SegmentFailed counts a failed segment for the channels that have it, and reports it as
// a problem of all streams that do, unless the origin as a whole fails.
func (l *lineup) SegmentFailed(of, segment string, err error) {
	now, own := l.config.Now(), !origin.Sick(err)
	hash := nameHash(of, segment)
	for _, c := range l.config.Channels {
		st := l.store.get(c.key())
		if st == nil || !st.newest.Load().names(hash) {
			continue
		}
		l.mounts[c.Name].failures.Inc()
		if own {
			st.lost.note(err.Error(), now)
		}
	}
	if !own || !l.searches.take(now) {
		return
	}
	for _, st := range l.store.all() {
		if st.key.Mount == of && st.shows(segment) {
			st.lost.note(err.Error(), now)
		}
	}
}

// MovedFailed reports a failed segment that has an address of the stream's own.
func (l *lineup) MovedFailed(st *Stream, err error) {
	if l.mounts[st.key.Mount].channel == "" && !origin.Sick(err) { // channels know their segments
		st.lost.note(err.Error(), l.config.Now())
	}
}

// shows reports whether a segment below the folder of the VOD is in one of the newest
// playlists. Only channels keep a list of their segments.
func (st *Stream) shows(segment string) bool {
	name, within := strings.CutPrefix(segment, strings.TrimPrefix(path.Dir(st.key.Path)+"/", "./"))
	if !within {
		return false
	}
	for n := range st.renditions {
		if a := st.renditions[n].current.Load(); a != nil && lists(a.Body, name) {
			return true
		}
	}
	return false
}

// lists reports whether an address in a playlist ends in a name, in whole path elements
// and without its query.
func lists(playlist []byte, name string) bool {
	for rest := playlist; ; {
		i := bytes.Index(rest, []byte(name))
		if i < 0 {
			return false
		}
		before, after := i == 0 || strings.IndexByte("/\"\n", rest[i-1]) >= 0, rest[i+len(name):]
		if before && (len(after) == 0 || strings.IndexByte("?\"\r\n", after[0]) >= 0) {
			return true
		}
		rest = rest[i+1:]
	}
}

// searches bounds how often all streams are searched: strangers can request segments that
// do not exist at any rate. The zero value is ready to use.
type searches struct {
	mu     sync.Mutex // guards all below
	second int64
	done   int
}

const mostSearches = 10 // a second

func (s *searches) take(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if second := now.Unix(); second != s.second {
		s.second, s.done = second, 0
	}
	s.done++
	return s.done <= mostSearches
}
