package main

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"vod2live/metrics"
	"vod2live/proxy"
	"vod2live/proxy/admin"
	"vod2live/proxy/segmentcache"
)

// serve listens, answers until ctx is done and then drains.
func (v *service) serve(ctx context.Context, t terminal) error {
	o := v.options
	v.journal = admin.NewJournal()
	v.log = newLog(o.logLevel, o.logFormat, t.err, v.journal)
	for _, warning := range o.Warnings {
		v.log.Warn("configuration warning", zap.String("warning", warning))
	}
	v.metrics = metrics.New(version)
	v.metrics.Configuration.Begin(time.Now())
	hangup := make(chan os.Signal, 1) // from the start to the end: a hangup is no reason to stop
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	limits := o.limits()
	v.network, v.requests = limits.network(), proxy.NewRequests(limits.requests)
	v.segments = segmentcache.New(0, time.Now, v.metrics.Segments)
	defer v.segments.Close()
	c, err := o.proxyConfig(v.log, v.metrics)
	if err != nil {
		return err
	}
	v.provide(o, &c)
	if v.pair, err = v.openPair(); err != nil {
		return err
	}
	if err := o.checkWebConfig(); err != nil {
		return err
	}
	files := v.watched()
	s, err := o.listenAll()
	if err != nil {
		return err
	}
	if limits.connections < int64(o.connections) {
		v.log.Warn("-connections reduced: increase the open file limit", zap.Int64("connections", limits.connections))
	}
	v.server.Store(proxy.New(c))
	v.shown.Store(o.settings())
	v.ending = make(chan struct{})
	defer func() {
		close(v.ending)
		v.retired.Wait()
		v.server.Load().Close()
	}()
	v.log.Info("listening", zap.String("listener", "viewers"), zap.Stringer("addr", s.viewers.Addr()),
		zap.Bool("tls", v.pair != nil), zap.Bool("inherited", s.inherited), zap.Int64("connections", limits.connections), zap.Int64("requests", limits.requests))
	v.log.Info("listening", zap.String("listener", "operator"), zap.Stringer("addr", s.operator.Addr()), zap.Bool("tls", o.operatorScheme() == "https"))
	o.greet(t.out, s.viewers.Addr(), s.operator.Addr())
	return v.answer(ctx, v.forViewers(s.viewers, c.Timeout), s.operator, func(ctx context.Context) { v.watch(ctx, files, hangup) })
}

// provide gives a configuration its memory and connections. The segment cache
// and the counters stay the same.
func (v *service) provide(o *options, c *proxy.Config) {
	o.limits().share(c.Origins)
	if !o.builtIn() {
		c.Transport = v.network.Transport(c.Timeout)
	}
	c.Requests = v.requests
	useMemory(o.memory)
	v.segments.Resize(o.segmentCache)
	if o.segmentCache > 0 {
		c.Segments = v.segments
	}
}

// gcPercent is the garbage that may gather per byte in use. A request leaves 3
// KiB of garbage, nearly all from net/http. Collecting it less often saves a
// seventh of the CPU time of a playlist.
const gcPercent = 400

// useMemory lets the heap grow to its limit before memory is saved at the
// expense of CPU time.
func useMemory(limit int64) {
	debug.SetMemoryLimit(limit)
	debug.SetGCPercent(gcPercent)
}

// answer answers on both listeners until ctx is done and requests have ended.
func (v *service) answer(ctx context.Context, forViewers *gated, operator net.Listener, watch func(context.Context)) error {
	ready := admin.NewReadiness(v.metrics)
	forOperator := newServer(admin.New(admin.Config{
		Metrics: v.metrics, Ready: ready, Station: v.station, Settings: func() admin.Settings { return *v.shown.Load() }, Journal: v.journal,
		Version: version, Started: time.Now(), Address: v.options.admin, Listener: operator.Addr(), Viewers: forViewers.gate.Addr(),
	}), v.log)
	if err := protect(forOperator, v.options.webConfig, v.log); err != nil {
		return err
	}
	limit, tried := v.options.drain, v.server.Load().Station().Tried() // before a reload can change them
	alive, end := context.WithCancel(context.Background())
	defer end()
	go v.watchdog(alive) // while requests under way end, too
	group, ended := errgroup.WithContext(ctx)
	group.Go(func() error { return closed(forViewers.serve()) })
	group.Go(func() error { return closed(serveOperator(forOperator, operator)) })
	group.Go(func() error {
		watch(ended)
		return nil
	})
	group.Go(func() error {
		select {
		case <-tried:
			ready.Set(true)
			v.tellReady()
		case <-ended.Done():
		}
		<-ended.Done()
		ready.Set(false)
		v.tellStopping()
		defer forOperator.Close()
		return forViewers.drain(limit)
	})
	return group.Wait()
}

// writeTimeout ends an answer that a viewer does not take. A segment may take
// longer, as long as it is taken at all.
const writeTimeout = time.Minute

// forViewers makes the server for viewers on a listener. Each request takes
// at most two origin requests, each within its timeout.
func (v *service) forViewers(l net.Listener, timeout time.Duration) *gated {
	g := &gated{
		Server: newServer(v, v.log), stopped: make(chan struct{}),
		gate: &gate{Listener: l, limit: v.options.limits().connections, metrics: v.metrics, log: v.log},
	}
	g.ConnState = g.gate.count
	g.WriteTimeout = 2*timeout + writeTimeout
	if v.pair == nil {
		return g
	}
	g.TLSConfig = v.pair.config()
	g.ConnContext = proxy.ConnContext
	g.HTTP2 = &http.HTTP2Config{
		MaxConcurrentStreams:          maxStreams,
		MaxReadFrameSize:              16 << 10, // each connection has room for one
		MaxReceiveBufferPerConnection: 64 << 10, // of bodies, which are not read
		MaxReceiveBufferPerStream:     64 << 10,
		WriteByteTimeout:              writeTimeout, // otherwise a peer that reads nothing would never learn that its streams have ended
	}
	return g
}

// maxStreams is how many requests one HTTP/2 connection may have under way: RFC
// 9113, 6.5.2 advises no less.
const maxStreams = 100

func newServer(handler http.Handler, log *zap.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,

		DisableGeneralOptionsHandler: true, // it knows nothing of CORS
		ErrorLog:                     stdlog.New(serverLog{log}, "", 0),
	}
}

// gated is a server behind a gate.
type gated struct {
	*http.Server
	gate    *gate
	stopped chan struct{} // closed when nothing is accepted any more
}

func (g *gated) serve() error {
	defer close(g.stopped)
	if g.TLSConfig == nil {
		return g.Serve(g.gate)
	}
	return g.ServeTLS(g.gate, "", "")
}

func closed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// lastRequests is how long a connection that was just accepted may take to send
// its request when the server stops.
const lastRequests = time.Second

// drain accepts no new connections, and lets open requests end. Shutdown alone
// would drop accepted connections without an answer.
func (g *gated) drain(limit time.Duration) error {
	log := g.gate.log
	log.Info("stopping: waiting for open requests", zap.Duration("within", limit))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_ = g.gate.Close()
	<-g.stopped
	g.SetKeepAlivesEnabled(false)
	g.gate.awaitEmpty(min(limit, lastRequests))
	if err := g.Shutdown(ctx); err != nil {
		_ = g.Close()
		return fmt.Errorf("requests were still under way after -drain %s and were cut off", limit)
	}
	log.Info("stopped")
	return nil
}
