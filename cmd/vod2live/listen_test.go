package main

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// handed is a socket as systemd hands it over, under a name.
func handed(t *testing.T, socket interface {
	SyscallConn() (syscall.RawConn, error)
}, name string,
) *os.File {
	t.Helper()
	raw, err := socket.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var f *os.File
	if err := raw.Control(func(fd uintptr) {
		copied, err := syscall.Dup(int(fd))
		if err != nil {
			t.Error(err)
		}
		f = os.NewFile(uintptr(copied), name)
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func listenTCP(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.(*net.TCPListener)
}

func TestSockets_AreKnownByNameAndElseByOrder(t *testing.T) {
	first, second := listenTCP(t), listenTCP(t)
	for names, want := range map[string][2]net.Listener{
		"viewers operator":                {first, second},
		"operator viewers":                {second, first},
		"vod2live.socket vod2live.socket": {first, second},
		"LISTEN_FD_3 LISTEN_FD_4":         {first, second},
		"viewers":                         {first, nil},
		"operator":                        {nil, first},
		"vod2live.socket":                 {first, nil},
	} {
		var files []*os.File
		for n, name := range strings.Fields(names) {
			files = append(files, handed(t, [2]*net.TCPListener{first, second}[n], name))
		}
		var s sockets
		if err := s.inherit(files); err != nil {
			t.Errorf("%s: %v", names, err)
		}
		for n, got := range [2]net.Listener{s.viewers, s.operator} {
			if (got == nil) != (want[n] == nil) || got != nil && got.Addr().String() != want[n].Addr().String() {
				t.Errorf("%s: the socket of %s is %v, want %v", names, [2]string{"viewers", "the operator"}[n], got, want[n])
			}
		}
		s.close()
	}
}

func TestSockets_WhatIsNoListeningTCPSocketIsRefused(t *testing.T) {
	t.Chdir(t.TempDir()) // the name of a socket is short
	unix, err := net.ListenUnix("unix", &net.UnixAddr{Name: "socket", Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	packets, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	connected, err := net.DialTCP("tcp", nil, listenTCP(t).Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer connected.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	for kind, f := range map[string]*os.File{"unix": handed(t, unix, "viewers"), "packets": handed(t, packets, "viewers"), "connected": handed(t, connected, "viewers"), "no socket": null} {
		var s sockets
		if err := s.inherit([]*os.File{f}); !errors.Is(err, errSocket) || !strings.Contains(err.Error(), f.Name()) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestSockets_TooManyAreRefused(t *testing.T) {
	for _, names := range []string{"viewers operator other", "viewers viewers", "operator operator"} {
		var files []*os.File
		for name := range strings.FieldsSeq(names) {
			files = append(files, handed(t, listenTCP(t), name))
		}
		var s sockets
		if err := s.inherit(files); err == nil || !strings.Contains(err.Error(), "hands over") {
			t.Errorf("%s: %v", names, err)
		}
		s.close()
	}
}
