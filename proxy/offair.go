package proxy

import (
	"errors"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/origin"
)

// OffAir is a channel that is not loaded, so that its viewers get an error. It
// is tried again and again.
type OffAir struct {
	Channel string `json:"channel"`
	Address string `json:"address"` // of viewers
	Origin  string `json:"origin"`
	VOD     string `json:"vod"`   // its path beneath the origin
	Code    string `json:"code"`  // of the last attempt: a refusal's, or one of those below
	Error   string `json:"error"` // of the same; empty: the first is under way
}

// The codes of a channel that is not loaded, beside those of refusals and
// missing renditions. All but the first are as preflight has them.
const (
	CodeLoading     = "loading"
	codeNotFound    = "not-found"
	codeForbidden   = "forbidden"
	codeUnreachable = "unreachable"
)

// offAir are the channels that are not loaded, as they are configured.
func (s *Server) offAir() []OffAir {
	all := []OffAir{}
	for _, c := range s.config.Channels {
		k := key{mount: c.Name, path: channelPath}
		if s.store.get(k) != nil {
			continue
		}
		off := OffAir{Channel: c.Name, Address: k.address(), Origin: c.Origin, VOD: c.Path, Code: CodeLoading}
		if err := s.store.lastFailure(k); err != nil {
			off.Code, off.Error = whyNot(err)
		}
		all = append(all, off)
	}
	return all
}

// lastFailure is why a stream could not be loaded when that was tried last, nil
// if it has not been.
func (s *store) lastFailure(k key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _ := s.failures.Peek(k.digest())
	return f.err
}

// whyNot is the code of an error of a load and what an operator is told of it.
func whyNot(err error) (code, line string) {
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		return string(refusal.Code), masked([]byte(refusal.Detail))
	}
	line = explain(err).line
	status, answered := errors.AsType[*origin.StatusError](err)
	_, missing := errors.AsType[*missingRendition](err)
	switch {
	case missing:
		return string(playlist.CodeMissingRendition), line
	case errors.Is(err, origin.ErrNotFound):
		return codeNotFound, line
	case answered && status.Code < 500:
		return codeForbidden, line
	}
	return codeUnreachable, line
}
