// Package subtitles makes the WebVTT of renditions that are cut into new segments.
// It fetches the origin's files, and keeps the slices for other viewers.
package subtitles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"

	"vod2live/playlist/webvtt"
	"vod2live/proxy/answer"
	"vod2live/proxy/background"
	"vod2live/proxy/origin"
	"vod2live/proxy/room"
)

// maxParses is how many WebVTT files are decoded at once, and how many slices are cut.
const maxParses = 4

// Slicer makes slices of WebVTT. What it has made it keeps for other viewers.
type Slicer struct {
	room    *room.Room
	files   *files
	kept    *keptSlices
	cutting *semaphore.Weighted
}

// Config is what a Slicer needs.
type Config struct {
	Work    *background.Work
	Room    *room.Room    // for files while they are read
	Timeout time.Duration // of an origin
	Memory  int64         // bytes for streams: a sixth and a 24th as much are for files and slices, at most 64 and 16 MiB
}

// New makes a slicer for a process in which there was another, nil if none was.
func New(c Config, before *Slicer) *Slicer {
	s := &Slicer{room: c.Room, files: newFiles(c), kept: newKeptSlices(int(min(c.Memory/24, maxCutBytes))), cutting: semaphore.NewWeighted(maxParses)}
	if before != nil {
		s.cutting, s.files.parsing = before.cutting, before.files.parsing
	}
	return s
}

// Request names one segment of the reference of a stream.
type Request struct {
	Stream    string // its name
	Mount     string // whose client is
	Client    *origin.Client
	Rendition int
	Segment   int
}

// Slice returns the cues of one segment of the reference as they are answered with.
func (s *Slicer) Slice(ctx context.Context, track *Track, of Request) (*answer.Answer, error) {
	k := sliceKey{of.Stream, track.text, of.Rendition, of.Segment}
	if a, known := s.kept.get(k); known {
		return a, nil
	}
	body, whole, err := s.cut(ctx, track, of)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	a := answer.New(body, hex.EncodeToString(sum[:8]), time.Time{}, time.Time{})
	if whole {
		a = s.kept.keep(k, a)
	}
	return a, nil
}

// Kept is the number of cached files, and their memory.
func (s *Slicer) Kept() (files, bytes int) { return s.files.kept() }

// cut cuts the cues of one segment of the reference out of the files that have
// some. whole: the origin has all of them.
func (s *Slicer) cut(ctx context.Context, track *Track, of Request) (body []byte, whole bool, err error) {
	from := track.segments.Start(of.Segment)
	to := from + track.segments.Duration(of.Segment)
	share := s.room.Open() // for the files that are held while others are fetched
	defer share.Close()
	held := 0
	whole = true
	get := func(f *file) (*webvtt.File, error) {
		if !share.TryTake(int64(held)) {
			return nil, room.ErrFull
		}
		held = 0
		file, err := s.files.get(ctx, of.Client, fileKey{of.Mount, f.address, track.text, f.quoted})
		if err == nil {
			held = file.Bytes()
		}
		whole = whole && !errors.Is(err, origin.ErrNotFound)
		return file, err
	}
	periods, err := track.periods(from, to, get)
	if err != nil {
		return nil, false, err
	}
	err = withSlot(ctx, s.cutting, func() { body = webvtt.Slice(periods, from, to) })
	return body, whole, err
}

// withSlot waits for a free slot and does some work in it. The error is room.ErrFull
// or context.Canceled.
func withSlot(ctx context.Context, slots *semaphore.Weighted, work func()) error {
	if slots.Acquire(ctx, 1) != nil {
		return room.Refused(ctx)
	}
	defer slots.Release(1)
	work()
	return nil
}
