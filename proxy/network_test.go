package proxy

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// pipes is a network of one listener, in memory: real clients and servers talk
// over it in virtual time as well. A write waits until it is read.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// listen serves a handler on a network of its own until the test ends.
func listen(t testing.TB, h http.Handler) *pipes {
	p := newPipes()
	serve(t, p, p, h)
	return p
}

// serve serves a handler on a network by a listener around it.
func serve(t testing.TB, p *pipes, l net.Listener, h http.Handler) { serveWithin(t, p, l, h, 0) }

// serveWithin does so with a write timeout; 0: none.
func serveWithin(t testing.TB, p *pipes, l net.Listener, h http.Handler, timeout time.Duration) {
	var open sync.WaitGroup
	server := &http.Server{Handler: h, WriteTimeout: timeout, ErrorLog: log.New(io.Discard, "", 0), ConnState: func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Done()
		}
	}}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = p.Close()
		<-stopped
		open.Wait() // until all handlers have ended
	})
}

// transport is the one that the program uses, on a network in memory.
func transport(t testing.TB, p *pipes) *http.Transport {
	tr := NewTransport(0)
	tr.Proxy = nil
	tr.DialContext = p.dial
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// roundTripper is a function that answers like an origin.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
