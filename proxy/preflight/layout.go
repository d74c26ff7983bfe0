package preflight

import (
	"fmt"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
)

// layout reports what laying the VOD out has changed.
func (r *Report) layout(in *onair.Inspection) {
	v := in.Live.VOD
	r.manyLoops(in.Live, in.Now)
	if own := lengthOf(in.Media[v.Reference]); own != v.Length {
		r.repair(CodeAudioLength, v.Reference, fmt.Sprintf("the loop lasts %s, like its audio, not %s like this rendition: otherwise picture and sound would drift apart", v.Length, own))
	}
	for n, m := range in.Media {
		t := &v.Tracks[n]
		if t.LeftOut != nil {
			continue
		}
		if in.Live.RangesCut(n) {
			r.problem(problem.Warning, CodeRangesCut, n, "an EXT-X-DATERANGE lasts longer than 24 h, or those of a window exceed 64 KiB: they leave the playlist before their end")
		}
		if t.Sliced {
			r.sliced(n, m, t)
			continue
		}
		length := lengthOf(m)
		r.tail(n, m, t, length-v.Length)
		if off := (length - v.Length).Abs(); off > v.TargetDuration {
			r.problem(problem.Warning, CodeLengths, n, fmt.Sprintf("it lasts %s, the loop %s", length, v.Length))
		}
		r.differences(n, t)
	}
}

// lengthOf is the sum of a rendition's EXTINF.
func lengthOf(m *playlist.Media) (sum time.Duration) {
	for _, s := range m.Segments {
		sum += s.Duration
	}
	return sum
}

func (r *Report) sliced(n int, m *playlist.Media, t *loop.Track) {
	r.repair(CodeSliced, n, "its cues are cut along the segments of the reference")
	if len(m.Files()) == 1 {
		r.repair(CodeWhole, n, "the subtitles are one file: it is read whole before the first slice can be served")
	}
	if own, all := r.Renditions[n].Discontinuities, t.Discontinuities(); own != all {
		r.problem(problem.Warning, CodeDiscontinuities, n, fmt.Sprintf("it has %d discontinuities, the reference %d: if timestamps restart there, cues appear at wrong times", own, all))
	}
}

// tail reports the change at the end of a rendition that is longer than the
// loop by off, or shorter.
func (r *Report) tail(n int, m *playlist.Media, t *loop.Track, off time.Duration) {
	switch {
	case t.Gaps > 0:
		r.repair(CodeGapPadded, n, fmt.Sprintf("it ends %s early: %d gap segments fill the loop", -off, t.Gaps))
		if kind := r.Renditions[n].Kind; kind != playlist.KindSubtitles && kind != playlist.KindIFrames {
			r.problem(problem.Warning, CodeRagged, n, fmt.Sprintf("it ends %s early: at the gap players stall, skip or stop", -off))
		}
	case t.Kept < len(m.Segments):
		r.cut(CodeTailCut, n, off, fmt.Sprintf("segments after the end of the loop, which are left out: %d, %s in all", len(m.Segments)-t.Kept, off))
	case t.Duration(t.Kept-1) != m.Segments[t.Kept-1].Duration:
		r.cut(CodeTailTrimmed, n, off, fmt.Sprintf("its last segment exceeds the loop by %s", off))
	}
	if last := t.Duration(t.Kept - 1); last < shortest {
		r.problem(problem.Warning, CodeLastShort, n, fmt.Sprintf("its last segment lasts %s", last))
	}
}

// shortest is a last segment that all players get over.
const shortest = 100 * time.Millisecond

// unnoticed is how much may be cut off the end of a rendition.
const unnoticed = 500 * time.Millisecond

// cut reports a cut at a rendition's end: a repair, or a warning if viewers may
// miss it.
func (r *Report) cut(code string, n int, off time.Duration, detail string) {
	if off > unnoticed {
		r.problem(problem.Warning, code, n, detail)
	} else {
		r.repair(code, n, detail)
	}
}

// differences reports what was made the same in all renditions.
func (r *Report) differences(n int, t *loop.Track) {
	d := r.Renditions[n]
	if own, all := d.Discontinuities, t.Discontinuities(); own != all {
		r.repair(CodeDiscontinuitiesAdded, n, fmt.Sprintf("it gets %d discontinuities that others have", all-own))
		r.problem(problem.Warning, CodeDiscontinuities, n, fmt.Sprintf("it has %d discontinuities, all renditions together %d", own, all))
	}
	if d.TargetDuration != r.TargetDuration {
		r.repair(CodeTargetDuration, n, fmt.Sprintf("EXT-X-TARGETDURATION is %g instead of %g, the same in all renditions", seconds(r.TargetDuration), seconds(d.TargetDuration)))
	}
}

// manyDiscontinuities take hls.js about a tenth of a second at each reload of a
// playlist: it walks an array by their number.
const manyDiscontinuities = 7_000_000

func (r *Report) manyLoops(live *playlist.Live, now time.Time) {
	w, err := live.Timeline.Window(live.VOD.Reference, now)
	if err == nil && w.DiscontinuitySequence > manyDiscontinuities {
		r.problem(problem.Warning, CodeShortLoop, -1, fmt.Sprintf("%d discontinuities since the epoch slow hls.js down: choose a later -epoch or a longer loop", w.DiscontinuitySequence))
	}
}
