package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Reading is what Read finds besides the settings of the table.
type Reading struct {
	Path     string // of the configuration file; empty: none
	File     *File  // nil: no file, or one with errors
	Sum      [sha256.Size]byte
	Operands []string
	Unsure   bool // an operand may be the value of an unknown flag
	Warnings []string
}

// Read sets the settings: flags have precedence over the environment, the
// environment over the file that the setting "config" names. A table is read once.
// The error joins a Mistake for each error; it is flag.ErrHelp if -help is given.
func (t Settings) Read(args []string, env Environment) (*Reading, error) {
	t.useDefaults()
	a, err := t.split(args)
	if err != nil {
		return nil, err
	}
	r := &Reading{Operands: a.operands, Unsure: a.unsure, Warnings: t.unknown(env)}
	config := "VOD2LIVE_CONFIG"
	r.Path, _ = env.Lookup(config)
	if path, set := a.last("config"); set {
		config, r.Path = "-config", path
	}
	wrong := []error{r.open(config, t, env)}
	wrong = append(wrong, t.fromEnvironment(env)...)
	wrong = append(wrong, a.take()...)
	wrong = append(wrong, t.badDefaults()...)
	return r, errors.Join(wrong...)
}

// open reads the configuration file, if there is one.
func (r *Reading) open(name string, t Settings, env Environment) error {
	if r.Path == "" {
		return nil
	}
	text, err := ReadFile(r.Path)
	if err != nil {
		return mistakef(FromFile, "%s %q: %v", name, r.Path, err)
	}
	r.Sum = sha256.Sum256(text)
	r.File, err = Parse(r.Path, text, t, env)
	return err
}

// maxFile is how large a file of settings or a certificate may be.
const maxFile = 1 << 20

// ReadFile reads a file of settings or a certificate. The error does not repeat
// the path.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plainly(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, plainly(path, err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("larger than %d bytes", maxFile)
	}
	return text, nil
}

// plainly explains why a file can't be read.
func plainly(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return errors.New("permission denied; let the user or group of this process read the file and enter the folders above it")
	case errors.Is(err, syscall.EISDIR):
		if inside := filepath.Join(path, "vod2live.yaml"); isFile(inside) {
			return &invalid{"a folder, not a file", inside}
		}
		return errors.New("a folder, not a file")
	case errors.Is(err, syscall.ENOTDIR) && isFile(strings.TrimRight(path, "/")):
		return &invalid{"a file, without a slash at the end", strings.TrimRight(path, "/")}
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("file not found")
	}
	if inner, is := errors.AsType[*fs.PathError](err); is {
		return inner.Err
	}
	return err
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
