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

// tell reports the state of the process to systemd, if systemd requests it
// (sd_notify(3)).
func (v *service) tell(lines ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(lines, "\n")); err != nil {
		v.log.Warn("systemd notification failed", zap.Strings("state", lines), zap.Error(err))
	}
}

func (v *service) tellReady() {
	v.up.Store(true)
	v.tell(daemon.SdNotifyReady, "STATUS=serving")
}

// tellReloading includes the time, so that systemd waits for the end of the
// reload.
func (v *service) tellReloading() {
	v.tell(daemon.SdNotifyReloading, daemon.SdNotifyMonotonicUsec()+"STATUS=reloading")
}

func (v *service) tellStopping() {
	v.tell(daemon.SdNotifyStopping, "STATUS=waiting for open requests")
}

// watchdog shows systemd, if enabled, that requests are answered, until ctx is
// done. Its request is counted and logged like a viewer's: a blocked log is a
// reason for a restart.
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

// unread discards an answer.
type unread struct{}

func (unread) Header() http.Header         { return http.Header{} }
func (unread) Write(p []byte) (int, error) { return len(p), nil }
func (unread) WriteHeader(int)             {}
