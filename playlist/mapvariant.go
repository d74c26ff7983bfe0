package playlist

import (
	"fmt"
	"math"
	"strconv"

	"vod2live/loop"
)

// mapVariants maps each variant stream of the model. A variant stream without video
// that has no counterpart in the VOD is left open: audio of the VOD may take its
// place.
func (mp *mapper) mapVariants() *loop.Refusal {
	for i := range mp.names {
		want := &mp.names[i]
		if want.tag != tagStreamInf {
			continue
		}
		found, refusal := mp.variant(want)
		if refusal != nil && want.video() != no {
			refusal.Rendition = want.rendition
			return refusal
		}
		mp.variants[i] = found
	}
	return nil
}

// variantOf is the VOD's variant stream for a line of the model or, for one without
// video, an audio rendition.
func (mp *mapper) variantOf(line int) (*naming, *loop.Refusal) {
	if found := mp.variants[line]; found != nil {
		return found, nil
	}
	want := &mp.names[line]
	audio := chosen(mp.names, "AUDIO", want.attributes["AUDIO"])
	if audio == nil || audio.rendition == muxed {
		_, refusal := mp.variant(want)
		return nil, refusal
	}
	found, refusal := mp.audio(audio)
	if refusal == nil && !mp.packed(want)(found) {
		refusal = refuse(CodeContainerMismatch, "the channel's audio is %s, the VOD has none", mp.forms[want.rendition].container)
	}
	return found, refusal
}

// step narrows the variant streams down; where none is left, its code is the reason.
type step struct {
	code loop.Code
	keep func(*naming) bool
	has  func(*naming) string // for messages
}

// variant is the VOD's variant stream for one of the model.
func (mp *mapper) variant(want *naming) (*naming, *loop.Refusal) {
	all := mp.withVideo(want)
	for _, s := range mp.steps(want) {
		kept := mp.keep(all, s.keep)
		if len(kept) == 0 {
			return nil, refuse(s.code, "the channel's variant stream has %s, the VOD has %s", s.has(want), seen(all, s.has))
		}
		all = kept
	}
	return best(all, byBandwidth(want)...), nil
}

func (mp *mapper) steps(want *naming) []step {
	container := func(n *naming) string {
		if n == want {
			return mp.forms[n.rendition].container
		}
		return mp.packing[n.rendition].container
	}
	muxing := func(n *naming) string {
		lines := mp.vod
		if n == want {
			lines = mp.names
		}
		if separate(lines, n) {
			return "audio of its own"
		}
		return "no audio rendition"
	}
	same := func(of func(*naming) string) func(*naming) bool {
		return func(n *naming) bool { return of(n) == of(want) }
	}
	any := func(*naming) bool { return true }
	codecs := func(n *naming) string { return quote(n.attributes["CODECS"]) }
	all := []step{
		{CodeNoVariant, any, func(n *naming) string { return videoShown[n.video()] }},
		{CodeCodecMismatch, func(n *naming) bool { return sameFamilies(n, want) }, codecs},
		{CodeContainerMismatch, same(container), container},
		{CodeVideoRangeMismatch, same((*naming).videoRange), (*naming).videoRange},
	}
	if want.video() == no {
		return all
	}
	return append(all, step{CodeMuxingMismatch, same(muxing), muxing})
}

var videoShown = [...]string{unknown: "no CODECS", yes: "video", no: "no video"}

// seen are the properties of some lines, for messages.
func seen(all []*naming, has func(*naming) string) (text string) {
	known := map[string]bool{}
	for _, n := range all {
		if value := has(n); !known[value] && len(known) < 4 {
			known[value] = true
			if text != "" {
				text += "; "
			}
			text += value
		}
	}
	if text == "" {
		return "none"
	}
	return text
}

// withVideo are the VOD's variant streams that have video if one of the model has;
// else those of which that is unknown.
func (mp *mapper) withVideo(want *naming) []*naming {
	order := []known{want.video(), unknown}
	if want.video() == unknown {
		order = []known{yes, unknown, no}
	}
	for _, has := range order {
		all := mp.keep(mp.lines(), func(n *naming) bool { return n.tag == tagStreamInf && n.video() == has })
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// sameFamilies reports whether two lines have the same codecs. Absent CODECS equal
// any.
func sameFamilies(a, b *naming) bool {
	return a.families() == "" || b.families() == "" || a.families() == b.families()
}

// compare notes what the VOD's rendition has otherwise than the channel's.
func (mp *mapper) compare(n int, want, found *naming) {
	if want.tag == tagStreamInf && found.tag == tagStreamInf {
		mp.compareVariants(n, want, found)
	}
	if a, b := want.channels(), found.channels(); want.is("AUDIO") && a != "" && b != "" && a != b {
		mp.notice(NoteChannelsDiffer, n, fmt.Sprintf("the audio has %s channels, the channel's has %s", quote(b), quote(a)))
	}
	if a, b := mp.forms[n].encryption, mp.packing[found.rendition].encryption; a != b {
		mp.notice(NoteEncryptionDiffers, n, fmt.Sprintf("the VOD is encrypted by %s, the model by %s", methods(b), methods(a)))
	}
}

func methods(encryption string) string {
	if encryption == "" {
		return "nothing"
	}
	return quote(encryption)
}

func (mp *mapper) compareVariants(n int, want, found *naming) {
	if want.families() == "" || found.families() == "" {
		mp.notice(NoteCodecsUnknown, n, "the codecs can't be compared: CODECS is absent in the VOD or the model")
	}
	if a, b := want.bandwidth(), found.bandwidth(); a > 0 && b > a {
		mp.notice(NoteBandwidthExceeded, n, fmt.Sprintf("BANDWIDTH is %d, the channel's is %d", b, a))
	}
	width, height := want.size()
	if w, h := found.size(); width > 0 && (w > width || h > height) {
		mp.notice(NoteResolutionExceeded, n, fmt.Sprintf("RESOLUTION is %dx%d, the channel's is %dx%d", w, h, width, height))
	}
	a, errA := strconv.ParseFloat(want.attributes["FRAME-RATE"], 64)
	b, errB := strconv.ParseFloat(found.attributes["FRAME-RATE"], 64)
	if errA == nil && errB == nil && math.Abs(a-b) > 0.002 {
		mp.notice(NoteFrameRateDiffers, n, fmt.Sprintf("FRAME-RATE is %g, the channel's is %g", b, a))
	}
}
