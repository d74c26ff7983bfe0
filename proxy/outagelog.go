package proxy

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/proxy/origin"
)

// logOutages makes an origin log when a place of it starts to fail and when it
// answers again: both at warn or above, so that they are seen together.
func (e *env) logOutages(o *origin.Origin) {
	o.Changed = func(c origin.Change) {
		where := []zap.Field{zap.String("origin", o.Name), zap.String("url", c.URL)}
		switch {
		case c.Err == nil:
			e.failures.write(e.config.Log, failureLine{zapcore.WarnLevel, "origin answers again", "", o.Name}, append(where, zap.Duration("failed_for", c.Lasted))...)
		case o.Failing():
			e.failures.write(e.config.Log, failureLine{zapcore.ErrorLevel, "origin fails", CodeOf(c.Err), o.Name}, append(where, zap.Error(c.Err))...)
		default:
			e.failures.write(e.config.Log, failureLine{zapcore.WarnLevel, "origin fails at one of its addresses; others answer", CodeOf(c.Err), o.Name}, append(where, zap.Error(c.Err))...)
		}
	}
}
