package main

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"vod2live/cmd/vod2live/config"
	"vod2live/metrics"
	"vod2live/proxy"
	"vod2live/proxy/admin"
	"vod2live/proxy/onair"
	"vod2live/proxy/segmentcache"
)

// service is the running program: it answers viewers with the configuration in
// force. When another one comes into force, requests under way end under the old.
type service struct {
	args    []string
	env     config.Environment
	options *options // in force; of watch alone once it runs
	log     *zap.Logger
	journal *admin.Journal // of the log
	metrics *metrics.Metrics
	server  atomic.Pointer[proxy.Server]
	shown   atomic.Pointer[admin.Settings] // those in force
	pair    *pair                          // nil: no TLS
	up      atomic.Bool                    // systemd knows that the process is ready
	ending  chan struct{}                  // closed when all requests have ended
	retired sync.WaitGroup                 // servers that were replaced

	segments *segmentcache.Cache // of all servers, one after the other
	network  *proxy.Network      // of all servers
	requests *proxy.Requests     // under way, of all servers
}

func (v *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 { // the body is not needed: the rest is not awaited
		if r.ProtoMajor == 1 { // net/http would read it before it answers, unless the connection ends
			w.Header()["Connection"] = []string{"close"}
		}
		defer func() { _ = http.NewResponseController(w).SetReadDeadline(time.Now()) }()
	}
	v.server.Load().ServeHTTP(w, r)
}

// station has the streams of the configuration in force.
func (v *service) station() *onair.Station { return v.server.Load().Station() }

// oldGrace is how long a replaced server's loads may take.
const oldGrace = time.Minute

// errNoOrigin refuses a file that was emptied: all streams would end.
var errNoOrigin = errors.New("the file names no origin any more; a restart without one would serve the built-in VOD")

// reload takes a new file over, or logs why not and leaves the old in force.
func (v *service) reload() {
	o, err := parseOptions(v.args, v.env)
	var c proxy.Config
	if err == nil && o.builtIn() && !v.options.builtIn() {
		err = errNoOrigin
	}
	if err == nil {
		c, err = o.proxyConfig(v.log, v.metrics)
	}
	if err != nil {
		v.metrics.Configuration.Reloaded(metrics.ReloadRefused, time.Now())
		v.log.Error("configuration rejected; the previous one stays in force", zap.Error(err))
		return
	}
	if names := o.given.KeepUntilRestart(v.options.given); len(names) > 0 {
		v.log.Warn("some settings change at a restart only", zap.Strings("settings", names))
	}
	v.provide(o, &c)
	c.Previous = v.server.Load()
	v.server.Store(proxy.New(c))
	v.options = o
	shown := o.settings()
	shown.Connections = v.shown.Load().Connections // the gate keeps its limit
	v.shown.Store(shown)
	v.retire(c.Previous)
	v.metrics.Configuration.Reloaded(metrics.ReloadOK, time.Now())
	v.log.Info("configuration reloaded", zap.Int("origins", len(c.Origins)), zap.Int("channels", len(c.Channels)))
}

// retire closes a replaced server when its loads have had their time, or at the
// end.
func (v *service) retire(old *proxy.Server) {
	v.retired.Go(func() {
		grace := time.NewTimer(oldGrace)
		defer grace.Stop()
		select {
		case <-grace.C:
		case <-v.ending:
		}
		old.Close()
	})
}
