package admin

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap/zapcore"

	"vod2live/playlist/mask"
	"vod2live/proxy/wire"
)

// Event is something that happened to the process, an origin, a channel or a stream.
type Event struct {
	At    wire.Instant `json:"at"`    // the first time
	Count int          `json:"count"` // how often within a minute of that
	Level string       `json:"level"` // info, warn or error
	Text  string       `json:"text"`
	Code  string       `json:"code"`  // empty: none
	About string       `json:"about"` // the channel, mount or origin; empty: the process
	Path  string       `json:"path"`  // of the stream below the mount; empty: the event is not about a stream
	Cause string       `json:"cause"` // empty: none, or not known
}

// The limits of kept events: the last hour, the newest, and the bytes of a text.
const (
	eventsFor   = time.Hour
	mostEvents  = 1000
	mostOfEvent = 512
)

// Journal keeps the newest events: the lines of the log that are about no single request.
// It is safe for concurrent use.
type Journal struct {
	mu   sync.Mutex // guards all below
	ring []Event    // up to mostEvents
	next int        // the place of the oldest one, once the ring is full
}

// NewJournal is empty.
func NewJournal() *Journal { return &Journal{} }

// merge is how long an event that happens again counts as the same one.
const merge = time.Minute

func (j *Journal) add(e Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if same := j.recent(e); same != nil {
		same.Count++
		return
	}
	e.Count = 1
	if len(j.ring) < mostEvents {
		j.ring = append(j.ring, e)
		return
	}
	j.ring[j.next] = e
	j.next = (j.next + 1) % mostEvents
}

// recent is an equal event of the last minute; nil: there is none. The lock is held.
func (j *Journal) recent(e Event) *Event {
	at := time.Time(e.At)
	for n := range j.ring {
		one := &j.ring[(j.next+len(j.ring)-1-n)%len(j.ring)]
		if at.Sub(time.Time(one.At)) >= merge {
			return nil
		}
		if e.At, e.Count = one.At, one.Count; *one == e {
			return one
		}
	}
	return nil
}

// since are the events from an instant on, the newest first.
func (j *Journal) since(from time.Time) []Event {
	j.mu.Lock()
	all := slices.Concat(j.ring[j.next:], j.ring[:j.next])
	j.mu.Unlock()
	all = slices.DeleteFunc(all, func(e Event) bool { return time.Time(e.At).Before(from) })
	slices.Reverse(all)
	return all
}

// Core takes lines of the log within a range of levels.
func (j *Journal) Core(within zapcore.LevelEnabler) zapcore.Core {
	return &recording{LevelEnabler: within, journal: j}
}

// recording is a core of the log that keeps events. It is immutable.
type recording struct {
	zapcore.LevelEnabler
	journal *Journal
	with    []zapcore.Field
}

func (c *recording) With(fields []zapcore.Field) zapcore.Core {
	return &recording{c.LevelEnabler, c.journal, slices.Concat(c.with, fields)}
}

func (c *recording) Check(line zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !c.Enabled(line.Level) {
		return to
	}
	return to.AddCore(line, c)
}

func (c *recording) Write(line zapcore.Entry, fields []zapcore.Field) error {
	e := Event{At: wire.Instant(line.Time), Level: line.Level.String(), Text: line.Message}
	var channel, mount, origin string
	for _, f := range slices.Concat(c.with, fields) {
		switch f.Key {
		case "request_id":
			return nil // of one request
		case "code":
			e.Code = f.String
		case "channel":
			channel = f.String
		case "mount":
			mount = f.String
		case "origin":
			origin = f.String
		case "path":
			e.Path = f.String
		case "error":
			if err, is := f.Interface.(error); is {
				e.Cause = err.Error()
			}
		}
	}
	e.About = cmp.Or(channel, mount, origin)
	e.Path, e.Cause = mask.Shorten(e.Path, mostOfEvent), mask.Shorten(e.Cause, mostOfEvent)
	c.journal.add(e)
	return nil
}

func (c *recording) Sync() error { return nil }

// Events are those of the last hour.
type Events struct {
	Now    wire.Instant `json:"now"`
	Events []Event      `json:"events"` // the newest first
}
