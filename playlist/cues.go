package playlist

import (
	"time"

	"vod2live/loop"
)

// cueing is the break with cue tags that a run is played in.
func (w *mediaWriter) cueing(run *loop.Run) (start time.Time, b loop.Break, is bool) {
	if run.Item == nil {
		return start, b, false
	}
	if b, is = run.Item.Filled(); !is || b.ID >= len(w.live.says.marks) || !w.live.says.marks[b.ID].Cue {
		return start, b, false
	}
	return run.Zero.Add(b.At), b, true
}

// cue writes the tag of segment i of a run that is played in a break.
func (w *mediaWriter) cue(run *loop.Run, i int) {
	_, b, is := w.cueing(run)
	if !is {
		return
	}
	elapsed := run.Item.Start(w.rendition, i) - b.At
	if elapsed == 0 {
		w.dst = append(w.dst, "#EXT-X-CUE-OUT:"...)
	} else {
		w.dst = append(appendSeconds(append(w.dst, "#EXT-X-CUE-OUT-CONT:"...), elapsed), '/')
	}
	w.dst = append(appendSeconds(w.dst, b.Length), '\n')
}

// after notes what played before the first written segment. A process may not know
// what was on air before an era. So at the start of an era the previous run counts
// only in windows that show its end, too.
func (w *mediaWriter) after(from, first int64) {
	if r := w.live.Timeline.Run(w.rendition, from); r.From == 0 && (from > first || !r.Opens) {
		w.last = w.live.Timeline.Run(w.rendition, from-1)
	}
}

// cueIn writes that a break is over, if a run follows one that is played in another.
func (w *mediaWriter) cueIn(before, run *loop.Run) {
	start, _, was := w.cueing(before)
	now, _, is := w.cueing(run)
	if was && (!is || !now.Equal(start)) {
		w.dst = append(w.dst, "#EXT-X-CUE-IN\n"...)
	}
}
