package proxy

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

// failureLine is a line about a failure. Equal ones share an allowance; all that
// may differ is out of closed sets.
type failureLine struct {
	level   zapcore.Level
	message string
	code    string // empty: none
	mount   string // or the origin
}

// failureLog is a log of failures that bounds their lines.
type failureLog struct {
	log *zap.Logger
	now func() time.Time

	mu sync.Mutex // guards of
	of map[failureLine]*tally
}

func newFailureLog(log *zap.Logger, now func() time.Time) *failureLog {
	return &failureLog{log: log, now: now, of: map[failureLine]*tally{}}
}

// tally are equal lines in one minute.
type tally struct {
	since            time.Time
	written, leftOut int
}

// write writes a line within its allowance. That is asked before the logger
// is: what a flood has too much of must not use up the logger's own sampling.
func (l *failureLog) write(log *zap.Logger, f failureLine, fields ...zap.Field) {
	if !log.Core().Enabled(f.level) {
		return
	}
	leftOut, may := l.take(f, l.now())
	if !may {
		return
	}
	if leftOut > 0 {
		fields = append(fields, zap.Int("left_out", leftOut))
	}
	if f.code != "" {
		fields = append(fields, zap.String("code", f.code))
	}
	log.Log(f.level, f.message, fields...)
}

// take says whether to write a line, and how many like it were left out before.
func (l *failureLog) take(f failureLine, now time.Time) (leftOut int, may bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.of[f]
	if t == nil {
		t = &tally{since: now}
		f.mount = strings.Clone(f.mount) // without the request that it came with
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

// warn logs a failure of background work.
func (l *failureLog) warn(log *zap.Logger, message, mount string, err error) {
	l.write(log, failureLine{zapcore.WarnLevel, message, CodeOf(err), mount}, zap.Error(err))
}
