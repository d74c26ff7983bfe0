package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/sync/errgroup"

	"vod2live/metrics"
	"vod2live/proxy"
	"vod2live/proxy/admin"
)

// serve listens, answers until ctx is done and then drains.
func (v *viewers) serve(ctx context.Context, t terminal) error {
	o := v.options
	v.log = newLog(o.logLevel, t.err)
	v.metrics = metrics.New(version)
	useMemory(o.memory)
	c, err := o.proxyConfig(v.log, v.metrics)
	if err != nil {
		return err
	}
	public, private, err := o.listenAll()
	if err != nil {
		return err
	}
	v.server.Store(proxy.New(c))
	defer func() { v.server.Load().Close() }()
	v.log.Info("listening", zap.String("listener", "viewers"), zap.Stringer("addr", public.Addr()))
	v.log.Info("listening", zap.String("listener", "operator"), zap.Stringer("addr", private.Addr()))
	o.greet(t.out, public.Addr(), private.Addr())
	forViewers := newServer(v, v.log)
	forViewers.WriteTimeout = c.Timeout + writeTimeout // an answer may begin so late
	return v.answer(ctx, forViewers, public, private)
}

// gcPercent is how much garbage may gather for each byte in use. A request leaves
// three KiB of it, nearly all net/http's, and to collect it so much more rarely
// takes a seventh of the CPU time off a playlist.
const gcPercent = 400

// useMemory lets the heap grow to its limit before memory is saved at the
// expense of CPU time.
func useMemory(limit int64) {
	debug.SetMemoryLimit(limit)
	debug.SetGCPercent(gcPercent)
}

// answer answers on both listeners until ctx is done and requests have ended.
func (v *viewers) answer(ctx context.Context, forViewers *http.Server, public, private net.Listener) error {
	ready := admin.NewReadiness(v.metrics)
	forOperator := newServer(admin.New(v.metrics, ready), v.log)
	limit, tried := v.options.drain, v.server.Load().Tried() // before a reload can change them
	group, ended := errgroup.WithContext(ctx)
	group.Go(func() error { return closed(forViewers.Serve(public)) })
	group.Go(func() error { return closed(forOperator.Serve(private)) })
	group.Go(func() error { return v.watch(ended) })
	group.Go(func() error {
		select {
		case <-tried:
			ready.Set(true)
		case <-ended.Done():
		}
		<-ended.Done()
		ready.Set(false)
		defer forOperator.Close()
		return drain(forViewers, limit, v.log)
	})
	return group.Wait()
}

func (o *options) listenAll() (public, private net.Listener, err error) {
	if public, err = listen("-listen", o.listen); err != nil {
		return nil, nil, err
	}
	if private, err = listen("-admin", o.admin); err != nil {
		_ = public.Close()
		return nil, nil, err
	}
	return public, private, nil
}

// writeTimeout ends an answer that a viewer does not take. A segment may take
// longer, as long as it is taken at all.
const writeTimeout = time.Minute

// listen explains the two mistakes that are made.
func listen(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: another program listens there; end it or choose another port", flag, address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s %s: no permission; ports below 1024 are for root, choose a higher one", flag, address)
	case err != nil:
		return nil, fmt.Errorf("%s %s: %w", flag, address, err)
	}
	return l, nil
}

func newServer(handler http.Handler, log *zap.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          zap.NewStdLog(log.Named("http")),
	}
}

func closed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// drain takes no new requests and lets those under way end.
func drain(server *http.Server, limit time.Duration, log *zap.Logger) error {
	log.Info("stopping: requests under way may end", zap.Duration("within", limit))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close()
		return fmt.Errorf("requests were still under way after -drain %s and were cut off", limit)
	}
	log.Info("stopped")
	return nil
}

// newLog writes JSON lines; of equal messages a hundred a second and then each
// hundredth.
func newLog(level zapcore.Level, w io.Writer) *zap.Logger {
	encoder := zap.NewProductionEncoderConfig()
	encoder.TimeKey, encoder.EncodeTime = "time", zapcore.RFC3339NanoTimeEncoder
	core := zapcore.NewCore(zapcore.NewJSONEncoder(encoder), zapcore.Lock(zapcore.AddSync(w)), level)
	return zap.New(zapcore.NewSamplerWithOptions(core, time.Second, 100, 100))
}
