package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// recording is what a live stream's playlists said over two loop points.
type recording struct {
	entry      string // the multivariant playlist, or the only media playlist
	renditions []track
}

// track is the versions of one media playlist, in the order in which they came, each once.
type track struct {
	address  string
	versions []string
}

// pollInterval is short against a target duration, so that no version is missed.
const pollInterval = 250 * time.Millisecond

// record polls the media playlists of a live stream, in turn, for watchTime.
func record(entry string) (recording, error) {
	var seen recording
	var err error
	if seen.entry, err = fetchText(entry); err != nil {
		return recording{}, err
	}
	addresses, err := renditions(entry)
	if err != nil {
		return recording{}, err
	}
	for _, address := range addresses {
		seen.renditions = append(seen.renditions, track{address: address})
	}
	every(pollInterval, watchTime, func() bool {
		for i := range seen.renditions {
			if err = seen.renditions[i].poll(); err != nil {
				return true
			}
		}
		return false
	})
	return seen, err
}

// poll fetches the playlist and keeps it if it has changed.
func (r *track) poll() error {
	text, err := fetchText(r.address)
	if err != nil {
		return err
	}
	if len(r.versions) == 0 || r.versions[len(r.versions)-1] != text {
		r.versions = append(r.versions, text)
	}
	return nil
}

// segments are all segments that a track ever listed, in order, each once.
func (r track) segments() []segment {
	var all []segment
	for _, text := range r.versions {
		for _, s := range parseMedia(text).segments {
			if len(all) == 0 || s.number > all[len(all)-1].number {
				all = append(all, s)
			}
		}
	}
	return all
}

// recordingOf is the recording of a kind's live stream; the first caller waits while it is made.
func recordingOf(t *testing.T, k *kind) recording {
	t.Helper()
	seen, err := k.recorded()
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestPlaylist_IsTheSameForEveryPollOnceItHasBeenSeen(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k *kind) {
		for _, r := range recordingOf(t, k).renditions {
			if err := checkVersions(r.versions); err != nil {
				t.Errorf("%s: %v", r.address, err)
			}
			if err := checkDiscontinuities(r.segments(), k.breaks); err != nil {
				t.Errorf("%s: %v", r.address, err)
			}
			if points := loopPoints(r.segments()); points < 2 {
				t.Errorf("%s: %d loop points were seen, want at least 2", r.address, points)
			}
		}
	})
}

func TestPlaylist_RenditionsHaveTheSameDiscontinuityNumbersAtTheSameTime(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k *kind) {
		seen := recordingOf(t, k)
		first := seen.renditions[0]
		for _, r := range seen.renditions[1:] {
			if err := checkAligned(first.segments(), r.segments()); err != nil {
				t.Errorf("%s: %v", r.address, err)
			}
			if a, b := parseMedia(first.versions[0]).target, parseMedia(r.versions[0]).target; a != b {
				t.Errorf("%s: the target duration is %v, that of %s %v", r.address, b, first.address, a)
			}
		}
	})
}

// loopPoints counts the segments that begin another loop than the one before.
func loopPoints(segments []segment) (points int) {
	for i := 1; i < len(segments); i++ {
		if loopOf(segments[i]) != loopOf(segments[i-1]) {
			points++
		}
	}
	return points
}

// loopOf is the number of the loop that a segment lies in.
func loopOf(s segment) int64 { return loopNumber(float64(s.begin().UnixMilli()), loopLength) }

// checkDiscontinuities wants a tag where a loop begins and where the VOD has a discontinuity of its own, on the
// segment nearest to that within half a second, and nowhere else.
func checkDiscontinuities(segments []segment, breaks []time.Duration) error {
	instants := append([]time.Duration{0}, breaks...)
	next := -1 // the instant that the next tag belongs to, -1 before the first
	for _, s := range segments[1:] {
		if !s.tagged {
			continue
		}
		at := s.begin().Sub(epoch) % loopLength
		is := slices.IndexFunc(instants, func(instant time.Duration) bool {
			off := (at - instant).Abs()
			return min(off, loopLength-off) <= 500*time.Millisecond
		})
		if is < 0 || next >= 0 && is != next {
			return fmt.Errorf("segment %d has a discontinuity at %v of the loop, want one at each of %v", s.number, at, instants)
		}
		next = (is + 1) % len(instants)
	}
	return nil
}

// checkAligned compares the segments of two renditions that begin together: they have the same discontinuity
// sequence number (RFC 8216bis 6.2.4).
func checkAligned(a, b []segment) error {
	compared := 0
	for _, s := range a {
		for _, other := range b {
			if s.begin().Sub(other.begin()).Abs() > 500*time.Millisecond {
				continue
			}
			compared++
			if s.discontinuity != other.discontinuity {
				return fmt.Errorf("at %s the discontinuity sequence numbers are %d and %d", s.date, s.discontinuity, other.discontinuity)
			}
		}
	}
	if compared < min(len(a), len(b))/2 {
		return fmt.Errorf("only %d of %d and %d segments begin together", compared, len(a), len(b))
	}
	return nil
}
