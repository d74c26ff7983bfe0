package playlist

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"time"

	"vod2live/loop"
)

// Program is the VOD of a channel's items: mapped to the channel's renditions, laid
// out, and perhaps its text rendered. It is immutable and safe for concurrent use.
type Program struct {
	*version
	In      time.Duration // where it begins in the VOD
	Sum     string        // of EXTINF, tags and paths of the mapped playlists, 16 hex digits
	Mapped  []int         // the VOD's rendition for each of the channel; -1: none
	Notices []Notice

	model  *Model
	bare   bool // without the VOD's own markers
	placed loop.Breaks
	rest   []*Program // the parts after the first
	source []*Media   // by rendition of the channel, nil for those that it leaves out; nil: let go
}

// Clip is how a VOD is laid out for a channel.
type Clip struct {
	In     time.Duration // the item begins at the first entry not before, see [loop.VOD.In]
	Target time.Duration // target duration of the channel; 0: that of the VOD
	Window time.Duration // least length of the channel's windows

	Breaks loop.Rule     // where breaks are requested
	Part   bool          // something is played in them: the item is parted, see [Program.Pieces]
	Out    time.Duration // the item's end, for Breaks; 0: the VOD's
	Bare   bool          // without the VOD's own markers of breaks
}

// Lay maps a VOD to the channel's renditions and lays it out, without text. The error
// is a *loop.Refusal.
func (m *Model) Lay(vod Source, clip Clip) (*Program, error) {
	for out := map[int]bool{}; ; {
		mapped, refusal := m.mapTo(vod, out)
		if refusal != nil {
			return nil, refusal
		}
		p := &Program{version: &version{stated: channelVersion}, model: m, Mapped: mapped.mapped, Notices: mapped.notices}
		renditions := p.take(vod, mapped)
		if err := p.lay(renditions, clip); err != nil {
			return nil, err
		}
		unfit, err := p.unfitOfAll()
		if err != nil {
			return nil, err
		}
		if unfit < 0 {
			for _, one := range p.Pieces() {
				one.measure()
				one.bare = clip.Bare
			}
			return p, nil
		}
		out[p.Mapped[unfit]] = true // as if the VOD did not have it
	}
}

// take takes the mapped playlists, and returns them as renditions of package loop.
func (p *Program) take(vod Source, mapped *mapper) []loop.Rendition {
	m := p.model
	p.source = make([]*Media, len(m.renditions))
	all := make([]loop.Rendition, len(m.renditions))
	for n, to := range p.Mapped {
		switch as := m.renditions[n]; {
		case m.leftOut[n] != nil:
			all[n] = loop.Rendition{Optional: true, Refused: m.leftOut[n]}
		case to == absent:
			p.source[n] = &Media{}
			all[n] = loop.Rendition{Optional: true, Absent: true, Sliceable: as.Subtitles}
		default:
			p.source[n] = vod.Media[to]
			as.Subtitles = as.Subtitles && mapped.packing[to].container == webVTT
			all[n] = vod.Media[to].renditionOf(m.leads[n], as)
		}
	}
	return all
}

// lay lays out the mapped renditions, from an entry on.
func (p *Program) lay(renditions []loop.Rendition, clip Clip) (err error) {
	for n, m := range p.source {
		if m != nil && m.Version > channelVersion {
			return &loop.Refusal{Code: CodeVersionNeeded, Rendition: n, Detail: fmt.Sprintf("a playlist needs EXT-X-VERSION %d, channels have %d", m.Version, channelVersion)}
		}
	}
	if p.VOD, err = loop.LayFrom(max(clip.Target, time.Second), renditions, clip.Window); err != nil {
		return err
	}
	if clip.Target > 0 && p.VOD.TargetDuration > clip.Target {
		return refuse(loop.CodeTargetExceeded, "a segment is longer than target_duration (%s): set it to %s", clip.Target, p.VOD.TargetDuration)
	}
	if clip.Breaks.Any() {
		return p.place(renditions, clip)
	}
	if clip.In > 0 {
		return p.begin(renditions, clip.In)
	}
	return nil
}

// begin makes the program a clip.
func (p *Program) begin(renditions []loop.Rendition, wish time.Duration) error {
	entry, err := p.VOD.In(renditions, wish)
	if err != nil {
		return err
	}
	p.noteMoved(entry, wish)
	return p.part(p.VOD, renditions, []loop.Entry{entry}, forever)
}

func (p *Program) noteMoved(entry loop.Entry, wish time.Duration) {
	if entry.Moved {
		p.Notices = append(p.Notices, Notice{NoteClipMoved, -1, fmt.Sprintf("it begins at %s instead of %s", entry.At, wish)})
	}
}

// unfitOfAll is that of the first part that has one.
func (p *Program) unfitOfAll() (int, error) {
	for _, one := range p.Pieces() {
		if unfit, err := one.unfit(); unfit >= 0 || err != nil {
			return unfit, err
		}
	}
	return -1, nil
}

// unfit is a rendition that the layout leaves out, or that can't be served as laid
// out; -1: there is none. The error is the reason, if the rendition is essential.
func (p *Program) unfit() (int, error) {
	for n, m := range p.source {
		if m == nil {
			continue
		}
		why := p.LeftOut(n)
		if track := &p.VOD.Tracks[n]; why == nil && track.Sliced {
			why = m.unsliceable()
		}
		if why == nil {
			why = tooLong(p.VOD, n, m)
		}
		if why != nil && (p.model.renditions[n].Essential || p.Mapped[n] == absent) {
			return n, why
		}
		if why != nil {
			return n, nil
		}
	}
	return -1, nil
}

// measure notes the memory of what is kept when the playlists are released.
func (p *Program) measure() {
	p.media = make([]text, len(p.source))
	h := sha256.New()
	for n, m := range p.source {
		if fmt.Fprintln(h, n, p.In); m == nil {
			continue
		}
		m.addSum(h)
		ranges, _ := m.ranges(p.VOD, &p.VOD.Tracks[n], nowhere{})
		p.media[n].setRanges(ranges)
		p.media[n].ranges = nil // without addresses
	}
	p.Sum = hex.EncodeToString(h.Sum(nil)[:8])
}

// Render returns the program with its text, without its other parts, and releases the
// decoded playlists. addresses are those of the channel. continuity applies if the
// program is the only item of a loop; nil: timestamps are not continuous. The error
// is a *loop.Refusal.
func (p *Program) Render(addresses Addresses, continuity *Continuity) (*Program, error) {
	rendered := *p
	rendered.version, rendered.source, rendered.rest = &version{VOD: p.VOD, stated: p.stated, continuity: continuity, media: make([]text, len(p.source))}, nil, nil
	source := p.source
	if p.bare {
		source = withoutMarkers(source)
	}
	r := renderer{vod: p.VOD, continuity: continuity, addresses: addresses, multivariant: p.model.multivariant, media: source, in: p.In}
	size := 0
	for n, m := range source {
		if m == nil {
			continue
		}
		var err error
		if rendered.media[n], err = r.render(n, m); err != nil {
			return nil, err
		}
		if size += rendered.media[n].bytes(); size > maxText {
			return nil, refuse(CodeTooLarge, "the live text of all renditions is longer than %d bytes", maxText)
		}
	}
	rendered.sum(nil)
	return &rendered, nil
}

// Media are the decoded playlists, by rendition of the channel, as far as the program
// plays them: nil where the channel leaves it out, and once the program is rendered.
func (p *Program) Media() []*Media { return p.source }

// Rendered reports whether the program has its text.
func (p *Program) Rendered() bool { return p.Text != [8]byte{} }

// WithoutText is the program with its layout alone, which is small, without its other
// pieces.
func (p *Program) WithoutText() *Program {
	bare := *p
	bare.version, bare.source, bare.rest = &version{VOD: p.VOD, stated: p.stated, continuity: p.continuity, media: make([]text, len(p.media))}, nil, nil
	for n := range p.media {
		bare.media[n].lasts = p.media[n].lasts
	}
	return &bare
}

// IFrames reports whether the VOD has I-frames for all such renditions of the channel.
func (p *Program) IFrames() bool {
	return !slices.ContainsFunc(p.Notices, func(n Notice) bool { return n.Code == NoteIFramesMissing })
}

// nowhere is for playlists whose addresses don't matter.
type nowhere struct{}

func (nowhere) Rendition(int) string              { return "" }
func (nowhere) Resource(_ int, _ *url.URL) string { return "" }
func (nowhere) NotesEach() bool                   { return false }
func (nowhere) Absolute(address *url.URL) string  { return address.String() }

// Item is one play of the program, to the end or to the first place at or after out, in
// the time of the VOD, at which it can be cut. id is its index among the programs of the
// channel, see [NewChannel].
func (p *Program) Item(id int, out time.Duration) (*loop.Item, []Notice) {
	whole := loop.NewItem(p.VOD, id)
	if out == 0 {
		return whole, nil
	}
	wish := max(out-p.In, 1)
	if wish >= p.VOD.Length {
		return whole, p.endNotices(whole, wish)
	}
	cut := whole.Cut(wish)
	if cut.Length() < max(loop.MinLength, p.VOD.TargetDuration) {
		cut = whole // so short a part is not made
	}
	return cut, p.cutNotices(cut, wish)
}

// overhang is what may be cut away of a last segment before it is worth a notice.
const overhang = 500 * time.Millisecond

// endNotices are the notices of an item that ends elsewhere than requested.
func (p *Program) endNotices(cut *loop.Item, wish time.Duration) []Notice {
	if (cut.Length() - wish).Abs() <= p.VOD.TargetDuration {
		return nil
	}
	return []Notice{{NoteClipMoved, -1, fmt.Sprintf("it ends at %s instead of %s", p.In+cut.Length(), p.In+wish)}}
}

func (p *Program) cutNotices(cut *loop.Item, wish time.Duration) []Notice {
	return append(p.endNotices(cut, wish), p.Overhangs(cut, "")...)
}

// Overhangs are notices of segments that hang over the end of a play of the program by
// more than overhang.
func (p *Program) Overhangs(cut *loop.Item, of string) (all []Notice) {
	for n := range p.VOD.Tracks {
		if p.LeftOut(n) != nil {
			continue
		}
		if over := cut.Overhang(n); over > overhang {
			all = append(all, Notice{NoteCutOverhang, n, fmt.Sprintf("%s of the last segment%s are cut away", over, of)})
		}
	}
	return all
}
