package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRead_FlagsHavePrecedenceOverEnvironmentOverFile, and each setting knows
// where it comes from.
func TestRead_FlagsHavePrecedenceOverEnvironmentOverFile(t *testing.T) {
	var v values
	var file string
	table := append(v.table(), &Setting{Name: "config", Value: Text(&file, "FILE")})
	path := filepath.Join(t.TempDir(), "f.yaml")
	write(t, path, "listen: :1\nadmin: :1\ntls_cert: file\n")
	_, err := table.Read([]string{"-listen", ":3", "-config=" + path}, environment("VOD2LIVE_LISTEN", ":2", "VOD2LIVE_ADMIN", ":2", "VOD2LIVE_CONFIG", "/gone"))
	if err != nil {
		t.Fatal(err)
	}
	if v.listen != ":3" || v.admin != ":2" || v.cert != "file" || v.window != time.Minute {
		t.Errorf("listen %s, admin %s, tls_cert %s, window %s", v.listen, v.admin, v.cert, v.window)
	}
	for name, want := range map[string]Source{"listen": FromFlag, "admin": FromEnvironment, "tls-cert": FromFile, "window": FromDefault, "config": FromFlag} {
		if got := table.Get(name).Source; got != want {
			t.Errorf("%s comes from %s, want %s", name, got, want)
		}
	}
}

func TestRead_FlagsMayFollowOperands(t *testing.T) {
	var v values
	table := v.table()
	r, err := table.Read([]string{"a", "-listen", ":1", "b", "--admin=:2", "--", "-window", "60"}, nil)
	if err != nil || strings.Join(r.Operands, " ") != "a b -window 60" || v.listen != ":1" || v.admin != ":2" {
		t.Errorf("%v, %+v, %+v", err, r, v)
	}
}

func TestReadFile_SaysWhyInPlainWords(t *testing.T) {
	for err, want := range map[error]string{
		&fs.PathError{Op: "open", Path: "f", Err: syscall.EACCES}: "permission denied; let the user or group of this process read the file and enter the folders above it",
		&fs.PathError{Op: "open", Path: "f", Err: syscall.ENOENT}: "file not found",
		&fs.PathError{Op: "read", Path: "f", Err: syscall.EIO}:    "input/output error",
	} {
		if got := plainly("f", err).Error(); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	large := filepath.Join(t.TempDir(), "large")
	write(t, large, strings.Repeat(" ", maxFile+1))
	if _, err := ReadFile(large); err == nil || err.Error() != "larger than 1048576 bytes" {
		t.Error(err)
	}
}

// FuzzRead: whatever is given, there are mistakes or values, and no panic.
func FuzzRead(f *testing.F) {
	f.Add("-listen\n:1\nx\n--\n-y", "VOD2LIVE_WINDOW=60\nVOD2LIVE_X")
	f.Add("-segment-cache\n1.5GiB\n-epoch=2026", "VOD2LIVE_LISTEN=8080")
	f.Fuzz(func(t *testing.T, args, env string) {
		var v values
		r, err := v.table().Read(strings.Split(args, "\n"), strings.Split(env, "\n"))
		if err == nil && (r == nil || v.window < time.Second || v.listen == "") {
			t.Errorf("no mistake, and %+v", v)
		}
	})
}
