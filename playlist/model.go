package playlist

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vod2live/loop"
)

// Source is a VOD with its playlists decoded.
type Source struct {
	Multivariant *Multivariant // nil: the VOD is one media playlist
	Media        []*Media      // of its renditions
}

// Model has the renditions of a channel: those of one VOD, whose multivariant
// playlist viewers see as long as the channel exists. The VOD of every item is mapped
// to them. A Model is immutable and safe for concurrent use.
type Model struct {
	multivariant *Multivariant // nil: the VOD is one media playlist
	addresses    Addresses
	text         []byte

	renditions []Rendition
	leads      []bool
	names      []naming
	roles      []int // of each rendition, the line of names by which it is mapped
	forms      []form
	headers    [][]string // header lines of each media playlist
	leftOut    []*loop.Refusal
}

// NewModel returns the renditions of a VOD as those of a channel. addresses are the
// channel's. The error is a *loop.Refusal.
func NewModel(vod Source, addresses Addresses) (*Model, error) {
	m := &Model{multivariant: vod.Multivariant, addresses: addresses, names: vod.Multivariant.namings()}
	m.renditions, m.leads = []Rendition{{Variant: true, Essential: true}}, []bool{true}
	if vod.Multivariant != nil {
		m.renditions, m.leads = vod.Multivariant.Renditions, vod.Multivariant.leads()
	}
	m.leftOut = make([]*loop.Refusal, len(m.renditions))
	for n, media := range vod.Media {
		m.roles = append(m.roles, role(m.names, n))
		m.forms = append(m.forms, formOf(media, m.renditions[n].Subtitles))
		m.headers = append(m.headers, channelHeader(media))
		if m.leftOut[n] = media.refusal; m.roles[n] < 0 && media.refusal == nil {
			m.leftOut[n] = &loop.Refusal{Code: CodeNoVariant, Rendition: n, Detail: "channels have no alternate video"}
		}
		if m.leftOut[n] != nil && m.renditions[n].Essential {
			return nil, m.leftOut[n]
		}
	}
	m.write()
	return m, nil
}

// channelHeader are the header lines of a channel's media playlists. They say nothing
// about segments: those of other items may differ from the model's.
func channelHeader(m *Media) []string {
	return slices.DeleteFunc(slices.Clone(m.header), func(line string) bool { return line == tagIndependentSegments })
}

// role is the line of a multivariant playlist by which a rendition is mapped; -1:
// there is none.
func role(names []naming, rendition int) int {
	for _, is := range []func(n *naming) bool{
		func(n *naming) bool { return n.tag == tagStreamInf && n.video() != no },
		func(n *naming) bool { return n.is("AUDIO") },
		func(n *naming) bool { return n.tag == tagStreamInf },
		func(n *naming) bool { return n.is("SUBTITLES") },
		func(n *naming) bool { return n.tag == tagIFrameStreamInf },
	} {
		for i := range names {
			if names[i].rendition == rendition && is(&names[i]) {
				return i
			}
		}
	}
	return -1
}

// write makes the multivariant playlist.
func (m *Model) write() {
	if m.multivariant != nil {
		m.text = m.multivariant.encode(m.addresses, m.LeftOut)
	}
}

// WithoutIFrames is the model without its I-frame renditions, for a channel whose
// first era has a VOD without them, see [Program.IFrames].
func (m *Model) WithoutIFrames() *Model {
	less := *m
	less.leftOut = slices.Clone(m.leftOut)
	for n, r := range m.renditions {
		if r.IFrames && less.leftOut[n] == nil {
			less.leftOut[n] = &loop.Refusal{Code: loop.Code(NoteIFramesMissing), Rendition: n, Detail: "a VOD of the channel's first era has no I-frames for it"}
		}
	}
	less.write()
	return &less
}

// Renditions is their number, with those that are left out.
func (m *Model) Renditions() int { return len(m.renditions) }

// LeftOut is the reason why the channel does not have a rendition of its model; nil:
// it does.
func (m *Model) LeftOut(rendition int) *loop.Refusal { return m.leftOut[rendition] }

// Multivariant is the channel's multivariant playlist; nil: the model is one media
// playlist.
func (m *Model) Multivariant() []byte { return m.text }

// Key is equal for models to which every VOD is mapped in the same way: they may share
// the text of their items.
func (m *Model) Key() [8]byte {
	h := sha256.New()
	fmt.Fprintln(h, m.multivariant == nil, m.roles, m.forms)
	for _, n := range m.names {
		fmt.Fprintln(h, n.tag, n.rendition, n.attributes)
	}
	for n := range m.leftOut {
		fmt.Fprint(h, m.leftOut[n] == nil, m.leads[n], m.renditions[n].Essential)
	}
	return [8]byte(h.Sum(nil))
}

// channelVersion is EXT-X-VERSION of a channel's media playlists: high enough for all
// items, so that it never rises.
const channelVersion = 8

// header of a rendition's media playlists, up to EXT-X-MEDIA-SEQUENCE.
func (m *Model) header(rendition int, target time.Duration) []byte {
	lines := append([]string{
		tagM3U,
		tagVersion + ":" + strconv.Itoa(channelVersion),
		tagTargetDuration + ":" + strconv.Itoa(int(target/time.Second)),
	}, m.headers[rendition]...)
	return []byte(strings.Join(lines, "\n") + "\n")
}

// sum is the fingerprint of what a channel's playlists have of the model.
func (m *Model) sum(target time.Duration) [8]byte {
	h := sha256.New()
	h.Write(m.text)
	for n := range m.headers {
		h.Write(m.header(n, target))
	}
	return [8]byte(h.Sum(nil))
}
