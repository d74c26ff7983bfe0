package proxy

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// hosts is a network of several servers in memory, any of which may go down.
type hosts struct {
	mu    sync.Mutex // guards all below
	at    map[string]*pipes
	down  map[string]func(context.Context) error // what dialing fails with
	turns map[string]int                         // of each host between up and down
	open  map[string][]net.Conn
	asked []asking

	shown  string // the name in the certificates of hosts with TLS
	silent bool   // connections are taken, and nothing is said
}

// asking is a request, whether or not it reached its host.
type asking struct {
	host, path string
	at         time.Time
}

func newHosts() *hosts {
	return &hosts{at: map[string]*pipes{}, down: map[string]func(context.Context) error{}, turns: map[string]int{}, open: map[string][]net.Conn{}}
}

// serve answers for a host by a handler until the test ends.
func (h *hosts) serve(t testing.TB, host string, handler http.Handler) {
	h.at[host] = listen(t, handler)
}

// serveTLS does so over TLS.
func (h *hosts) serveTLS(t testing.TB, host string, handler http.Handler) {
	h.shown = host
	p := newPipes()
	h.at[host] = p
	serve(t, p, tls.NewListener(p, &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return certificate(h.shown)
	}}), handler)
}

// show changes the name in the certificates.
func (h *hosts) show(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shown = name
}

func (h *hosts) silence(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent = on
}

// authority signs the certificates of the tests.
var authority = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func authorityCertificate() *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, authorityTemplate, authorityTemplate, authority.Public(), authority)
	if err != nil {
		panic(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return c
}

var authorityTemplate = &x509.Certificate{
	SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tests"}, IsCA: true, BasicConstraintsValid: true,
	KeyUsage: x509.KeyUsageCertSign, NotBefore: epoch.AddDate(-1, 0, 0), NotAfter: epoch.AddDate(100, 0, 0),
}

// certificate of a host, good in virtual time.
func certificate(host string) (*tls.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{host}, NotBefore: epoch.AddDate(-1, 0, 0), NotAfter: epoch.AddDate(100, 0, 0),
	}, authorityTemplate, authority.Public(), authority)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: authority}, err
}

// fail breaks all connections to a host, and new ones by a function; nil: it is
// up again.
func (h *hosts) fail(host string, dial func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down[host] = dial
	h.turns[host]++
	for _, c := range h.open[host] {
		_ = c.Close()
	}
	h.open[host] = nil
}

// dial dials again where the host has failed or come back meanwhile: a transport
// dials ahead, in the background.
func (h *hosts) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	for {
		h.mu.Lock()
		turn := h.turns[host]
		h.mu.Unlock()
		c, err := h.dialNow(ctx, network, host)
		if err != nil {
			return nil, err
		}
		if h.keep(host, turn, c) {
			return c, nil
		}
	}
}

// keep notes an open connection, or closes one that is of an older turn.
func (h *hosts) keep(host string, turn int, c net.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.turns[host] != turn {
		_ = c.Close()
		return false
	}
	h.open[host] = append(h.open[host], c)
	return true
}

func (h *hosts) dialNow(ctx context.Context, network, host string) (net.Conn, error) {
	h.mu.Lock()
	down, at, silent := h.down[host], h.at[host], h.silent
	h.mu.Unlock()
	if at == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if down != nil {
		if err := down(ctx); err != nil {
			return nil, err
		}
	}
	if !silent {
		return at.dial(ctx, network, host)
	}
	ours, theirs := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, theirs) }() // until the client closes it
	return ours, nil
}

// transport is the one that the program uses, on this network.
func (h *hosts) transport(t testing.TB) http.RoundTripper {
	tr := NewTransport(10 * time.Second)
	tr.Proxy = nil
	tr.DialContext = h.dial
	tr.TLSClientConfig.RootCAs = x509.NewCertPool()
	tr.TLSClientConfig.RootCAs.AddCert(authorityCertificate())
	t.Cleanup(tr.CloseIdleConnections)
	return h.counting(tr)
}

// counting notes all requests, those to hosts that are down as well.
func (h *hosts) counting(to http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		h.mu.Lock()
		h.asked = append(h.asked, asking{r.URL.Hostname(), r.URL.Path, time.Now()})
		h.mu.Unlock()
		return to.RoundTrip(r)
	})
}

// count says how many requests there were of origin.test since an instant for
// paths that end so.
func (h *hosts) count(suffix string, since time.Time) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.asked {
		if a.host == "origin.test" && strings.HasSuffix(a.path, suffix) && !a.at.Before(since) {
			n++
		}
	}
	return n
}

// forget forgets who asked, and which connections there were.
func (h *hosts) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = nil
	clear(h.open)
}

func (h *hosts) use(t testing.TB) func(*Config) {
	return func(c *Config) { c.Transport = h.transport(t) }
}

// refused is what a host says that has no server.
func refused(context.Context) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: errRefused}
}

var errRefused = &net.AddrError{Err: "connection refused", Addr: "origin.test"}

// dropped is a host that answers nothing at all.
func dropped(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(10 * time.Second):
		return &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}
	}
}

func nameless(context.Context) error {
	return &net.DNSError{Err: "no such host", Name: "origin.test", IsNotFound: true}
}
