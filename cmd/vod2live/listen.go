package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"
)

// sockets are where viewers and the operator are listened for.
type sockets struct {
	viewers, operator net.Listener
	inherited         bool // the viewers' is systemd's
}

// listenAll takes the sockets that systemd holds (sd_listen_fds(3)), and makes
// the others.
func (o *options) listenAll() (s sockets, err error) {
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err = s.inherit(activation.Files(true)); err != nil {
		return s, err
	}
	s.inherited = s.viewers != nil
	if s.viewers == nil {
		if s.viewers, err = listen("-listen", o.listen); err != nil {
			return s, err
		}
	}
	if s.operator == nil {
		s.operator, err = listen("-admin", o.admin)
	}
	return s, err
}

func (s *sockets) close() {
	for _, l := range []net.Listener{s.viewers, s.operator} {
		if l != nil {
			_ = l.Close()
		}
	}
}

// inherit takes files named viewers and operator as such, and of others the
// first for viewers and the second for the operator.
func (s *sockets) inherit(files []*os.File) error {
	for n, f := range files {
		l, err := inherited(f)
		if err != nil {
			return fmt.Errorf("the socket %s of systemd (%d of %d): %w", f.Name(), n+1, len(files), err)
		}
		forOperator := f.Name() == "operator" || f.Name() != "viewers" && n == 1
		switch {
		case forOperator && s.operator == nil:
			s.operator = l
		case !forOperator && s.viewers == nil:
			s.viewers = l
		default:
			_ = l.Close()
			return fmt.Errorf("systemd hands over %d sockets: one for viewers and one for the operator can be used", len(files))
		}
	}
	return nil
}

var errSocket = errors.New("not a listening TCP socket: it takes ListenStream= with a port, and Accept=no")

// inherited makes a listener of a file, which it closes.
func inherited(f *os.File) (net.Listener, error) {
	defer f.Close()
	listens, err := syscall.GetsockoptInt(int(f.Fd()), syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN)
	if err != nil || listens == 0 {
		return nil, errSocket
	}
	l, err := net.FileListener(f)
	if err != nil {
		return nil, errSocket
	}
	if _, is := l.(*net.TCPListener); !is {
		_ = l.Close()
		return nil, errSocket
	}
	return l, nil
}

// listen explains the two mistakes that are made.
func listen(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: another program listens there; end it or choose another port", flag, address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s %s: no permission; ports below 1024 are for root, choose a higher one", flag, address)
	case err != nil:
		return nil, fmt.Errorf("%s %s: %w", flag, address, err)
	}
	return l, nil
}
