package proxy

import (
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// linesEach is how many lines of one kind are logged in a minute: an outage shows
// from its first request on, whatever else fails, and a flood fills no disk.
const linesEach = 60

// lineKind is what shares an allowance of lines: failures of one mount with one
// code. Both sets are closed.
type lineKind struct{ mount, code string }

// lines bounds the lines of failures. The zero value is ready to use.
type lines struct {
	mu sync.Mutex // guards of
	of map[lineKind]*tally
}

// tally are the lines of one kind in one minute.
type tally struct {
	since            time.Time
	written, leftOut int
}

// take says whether to write a line, which is nil if its level is off, and how
// many of its kind were left out before it.
func (l *lines) take(line *zapcore.CheckedEntry, k lineKind, now time.Time) (leftOut zap.Field, may bool) {
	if line == nil {
		return zap.Skip(), false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[lineKind]*tally{}
	}
	t := l.of[k]
	if t == nil {
		t = &tally{since: now}
		l.of[lineKind{strings.Clone(k.mount), k.code}] = t // without the request that it came with
	}
	if age := now.Sub(t.since); age >= time.Minute || age < 0 { // the clock may step back
		t.since, t.written = now, 0
	}
	if t.written == linesEach {
		t.leftOut++
		return zap.Skip(), false
	}
	t.written++
	leftOut = zap.Skip()
	if t.leftOut > 0 {
		leftOut = zap.Int("left_out", t.leftOut)
	}
	t.leftOut = 0
	return leftOut, true
}

// warn logs a failure of background work within its allowance.
func (s *Server) warn(log *zap.Logger, message, mount string, err error) {
	code := CodeOf(err)
	line := log.Check(zapcore.WarnLevel, message)
	if left, may := s.lines.take(line, lineKind{mount, code}, s.config.Now()); may {
		line.Write(zap.String("code", code), zap.Error(err), left)
	}
}
