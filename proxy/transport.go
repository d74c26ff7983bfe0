package proxy

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// NewTransport makes the connections to origins: HTTP/1.1, kept open for reuse,
// nothing unpacked on the way. HTTP_PROXY and the like are heeded.
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
		ReadBufferSize:      4 << 10,

		MaxResponseHeaderBytes: 64 << 10,
	}
}
