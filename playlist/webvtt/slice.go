package webvtt

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// farthest is beyond every instant of a cue, and small enough to add a shift to.
const farthest = 3 * maxHours / 2 * time.Hour

// Source is a file and the time that its playlist has it for, from the VOD's start.
type Source struct {
	*File
	Start, End time.Duration
}

// Period is what lies between two discontinuities of the playlist: files whose timestamps continue from one
// to the next (RFC 8216bis 4.4.4.3).
type Period struct {
	Start   time.Duration // when it begins, from the VOD's start
	End     time.Duration // the latest end of its cues, from the VOD's start; 0: they end as they say
	Sources []Source      // in the order of the playlist; the first gives the clock
}

// Slice writes the WebVTT file of all cues that overlap the half-open interval [from, to) of the VOD, both measured from
// its start. The periods are those that may have such cues, in order, with the files that may, and before them always the
// VOD's first; the first source of each must be the period's first file, even if it has no such cue, since its
// X-TIMESTAMP-MAP has the start of the period:
//
//	instant of a cue = start of the period + (MPEGTS − MPEGTS of its first file) / 90000 + time − LOCAL
//
// That difference allows for the wrap of the 33-bit clock, up to 3.3 hours backwards and 23 hours forwards; a file
// without X-TIMESTAMP-MAP shares the first one's. If timestamps don't restart with a period, but continue from
// the VOD's first file, the start of the VOD replaces the start of the period. The cues of its files show which case it
// is: in the right one they are within the time of their file.
//
// A cue [a, b) is in the slice if a < to and b > from, whole: with its own times, beyond the slice as they may be, but
// not beyond the end of its period. One
// that has no duration, or a negative one, is in it if from <= a < to. Cues are sorted by start. A cue that several
// files have, with the same times, settings and payload, is written once; its identifier doesn't matter, as segmenters
// number the cues of each file again.
//
// The slice is on the time line of the period that it begins in: it has the first line and header lines of that period's
// first file, then the header lines, STYLE and REGION blocks of every file that has a cue in it, each once. Identifiers,
// settings, payloads and comments are verbatim; so are the times, unless the cue's file is on another time line: then
// these, and the timestamps within the payload, are rewritten to the nearest millisecond, a time before the slice's
// zero as zero. Line endings are LF. Not kept are what follows WEBVTT on the first line of the other files, and the
// difference between two regions of one identifier: in a file with both, the last one counts.
//
// The result is a valid file even without cues, or without files. It is never longer than twice the bodies of the
// files together plus 64 bytes: the worst case is cues of no text, all of them on another time line. Nor is it longer
// than [MaxSlice]: the cues from the first on that does not fit are left out.
func Slice(periods []Period, from, to time.Duration) []byte {
	if len(periods) == 0 {
		return []byte("WEBVTT\n\n")
	}
	on := periodAt(periods, from)
	var files []*File
	for i := range periods {
		for _, s := range periods[i].Sources {
			files = append(files, s.File)
		}
	}
	first := periods[on].first()
	return write(first, files, fitting(first, files, dropRepeated(overlapping(periods, on, from, to))))
}

// periodAt is the last period that has begun at an instant, else the first.
func periodAt(periods []Period, at time.Duration) (on int) {
	for i := range periods {
		if periods[i].Start <= at {
			on = i
		}
	}
	return on
}

// first is the file that gives the period's clock.
func (p *Period) first() *File { return p.Sources[0].File }

// until is when a cue of the period ends that would end at an instant of the VOD.
func (p *Period) until(end time.Duration) time.Duration {
	if p.End > 0 {
		return min(end, p.End)
	}
	return end
}

// toVOD is what to add to a time of the period's first file to have the instant of the VOD.
func (p *Period) toVOD(vod *File) time.Duration {
	again, on := p.Start-p.first().origin().local, p.first().shift(vod)-vod.origin().local
	if on != again && p.fitting(on) > p.fitting(again) {
		return on
	}
	return again
}

// fitting counts the cues that start in the time that their file is for.
func (p *Period) fitting(toVOD time.Duration) (n int) {
	for _, s := range p.Sources {
		shift := toVOD + s.shift(p.first())
		n += s.startsBefore(s.End-shift) - s.startsBefore(s.Start-shift)
	}
	return n
}

// shownCue is a cue on its way into a slice.
type shownCue struct {
	*cue
	ends  time.Duration // as written in the file, or where its period's cues end
	file  int           // its file's index
	shift time.Duration // from its file's time line to that of the slice
}

// overlapping gives the cues of all files that overlap [from, to), sorted by start, on the time line of one period.
func overlapping(periods []Period, on int, from, to time.Duration) []shownCue {
	if from >= to {
		return nil
	}
	from, to = max(from, -farthest), min(to, farthest)
	var shown []shownCue
	vod, file := periods[0].first(), 0
	slice := periods[on].toVOD(vod)
	for i := range periods {
		period := periods[i].toVOD(vod)
		for _, s := range periods[i].Sources {
			toVOD := period + s.shift(periods[i].first())
			for c := range s.overlapping(from-toVOD, to-toVOD) {
				shown = append(shown, shownCue{cue: c, ends: periods[i].until(c.end+toVOD) - toVOD, file: file, shift: toVOD - slice})
			}
			file++
		}
	}
	slices.SortStableFunc(shown, func(a, b shownCue) int { return cmp.Compare(a.start+a.shift, b.start+b.shift) })
	return shown
}

// overlapping gives the cues that overlap [from, to) of the file's own time line, by start.
func (f *File) overlapping(from, to time.Duration) func(yield func(*cue) bool) {
	hi := f.startsBefore(to)
	lo := sort.Search(hi, func(i int) bool { return f.cues[i].reach > from })
	return func(yield func(*cue) bool) {
		for i := lo; i < hi; i++ {
			if c := &f.cues[i]; c.until() > from && !yield(c) {
				return
			}
		}
	}
}

// startsBefore counts the cues that start before a time of the file.
func (f *File) startsBefore(t time.Duration) int {
	return sort.Search(len(f.cues), func(i int) bool { return f.cues[i].start >= t })
}
