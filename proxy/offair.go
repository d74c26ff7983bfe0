package proxy

import (
	"errors"

	"vod2live/loop"
)

// OffAir is a channel that is not loaded, so that its viewers get an error. It
// is tried again and again.
type OffAir struct {
	Channel string `json:"channel"`
	Address string `json:"address"` // of viewers
	Origin  string `json:"origin"`
	VOD     string `json:"vod"`   // its path beneath the origin
	Code    string `json:"code"`  // of the last attempt, as of CodeOf; CodeLoading: the first is under way
	Error   string `json:"error"` // of the same; empty: the first is under way
}

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
			off.Code, off.Error = CodeOf(err), causeOf(err)
		}
		all = append(all, off)
	}
	return all
}

// causeOf is what an operator is told of an error, beside its code.
func causeOf(err error) string {
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		return refusal.Detail
	}
	return err.Error()
}
