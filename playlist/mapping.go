package playlist

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vod2live/loop"
)

// absent stands for a rendition of a channel that an item's VOD does not have.
const absent = -1

// mapper maps the renditions of a channel to those of one VOD. Its result depends on
// the playlists alone.
type mapper struct {
	*Model
	vod     []naming
	packing []form       // of the VOD's renditions
	out     map[int]bool // renditions of the VOD that can't be used

	variants []*naming // of the VOD, for each line of the model; nil: none
	mapped   []int     // rendition of the VOD for each of the channel, or absent
	notices  []Notice
}

// mapTo maps all renditions, except for some of the VOD.
func (m *Model) mapTo(vod Source, out map[int]bool) (*mapper, *loop.Refusal) {
	mp := &mapper{Model: m, vod: vod.Multivariant.namings(), out: out, variants: make([]*naming, len(m.names))}
	for n, media := range vod.Media {
		mp.packing = append(mp.packing, formOf(media, vod.Multivariant != nil && vod.Multivariant.Renditions[n].Subtitles))
		if media.refusal != nil {
			mp.out[n] = true
		}
	}
	if refusal := mp.mapVariants(); refusal != nil {
		return nil, refusal
	}
	for n := range m.renditions {
		to, refusal := mp.mapOne(n)
		if refusal != nil {
			refusal.Rendition = n
			return nil, refusal
		}
		mp.mapped = append(mp.mapped, to)
	}
	return mp, nil
}

// mapOne is the VOD's rendition for one of the channel.
func (mp *mapper) mapOne(n int) (int, *loop.Refusal) {
	if mp.leftOut[n] != nil {
		return absent, nil
	}
	want, found := &mp.names[mp.roles[n]], (*naming)(nil)
	var refusal *loop.Refusal
	switch {
	case want.tag == tagIFrameStreamInf:
		found = mp.iFrames(want)
	case want.is("SUBTITLES"):
		found, refusal = mp.subtitles(want)
	case want.is("AUDIO"):
		found, refusal = mp.audio(want)
	default:
		found, refusal = mp.variantOf(mp.roles[n])
	}
	if refusal != nil || found == nil {
		return absent, refusal
	}
	mp.compare(n, want, found)
	return found.rendition, nil
}

// keep returns those lines of the VOD that a function accepts and that can be used.
func (mp *mapper) keep(all []*naming, accepts func(*naming) bool) (kept []*naming) {
	for _, n := range all {
		if !mp.out[n.rendition] && accepts(n) {
			kept = append(kept, n)
		}
	}
	return kept
}

// lines of the VOD that name renditions.
func (mp *mapper) lines() (all []*naming) {
	for i := range mp.vod {
		if mp.vod[i].rendition != muxed {
			all = append(all, &mp.vod[i])
		}
	}
	return all
}

// packed reports whether a rendition of the VOD is packed as one of the channel.
func (mp *mapper) packed(want *naming) func(*naming) bool {
	return func(n *naming) bool { return mp.packing[n.rendition].container == mp.forms[want.rendition].container }
}

// best is the line with the most points for each property in turn, the first of
// equals; nil of none.
func best(all []*naming, points ...func(*naming) int64) *naming {
	if len(all) == 0 {
		return nil
	}
	return slices.MaxFunc(all, func(a, b *naming) int {
		for _, p := range points {
			if c := cmp.Compare(p(a), p(b)); c != 0 {
				return c
			}
		}
		return 0
	})
}

// equal gives a point for a property that is equal.
func equal(want *naming, property func(*naming) string) func(*naming) int64 {
	return func(n *naming) int64 {
		if property(n) == property(want) {
			return 1
		}
		return 0
	}
}

func name(n *naming) string            { return n.attributes["NAME"] }
func characteristics(n *naming) string { return n.listOf("CHARACTERISTICS") }

// byBandwidth are the rules for variant streams and I-frames: the highest BANDWIDTH
// that is not above, else the lowest; ties by the nearest RESOLUTION.
func byBandwidth(want *naming) []func(*naming) int64 {
	most := want.bandwidth()
	width, height := want.size()
	return []func(*naming) int64{
		func(n *naming) int64 {
			b := n.bandwidth()
			if b > most {
				return -b
			}
			return b
		},
		func(n *naming) int64 {
			w, h := n.size()
			return -max(w*h-width*height, width*height-w*h)
		},
	}
}

// iFrames returns the I-frame playlist for one of the channel; nil: there is
// none.
func (mp *mapper) iFrames(want *naming) *naming {
	all := mp.keep(mp.lines(), func(n *naming) bool {
		return n.tag == tagIFrameStreamInf && sameFamilies(n, want) && mp.packed(want)(n) && mp.packing[n.rendition].frames == mp.forms[want.rendition].frames
	})
	found := best(all, byBandwidth(want)...)
	if found == nil {
		mp.notice(NoteIFramesMissing, want.rendition, "the VOD has no such I-frame playlist: gaps stand in for it")
	}
	return found
}

// subtitles returns those in the same language; nil: slices without cues stand in
// for them.
func (mp *mapper) subtitles(want *naming) (*naming, *loop.Refusal) {
	all := mp.keep(mp.lines(), func(n *naming) bool {
		forced := (n.attributes["FORCED"] == "YES") == (want.attributes["FORCED"] == "YES")
		return n.is("SUBTITLES") && n.language() == want.language() && forced && mp.packed(want)(n)
	})
	found := best(all, equal(want, characteristics), equal(want, name))
	switch {
	case found != nil:
		return found, nil
	case mp.forms[want.rendition].container != webVTT:
		return nil, refuse(CodeSubtitlesMismatch, "the channel has subtitles %s in fMP4, the VOD has none", shownName(want))
	}
	mp.notice(NoteSubtitlesMissing, want.rendition, "the VOD has no subtitles "+shownName(want))
	return nil, nil
}

// audio is the audio rendition in the same language, else the default one of its
// group.
func (mp *mapper) audio(want *naming) (*naming, *loop.Refusal) {
	group := mp.audioGroup(want.attributes["GROUP-ID"])
	all := mp.keep(mp.lines(), func(n *naming) bool { return n.is("AUDIO") && n.attributes["GROUP-ID"] == group })
	if len(all) == 0 {
		return nil, refuse(CodeMuxingMismatch, "the channel has audio %s in a separate rendition, the VOD does not", shownName(want))
	}
	if all = mp.keep(all, mp.packed(want)); len(all) == 0 {
		return nil, refuse(CodeContainerMismatch, "the channel's audio %s is %s, the VOD has none", shownName(want), mp.forms[want.rendition].container)
	}
	spoken := mp.keep(all, func(n *naming) bool { return n.language() == want.language() })
	if found := best(spoken, equal(want, characteristics), equal(want, (*naming).channels), equal(want, name)); found != nil {
		return found, nil
	}
	found := best(all, func(n *naming) int64 {
		if n.attributes["DEFAULT"] == "YES" {
			return 1
		}
		return 0
	})
	mp.notice(NoteLanguageMissing, want.rendition, fmt.Sprintf("the VOD has no audio %s: %s plays", shownName(want), shownName(found)))
	return found, nil
}

// audioGroup is the VOD's audio group for one of the channel: that of the variant
// stream to which the channel's first one with the group is mapped, else of its first
// variant stream with a group.
func (mp *mapper) audioGroup(group string) string {
	first, any := "", false
	for i, variant := range mp.variants {
		if variant == nil {
			continue
		}
		own, has := variant.attributes["AUDIO"]
		if mp.names[i].attributes["AUDIO"] == group {
			return own
		}
		if has && !any {
			first, any = own, true
		}
	}
	for _, n := range mp.lines() {
		if !any && n.is("AUDIO") {
			return n.attributes["GROUP-ID"]
		}
	}
	return first
}

// shownName is the language and the name of a rendition, for messages.
func shownName(n *naming) string {
	return quote(strings.TrimSpace(n.attributes["LANGUAGE"] + " " + n.attributes["NAME"]))
}

func (mp *mapper) notice(code Note, rendition int, detail string) {
	mp.notices = append(mp.notices, Notice{code, rendition, detail})
}
