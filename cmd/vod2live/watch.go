package main

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"

	"vod2live/cmd/vod2live/config"
)

const (
	settle   = 200 * time.Millisecond // after a change of a folder, until its files are read
	lookEach = time.Minute            // even without a reported change: see watch
)

// watched are files that are read again together.
type watched struct {
	paths  []string
	reload func()
	last   [sha256.Size]byte // of their content
	seen   [sha256.Size]byte // of their content at the last look
}

func newWatched(reload func(), paths ...string) *watched {
	return &watched{paths: paths, reload: reload, last: sum(paths)}
}

// look reloads the files if their content differs from the loaded one, and is
// the same as at the last look: otherwise a file could be read while it is
// written. It reports whether to look again.
func (w *watched) look() (again bool) {
	now := sum(w.paths)
	again = now != w.last && now != w.seen
	if w.seen = now; now != w.last && !again {
		w.last = now
		w.reload()
	}
	return again
}

// soon is when a first change has settled.
func soon(settled <-chan time.Time) <-chan time.Time {
	if settled != nil {
		return settled
	}
	return time.After(settle)
}

// lookAll returns when to look again; nil: at the next report of a change.
func lookAll(files []*watched) (settled <-chan time.Time) {
	for _, f := range files {
		if f.look() {
			settled = soon(settled)
		}
	}
	return settled
}

// sum identifies a content; an unreadable file counts as empty.
func sum(paths []string) [sha256.Size]byte {
	var all []byte
	for _, path := range paths {
		text, _ := config.ReadFile(path)
		one := sha256.Sum256(text)
		all = append(all, one[:]...)
	}
	return sha256.Sum256(all)
}

// watched are the files that this process follows.
func (v *service) watched() (files []*watched) {
	if v.options.configPath != "" {
		file := newWatched(v.reload, v.options.configPath)
		file.last = sha256.Sum256(v.options.Sum[:]) // it may have changed since it was read
		files = append(files, file)
	}
	if v.pair != nil {
		files = append(files, newWatched(v.pair.reload, v.pair.certFile, v.pair.keyFile))
	}
	return files
}

// watch reloads files at a hangup and when they have changed, until ctx is done.
// It watches folders, not files: editors, certbot and Kubernetes replace files
// or links. It also looks from time to time: a folder may be replaced, too, and
// network file systems report no changes.
func (v *service) watch(ctx context.Context, files []*watched, hangup <-chan os.Signal) {
	watcher := v.watchFolders(files)
	var events <-chan fsnotify.Event // nil: nothing is reported
	if watcher != nil {
		defer watcher.Close()
		events = watcher.Events
	}
	now := time.NewTicker(lookEach)
	defer now.Stop()
	settled := soon(nil) // nil: nothing has changed
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			v.reloadAll(files)
		case _, told := <-events:
			if settled = soon(settled); !told {
				events = nil
			}
		case <-settled:
			settled = lookAll(files)
		case <-now.C:
			settled = lookAll(files)
		}
	}
}

// reloadAll reports to systemd, once systemd knows that the process is ready.
func (v *service) reloadAll(files []*watched) {
	if v.up.Load() {
		v.tellReloading()
		defer v.tellReady()
	}
	for _, f := range files {
		f.last = sum(f.paths)
		f.reload()
	}
}

// watchFolders watches the folders of files; nil where the system has no more
// watches to give.
func (v *service) watchFolders(files []*watched) *fsnotify.Watcher {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		v.log.Warn("files can't be watched: changes are noticed at SIGHUP and once a minute", zap.Error(err))
		return nil
	}
	for _, f := range files {
		for _, path := range f.paths {
			if err := watcher.Add(filepath.Dir(path)); err != nil {
				v.log.Warn("a file can't be watched: changes are noticed at SIGHUP and once a minute", zap.String("file", path), zap.Error(err))
			}
		}
	}
	go func() { // ends when the watcher is closed
		for err := range watcher.Errors {
			v.log.Warn("file changes may be noticed up to a minute late", zap.Error(err))
		}
	}()
	return watcher
}
