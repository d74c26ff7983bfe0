package playlist

import (
	"bytes"

	"vod2live/loop"
)

// View is how a media playlist is written. The zero value is that of the live window.
type View struct {
	Event  bool // its segments stay: EXT-X-PLAYLIST-TYPE:EVENT (4.4.3.5)
	Start  bool // players begin at its first segment: EXT-X-START (4.4.2.2)
	Deltas bool // it offers delta updates: CAN-SKIP-UNTIL (4.4.3.8)
	Skip   bool // with Deltas: a delta update, if there is anything to skip (6.2.5.1)
}

// deltaVersion is the version for EXT-X-SKIP (8); AVPlayer rejects
// EXT-X-SERVER-CONTROL below it.
const deltaVersion = 9

// skipTargets is CAN-SKIP-UNTIL in target durations (4.4.3.8: at least six).
const skipTargets = 6

// appendHeader appends a header with the tags of the view. EXT-X-SERVER-CONTROL and
// EXT-X-START come after EXT-X-VERSION, which AVPlayer demands.
func (v View) appendHeader(dst, header []byte) []byte {
	if v.Deltas {
		dst, header = raisedVersion(dst, header)
	}
	dst = append(dst, header...)
	if v.Deltas {
		dst = append(dst, tagServerControl+":CAN-SKIP-UNTIL="...)
		dst = append(appendInt(dst, skipTargets*targetOf(header)), '\n')
	}
	if v.Event {
		dst = append(dst, tagPlaylistType+":EVENT\n"...)
	}
	if v.Start {
		dst = append(dst, tagStart+":TIME-OFFSET=0.001,PRECISE=YES\n"...) // of 0 Shaka Player takes no notice
	}
	return dst
}

// raisedVersion appends a header's beginning with a version of at least deltaVersion;
// rest is what follows.
func raisedVersion(dst, header []byte) (out, rest []byte) {
	const before = tagM3U + "\n" + tagVersion + ":"
	stated := numberAt(header[len(before):])
	rest = header[len(before)+bytes.IndexByte(header[len(before):], '\n'):]
	return appendInt(append(dst, before...), max(stated, deltaVersion)), rest
}

// targetOf is EXT-X-TARGETDURATION in a header of ours.
func targetOf(header []byte) int64 {
	_, target, _ := bytes.Cut(header, []byte("\n"+tagTargetDuration+":"))
	return numberAt(target)
}

// numberAt is the decimal number that a text begins with.
func numberAt(text []byte) (n int64) {
	for i := 0; i < len(text) && '0' <= text[i] && text[i] <= '9'; i++ {
		n = 10*n + int64(text[i]-'0')
	}
	return n
}

// skip writes EXT-X-SKIP for the segments that end before the skip boundary (4.4.5.2).
// It returns the number of the first remaining segment. A playlist that has ended is
// written in full.
func (w *mediaWriter) skip(shown loop.Window, view View) int64 {
	if !view.Deltas || !view.Skip || shown.Ended {
		return shown.First
	}
	boundary := skipTargets * w.live.of(shown.Era).VOD.TargetDuration
	first := w.live.Timeline.Older(w.rendition, shown, boundary)
	if skipped := first - shown.First; skipped > 0 {
		w.dst = append(appendInt(append(w.dst, tagSkip+":SKIPPED-SEGMENTS="...), skipped), '\n')
	}
	return first
}

// skippedRanges writes the ranges of the segments with the numbers from to end-1: they
// are not skipped with them.
func (w *mediaWriter) skippedRanges(from, end int64) {
	for from < end {
		r := w.live.Timeline.Run(w.rendition, from)
		r.To = min(r.To, r.From+int(end-from))
		from += r.Len()
		all := w.text(r.Item).ranges
		for i := range all {
			if n := all[i].segment; r.From <= n && n < min(r.To, r.Item.Kept(w.rendition)) {
				w.dst = all[i].append(w.dst, r.Zero, &w.dates)
			}
		}
	}
}
