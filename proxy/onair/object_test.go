package onair

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"vod2live/proxy/origin"
)

// TestReadFile_OpensNothingButFiles: a pipe would be waited for without end.
func TestReadFile_OpensNothingButFiles(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pipe, t.TempDir(), "/dev/zero"} {
		if _, err := readFile(name, origin.Validators{}); !errors.Is(err, errNotFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
