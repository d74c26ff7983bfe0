package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"
)

// tell tells systemd how the process is, if it is asked to (sd_notify(3)).
func (v *service) tell(lines ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(lines, "\n")); err != nil {
		v.log.Warn("systemd notification failed", zap.Strings("state", lines), zap.Error(err))
	}
}

func (v *service) tellReady() {
	v.up.Store(true)
	v.tell(daemon.SdNotifyReady, "STATUS=serving")
}

// tellReloading says since when, so that systemd waits for what follows.
func (v *service) tellReloading() {
	v.tell(daemon.SdNotifyReloading, daemon.SdNotifyMonotonicUsec()+"STATUS=reloading")
}

func (v *service) tellStopping() {
	v.tell(daemon.SdNotifyStopping, "STATUS=waiting for open requests")
}

// watchdog shows systemd, if it asks to see it, that a request comes to its
// end, until ctx is done. It is counted and logged like a viewer's: a log that
// blocks is a reason to be started again.
func (v *service) watchdog(ctx context.Context) {
	within, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		v.log.Warn("systemd watchdog disabled: invalid setting", zap.Error(err))
	}
	if within <= 0 {
		return
	}
	each := time.NewTicker(within / 2)
	defer each.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-each.C:
			r := &http.Request{Method: http.MethodOptions, URL: &url.URL{Path: "/"}, RemoteAddr: "watchdog", Header: http.Header{}}
			v.ServeHTTP(unread{}, r)
			v.tell(daemon.SdNotifyWatchdog)
		}
	}
}

// unread is for an answer that nobody reads.
type unread struct{}

func (unread) Header() http.Header         { return http.Header{} }
func (unread) Write(p []byte) (int, error) { return len(p), nil }
func (unread) WriteHeader(int)             {}
