package playlist

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"vod2live/loop"
)

// Live is a stream that can be served: a VOD that loops, and its versions before it
// was edited in place; or a channel of several VODs, see [NewChannel]. It is immutable
// and safe for concurrent use.
type Live struct {
	*version     // the newest; of a channel, the first
	Timeline     *loop.Timeline
	Multivariant []byte // the live multivariant playlist; nil if the VOD has none
	Era          int    // number of earlier versions

	versions []*version // that may be shown, the newest last
	oldest   int        // the item ID of the first
	shape    shape
	options  Options

	says announcements

	headers [][]byte        // of a channel, by rendition; nil: each version has its own
	basis   [8]byte         // of a channel: fingerprint of all but its items
	lasts   []time.Duration // of a channel, by rendition: the longest time for which a range is kept
}

// version is a version of the VOD: laid out, its text rendered.
type version struct {
	VOD  *loop.VOD
	Text [8]byte // equal for equal text, in every process

	media      []text      // of each rendition
	stated     int         // EXT-X-VERSION
	placed     loop.Breaks // marks in each play of it, outside of channels
	continuity *Continuity // nil: each loop begins with a discontinuity
	heir       bool        // the previous version determines some of it: loaded on its own it would differ
}

// Options of a live stream.
type Options struct {
	Window time.Duration // the least length of a live window
	Epoch  time.Time     // when the first loop begins; from 1970 on
	// Continuous: timestamps are continuous over loops where possible, see
	// [Continuity].
	Continuous bool
	Strict     bool    // refuse a VOD rather than leave an optional rendition out
	Memory     int64   // bytes that the stream may use with its live playlists; 0: no bound
	Name       string  // of the stream, for lists of assets
	Breaks     *Breaks // of a VOD, not of the items of a channel; nil: none
	// Programme is the title of the EXT-X-DATERANGE for each play of a VOD; empty: none
	// is written.
	Programme string
}

// NewLive returns the stream of a VOD. multivariant is nil if the VOD is a single
// media playlist; else media are those of its renditions, in their order. The error
// is a *loop.Refusal.
func NewLive(multivariant *Multivariant, media []*Media, addresses Addresses, options Options) (*Live, error) {
	media = options.Breaks.source(media)
	renditions := renditionsOf(multivariant, media)
	vod, err := loop.Lay(renditions, options.Window)
	if err != nil {
		return nil, err
	}
	live := &Live{version: &version{VOD: vod, placed: options.Breaks.place(vod, renditions)}, shape: shapeOf(multivariant, media), options: options}
	if err := live.make(multivariant, media, addresses, options); err != nil {
		return nil, err
	}
	if err := live.begin(); err != nil {
		return nil, err
	}
	return live.Announce(options.announced()), nil
}

// item is the newest version, as it is played.
func (l *Live) item() *loop.Item {
	return loop.NewItem(l.VOD, l.Era).With(marksOf(l.placed, 0, l.VOD.Length, 0), false)
}

// begin makes the timeline of the newest version from the epoch on.
func (l *Live) begin() (err error) {
	epoch := l.options.Epoch
	l.Timeline, err = loop.NewTimeline(epoch, l.options.Window, loop.Plan{At: epoch, Loop: []*loop.Item{l.item()}, Reset: l.loops()})
	return err
}

// make renders the newest version.
func (l *Live) make(multivariant *Multivariant, media []*Media, addresses Addresses, options Options) error {
	if err := l.render(multivariant, media, addresses); err != nil {
		return err
	}
	l.versions = append(slices.Clip(l.versions), l.version)
	if err := l.checkWindows(options); err != nil {
		return err
	}
	return l.strictly(options)
}

// strictly refuses a VOD with a rendition left out, if the operator has chosen
// that.
func (l *Live) strictly(options Options) error {
	for n := range l.media {
		if why := l.LeftOut(n); why != nil && options.Strict {
			return why
		}
	}
	return nil
}

// LeftOut is the reason why a rendition is not served; nil: it is.
func (l *version) LeftOut(rendition int) *loop.Refusal { return l.VOD.Tracks[rendition].LeftOut }

// render makes the text of a laid-out VOD.
func (l *Live) render(multivariant *Multivariant, media []*Media, addresses Addresses) (err error) {
	if l.continuity == nil {
		l.continuity = continuityOf(media)
	}
	r := renderer{vod: l.VOD, continuity: l.continuity, addresses: addresses, version: max(l.stated, statedVersion(l.VOD, media)), multivariant: multivariant, media: media}
	if before := l.before(); before != nil && before.stated > r.version {
		r.version, l.heir = before.stated, true
	}
	l.stated = r.version
	l.media = make([]text, len(media))
	size := 0
	for n, m := range media {
		err := l.renderOne(&r, n, m)
		if refusal, is := errors.AsType[*loop.Refusal](err); is && multivariant != nil && !multivariant.Renditions[n].Essential && !l.wasShown(n) {
			l.VOD = l.VOD.Without(n, refusal)
			continue
		}
		if err != nil {
			return err
		}
		if size += l.media[n].bytes(); size > maxText {
			return refuse(CodeTooLarge, "the live text of all renditions is longer than %d bytes", maxText)
		}
	}
	if multivariant != nil {
		l.Multivariant = multivariant.encode(addresses, l.LeftOut)
	}
	l.sum(l.Multivariant)
	return nil
}

// before is the previous version; nil: the first is being made.
func (l *Live) before() *version {
	if len(l.versions) == 0 {
		return nil
	}
	return l.versions[len(l.versions)-1]
}

// wasShown reports whether the previous version has a rendition: players may have
// selected it.
func (l *Live) wasShown(rendition int) bool {
	before := l.before()
	return before != nil && before.LeftOut(rendition) == nil
}

// renderOne makes the text of one rendition, unless it is left out.
func (l *Live) renderOne(r *renderer, n int, m *Media) (err error) {
	if l.LeftOut(n) != nil {
		return nil
	}
	if why := tooLong(l.VOD, n, m); why != nil {
		return why
	}
	if l.media[n], err = r.render(n, m); err == nil {
		l.media[n].setHeader(r.head(m))
	}
	return err
}

// renditionsOf returns a VOD as renditions of package loop. A single media playlist
// without a multivariant one is the reference.
func renditionsOf(multivariant *Multivariant, media []*Media) []loop.Rendition {
	if multivariant == nil {
		return []loop.Rendition{media[0].renditionOf(true, Rendition{Essential: true})}
	}
	renditions, leads := make([]loop.Rendition, len(media)), multivariant.leads()
	for n, m := range media {
		renditions[n] = m.renditionOf(leads[n], multivariant.Renditions[n])
	}
	return renditions
}

// Layout is how a VOD is laid out; the length of its loop and its reference do not depend
// on options. The error is a *loop.Refusal.
func Layout(multivariant *Multivariant, media []*Media) (*loop.VOD, error) {
	return loop.Lay(renditionsOf(multivariant, media), 0)
}

// Sound is the rendition whose audio determines the length of the loop, and the sum of
// the reference's EXTINF. The error is a *loop.Refusal.
func Sound(multivariant *Multivariant, media []*Media) (rendition int, length time.Duration, err error) {
	return loop.Sound(renditionsOf(multivariant, media))
}

// gapVersion is the version for EXT-X-GAP in Apple's list of versions; section 8
// does not have it.
const gapVersion = 8

// statedVersion is the lowest version for all renditions; rounding the target
// duration down requires 6.
func statedVersion(vod *loop.VOD, media []*Media) int {
	lowest := 3
	for n, m := range media {
		if vod.Tracks[n].LeftOut != nil {
			continue
		}
		lowest = max(lowest, m.Version)
		if vod.Tracks[n].Gaps > 0 {
			lowest = max(lowest, gapVersion)
		}
		for i := range vod.Tracks[n].Len() {
			if vod.Tracks[n].Duration(i) > vod.TargetDuration {
				lowest = max(lowest, 6)
			}
		}
	}
	return lowest
}

// Bytes is about the memory that the stream uses.
func (l *Live) Bytes() int {
	size := len(l.Multivariant) + 512
	for _, v := range l.versions {
		size += v.Bytes()
	}
	return size
}

// Bytes is about the memory that the version uses: its layout and its text.
func (l *version) Bytes() int {
	size := l.VOD.Bytes()
	for n := range l.media {
		size += 256 + l.media[n].bytes()
	}
	return size
}

// Slices is the sum in the names of a rendition's slices, see [SliceName]; empty:
// the rendition is not sliced.
func (l *version) Slices(rendition int) string { return l.media[rendition].sum }

// Renditions is their number.
func (l *Live) Renditions() int { return len(l.media) }

// sum computes the fingerprint of a version.
func (l *version) sum(multivariant []byte) {
	h := sha256.New()
	fmt.Fprintln(h, l.VOD.Length)
	if l.continuity != nil {
		fmt.Fprintln(h, *l.continuity)
	}
	h.Write(multivariant)
	for n := range l.media {
		l.media[n].hash(h)
	}
	l.Text = [8]byte(h.Sum(nil))
}

// beneath is an address below that of rendition n, relative to it.
func beneath(addresses Addresses, n int, name string) string {
	address := addresses.Rendition(n)
	end := strings.IndexAny(address, "?"+QueryPlace)
	if end < 0 {
		end = len(address)
	}
	return path.Base(address[:end]) + "/" + name + address[end:]
}
