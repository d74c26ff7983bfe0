package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// Everything that is no playlist is handed through: the same bytes, for the whole and for every kind of range.
func TestPassThrough_AnswersLikeTheOrigin(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k *kind) {
		for _, name := range mediaFiles(t, k) {
			for _, byterange := range []string{"", "bytes=0-0", "bytes=100-1099", "bytes=5000-", "bytes=-188", "bytes=99999999-"} {
				if err := checkPassedThrough(k.name+"/"+name, byterange); err != nil {
					t.Errorf("%s %q: %v", name, byterange, err)
				}
			}
		}
	})
}

// Segments as the live playlists name them, byte ranges included, joined to whole loops: the file at the origin.
func TestSegments_OfALoopJoinedAreTheOriginsFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"byterange-ts", "byterange-fmp4"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range recordingOf(t, kindNamed(t, name)).renditions {
				if err := checkJoined(r); err != nil {
					t.Errorf("%s: %v", r.address, err)
				}
			}
		})
	}
}

// Every segment that a live playlist names is there, with the bytes of the origin's file; only a gap's is not.
func TestSegments_EveryOneThatIsNamedIsThere(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k *kind) {
		for _, r := range recordingOf(t, k).renditions {
			checked := map[string]bool{}
			for _, s := range r.segments() {
				address, err := resolve(r.address, s.uri)
				if err != nil {
					t.Fatal(err)
				}
				if checked[address+s.byterange] {
					continue
				}
				checked[address+s.byterange] = true
				if err := checkNamed(address, s); err != nil {
					t.Errorf("%s segment %d, %s: %v", r.address, s.number, s.uri, err)
				}
			}
		}
	})
}

// checkNamed fetches a segment as a player does. What lies beneath a playlist's address is the proxy's own.
func checkNamed(address string, s segment) error {
	if s.byterange != "" {
		var length, offset int64
		if _, err := fmt.Sscanf(s.byterange, "%d@%d", &length, &offset); err != nil {
			return fmt.Errorf("byte range %q: %w", s.byterange, err)
		}
		return checkPassedThrough(pathOf(address), fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	}
	got, err := fetch(address, "")
	if err != nil {
		return err
	}
	own := strings.Contains(address, ".m3u8/")
	switch {
	case s.gap && (got.status != http.StatusNotFound || !own):
		return fmt.Errorf("a gap at %s has status %d, want 404", address, got.status)
	case !s.gap && got.status != http.StatusOK:
		return fmt.Errorf("status %d", got.status)
	case s.gap || own:
		return nil
	}
	return checkPassedThrough(pathOf(address), "")
}

// pathOf is the path of a file within the folder of the VODs.
func pathOf(address string) string { return strings.TrimPrefix(address, shared.proxy.viewers+"/live/") }

// mediaFiles are the files of a VOD but its playlists, as paths within it.
func mediaFiles(t *testing.T, k *kind) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(k.dir(), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) != ".m3u8" {
			var name string
			name, err = filepath.Rel(k.dir(), path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil || len(names) == 0 {
		t.Fatalf("the files of %s: %v, %v", k.name, names, err)
	}
	return names
}

// checkPassedThrough compares the proxy's answer with the origin's own.
func checkPassedThrough(path, byterange string) error {
	return checkAnswer(shared.proxy, path, byterange)
}

func checkAnswer(proxy *process, path, byterange string) error {
	want, err := fetch(shared.origin.url+"/vods/"+path, byterange)
	if err != nil {
		return err
	}
	got, err := fetch(proxy.viewers+"/live/"+path, byterange)
	if err != nil {
		return err
	}
	if got.status != want.status {
		return fmt.Errorf("status %d, the origin says %d", got.status, want.status)
	}
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "Etag", "Last-Modified"} {
		if want.status == http.StatusRequestedRangeNotSatisfiable && name != "Content-Range" {
			continue // the body of an error is the proxy's own
		}
		if name == "Accept-Ranges" && want.status == http.StatusPartialContent {
			continue // which tells it, so nginx does not
		}
		if got.header.Get(name) != want.header.Get(name) {
			return fmt.Errorf("%s is %q, the origin's %q", name, got.header.Get(name), want.header.Get(name))
		}
	}
	if want.status < 300 && !bytes.Equal(got.body, want.body) {
		return fmt.Errorf("%d bytes that differ from the origin's %d", len(got.body), len(want.body))
	}
	return nil
}

// checkJoined joins the byte ranges of the first whole loop of a track, after that of its init section if it has
// one, and compares them with the file.
func checkJoined(r track) error {
	loop := firstWholeLoop(r.segments())
	if len(loop) == 0 {
		return fmt.Errorf("no whole loop in %d segments", len(r.segments()))
	}
	address, err := resolve(r.address, loop[0].uri)
	if err != nil {
		return err
	}
	var ranges []string
	if first := attribute(loop[0].init, "BYTERANGE"); first != "" {
		ranges = append(ranges, first)
	}
	for _, s := range loop {
		ranges = append(ranges, s.byterange)
	}
	var joined []byte
	for _, byterange := range ranges {
		part, err := fetchRange(address, byterange)
		if err != nil {
			return err
		}
		joined = append(joined, part...)
	}
	whole, err := fetch(address, "")
	if err != nil {
		return err
	}
	if !bytes.Equal(joined, whole.body) {
		return fmt.Errorf("ranges %s of %s are not the file: %d of %d bytes", strings.Join(ranges, " "), address, len(joined), len(whole.body))
	}
	return nil
}

// firstWholeLoop are the segments from the first discontinuity to the next.
func firstWholeLoop(segments []segment) []segment {
	from := -1
	for i, s := range segments {
		if s.tagged && from >= 0 {
			return segments[from:i]
		}
		if s.tagged {
			from = i
		}
	}
	return nil
}

// fetchRange gets a byte range as playlists write it, n@o.
func fetchRange(address, byterange string) ([]byte, error) {
	var length, offset int64
	if _, err := fmt.Sscanf(byterange, "%d@%d", &length, &offset); err != nil {
		return nil, fmt.Errorf("byte range %q: %w", byterange, err)
	}
	got, err := fetch(address, fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	if err != nil {
		return nil, err
	}
	if got.status != http.StatusPartialContent || int64(len(got.body)) != length {
		return nil, fmt.Errorf("byte range %q: status %d with %d bytes", byterange, got.status, len(got.body))
	}
	return got.body, nil
}
