package proxy

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"vod2live/proxy/origin"
)

// NewTransport makes the connections to origins: HTTP/1.1, kept open for reuse,
// without decompression. It uses HTTP_PROXY and related variables.
func NewTransport(timeout time.Duration) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: timeout,
		Protocols:           protocols,
		DisableCompression:  true,
		MaxIdleConns:        1024,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     90 * time.Second,
		ReadBufferSize:      2 << 10, // a transfer has one of each; bodies are read past it
		WriteBufferSize:     1 << 10,

		MaxResponseHeaderBytes: 64 << 10,
	}
}

// Network bounds the open connections to all origins, those for playlists
// separately from those for segments. It outlives a Server, whose requests may
// end after the next Server has begun. Idle connections count, and those being
// made for a viewer that has left.
type Network struct{ playlists, segments dialer }

// NewNetwork makes a Network with this many connections of each kind.
func NewNetwork(playlists, segments int64) *Network {
	return &Network{playlists: dialer{limit: playlists}, segments: dialer{limit: segments}}
}

// Transport makes a transport whose connections the Network bounds: see
// NewTransport.
func (n *Network) Transport(timeout time.Duration) *Transport {
	return &Transport{playlists: n.playlists.bound(NewTransport(timeout)), segments: n.segments.bound(NewTransport(timeout))}
}

// Transport has a pool of connections for playlists and one for segments.
type Transport struct{ playlists, segments *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if origin.ForPlaylist(r.Context()) {
		return t.playlists.RoundTrip(r)
	}
	return t.segments.RoundTrip(r)
}

// CloseIdleConnections closes unused connections.
func (t *Transport) CloseIdleConnections() {
	t.playlists.CloseIdleConnections()
	t.segments.CloseIdleConnections()
}

// dialer counts open connections.
type dialer struct {
	limit int64
	open  atomic.Int64
}

// bound makes a transport fail with origin.ErrBusy if it would open too many
// connections. Idle ones are closed for new ones.
func (d *dialer) bound(t *http.Transport) *http.Transport {
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if !d.take() {
			t.CloseIdleConnections()
			if !d.take() {
				return nil, origin.ErrBusy
			}
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			d.open.Add(-1)
			return nil, err
		}
		return &dialed{Conn: conn, dialer: d}, nil
	}
	return t
}

func (d *dialer) take() bool {
	if d.open.Add(1) <= d.limit {
		return true
	}
	d.open.Add(-1)
	return false
}

// dialed is a connection that is counted until it is closed.
type dialed struct {
	net.Conn
	dialer *dialer
	closed atomic.Bool
}

func (c *dialed) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		defer c.dialer.open.Add(-1)
	}
	return c.Conn.Close()
}
