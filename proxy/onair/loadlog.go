package onair

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/loop"
	"vod2live/playlist/mask"
	"vod2live/proxy/failure"
	"vod2live/proxy/measure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
)

// requestID is the id of the request that a load is for; a channel's is for none.
func requestID(ctx context.Context) zap.Field {
	if id := origin.RequestID(ctx); id != "" {
		return zap.String("request_id", id)
	}
	return zap.Skip()
}

// logLoad writes the one line of a load; for a channel that is tried again and
// again only when something has changed.
func (l *loader) logLoad(log *zap.Logger, k Key, st *Stream, err error) {
	l.config.Metrics.Loads[loadOutcome(err)].Inc()
	m := l.mounts[k.Mount]
	log = log.With(zap.String("mount", k.Mount), zap.String("path", mask.Line(k.Path)))
	if m.channel != "" && !m.lists { // an error names the item
		log = log.With(zap.String("vod", m.origin.Name+"/"+m.channel))
	}
	switch {
	case err == nil:
		m.logLoaded(log, st)
	case !l.work.Ended(): // else the failure is that this server ends
		panics.Log(l.config.Log, err)
		l.logNotLoaded(log, k.Mount, err)
	}
}

func (l *loader) logNotLoaded(log *zap.Logger, mount string, err error) {
	if refusal, is := errors.AsType[*loop.Refusal](err); is && refusal.Rendition >= 0 {
		log = log.With(zap.Int("rendition", refusal.Rendition))
	}
	m, told := l.mounts[mount], failure.Of(err)
	switch {
	case m.channel != "":
		if m.goesOffAir(told.Code) {
			log.Error("channel off air; vod2live retries every few seconds", zap.String("code", told.Code), zap.Error(err))
		}
	case told.Status < http.StatusInternalServerError:
		log.Info("stream not loaded", zap.String("code", told.Code), zap.Error(err))
	default:
		l.failures.Warn(log, "stream not loaded", mount, err)
	}
}

// goesOffAir reports whether a failed load of a channel is news. A pause of the
// origin is not: its cause was reported.
func (m *mount) goesOffAir(code string) bool {
	last := m.offAir.Load()
	if last != nil && (*last == code || code == failure.CodeOriginPaused) {
		return false
	}
	m.offAir.Store(&code)
	return true
}

// logLoaded writes at warn where the line before was that the channel is off air.
func (m *mount) logLoaded(log *zap.Logger, st *Stream) {
	level, message := zapcore.InfoLevel, "stream loaded"
	if m.offAir.Swap(nil) != nil {
		level, message = zapcore.WarnLevel, "channel back on air"
	}
	on := st.newest.Load()
	v := on.live.VOD
	without, tagged := zap.Skip(), zap.Skip()
	var leftOut []string // codes, by rendition
	for n := range v.Tracks {
		if why := v.Tracks[n].LeftOut; why != nil {
			leftOut = append(leftOut, fmt.Sprintf("%d: %s", n, why.Code))
		}
	}
	if len(leftOut) > 0 {
		level, without = max(level, zapcore.WarnLevel), zap.Strings("without_renditions", leftOut)
	}
	if reasons := on.taggedBy(); len(reasons) > 0 {
		level, tagged = max(level, zapcore.WarnLevel), zap.Strings("timestamps_restart", reasons)
	}
	log.With(on.extent()...).Log(level, message, zap.Int("renditions", len(v.Tracks)), zap.Duration("target_duration", v.TargetDuration), zap.Duration("window", v.Window),
		zap.Int("bytes", st.bytes()), without, tagged)
}

// extent is how much a stream plays: the segments and the length of its VOD, or the number
// of a channel's items.
func (e *era) extent() []zap.Field {
	if e.cast != nil {
		return []zap.Field{zap.Int("items", len(e.cast))}
	}
	segments := 0
	for n := range e.live.VOD.Tracks {
		segments += e.live.VOD.Tracks[n].Len()
	}
	return []zap.Field{zap.Int("segments", segments), zap.Duration("length", e.live.VOD.Length)}
}

// taggedBy are the codes for which timestamps restart although they are configured to be
// continuous: of the VOD, or of a channel's items.
func (e *era) taggedBy() (codes []string) {
	all := []*measure.Tagged{e.tagged}
	for _, one := range e.cast {
		all = append(all, one.tagged)
	}
	for _, t := range all {
		if t != nil && !slices.Contains(codes, t.Code) {
			codes = append(codes, t.Code)
		}
	}
	return codes
}
