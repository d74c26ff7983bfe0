package proxy

import (
	"errors"
	"net/http"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/loop"
	"vod2live/proxy/panics"
)

// logLoad writes the one line that a load is worth; of a channel that is tried
// again and again only when something has changed.
func (s *Server) logLoad(k key, st *stream, err error, took time.Duration) {
	s.config.Metrics.Loads[loadOutcome(err)].Inc()
	m := s.mounts[k.mount]
	fields := []zap.Field{zap.String("mount", k.mount), zap.String("path", shorten(k.path)), zap.Duration("took", took)}
	if m.channel != "" {
		fields = append(fields, zap.String("vod", m.origin.Name+"/"+m.channel))
	}
	switch {
	case err == nil:
		s.logLoaded(m, st, fields)
		return
	case s.context.Err() != nil:
		return // it is this server that ends
	}
	panics.Log(s.config.Log, err)
	code := CodeOf(err)
	if refusal, is := errors.AsType[*loop.Refusal](err); is && refusal.Rendition >= 0 {
		fields = append(fields, zap.Int("rendition", refusal.Rendition))
	}
	switch {
	case m.channel != "":
		if last := m.offAir.Swap(&code); last == nil || *last != code {
			s.config.Log.Error("channel off air; it is tried again every few seconds", append(fields, zap.String("code", code), zap.Error(err))...)
		}
	case explain(err).status < http.StatusInternalServerError:
		s.config.Log.Info("stream not loaded", append(fields, zap.String("code", code), zap.Error(err))...)
	default:
		s.warn(s.config.Log.With(fields...), "stream not loaded", k.mount, err)
	}
}

// logLoaded says so as loud as it was said that a channel is off air.
func (s *Server) logLoaded(m *mount, st *stream, fields []zap.Field) {
	level, message := zapcore.InfoLevel, "stream loaded"
	if m.offAir.Swap(nil) != nil {
		level, message = zapcore.WarnLevel, "channel back on air"
	}
	v := st.newest.Load().live.Stream.VOD
	segments := 0
	for n := range v.Tracks {
		segments += v.Tracks[n].Len()
	}
	s.config.Log.Log(level, message, append(fields, zap.Int("renditions", len(v.Tracks)), zap.Int("segments", segments),
		zap.Duration("length", v.Length), zap.Duration("target_duration", v.TargetDuration), zap.Duration("window", v.Window),
		zap.Int("bytes", st.bytes()))...)
}
