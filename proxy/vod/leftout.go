package vod

import (
	"errors"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/panics"
)

// spare leaves an optional rendition out that a definite answer refuses. It is
// looked at again with the others.
func (v *VOD) spare(n int, err error) error {
	refusal, is := errors.AsType[*loop.Refusal](err)
	if _, panicked := errors.AsType[*panics.Error](err); !is || panicked || v.Multivariant.Renditions[n].Essential {
		return err
	}
	v.Media[n] = playlist.Refused(refusal)
	src := &v.Sources[n+1]
	src.Address, src.optional, src.leftOut = v.Multivariant.Renditions[n].Address.String(), true, refusal.Code
	src.quoted = Quoted(v.Multivariant.Renditions[n].Shown())
	return nil
}

// foreignFile refuses to slice WebVTT that lies where nothing is fetched from.
func (v *VOD) foreignFile(m *playlist.Media) *loop.Refusal {
	for _, f := range m.Files() {
		if _, _, within := v.Client.Locate(f.Address, ""); !within {
			return &loop.Refusal{Code: playlist.CodeWebVTTForeign, Rendition: -1, Detail: "WebVTT that has to be cut anew lies outside the origins: " + f.Shown}
		}
	}
	return nil
}
