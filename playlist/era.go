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

// Follow makes a newer version of the VOD ready, which takes over at the first
// end of a loop after t; l must be in force at t. The error is a *loop.Refusal,
// also where the new version has other renditions: players know those that
// there are, by their number.
func (l *Live) Follow(multivariant *Multivariant, media []*Media, addresses Addresses, options Options, t time.Time) (*Live, error) {
	next := &Live{Era: l.Era + 1, shape: shapeOf(multivariant, media), earlier: l.begun()}
	if !next.shape.fits(l.shape) {
		return nil, refuse(loop.CodeRenditionsChanged, "the new version has other renditions, or in another order")
	}
	var err error
	if next.Stream, err = l.Stream.Follow(renditionsOf(multivariant, media), options.Window, t); err != nil {
		return nil, err
	}
	if err := next.render(multivariant, media, addresses); err != nil {
		return nil, err
	}
	return next.strictly(options)
}

// At is the era in force at an instant: l or the one before it.
func (l *Live) At(t time.Time) *Live {
	if l.earlier != nil && t.Before(l.Stream.Epoch) {
		return l.earlier.At(t)
	}
	return l
}

// begun is the era once it is in force: of the one before it needs no more than
// that one alone.
func (l *Live) begun() *Live {
	begun := *l
	if l.earlier != nil {
		begun.earlier = l.earlier.Alone()
	}
	return &begun
}

// Alone is the era without the one before, which nothing shows any more once the
// stream is settled.
func (l *Live) Alone() *Live {
	alone := *l
	alone.earlier, alone.Stream = nil, l.Stream.Alone()
	return &alone
}

// Settled is the instant from which on no playlist shows anything of the era
// before: neither segments nor ranges that last.
func (l *Live) Settled() time.Time {
	settled := l.Stream.Settled()
	if l.earlier == nil {
		return settled
	}
	last := l.Stream.Epoch.Add(-l.earlier.Stream.VOD.Length) // when its last loop began
	for n := range l.earlier.media {
		for _, r := range l.earlier.media[n].ranges {
			shown := last.Add(r.until + l.Stream.VOD.Window + loop.MaxSegment) // by the oldest segment of a window
			if shown.After(settled) {
				settled = shown
			}
		}
	}
	return settled
}

// published is how many segments of a rendition an era has had at its end.
func (l *Live) published(rendition int, end time.Time) int64 {
	return int64(end.Sub(l.Stream.Epoch)/l.Stream.VOD.Length) * int64(l.Stream.VOD.Tracks[rendition].Len())
}

// shape of a VOD's renditions: their number, order and kind.
type shape struct {
	traits [8]byte
	frames string // of each rendition whether it has I-frames alone, see frameKind
}

// frameKind is a letter for what a media playlist says of its frames.
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

// fits says whether two versions of a VOD have the same renditions, as far as
// they are known.
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

// traits are what must stay of a rendition: of what sort it is, its size, its
// codecs and its language.
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

// follow writes what stands between the last segment of the era before and the
// first of this one, and the header for both.
func (w *writer) follow(earlier *text, first *Segment) error {
	if first.Map == nil && strings.Contains(earlier.inForce(), tagMap) {
		return &loop.Refusal{Code: CodeMapTooLate, Rendition: w.n, Detail: "the new version begins without an EXT-X-MAP, and that of the old one can't be taken back"}
	}
	var before []Key
	if strings.Contains(earlier.inForce(), tagKey) {
		before = []Key{{}} // of no format: it ends, whatever this era has
	}
	w.begin = earlier.after + joined(w.restart(before, first))
	w.joint = w.header
	if independent := []byte(tagIndependentSegments + "\n"); !bytes.Contains(earlier.header, independent) {
		w.joint = bytes.ReplaceAll(w.header, independent, nil) // it would speak for all that is shown (4.4.2.1)
	}
	return nil
}
