package main

import (
	"context"
	"crypto/sha256"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy"
	"vod2live/proxy/admin"
)

// viewers is the handler of the configuration in force. When another one comes
// into force, requests under way end under the old.
type viewers struct {
	args    []string
	env     lookup
	options *options // in force; of watch alone once it runs
	log     *zap.Logger
	metrics *metrics.Metrics
	server  atomic.Pointer[proxy.Server]
	shown   atomic.Pointer[admin.Settings] // those in force
}

func (v *viewers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.server.Load().ServeHTTP(w, r)
}

const (
	settle   = 200 * time.Millisecond // after a change of the folder, until the file is read
	oldGrace = time.Minute            // a replaced server's loads may take
)

// watch reloads the file on SIGHUP and when it has changed, until ctx is done.
// The folder is watched, not the file: editors and Kubernetes replace it.
func (v *viewers) watch(ctx context.Context) error {
	path := v.options.configPath
	if path == "" {
		return nil
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer watcher.Close()
	if err := watcher.Add(filepath.Dir(path)); err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	settled := time.NewTimer(settle) // it may have changed since it was read
	last := v.options.fileSum
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
			last = fileSum(path)
			v.reload()
		case <-watcher.Events:
			settled.Reset(settle)
		case err := <-watcher.Errors:
			v.log.Warn("the configuration file is not watched any more; SIGHUP reads it", zap.Error(err))
		case <-settled.C:
			if sum := fileSum(path); sum != last {
				last = sum
				v.reload()
			}
		}
	}
}

// fileSum tells one content from another; that of what can't be read is none.
func fileSum(path string) [sha256.Size]byte {
	text, err := readLimited(path)
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(text)
}

// reload takes a new file over, or logs why not and leaves the old in force.
func (v *viewers) reload() {
	o, err := parseOptions(v.args, v.env)
	var c proxy.Config
	if err == nil {
		c, err = o.proxyConfig(v.log, v.metrics)
	}
	if err != nil {
		v.metrics.Reloads[metrics.ReloadRefused].Inc()
		v.log.Error("configuration refused; the one before stays in force", zap.Error(err))
		return
	}
	if o.listen != v.options.listen || o.admin != v.options.admin {
		v.log.Warn("listen and admin change with a restart only")
	}
	c.Previous = v.server.Load()
	v.server.Store(proxy.New(c))
	v.options = o
	v.shown.Store(o.settings())
	time.AfterFunc(oldGrace, c.Previous.Close)
	v.metrics.Reloads[metrics.ReloadOK].Inc()
	v.log.Info("configuration reloaded", zap.Int("origins", len(c.Origins)), zap.Int("channels", len(c.Channels)))
}
