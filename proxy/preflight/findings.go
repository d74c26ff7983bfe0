package preflight

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
	"vod2live/proxy/vod"
)

// The codes of problems, beside those by which a VOD is refused or not loaded: see
// proxy.CodeOf.
const (
	CodeRagged           = "ragged-tail"            // a rendition ends early: gaps play badly
	CodeShortLoop        = "short-loop"             // loops since the epoch from which hls.js slows down
	CodeLengths          = "unequal-lengths"        // a rendition is longer or shorter by more than a target duration
	CodeOverTarget       = "segment-over-target"    // a segment is longer than the VOD's own target duration
	CodeNoMap            = "map-missing"            // fragmented MP4 without EXT-X-MAP
	CodeDiscontinuities  = "discontinuities-differ" // between renditions
	CodeExpires          = "address-expires"        // an address that is signed for a while only
	CodeNoPAT            = "first-segment-no-pat"   // MPEG-TS that does not begin with PAT and PMT
	CodeNoKeyFrame       = "first-segment-no-keyframe"
	CodeBadWebVTT        = "webvtt-unreadable"
	CodeSegmentMissing   = string(vod.CodeSegmentMissing)
	CodeSegmentSize      = "segment-size" // shorter than its byte range, or empty
	CodeSegmentElsewhere = "segment-elsewhere"
	CodeRangesCut        = "daterange-cut"      // EXT-X-DATERANGE that are not shown up to their end
	CodeLastShort        = "last-segment-short" // a last segment under 0.1 s
)

// The codes of repairs, beside playlist's notes.
const (
	CodeVariables            = "variables-replaced"
	CodeSliced               = "webvtt-sliced"
	CodeWhole                = "whole-file-subtitles"
	CodeAudioLength          = "audio-length"
	CodeGapPadded            = "gap-padded"
	CodeTailCut              = "tail-cut"
	CodeTailTrimmed          = "tail-trimmed"
	CodeDiscontinuitiesAdded = "discontinuities-added"
	CodeTargetDuration       = "target-duration"
)

// refusals returns why the VOD can't be a live stream.
func (r *Report) refusals(in *onair.Inspection) {
	for n, err := range in.Errors {
		r.refused(n, err)
	}
	if p := r.Problems; in.Misnamed && p[0].Code == string(playlist.CodeNotPlaylist) {
		p[0] = p[0].Advise("Give the whole address of the playlist, with its file name, such as master.m3u8. If the origin names its playlists otherwise, add a pattern to playlists: of the origin.")
	}
}

// refused is a refusal of one rendition, or of the VOD as a whole (-1).
func (r *Report) refused(n int, err error) {
	code := failure.CodeOf(err)
	if refusal, is := errors.AsType[*loop.Refusal](err); is {
		n = max(n, refusal.Rendition)
		err = errors.New(refusal.Detail)
	}
	r.problem(problem.Error, code, n, err.Error())
}

// leftOut reports the renditions that the stream does without.
func (r *Report) leftOut(in *onair.Inspection) {
	for n, why := range in.LeftOut {
		if why != nil && !slices.Contains(slices.Collect(maps.Values(in.Errors)), error(why)) {
			r.problem(problem.Warning, string(why.Code), n, "it is left out: "+why.Detail)
		}
	}
}

// noteTexts say what each note means.
var noteTexts = map[playlist.Note]string{
	playlist.NoteImpliedIV:     "segments whose IV is implied by their number get it written",
	playlist.NoteImpliedOffset: "byte ranges without an offset get it written",
	playlist.NoteDates:         "dates follow the loop's clock",
	playlist.NoteDateRange:     "date ranges follow the loop's clock, with an ID per loop",
	playlist.NoteCue:           "date ranges with CUE=PRE or POST are left out: the stream has no beginning and no end of its own",
	playlist.NoteStart:         "EXT-X-START is left out: in a live playlist it means another thing",
	playlist.NoteLowLatency:    "low-latency tags of an ended live stream are left out",
	playlist.NoteImages:        "EXT-X-IMAGE-STREAM-INF is left out",
	playlist.NoteLeftOut:       "segments whose EXTINF is zero or negative are left out",
	playlist.NoteNoEndlist:     "EXT-X-ENDLIST is missing: it is a VOD by EXT-X-PLAYLIST-TYPE alone",
	playlist.NoteBadIV:         "keys have an IV that is no hexadecimal number of at most 128 bits",
}

// warnings are the notes that viewers may notice.
var warnings = map[playlist.Note]bool{playlist.NoteNoEndlist: true, playlist.NoteBadIV: true}

// notes reports the differences between the live stream and the text of the
// VOD.
func (r *Report) notes(in *onair.Inspection) {
	tell := func(notes playlist.Notes, n int) {
		for note, count := range notes {
			text := fmt.Sprintf("%s (%d)", noteTexts[note], count)
			if warnings[note] {
				r.problem(problem.Warning, string(note), n, text)
			} else {
				r.repair(string(note), n, text)
			}
		}
	}
	if in.Multivariant != nil {
		tell(in.Multivariant.Notes, -1)
		if len(in.Multivariant.Variables) > 0 {
			r.repair(CodeVariables, -1, "variables of EXT-X-DEFINE are replaced by their values")
		}
	}
	for n, m := range in.Media {
		if m != nil {
			tell(m.Notes, n)
		}
	}
	if t := in.Tagged; t != nil {
		p := t.Problem()
		r.problem(p.Severity, p.Code, t.Rendition, p.Text)
	}
}

// shape finds problems in the text of a VOD that can loop all the same.
func (r *Report) shape(in *onair.Inspection) {
	for n, m := range in.Media {
		if m == nil {
			continue
		}
		if r.Renditions[n].Format == formatMP4 && m.Segments[0].Map == nil {
			r.problem(problem.Error, CodeNoMap, n, "there is no EXT-X-MAP, without which fragmented MP4 can't be played; MPEG-TS needs names in .ts")
		}
		over := 0
		for _, s := range m.Segments {
			if (s.Duration+time.Second/2)/time.Second > m.TargetDuration/time.Second {
				over++
			}
		}
		switch {
		case over > 0 && m.TargetDuration == 0:
			r.problem(problem.Warning, CodeOverTarget, n, "it has no EXT-X-TARGETDURATION above zero")
		case over > 0:
			r.problem(problem.Warning, CodeOverTarget, n, fmt.Sprintf("%d segments are longer than EXT-X-TARGETDURATION:%g", over, seconds(r.Renditions[n].TargetDuration)))
		}
		if name, expires := anyExpiry(m); expires {
			r.problem(problem.Warning, CodeExpires, n, "segment addresses carry "+name+": when they expire, the stream ends")
		}
	}
}

// anyExpiry finds the parameter of the first segment whose address is signed.
func anyExpiry(m *playlist.Media) (name string, signed bool) {
	for i := range m.Segments {
		if uri := m.Segments[i].URI; strings.Contains(uri, "?") {
			if address, err := m.Resolve(uri); err == nil {
				if name, signed = expiry(address); signed {
					return name, true
				}
			}
		}
	}
	return "", false
}

// expiry finds the parameter of a signed address.
func expiry(address *url.URL) (name string, signed bool) {
	query := address.Query()
	for _, name := range []string{"X-Amz-Expires", "X-Amz-Signature", "X-Goog-Expires", "Expires", "expires", "se", "hdnts", "hdnea", "Policy", "exp", "token"} {
		if query.Has(name) {
			return name, true
		}
	}
	return "", false
}

// The formats of segments.
const (
	formatTS      = "ts"
	formatMP4     = "fmp4"
	formatWebVTT  = "webvtt"
	formatAudio   = "audio"
	formatUnknown = "unknown"
)

// format goes by the address, and by EXT-X-MAP, which only fragmented MP4 has.
func format(m *playlist.Media) string {
	if m.Segments[0].Map != nil {
		return formatMP4
	}
	name, _, _ := strings.Cut(m.Segments[0].URI, "?")
	switch strings.ToLower(path.Ext(name)) {
	case ".ts", ".mts", ".m2ts":
		return formatTS
	case ".mp4", ".m4s", ".cmfv", ".cmfa", ".cmft", ".m4v", ".m4a", ".m4f":
		return formatMP4
	case ".vtt", ".webvtt":
		return formatWebVTT
	case ".aac", ".mp3", ".ac3", ".ec3":
		return formatAudio
	}
	return formatUnknown
}
