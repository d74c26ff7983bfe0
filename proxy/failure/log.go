package failure

import (
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// linesEach is how many equal lines about failures are logged in a minute: an outage shows
// from its first request on, whatever else fails, and a flood fills no disk.
const linesEach = 60

// Line is a line about a failure. Equal ones share an allowance; all that
// may differ is out of closed sets.
type Line struct {
	Level   zapcore.Level
	Message string
	Code    string // empty: none
	Mount   string // or the origin
}

// Log is a log of failures that bounds their lines.
type Log struct {
	Zap *zap.Logger
	now func() time.Time

	mu sync.Mutex // guards of
	of map[Line]*tally
}

// NewLog makes one that writes to another.
func NewLog(log *zap.Logger, now func() time.Time) *Log {
	return &Log{Zap: log, now: now, of: map[Line]*tally{}}
}

// tally are equal lines in one minute.
type tally struct {
	since            time.Time
	written, leftOut int
}

// Write writes a line within its allowance. The allowance is checked before
// the logger: the excess of a flood must not use up the logger's own
// sampling.
func (l *Log) Write(log *zap.Logger, f Line, fields ...zap.Field) {
	if !log.Core().Enabled(f.Level) {
		return
	}
	leftOut, may := l.take(f, l.now())
	if !may {
		return
	}
	if leftOut > 0 {
		fields = append(fields, zap.Int("left_out", leftOut))
	}
	if f.Code != "" {
		fields = append(fields, zap.String("code", f.Code))
	}
	log.Log(f.Level, f.Message, fields...)
}

// take reports whether to write a line, and how many equal ones were left out
// before.
func (l *Log) take(f Line, now time.Time) (leftOut int, may bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.of[f]
	if t == nil {
		t = &tally{since: now}
		f.Mount = strings.Clone(f.Mount) // without the request that it came with
		l.of[f] = t
	}
	if age := now.Sub(t.since); age >= time.Minute || age < 0 { // the clock may step back
		t.since, t.written = now, 0
	}
	if t.written == linesEach {
		t.leftOut++
		return 0, false
	}
	leftOut = t.leftOut
	t.written, t.leftOut = t.written+1, 0
	return leftOut, true
}

// Warn logs a failure of background work.
func (l *Log) Warn(log *zap.Logger, message, mount string, err error) {
	l.Write(log, Line{zapcore.WarnLevel, message, CodeOf(err), mount}, zap.Error(err))
}
