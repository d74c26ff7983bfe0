package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/prometheus/exporter-toolkit/web"
	"go.uber.org/zap"
	"go.yaml.in/yaml/v3"

	"vod2live/cmd/vod2live/config"
)

// protect adds the TLS and the passwords of the -web-config file to the operator's
// server, in the format and with the handler of Prometheus's exporter-toolkit,
// which reads the file again for every request and handshake. /healthz and /readyz
// need no password: probes have none.
//
// The toolkit exports its handler only through Serve. protect runs it on a server
// with a closed listener, and takes over the handler and the TLS configuration:
// listeners, systemd sockets and the drain stay ours.
func protect(server *http.Server, path string, log *zap.Logger) error {
	if path == "" {
		return nil
	}
	inner := &http.Server{Handler: server.Handler, ReadHeaderTimeout: server.ReadHeaderTimeout}
	err := web.Serve(closedListener{}, inner, &web.FlagConfig{WebConfigFile: &path}, slog.New(toolkitLog{log}))
	if !errors.Is(err, net.ErrClosed) {
		return webConfigError(path, err)
	}
	server.Handler = exceptProbes(server.Handler, inner.Handler)
	if c := inner.TLSConfig; c != nil && c.GetConfigForClient != nil { // net/http makes one for itself, too
		server.TLSConfig = keepLast(c, log)
		if inner.TLSNextProto["h2"] == nil { // http2: false
			server.TLSNextProto = inner.TLSNextProto
		}
	}
	return nil
}

// serveOperator answers on the operator's listener.
func serveOperator(server *http.Server, l net.Listener) error {
	if server.TLSConfig == nil {
		return server.Serve(l)
	}
	return server.ServeTLS(l, "", "")
}

func exceptProbes(open, protected http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			open.ServeHTTP(w, r)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// keepLast uses the previous TLS configuration while the file is invalid: a failed
// liveness probe would end the process.
func keepLast(c *tls.Config, log *zap.Logger) *tls.Config {
	var last atomic.Pointer[tls.Config]
	read := c.GetConfigForClient
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		now, err := read(hello)
		if err != nil {
			log.Error("TLS of the operator listener rejected; the previous one stays in force", zap.String("error", unquoted(err.Error())))
			return last.Load(), nil // nil: c itself, as it was at the start
		}
		last.Store(now)
		return now, nil
	}
	return c
}

// checkWebConfig reports errors in the file of -web-config.
func (o *options) checkWebConfig() error {
	return webConfigError(o.webConfig, web.Validate(o.webConfig))
}

// operatorScheme is http or https, by the -web-config file.
func (o *options) operatorScheme() string {
	var c web.Config
	if text, err := config.ReadFile(o.webConfig); err == nil && yaml.Unmarshal(text, &c) == nil && c.TLSConfig.IsEnabled() {
		return "https"
	}
	return "http"
}

func webConfigError(path string, err error) error {
	if err == nil {
		return nil
	}
	if _, readErr := config.ReadFile(path); readErr != nil {
		return fmt.Errorf("-web-config %s: %w", path, readErr)
	}
	text := unquoted(err.Error())
	if strings.HasPrefix(text, "crypto/bcrypt: ") {
		text = "basic_auth_users: a password is not a bcrypt hash; make one with htpasswd -nBC 10 NAME"
	}
	return fmt.Errorf("-web-config %s: %s", path, text)
}

var quotation = regexp.MustCompile("`[^`]*`?")

// unquoted removes what a message of the YAML library quotes, which may be part of
// a secret, and joins its lines.
func unquoted(text string) string {
	return strings.Join(strings.Fields(quotation.ReplaceAllString(text, "…")), " ")
}

// closedListener accepts nothing.
type closedListener struct{}

func (closedListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (closedListener) Close() error              { return nil }
func (closedListener) Addr() net.Addr            { return &net.TCPAddr{} }

// toolkitLog logs the errors of the toolkit. Its other messages are about the closed
// listener.
type toolkitLog struct{ log *zap.Logger }

func (toolkitLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

func (l toolkitLog) Handle(_ context.Context, r slog.Record) error {
	cause := r.Message
	r.Attrs(func(a slog.Attr) bool {
		cause += ": " + a.Value.String()
		return true
	})
	l.log.Error("web configuration of the operator listener rejected; every request except probes gets 500", zap.String("error", unquoted(cause)))
	return nil
}

func (l toolkitLog) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l toolkitLog) WithGroup(string) slog.Handler      { return l }
