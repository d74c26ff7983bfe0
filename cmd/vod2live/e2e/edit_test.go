package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// editing is a VOD that is edited in place, and a vod2live in front of it that looks often.
type editing struct {
	dir    string
	proxy  *process
	stream tracks
}

// playlists of the VOD, by their paths in its folder.
var playlists = []string{"master.m3u8", "270p/index.m3u8", "180p/index.m3u8"}

func TestEdit_HLSJSPlaysOnAndTheNumbersGoOn(t *testing.T) {
	t.Parallel()
	vod, long := newKind("edited", from(ts)), newKind("long-segments", muxed("-hls_time", "4"))
	vod.ready(t)
	long.ready(t)
	// Without Last-Modified an edit takes over at the next end of a loop, not a minute after it was made.
	args := append(streamArgs(), "-origin", shared.origin.url+"/undated", "-window", "12s", "-revalidate", "1s")
	s := &editing{dir: vod.dir(), proxy: start(t, args...)}
	var last time.Time
	seen := shared.chromium.run(t, play{
		name:    fileName(t),
		player:  "hls",
		source:  vod.live(s.proxy),
		advance: 50 * time.Second,
		meanwhile: func() (err error) {
			if err := s.proxy.awaitLogged(4, `"msg":"request"`, `.ts"`); err != nil {
				return err
			}
			if s.stream, err = tracksOf(vod.live(s.proxy)); err != nil {
				return err
			}
			last, err = s.edit(long)
			return err
		},
	})
	checkPlay(t, seen, busy)
	if n := len(seen.Fragments); n == 0 || seen.Fragments[n-1].Date < float64(last.UnixMilli()) {
		t.Errorf("the last of %d fragments on screen is of before the last edit, %s", n, last.Format(time.RFC3339))
	}
	for _, r := range s.stream {
		if err := checkEdited(r.versions); err != nil {
			t.Errorf("%s: %v", r.address, err)
		}
	}
}

// edit makes the VOD shorter, breaks it, takes it away and brings it back with longer segments. It returns when the
// last version came on air.
func (s *editing) edit(long *kind) (last time.Time, err error) {
	original, err := s.read()
	if err != nil {
		return last, err
	}
	steps := []func() error{
		func() error { return shortened(s.dir) },
		func() error { return s.onAir(1) },
		func() error { return os.WriteFile(filepath.Join(s.dir, "master.m3u8"), []byte("oops"), 0o644) },
		func() error { return s.told("can't take over") },
		s.remove,
		func() error { return s.stream.poll(2 * time.Second) },
		func() error { return s.write(original) },
		func() error { return s.lengthen(long) },
		func() error { return s.onAir(2) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			return last, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return s.begun(2)
}

// told polls until a line of the log has a text.
func (s *editing) told(text string) error {
	return s.pollUntil(func() (bool, error) { return len(s.proxy.logged(text)) > 0, nil })
}

// onAir polls until the n-th edit has been on air for a while.
func (s *editing) onAir(n int) error {
	return s.pollUntil(func() (bool, error) {
		at, err := s.begun(n)
		return !at.IsZero() && time.Since(at) > 5*time.Second, err
	})
}

// begun tells when the n-th edit came, or will come, on air; zero if that isn't known yet.
func (s *editing) begun(n int) (time.Time, error) {
	lines := s.proxy.logged("takes over at the end of a loop")
	if len(lines) < n {
		return time.Time{}, nil
	}
	var entry struct{ At time.Time }
	err := json.Unmarshal([]byte(lines[n-1]), &entry)
	return entry.At, err
}

func (s *editing) pollUntil(done func() (bool, error)) error {
	for range 240 {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if err := s.stream.poll(pollInterval); err != nil {
			return err
		}
	}
	return errors.New("it did not come to that within a minute")
}

func (s *editing) read() (map[string][]byte, error) {
	texts := map[string][]byte{}
	for _, name := range playlists {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			return nil, err
		}
		texts[name] = text
	}
	return texts, nil
}

func (s *editing) write(texts map[string][]byte) error {
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (s *editing) remove() error {
	for _, name := range playlists {
		if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// lengthen lets the VOD have the segments of another.
func (s *editing) lengthen(long *kind) error {
	for _, rendition := range []string{"270p", "180p"} {
		text, err := os.ReadFile(filepath.Join(long.dir(), rendition, "index.m3u8"))
		if err != nil {
			return err
		}
		file := filepath.Join(s.dir, rendition, "index.m3u8")
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
		if err := edit(file, "\nseg", "\n../../"+long.name+"/"+rendition+"/seg"); err != nil {
			return err
		}
	}
	return nil
}

// checkEdited is checkVersions for a stream whose target duration may rise, once.
func checkEdited(versions []string) error {
	raised := 0
	var before mediaPlaylist
	for i, text := range versions {
		now := parseMedia(text)
		if err := checkVersion(now); err != nil {
			return fmt.Errorf("%w in\n%s", err, text)
		}
		if i > 0 && now.target > before.target {
			raised++
			before.target = now.target
		}
		if i > 0 {
			if err := checkChange(before, now); err != nil {
				return fmt.Errorf("%w, from\n%s\nto\n%s", err, versions[i-1], text)
			}
		}
		before = now
	}
	if raised != 1 {
		return fmt.Errorf("the target duration rose %d times", raised)
	}
	return nil
}
