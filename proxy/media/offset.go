package media

import (
	"math"
	"math/bits"
	"time"
)

// lead is where the reference of a loop with a reset begins: tracks that begin earlier stay above zero.
const lead = 10

// Offset is the shift of the timestamps of one loop: the reference's first timestamp moves to
// 10 s in a loop after a reset, and by the loop's place further in the others.
type Offset struct {
	Place     time.Duration // of the loop since the last reset: never negative
	Start     int64         // the reference's first timestamp: never negative
	Timescale uint32        // of Start: never 0
}

// Ticks is the number to add to the timestamps of a track: floor(place·T/10⁹) + 10·T −
// floor(start·T/timescale). It is computed from the place each time, never summed, so it is at
// most one tick off. The second result is false if it does not fit 63 bits.
func (o Offset) Ticks(timescale uint32) (int64, bool) {
	place, fits := scale(o.Place.Nanoseconds(), timescale, uint64(time.Second))
	start, fitsToo := scale(o.Start, timescale, uint64(o.Timescale))
	if !fits || !fitsToo || place > math.MaxInt64-lead*math.MaxUint32 {
		return 0, false
	}
	return place + lead*int64(timescale) - start, true
}

// scale is floor(n·by/per), by 128 bits.
func scale(n int64, by uint32, per uint64) (int64, bool) {
	if n < 0 || per == 0 {
		return 0, false
	}
	high, low := bits.Mul64(uint64(n), uint64(by))
	if high >= per {
		return 0, false
	}
	q, _ := bits.Div64(high, low, per)
	return int64(q), q <= math.MaxInt64
}

// Fits reports whether the track of a VOD can be shifted by every loop up to the last place before a reset,
// that of the loop's end: no time falls below 0 or exceeds its field. Times in MPEG-TS wrap, and always fit.
func (o Offset) Fits(t *Track, format Format) bool {
	if format != MP4 {
		return true
	}
	lowest, fits := Offset{Start: o.Start, Timescale: o.Timescale}.Ticks(t.Timescale)
	highest, fitsToo := o.Ticks(t.Timescale)
	if !fits || !fitsToo || t.Begin+lowest < 0 {
		return false
	}
	margin := int64(t.Timescale)/10 + 1
	last := highest + margin + t.Begin
	return last >= 0 && (!t.Narrow || last <= math.MaxUint32)
}

// Duration is the duration of ticks, rounded up to nanoseconds: floor(d·T/10⁹) gives the ticks back.
func Duration(ticks int64, timescale uint32) (time.Duration, bool) {
	if ticks < 0 {
		d, fits := Duration(-ticks, timescale)
		return -d, fits
	}
	return Ratio{ticks, int64(timescale)}.times(1)
}

// times is n of the ratio, rounded up to nanoseconds.
func (r Ratio) times(n int64) (time.Duration, bool) {
	if r.Den <= 0 || r.Num < 0 || n < 0 {
		return 0, false
	}
	high, num := bits.Mul64(uint64(r.Num), uint64(n))
	if high > 0 {
		return 0, false
	}
	high, low := bits.Mul64(num, uint64(time.Second))
	low, carry := bits.Add64(low, uint64(r.Den)-1, 0)
	high += carry
	if high >= uint64(r.Den) {
		return 0, false
	}
	q, _ := bits.Div64(high, low, uint64(r.Den))
	return time.Duration(q), q <= math.MaxInt64
}

// snap is how far a length by timestamps of 90 kHz may be from a whole number of frames to be taken for it.
const snap = time.Millisecond

// Length is the length of a track from its first frame to the end of its last one. around is
// the approximate length, from which the number of wraps of 33-bit timestamps follows. The
// second result is false if the length can't be determined.
func Length(first, last *Track, format Format, around time.Duration) (time.Duration, bool) {
	if first.Timescale != last.Timescale || first.Timescale == 0 {
		return 0, false
	}
	ticks := last.End - first.Begin + last.cutShort(first)
	if format != MP4 {
		ticks = nearest(ticks, around)
	}
	length, fits := Duration(ticks, first.Timescale)
	if frame := last.Exact; fits && frame.Num > 0 {
		one, _ := frame.times(1)
		if whole, fits := frame.times(int64((length + one/2) / max(one, 1))); fits && (whole-length).Abs() < snap {
			return whole, true
		}
	}
	return length, fits && length > 0
}

// cutShort is the difference in stated length between the last frame of audio in MP4 and the
// others. Packagers shorten it where the sound ends, and decoders output all of it: in a loop
// that is shorter by as much, picture and sound drift apart.
func (t *Track) cutShort(first *Track) int64 {
	switch t.Codec {
	case "mp4a", "enca", "ac-3", "ec-3": // each frame has as many samples
		return max(0, first.Frame-t.Final)
	}
	return 0
}

// nearest is the number of ticks, modulo Wrap, that is nearest to a duration.
func nearest(ticks int64, around time.Duration) int64 {
	want := int64(around / (time.Second / Clock))
	return want + signed(ticks-want)
}

// signed is a difference of timestamps modulo Wrap, between −Wrap/2 and Wrap/2.
func signed(ticks int64) int64 {
	return (ticks+Wrap/2)&(Wrap-1) - Wrap/2
}
