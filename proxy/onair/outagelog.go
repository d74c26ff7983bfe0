package onair

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
)

// logOutages makes an origin log when one of its places starts to fail and
// when it recovers: both at warn or above, so that they are seen together.
func (e *env) logOutages(o *origin.Origin) {
	o.Changed = func(c origin.Change) {
		where := []zap.Field{zap.String("origin", o.Name), zap.String("url", c.URL)}
		switch {
		case c.Err == nil:
			e.failures.Write(e.config.Log, failure.Line{Level: zapcore.WarnLevel, Message: "origin answers again", Mount: o.Name}, append(where, zap.Duration("failed_for", c.Lasted))...)
		case o.Failing():
			e.failures.Write(e.config.Log, failure.Line{Level: zapcore.ErrorLevel, Message: "origin fails", Code: failure.CodeOf(c.Err), Mount: o.Name}, append(where, zap.Error(c.Err))...)
		default:
			e.failures.Write(e.config.Log, failure.Line{Level: zapcore.WarnLevel, Message: "origin fails at one of its addresses; others answer", Code: failure.CodeOf(c.Err), Mount: o.Name}, append(where, zap.Error(c.Err))...)
		}
	}
}
