package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy"
)

// pipes is a network of one listener, in memory and in virtual time. A write
// waits until it is read.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

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

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

// large is a segment that no buffer on the way can hold.
var large = bytes.Repeat([]byte("0123456789abcdef"), 1<<17) // 2 MiB

// files end with the request for them, as a network does.
type files struct{ http.RoundTripper }

func (f files) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = fileBody{resp.Body, r.Context()}
	}
	return resp, err
}

type fileBody struct {
	io.ReadCloser
	ctx context.Context
}

func (b fileBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.ReadCloser.Read(p)
}

// served is the viewers' server of the program, with a large segment at
// /live/1.ts.
type served struct {
	*pipes
	gate *gate
}

func serveLarge(t *testing.T, args ...string) served {
	t.Helper()
	o, err := parseOptions(append([]string{"-origin", "http://origin.test", "-epoch", "1999-01-01T00:00:00Z"}, args...), environment())
	if err != nil {
		t.Fatal(err)
	}
	v := &service{options: o, log: zap.NewNop(), metrics: metrics.New("test")}
	if v.pair, err = v.openPair(); err != nil {
		t.Fatal(err)
	}
	c, err := o.proxyConfig(v.log, v.metrics)
	if err != nil {
		t.Fatal(err)
	}
	c.Transport = files{http.NewFileTransportFS(fstest.MapFS{"1.ts": {Data: large}})}
	v.server.Store(proxy.New(c))
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	server := v.forViewers(p, c.Timeout)
	go func() { _ = server.serve() }()
	t.Cleanup(func() {
		_ = server.Close()
		v.server.Load().Close()
	})
	return served{p, server.gate}
}

// send writes until it is read or cut.
func send(to io.Writer, text string) { _, _ = io.WriteString(to, text) }

const request = "GET /live/1.ts HTTP/1.1\r\nHost: viewers.test\r\n"

// TestServer_SlowRequestsAreCut: who sends a request byte by byte holds a
// connection for the time of a header, whatever comes.
func TestServer_SlowRequestsAreCut(t *testing.T) {
	for name, c := range map[string]struct {
		sent string // and then a byte a second
		ends time.Duration
	}{
		"header":         {"GET /", 11 * time.Second},
		"nothing":        {"", 11 * time.Second},
		"body":           {request + "Content-Length: 100000\r\n\r\nx", time.Second},
		"body in chunks": {request + "Transfer-Encoding: chunked\r\n\r\n10000\r\nx", time.Second},
		"body of a POST": {"POST /live/1.ts HTTP/1.1\r\nHost: viewers.test\r\nContent-Length: 1000\r\n\r\nx", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := serveLarge(t).dial()
				defer conn.Close()
				start := time.Now()
				var sending sync.WaitGroup
				defer sending.Wait()
				sending.Go(func() { // until the connection is cut
					_, err := io.WriteString(conn, c.sent)
					for err == nil {
						time.Sleep(time.Second)
						_, err = io.WriteString(conn, "x")
					}
				})
				answer, _ := io.ReadAll(conn)
				if took := time.Since(start); took > c.ends {
					t.Errorf("the connection was held for %s", took)
				}
				if strings.HasPrefix(name, "body") && !bytes.HasPrefix(answer, []byte("HTTP/1.1 ")) {
					t.Errorf("a request with a body was not answered: %q", answer)
				}
			})
		})
	}
}

func TestServer_AnIdleConnectionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := serveLarge(t).dial()
		defer conn.Close()
		start := time.Now()
		go send(conn, "HEAD /live/1.ts HTTP/1.1\r\nHost: viewers.test\r\n\r\n")
		if _, err := io.ReadAll(conn); err != nil || time.Since(start) != 2*time.Minute {
			t.Errorf("closed after %s, %v", time.Since(start), err)
		}
	})
}

// TestServer_ASlowButHonestReaderGetsAll: a segment may take far longer than
// any timeout, as long as it is taken.
func TestServer_ASlowButHonestReaderGetsAll(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/1.1 by TLS", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				body := getLarge(t, protocol)
				got := make([]byte, len(large))
				for at := 0; at < len(got); at += 32 << 10 {
					time.Sleep(20 * time.Second)
					if _, err := io.ReadFull(body, got[at:at+32<<10]); err != nil {
						t.Fatalf("%d bytes of %d: %v", at, len(large), err)
					}
				}
				if !bytes.Equal(got, large) {
					t.Error("the bytes are not those of the segment")
				}
			})
		})
	}
}

func TestServer_AReaderWhoTakesNothingIsCut(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/1.1 by TLS", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				body := getLarge(t, protocol)
				time.Sleep(3 * time.Minute)
				if n, err := io.Copy(io.Discard, body); err == nil {
					t.Errorf("%d bytes and no error after three minutes in which nothing was taken", n)
				}
			})
		})
	}
}

// TestServer_AConnectionThatTakesNothingIsClosed: not even what is sent in one
// piece, or the end of its streams.
func TestServer_AConnectionThatTakesNothingIsClosed(t *testing.T) {
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	for name, sent := range map[string]string{"http/1.1": "GET /nothing HTTP/1.1\r\nHost: viewers.test\r\n\r\n", "h2": preface} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, client := serveByTLS(t, name)
				conn := tls.Client(s.dial(), client)
				defer conn.Close()
				if err := conn.Handshake(); err != nil {
					t.Fatal(err)
				}
				go send(conn, sent)
				time.Sleep(3 * time.Minute)
				if n := s.gate.open.Load(); n != 0 {
					t.Errorf("%d connections are open", n)
				}
			})
		})
	}
}

// TestServer_ABodyDoesNoHarm: an odd client gets its segment, all of it, whether
// or not it sends the body that it speaks of.
func TestServer_ABodyDoesNoHarm(t *testing.T) {
	for name, rest := range map[string]string{"that came": "Content-Length: 1\r\n\r\nx", "that never comes": "Content-Length: 1000\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := serveLarge(t).dial()
				defer conn.Close()
				go send(conn, request+rest)
				resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				time.Sleep(time.Second)
				if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, large) {
					t.Errorf("%d bytes of %d, %v", len(got), len(large), err)
				}
			})
		})
	}
}

func TestServer_OptionsOfTheWholeServerHaveCORS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := serveLarge(t).dial()
		defer conn.Close()
		go send(conn, "OPTIONS * HTTP/1.1\r\nHost: viewers.test\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s, %v", resp.Status, resp.Header)
		}
	})
}

func serveByTLS(t *testing.T, protocols ...string) (served, *tls.Config) {
	t.Helper()
	i := issue(t, 1, time.Now().AddDate(0, 1, 0))
	cert, key := i.save(t, t.TempDir())
	client := trust(i)
	client.ServerName, client.NextProtos = "viewers.test", protocols
	return serveLarge(t, "-tls-cert", cert, "-tls-key", key), client
}

// getLarge asks for the segment and returns its body.
func getLarge(t *testing.T, protocol string) io.Reader {
	t.Helper()
	transport := &http.Transport{HTTP2: &http.HTTP2Config{MaxReceiveBufferPerConnection: 64 << 10, MaxReceiveBufferPerStream: 32 << 10}}
	t.Cleanup(transport.CloseIdleConnections)
	address := "http://viewers.test/live/1.ts"
	if protocol == "HTTP/1.1" {
		s := serveLarge(t)
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return s.dial(), nil }
	} else {
		alpn := "http/1.1"
		if protocol == "HTTP/2.0" {
			alpn, transport.ForceAttemptHTTP2 = "h2", true
		}
		s, client := serveByTLS(t, alpn)
		transport.DialTLSContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn := tls.Client(s.dial(), client)
			return conn, conn.HandshakeContext(ctx)
		}
		address = "https://viewers.test/live/1.ts"
	}
	resp, err := (&http.Client{Transport: transport}).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(protocol, resp.Proto) {
		t.Fatalf("%d by %s", resp.StatusCode, resp.Proto)
	}
	return resp.Body
}
