package proxy

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/playlist/mask"
	"vod2live/proxy/failure"
)

// accessLog has one line for each request.
type accessLog struct {
	failures *failure.Log
	quiet    bool // requests are logged only if they fail by 5xx
}

// log writes the line of a request. One that fails because of the origin or
// of this server (5xx, or an answer that breaks off) is an error, and is logged
// without access lines, too.
func (a accessLog) log(r *http.Request, w *recorder, took time.Duration, err error) {
	switch code := failureCode(r, w, err); {
	case code != "":
		a.failures.Write(a.failures.Zap, failure.Line{Level: zapcore.ErrorLevel, Message: "request failed", Code: code, Mount: w.mount}, accessFields(r, w, took, zap.Error(err))...)
	case a.quiet:
	case err != nil:
		if line := a.failures.Zap.Check(zapcore.InfoLevel, "request failed"); line != nil {
			line.Write(accessFields(r, w, took, rejected(r, w, err), zap.Error(err))...)
		}
	default:
		if line := a.failures.Zap.Check(zapcore.InfoLevel, "request"); line != nil {
			line.Write(accessFields(r, w, took)...)
		}
	}
}

// failureCode is the code of an error that is no viewer's, else empty.
func failureCode(r *http.Request, w *recorder, err error) string {
	if err == nil || left(r, w, err) {
		return ""
	}
	if told := failure.Of(err); told.Status >= http.StatusInternalServerError {
		return told.Code
	}
	return ""
}

// left reports whether a request failed because its viewer left. Where the end of the
// connection is noticed while the origin is read, only the request's context says so.
func left(r *http.Request, w *recorder, err error) bool {
	canceled := errors.Is(err, context.Canceled) && r.Context().Err() != nil
	return canceled || w.status == statusClientGone || errors.Is(err, errClientGone)
}

// rejected is the code of an error that is a viewer's.
func rejected(r *http.Request, w *recorder, err error) zap.Field {
	if left(r, w, err) {
		return zap.Skip()
	}
	return zap.String("code", failure.CodeOf(err))
}

func accessFields(r *http.Request, w *recorder, took time.Duration, more ...zap.Field) []zap.Field {
	if w.id == "" {
		w.newID() // too late for the answer
	}
	return append([]zap.Field{
		zap.String("request_id", w.id), zap.String("method", r.Method), zap.String("path", mask.Line(r.URL.EscapedPath())),
		zap.Int("status", w.status), zap.Int64("bytes", w.bytes), zap.Duration("took", took),
		zap.String("from", r.RemoteAddr), zap.String("agent", mask.Line(r.UserAgent())),
	}, more...)
}
