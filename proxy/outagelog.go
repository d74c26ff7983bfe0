package proxy

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/proxy/origin"
)

// logOutages makes an origin log when a place of it starts to fail and when it
// answers again: both at warn or above, so that they are seen together.
func (s *Server) logOutages(o *origin.Origin) {
	o.Changed = func(c origin.Change) {
		where := []zap.Field{zap.String("origin", o.Name), zap.String("url", c.URL)}
		if c.Err == nil {
			line := s.config.Log.Check(zapcore.WarnLevel, "origin answers again")
			if left, may := s.lines.take(line, lineKind{o.Name, "again"}, s.config.Now()); may {
				line.Write(append(where, zap.Duration("failed_for", c.Lasted), left)...)
			}
			return
		}
		level, message := zapcore.ErrorLevel, "origin fails"
		if !o.Failing() {
			level, message = zapcore.WarnLevel, "origin fails at one of its addresses; others answer"
		}
		line := s.config.Log.Check(level, message)
		if left, may := s.lines.take(line, lineKind{o.Name, "fails"}, s.config.Now()); may {
			line.Write(append(where, zap.String("code", CodeOf(c.Err)), zap.Error(c.Err), left)...)
		}
	}
}
