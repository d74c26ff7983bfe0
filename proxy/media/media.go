// Package media reads and shifts the timestamps of HLS media segments.
//
// The problem: when a VOD loops, its timestamps restart. Many players stop, stall or lose their audio there. And the
// durations in a playlist (EXTINF) differ from those of the media by some milliseconds, which add up over loops.
//
// The promise: [ReadInit] and [Read] return where the tracks of a segment begin and end, to the tick. A [Reader]
// adds an [Offset] to every timestamp of a segment while it passes, without changing its size and without an
// allocation per packet:
//
//	fMP4          tfdt of each traf, sidx, prft, emsg version 1 (ISO/IEC 14496-12, 23009-1)
//	MPEG-TS       PTS, DTS, PCR, OPCR, continuity counters (ISO/IEC 13818-1)
//	packed audio  the ID3 PRIV frame com.apple.streaming.transportStreamTimestamp (RFC 8216 3.4)
//	WebVTT        X-TIMESTAMP-MAP (RFC 8216 3.5), by [ShiftWebVTT], which reads the file whole
//
// It leaves to others where the bytes come from, which loop a segment belongs to and what players get. It does no I/O
// of its own. All input is hostile: memory is bounded, and nothing panics.
package media

import (
	"errors"
	"time"
)

// Format is that of a segment.
type Format int

// The formats that have timestamps.
const (
	Unknown Format = iota
	TS
	MP4
	Packed // audio without a container: ADTS, MP3, AC-3, EC-3
	WebVTT
)

// String is the format's name in reports.
func (f Format) String() string {
	return [...]string{"unknown", "ts", "fmp4", "audio", "webvtt"}[f]
}

// Kind is that of a track.
type Kind int

// The kinds of tracks.
const (
	Other Kind = iota
	Video
	Audio
	Text
)

// String is the kind's name in reports.
func (k Kind) String() string { return [...]string{"other", "video", "audio", "text"}[k] }

// Errors of reading and of shifting.
var (
	// ErrMalformed means that the bytes do not have the structure of their format.
	ErrMalformed = errors.New("malformed media")
	// ErrOverflow means that a shifted timestamp does not fit its field.
	ErrOverflow = errors.New("a timestamp does not fit its field")
	// ErrNoTimestamp means that packed audio has no timestamp: it can be neither placed nor shifted.
	ErrNoTimestamp = errors.New("packed audio without a timestamp")
	// ErrTooLarge means that a part that is read whole exceeds its bound.
	ErrTooLarge = errors.New("too large to be read")
)

// Clock is the timescale of MPEG-TS, packed audio and WebVTT: 90,000 ticks a second.
const Clock = 90_000

// Wrap is where timestamps at [Clock] start again: after 26.5 hours.
const Wrap = 1 << 33

// Track is one track of a segment. Times are in ticks of the timescale. With the timescale
// [Clock], outside MP4, they may exceed [Wrap]: they rise within a segment.
type Track struct {
	ID        int // track_ID or PID; 0 in packed audio
	Kind      Kind
	Codec     string // the sample entry's type, such as avc1; empty: not known
	Timescale uint32

	Begin int64 // decoding time of the first frame
	End   int64 // decoding time of the last frame, and its duration
	Shown int64 // lowest presentation time
	Last  int64 // highest presentation time, and the duration of its frame

	Frames int   // counted packets; in MPEG-TS those of several tracks that can't be distinguished
	Frame  int64 // duration of the second frame, else of the first; in MPEG-TS and packed audio that of all; 0: not known
	Final  int64 // duration of the last frame, in MP4
	Exact  Ratio // of audio whose frames were counted: duration of a frame in seconds
	Key    bool  // the first frame is a random access point
	Narrow bool  // some time is in a field of 32 bits
}

// Ratio is a number of seconds.
type Ratio struct{ Num, Den int64 }

// Segment is the measurement of a media segment.
type Segment struct {
	Format Format
	Tracks []Track
	Tables bool // MPEG-TS: it begins with PAT and PMT
	Split  bool // MPEG-TS: a PES header is in two packets, which a [Reader] can't shift

	counters pidCounters
}

// Track returns the first track of a kind; nil: there is none.
func (s *Segment) Track(kind Kind) *Track {
	for i := range s.Tracks {
		if s.Tracks[i].Kind == kind {
			return &s.Tracks[i]
		}
	}
	return nil
}

// Lasts reports whether the longest track of the segment lasts about as long as
// that.
func (s *Segment) Lasts(about time.Duration) bool {
	var longest time.Duration
	for _, t := range s.Tracks {
		if length, fits := Duration(t.End-t.Begin, t.Timescale); fits {
			longest = max(longest, length)
		}
	}
	return (longest - about).Abs() <= 100*time.Millisecond
}
