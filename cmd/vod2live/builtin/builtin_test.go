package builtin

import (
	"bufio"
	"bytes"
	"io/fs"
	"path"
	"strings"
	"testing"
)

func TestFiles_EveryAddressInThePlaylistsIsThere(t *testing.T) {
	for _, rendition := range addresses(t, Playlist) {
		segments := addresses(t, rendition)
		if len(segments) != 5 {
			t.Errorf("%s has %d segments, want 5", rendition, len(segments))
		}
		for _, segment := range segments {
			if _, err := fs.Stat(Files(), segment); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestFiles_AreSmall(t *testing.T) {
	var total int64
	err := fs.WalkDir(Files(), ".", func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total == 0 || total > 500_000 {
		t.Errorf("the files have %d bytes, want at most 500000: they are in every binary", total)
	}
}

func TestSegments_AreAsLongAsTheTargetDuration(t *testing.T) {
	for _, rendition := range addresses(t, Playlist) {
		text := read(t, rendition)
		if n := bytes.Count(text, []byte("#EXTINF:2.000000,\n")); n != 5 {
			t.Errorf("%s has %d segments of exactly 2 s, want 5", rendition, n)
		}
		if !bytes.Contains(text, []byte("#EXT-X-TARGETDURATION:2\n")) {
			t.Errorf("%s has another target duration than 2", rendition)
		}
	}
}

// addresses returns the URI lines of a playlist, as paths within Files.
func addresses(t *testing.T, playlist string) []string {
	t.Helper()
	var found []string
	lines := bufio.NewScanner(bytes.NewReader(read(t, playlist)))
	for lines.Scan() {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, path.Join(path.Dir(playlist), line))
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s names nothing", playlist)
	}
	return found
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := fs.ReadFile(Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
