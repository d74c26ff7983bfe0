package webvtt

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// farthest is beyond every instant of a cue, and small enough to add a shift to.
const farthest = 3 * maxHours / 2 * time.Hour

// Slice writes the WebVTT file of all cues that overlap the half-open interval [from, to) of the VOD, both measured from
// its start. The files are those that may have such cues, in the order of the playlist; the first must be the VOD's
// first file, even if it has none, since its X-TIMESTAMP-MAP says where the VOD starts:
//
//	instant of a cue = (MPEGTS − MPEGTS of the first file) / 90000 + time − LOCAL
//
// That difference allows for the wrap of the 33-bit clock, up to 3.3 hours backwards and 23 hours forwards; a file
// without X-TIMESTAMP-MAP shares the first one's.
//
// A cue [a, b) is in the slice if a < to and b > from, whole: with its own times, beyond the slice as they may be. One
// that has no duration, or a negative one, is in it if from <= a < to. Cues are sorted by start. A cue that several
// files have, with the same times, settings and payload, is written once; its identifier doesn't matter, as segmenters
// number the cues of each file anew.
//
// The slice is on the time line of the first file: it has that file's first line and header lines, then the header
// lines, STYLE and REGION blocks of every file that has a cue in it, each once. Identifiers, settings, payloads and
// comments are verbatim; so are the times, unless the cue's file has another X-TIMESTAMP-MAP: then these, and the
// timestamps within the payload, are written anew to the nearest millisecond, a time before that time line's zero as
// zero. Line endings are LF. Not kept are what follows WEBVTT on the first line of the other files, and the difference
// between two regions of one identifier: in a file with both, the last one counts.
//
// The result is a valid file even without cues, or without files. It is never longer than twice the bodies of the
// files together plus 64 bytes: the worst case is cues of no text, all of them on another time line.
func Slice(files []*File, from, to time.Duration) []byte {
	if len(files) == 0 {
		return []byte("WEBVTT\n\n")
	}
	return write(files, dropRepeated(overlapping(files, from, to)))
}

// shownCue is a cue on its way into a slice.
type shownCue struct {
	*cue
	file  int           // its file's index
	shift time.Duration // from its file's time line to that of the first file
}

// overlapping gives the cues of all files that overlap [from, to), sorted by start.
func overlapping(files []*File, from, to time.Duration) []shownCue {
	if from >= to {
		return nil
	}
	from, to = max(from, -farthest), min(to, farthest)
	var shown []shownCue
	for i, f := range files {
		shift := f.shift(files[0])
		toVOD := shift - files[0].origin().local
		for c := range f.overlapping(from-toVOD, to-toVOD) {
			shown = append(shown, shownCue{cue: c, file: i, shift: shift})
		}
	}
	slices.SortStableFunc(shown, func(a, b shownCue) int { return cmp.Compare(a.start+a.shift, b.start+b.shift) })
	return shown
}

// overlapping gives the cues that overlap [from, to) of the file's own time line, by start.
func (f *File) overlapping(from, to time.Duration) func(yield func(*cue) bool) {
	hi := sort.Search(len(f.cues), func(i int) bool { return f.cues[i].start >= to })
	lo := sort.Search(hi, func(i int) bool { return f.cues[i].reach > from })
	return func(yield func(*cue) bool) {
		for i := lo; i < hi; i++ {
			if c := &f.cues[i]; c.until() > from && !yield(c) {
				return
			}
		}
	}
}
