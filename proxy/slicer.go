package proxy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"

	"vod2live/playlist/webvtt"
	"vod2live/proxy/origin"
	"vod2live/proxy/room"
)

// maxParses is how many WebVTT files are decoded at once, and how many slices are cut.
const maxParses = 4

// slicer makes slices of WebVTT. What it has made it keeps for other viewers.
type slicer struct {
	room    *room.Room
	files   *cueFiles
	kept    *keptSlices
	cutting *semaphore.Weighted
}

// newSlicer makes a slicer for a process in which there was another, nil if none was.
func newSlicer(work *background, room *room.Room, timeout time.Duration, before *slicer) *slicer {
	s := &slicer{room: room, files: newCueFiles(work, room, timeout), kept: newKeptSlices(), cutting: semaphore.NewWeighted(maxParses)}
	if before != nil {
		s.cutting, s.files.parsing = before.cutting, before.files.parsing
	}
	return s
}

// sliceOf is one segment of the reference of a stream.
type sliceOf struct {
	stream    string // its name
	mount     string // whose client is
	client    *origin.Client
	rendition int
	segment   int
}

// slice returns the cues of one segment of the reference as they are answered with.
func (s *slicer) slice(ctx context.Context, track *cueTrack, of sliceOf) (*answer, error) {
	k := sliceKey{of.stream, track.text, of.rendition, of.segment}
	if a, known := s.kept.get(k); known {
		return a, nil
	}
	body, whole, err := s.cut(ctx, track, of)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	a := newAnswer(body, hex.EncodeToString(sum[:8]), time.Time{}, time.Time{})
	if whole {
		a = s.kept.keep(k, a)
	}
	return a, nil
}

// cut cuts the cues of one segment of the reference out of the files that have
// some. It is whole if the origin has all of them.
func (s *slicer) cut(ctx context.Context, track *cueTrack, of sliceOf) (body []byte, whole bool, err error) {
	from := track.segments.Start(of.segment)
	to := from + track.segments.Duration(of.segment)
	share := s.room.Open() // for the files that are held while others are fetched
	defer share.Close()
	held := 0
	whole = true
	get := func(f *cueFile) (*webvtt.File, error) {
		if !share.TryTake(int64(held)) {
			return nil, room.ErrFull
		}
		held = 0
		file, err := s.files.get(ctx, of.client, cueKey{of.mount, f.address, track.text, f.quoted})
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
