package playlist

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"vod2live/loop"
)

// mediaDecoder walks the lines of a media playlist.
type mediaDecoder struct {
	parsed  *parsedMedia // the same lines as read by the library
	media   *Media
	current *Segment // the one whose tags are being read: the place after the last of media
	keys    []Key
	fresh   int // number of EXT-X-KEY since the last segment or EXT-X-MAP
	ranges  int
	implied int // keys, over all segments, where the IV is implied
	init    *Map
	sorted  int // number of lines of current.before that certainly belong to the segment
	bitrate string
	partOf  string // resource of the last segment, if that was a byte range
	partEnd uint64 // where that range ended

	lastInf      string // the duration of the last EXTINF: most are the same
	lastDuration time.Duration
	lastPlain    bool // all players can read it

	addresses int // number of addresses read, segments that are left out included

	independent, iFrames, ended bool // the playlist has this tag
	vod                         bool // it is a VOD by EXT-X-PLAYLIST-TYPE
}

// mediaTags is the function for each tag. A tag with drop is not written to the live
// playlist: it only makes sense in a playlist that ends, starts or is low-latency.
var mediaTags = map[string]func(d *mediaDecoder, line, value string) *loop.Refusal{
	tagM3U:                   (*mediaDecoder).drop,
	tagVersion:               (*mediaDecoder).drop, // the live playlist states the version that its tags need
	tagMediaSequence:         (*mediaDecoder).drop, // taken from the library
	tagDiscontinuitySequence: (*mediaDecoder).drop,
	tagPlaylistType:          (*mediaDecoder).playlistType,
	tagStart:                 (*mediaDecoder).drop,
	tagAllowCache:            (*mediaDecoder).drop,
	tagServerControl:         (*mediaDecoder).drop,
	tagPartInf:               (*mediaDecoder).drop,
	tagTargetDuration:        (*mediaDecoder).targetDuration,
	tagIndependentSegments:   (*mediaDecoder).independentSegments,
	tagIFramesOnly:           (*mediaDecoder).iFramesOnly,
	tagEndlist:               (*mediaDecoder).endlist,

	tagInf:             (*mediaDecoder).inf,
	tagByteRange:       (*mediaDecoder).byteRange,
	tagDiscontinuity:   (*mediaDecoder).discontinuity,
	tagKey:             (*mediaDecoder).key,
	tagMap:             (*mediaDecoder).mapTag,
	tagGap:             (*mediaDecoder).gap,
	tagBitrate:         (*mediaDecoder).bitrateTag,
	tagDateRange:       (*mediaDecoder).dateRangeTag,
	tagProgramDateTime: (*mediaDecoder).segmentOnly, // taken from the library
	tagPart:            (*mediaDecoder).segmentOnly,
	tagPreloadHint:     (*mediaDecoder).segmentOnly,
	tagRenditionReport: (*mediaDecoder).segmentOnly,
	tagSkip:            (*mediaDecoder).skip,
}

func (d *mediaDecoder) line(line string) *loop.Refusal {
	if !strings.HasPrefix(line, "#") {
		return d.address(line)
	}
	name, value := splitTag(line)
	if read, known := mediaTags[name]; known {
		return read(d, line, value)
	}
	if d.current.info != "" {
		d.current.between = append(d.current.between, line)
	} else {
		d.current.before = append(d.current.before, line)
	}
	return nil
}

// segmentFamilies are prefixes of unknown tags that belong to the segment below
// them, even among the tags of the header.
var segmentFamilies = []string{"#EXT-X-CUE", "#EXT-OATCLS", "#EXT-X-OATCLS", "#EXT-X-SCTE35", "#EXT-SCTE35", "#EXT-X-ASSET", "#EXT-X-SPLICE", "#EXT-X-TILES"}

func ofSegment(line string) bool {
	for _, family := range segmentFamilies {
		if strings.HasPrefix(line, family) {
			return true
		}
	}
	return false
}

// headerHere is called at each tag of the playlist as a whole: unknown lines above
// the tag belong to the header, too.
func (d *mediaDecoder) headerHere() {
	if len(d.media.Segments) > 0 {
		return
	}
	own := d.current.before[:d.sorted]
	for _, line := range d.current.before[d.sorted:] {
		if ofSegment(line) {
			own = append(own, line)
		} else {
			d.media.header = append(d.media.header, line)
		}
	}
	d.current.before, d.sorted = own, len(own)
}

func (d *mediaDecoder) drop(line, _ string) *loop.Refusal {
	d.headerHere()
	d.media.note(line)
	return nil
}

func (d *mediaDecoder) independentSegments(_, _ string) *loop.Refusal {
	d.headerOnce(&d.independent, tagIndependentSegments)
	return nil
}

func (d *mediaDecoder) iFramesOnly(_, _ string) *loop.Refusal {
	d.needs(4)
	d.headerOnce(&d.iFrames, tagIFramesOnly)
	return nil
}

// headerOnce keeps a tag that may occur at most once in a playlist (4.4.3).
func (d *mediaDecoder) headerOnce(has *bool, tag string) {
	d.headerHere()
	if !*has {
		*has = true
		d.media.header = append(d.media.header, tag)
	}
}

func (d *mediaDecoder) targetDuration(_, value string) *loop.Refusal {
	d.headerHere()
	d.media.TargetDuration, _ = parseDuration(value)
	return nil
}

func (d *mediaDecoder) playlistType(line, value string) *loop.Refusal {
	d.vod = strings.TrimSpace(value) == "VOD"
	return d.drop(line, value)
}

func (d *mediaDecoder) endlist(_, _ string) *loop.Refusal {
	d.ended = true
	return nil
}

func (d *mediaDecoder) skip(_, _ string) *loop.Refusal {
	return refuse(CodeDelta, "EXT-X-SKIP: this is not the whole playlist")
}

func (d *mediaDecoder) segmentOnly(line, _ string) *loop.Refusal {
	d.media.note(line)
	return nil
}

func (d *mediaDecoder) discontinuity(_, _ string) *loop.Refusal {
	d.current.Discontinuity = true
	return nil
}

func (d *mediaDecoder) gap(_, _ string) *loop.Refusal {
	d.current.Gap = true
	d.needs(gapVersion)
	return nil
}

// bitrateTag drops an EXT-X-BITRATE without a value: players may reject it.
func (d *mediaDecoder) bitrateTag(_, value string) *loop.Refusal {
	if value = strings.TrimSpace(value); value != "" && len(value) <= maxNumber {
		d.bitrate = tagBitrate + ":" + value
	}
	return nil
}

func (d *mediaDecoder) inf(line, value string) *loop.Refusal {
	if d.current.info != "" {
		return refuse(CodeSyntax, "two EXTINF above one address")
	}
	text, _, _ := strings.Cut(value, ",")
	if text != d.lastInf || text == "" {
		duration, ok := parseDuration(text)
		if !ok {
			return refuse(loop.CodeBadDuration, "the duration is no number")
		}
		d.lastInf, d.lastDuration, d.lastPlain = text, duration, isPlainNumber(text)
	}
	if !d.lastPlain {
		line = tagInf + ":" + string(appendSeconds(nil, d.lastDuration)) + value[len(text):]
	}
	d.current.info, d.current.Duration = line, d.lastDuration
	return nil
}

func (d *mediaDecoder) byteRange(_, value string) *loop.Refusal {
	d.needs(4)
	d.current.ByteRange = value
	return nil
}

// resolveRange makes an implied offset explicit (4.4.4.2): it continues the
// segment above, if that is a part of the same resource.
func (d *mediaDecoder) resolveRange(s *Segment) *loop.Refusal {
	if s.ByteRange == "" {
		d.partOf = ""
		return nil
	}
	length, offset, explicit := strings.Cut(s.ByteRange, "@")
	n, err := strconv.ParseUint(strings.TrimSpace(length), 10, 63)
	from, badOffset := strconv.ParseUint(strings.TrimSpace(offset), 10, 63)
	switch {
	case err != nil || explicit && badOffset != nil:
		return refuse(CodeSyntax, "the EXT-X-BYTERANGE above this address is malformed")
	case !explicit && !d.media.sameResource(d.partOf, s.URI):
		return refuse(CodeByteRange, "the EXT-X-BYTERANGE above this address has no offset and continues no part of it")
	case !explicit:
		from = d.partEnd
		d.media.Notes[NoteImpliedOffset]++
	}
	if from+n > math.MaxInt64 {
		return refuse(CodeSyntax, "the EXT-X-BYTERANGE above this address ends later than can be counted")
	}
	s.ByteRange = strconv.FormatUint(n, 10) + "@" + strconv.FormatUint(from, 10)
	d.partOf, d.partEnd = s.URI, from+n
	return nil
}

// sameResource reports whether two addresses are equal; the first may be empty.
func (m *Media) sameResource(a, b string) bool {
	if a == b || a == "" {
		return a == b
	}
	first, err := m.Resolve(a)
	second, bad := m.Resolve(b)
	return err == nil && bad == nil && first.String() == second.String()
}

// address ends a segment.
func (d *mediaDecoder) address(uri string) *loop.Refusal {
	s, n := d.current, d.addresses
	if s.info == "" {
		return refuse(CodeSyntax, "the address has no EXTINF")
	}
	if uint(n) >= d.parsed.Count() || d.parsed.Segments[n].URI != uri {
		return refuse(CodeSyntax, "the address was not read as that of segment %d", n)
	}
	d.addresses++
	if date := d.parsed.Segments[n].ProgramDateTime; !date.IsZero() {
		s.Date = date
	}
	s.URI, s.bitrate, s.Map = uri, d.bitrate, d.init
	if slices.ContainsFunc(d.keys, Key.impliesIV) {
		d.media.Notes[NoteImpliedIV]++
		if d.implied += len(d.keys); d.implied > maxImplied {
			return refuse(CodeTooLarge, "more than %d EXT-X-KEY with implied IVs, over all segments", maxImplied)
		}
	}
	s.Keys = withIV(d.keys, d.parsed.SeqNo+uint64(n))
	if strings.Contains(s.info, ".") || s.Duration%time.Second != 0 {
		d.needs(3)
	}
	if err := d.resolveRange(s); err != nil {
		return err
	}
	d.fresh, d.sorted = 0, 0
	if s.Duration == 0 {
		d.leaveOut(s)
		return nil
	}
	d.media.Segments = d.media.Segments[:len(d.media.Segments)+1]
	d.next()
	return nil
}

// next begins the next segment. It is built in its place, which is there: there are no
// more segments than the library has read, and the tags after the last one.
func (d *mediaDecoder) next() {
	n := len(d.media.Segments)
	d.current = &d.media.Segments[:n+1][n]
}

// leaveOut leaves a segment of no duration out: players (Shaka, AVPlayer) stall or
// fail at it. It still counts for implied IVs and byte offsets; the tags above it
// move to the next segment.
func (d *mediaDecoder) leaveOut(s *Segment) {
	d.media.Notes[NoteLeftOut]++
	*d.current = Segment{Discontinuity: s.Discontinuity, Date: s.Date, before: append(s.before, s.between...), ranges: s.ranges}
	d.sorted = len(d.current.before)
}

// needs notes the version that a tag needs (section 8).
func (d *mediaDecoder) needs(version int) { d.media.Version = max(d.media.Version, version) }
