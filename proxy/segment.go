package proxy

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"vod2live/proxy/origin"
)

// What passes between viewer and origin with a resource; all else stays behind.
var (
	toOrigin = []string{"Range", "If-Range", "If-None-Match", "If-Modified-Since"}
	toViewer = []string{
		"Content-Type", "Content-Length", "Content-Range", "Content-Encoding", "Accept-Ranges",
		"Etag", "Last-Modified", "Cache-Control", "Expires", "Age", "Date", "Vary",
	}
	ofBody = []string{"Content-Type", "Content-Length", "Content-Encoding"} // stay behind with a body that does
)

var errClientGone = errors.New("the viewer's connection failed")

// relay hands an origin's answer on as it comes.
func relay(w *recorder, resp *http.Response) error {
	maps.Copy(w.Header(), resp.Header)
	full := origin.HasBody(resp.StatusCode)
	if !full {
		for _, name := range ofBody {
			w.Header().Del(name)
		}
	}
	w.WriteHeader(resp.StatusCode)
	if w.head || !full {
		return nil
	}
	return streamBody(w, resp.Body)
}

func copyHeader(to, from http.Header, names []string) {
	for _, name := range names {
		if values := from[name]; values != nil {
			to[name] = values
		}
	}
}

// Buffers of a copy: small for slow viewers, large for the others.
const (
	smallBuffer = 8 << 10
	largeBuffer = 256 << 10
	largeOnes   = 16               // in use at once, of all viewers; a small one serves nearly as well
	quickWrites = 4                // in a row earn the large one
	quick       = time.Millisecond // a write that took longer had to wait
	viewerStall = 60 * time.Second // a viewer that reads nothing for this long is cut off
)

var (
	small = sync.Pool{New: func() any { return new([smallBuffer]byte) }}
	large = sync.Pool{New: func() any { return new([largeBuffer]byte) }}

	largeInUse atomic.Int32
)

// takeLarge returns nil if all are in use.
func takeLarge() *[largeBuffer]byte {
	if largeInUse.Add(1) > largeOnes {
		largeInUse.Add(-1)
		return nil
	}
	return large.Get().(*[largeBuffer]byte)
}

func giveLarge(b *[largeBuffer]byte) {
	large.Put(b)
	largeInUse.Add(-1)
}

// copier streams one body.
type copier struct {
	w       *recorder
	control *http.ResponseController
	body    io.Reader
	quick   int // writes in a row that did not have to wait
}

func streamBody(w *recorder, body io.Reader) error {
	c := copier{w: w, control: http.NewResponseController(w), body: body}
	for {
		var done bool
		var err error
		if b := c.large(); b != nil {
			done, err = c.copy(b[:], func() bool { return c.quick > 0 })
			giveLarge(b)
		} else {
			b := small.Get().(*[smallBuffer]byte)
			done, err = c.copy(b[:], func() bool { return c.quick == 0 || c.quick%quickWrites != 0 })
			small.Put(b)
		}
		if done || err != nil {
			return err
		}
	}
}

// large returns a large buffer if the viewer has earned one and one is free.
func (c *copier) large() *[largeBuffer]byte {
	if c.quick < quickWrites {
		return nil
	}
	return takeLarge()
}

// copy copies with one buffer while that is the right one.
func (c *copier) copy(buffer []byte, while func() bool) (done bool, err error) {
	for more := true; more; more = while() {
		n, err := c.body.Read(buffer)
		if n > 0 {
			if err := c.write(buffer[:n]); err != nil {
				return false, err
			}
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, origin.BodyError(err)
		}
	}
	return false, nil
}

func (c *copier) write(p []byte) error {
	start := time.Now()
	_ = c.control.SetWriteDeadline(start.Add(viewerStall)) // not every ResponseWriter can
	if _, err := c.w.Write(p); err != nil {
		return clientGone(err)
	}
	if err := c.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return clientGone(err) // what an origin sends slowly is not held back
	}
	if time.Since(start) < quick {
		c.quick++
	} else {
		c.quick = 0
	}
	return nil
}

func clientGone(err error) error {
	if err == nil || errors.Is(err, origin.ErrBody) || errors.Is(err, origin.ErrTooLarge) { // the data to write is invalid
		return err
	}
	return fmt.Errorf("%w: %w", errClientGone, err)
}
