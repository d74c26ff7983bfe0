package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// refused says whether a connection was closed as soon as it was made.
func refused(t *testing.T, conn net.Conn) bool {
	t.Helper()
	if _, err := io.WriteString(conn, "GET /nothing HTTP/1.1\r\nHost: viewers.test\r\n\r\n"); err != nil {
		return true
	}
	_, err := conn.Read(make([]byte, 1))
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

func TestConnections_BeyondTheLimitAreClosedUntilOneLeaves(t *testing.T) {
	p := start(t, "-connections", "2")
	dial := func() net.Conn {
		conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", strings.TrimPrefix(p.viewers, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	first, second := dial(), dial()
	if refused(t, first) || refused(t, second) {
		t.Fatal("a connection within the limit was refused")
	}
	if !refused(t, dial()) {
		t.Error("a connection beyond the limit was not refused")
	}
	_, metrics := get(t, p.operator+"/metrics")
	for _, want := range []string{"\nvod2live_connections 2\n", "\nvod2live_connections_refused_total 1\n"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics lack %q", want)
		}
	}
	p.await(t, "connections rejected")
	first.Close()
	for refused(t, dial()) { // until the server has seen that it is gone; the test's own limit is the end
		time.Sleep(time.Millisecond)
	}
}

func TestConnections_TheLimitFollowsMemoryAndFiles(t *testing.T) {
	limit := func(args ...string) int64 {
		o, err := parseOptions(args, environment())
		if err != nil {
			t.Fatal(err)
		}
		return o.limits().connections
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if got := limit("-memory", "32MiB"); got > 512 {
		t.Errorf("%d connections with 32 MiB", got)
	}
	if got, most := limit("-memory", "64TiB"), files.Cur/2; got < 1 || uint64(got) > most {
		t.Errorf("%d connections with %d files", got, files.Cur)
	}
	if got := limit("-connections", "7"); got != 7 {
		t.Errorf("%d connections, want 7", got)
	}
}
