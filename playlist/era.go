package playlist

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"vod2live/loop"
)

// Follow returns the stream with a newer version of the VOD, which takes over at the
// first end of a loop at or after t; l must be in force at t. The error is a
// *loop.Refusal, also where the new version has other renditions: players know the
// previous ones by their number.
func (l *Live) Follow(multivariant *Multivariant, media []*Media, addresses Addresses, options Options, t time.Time) (*Live, error) {
	media = options.Breaks.source(media)
	next := &Live{version: &version{}, Era: l.Era + 1, shape: shapeOf(multivariant, media), versions: l.versions, oldest: l.oldest, options: l.options, says: l.says}
	if !next.shape.fits(l.shape) {
		return nil, refuse(loop.CodeRenditionsChanged, "the new version has other renditions, or in another order")
	}
	renditions := renditionsOf(multivariant, media)
	if len(renditions) != len(l.VOD.Tracks) {
		return nil, refuse(loop.CodeRenditionsChanged, "there are %d renditions, and there were %d", len(renditions), len(l.VOD.Tracks))
	}
	var err error
	if next.VOD, err = loop.LayFrom(l.VOD.TargetDuration, renditions, options.Window); err != nil {
		return nil, err
	}
	next.placed = options.Breaks.place(next.VOD, renditions)
	if alone, err := loop.Lay(renditions, options.Window); err != nil || alone.TargetDuration != next.VOD.TargetDuration {
		next.heir = true
	}
	if err := next.make(multivariant, media, addresses, options); err != nil {
		return nil, err
	}
	if err := next.mapsStay(l.version); err != nil {
		return nil, err
	}
	next.Timeline, err = l.Timeline.Follow(next.item(), t, next.loops())
	return next, err
}

// mapsStay refuses a version without EXT-X-MAP after one with: no tag ends an
// EXT-X-MAP.
func (l *version) mapsStay(before *version) error {
	for n := range l.media {
		if l.LeftOut(n) == nil && before.LeftOut(n) == nil && before.media[n].last.mapped && !l.media[n].opening.mapped {
			return &loop.Refusal{Code: CodeMapTooLate, Rendition: n, Detail: "the new version begins without an EXT-X-MAP, and that of the old one can't be taken back"}
		}
	}
	return nil
}

// Begins is when the newest version takes over; of the first version, when the
// stream begins.
func (l *Live) Begins() time.Time { return l.Timeline.Begins() }

// Since is the stream without the versions of which neither segments nor lasting
// ranges are shown at an instant or later.
func (l *Live) Since(t time.Time) *Live {
	var lasts time.Duration
	for _, v := range l.versions {
		for n := range v.media {
			lasts = max(lasts, v.media[n].lasts)
		}
	}
	since := *l
	since.Timeline = l.Timeline.Since(t.Add(-lasts))
	oldest := l.Era
	since.Timeline.Items(func(it *loop.Item) { oldest = min(oldest, it.ID) })
	since.oldest = max(oldest, l.oldest)
	since.versions = l.versions[since.oldest-l.oldest:]
	return &since
}

// Versions is the number of versions that may be shown.
func (l *Live) Versions() int { return len(l.versions) }

// of is the version that an item plays.
func (l *Live) of(it *loop.Item) *version { return l.versions[it.ID-l.oldest] }

// Fingerprint is equal for windows of a rendition that have the same text except
// numbers and dates, in every process: it covers the header and all that is shown.
func (l *Live) Fingerprint(rendition int, w loop.Window) [8]byte {
	all := l.basis[:]
	if l.headers == nil {
		all = l.of(w.Era).Text[:]
	}
	if l.headers == nil && len(l.versions) == 1 && l.says.none() {
		return [8]byte(all)
	}
	for r := range l.plays(rendition, w) {
		text := l.of(r.Item).Text
		if !bytes.Equal(all[len(all)-len(text):], text[:]) {
			all = append(slices.Clip(all), text[:]...)
		}
		if !r.Item.Whole() {
			all = appendInt(slices.Clip(all), int64(r.Item.Length()))
			all = append(all, text[:]...)
		}
	}
	if all = l.appendSum(all, w); len(all) == 8 {
		return [8]byte(all)
	}
	sum := sha256.Sum256(all)
	return [8]byte(sum[:8])
}

// shape of a VOD's renditions: their number, order and kind.
type shape struct {
	traits [8]byte
	frames string // the frameKind of each rendition
}

// frameKind is a letter that distinguishes I-frame playlists from others.
func frameKind(m *Media) byte {
	switch {
	case m.refusal != nil:
		return unseen
	case slices.Contains(m.header, tagIFramesOnly):
		return 'i'
	}
	return 'a'
}

// unseen is the frameKind of a rendition that can't be served.
const unseen = '?'

func shapeOf(multivariant *Multivariant, media []*Media) (s shape) {
	if multivariant != nil {
		h := sha256.New()
		fmt.Fprintln(h, multivariant.traits)
		s.traits = [8]byte(h.Sum(nil))
	}
	for _, m := range media {
		s.frames += string(frameKind(m))
	}
	return s
}

// fits reports whether two versions of a VOD have the same renditions, as far as
// known.
func (s shape) fits(old shape) bool {
	if s.traits != old.traits || len(s.frames) != len(old.frames) {
		return false
	}
	for n := range len(s.frames) {
		if a, b := s.frames[n], old.frames[n]; a != b && a != unseen && b != unseen {
			return false
		}
	}
	return true
}

// traits are the attributes of a rendition that must not change: its type, size,
// codecs and language.
func traits(n int, tag, line string) string {
	kind := []string{fmt.Sprint(n, tag)}
	for _, name := range []string{"TYPE", "LANGUAGE", "CHARACTERISTICS", "RESOLUTION"} {
		value, _ := attributeOf(line, name)
		kind = append(kind, value)
	}
	codecs, _ := attributeOf(line, "CODECS")
	var families []string
	for codec := range strings.SplitSeq(codecs, ",") {
		family, _, _ := strings.Cut(strings.TrimSpace(codec), ".")
		families = append(families, family)
	}
	slices.Sort(families)
	return strings.Join(append(kind, families...), ",")
}
