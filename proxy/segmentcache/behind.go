package segmentcache

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The limits for waiting for a slow reader of a body that is too large to be
// kept. A reader that holds the others up for longer is left behind.
const (
	lag   = time.Second      // in sum, if the reader can continue on its own
	stall = 10 * time.Second // at a stretch, where he is cut off
)

// patience is how long the others wait for a slow reader of an answer.
func (h *head) patience() time.Duration {
	if h.continues() {
		return lag
	}
	return stall
}

// continues reports whether the rest of an answer can be fetched separately.
func (h *head) continues() bool {
	return h.status == http.StatusOK && h.etag != "" && !strings.HasPrefix(h.etag, "W/")
}

var errBehind = errors.New("the next bytes are no longer in memory")

// heldUp are the readers that have not read the first block, while others have
// read all there is; none if nobody waits for them. The lock is held.
func (o *object) heldUp() (slow []*Answer) {
	waits := false
	for a := range o.answers {
		switch a.block - o.gone {
		case 0:
			slow = append(slow, a)
		case len(o.blocks):
			waits = true
		}
	}
	if !waits {
		return nil
	}
	return slow
}

// leaveBehind lets the fetch continue without the readers that hold up the
// others, if there is room for the block that they may still be reading. The lock
// is held.
func (f *fetch) leaveBehind() {
	c, o := f.cache, f.object
	slow := o.heldUp()
	if len(slow) == 0 {
		return
	}
	f.patience = o.head.patience() // with the next, or to see again
	pinned := int64(cap(o.blocks[0]))
	if !c.reserve(o, pinned) {
		return
	}
	o.pinned += pinned
	for _, a := range slow {
		a.behind = true
		o.behind++
		delete(o.answers, a)
	}
	o.changed()
}

// wait waits for a change, while others are held up for no longer than the
// fetch's patience lasts.
func (f *fetch) wait(change <-chan struct{}, others bool) {
	var late <-chan time.Time
	if others {
		timer := time.NewTimer(f.patience)
		defer timer.Stop()
		late = timer.C
	}
	start := time.Now()
	select {
	case <-change:
	case <-late:
	case <-f.context.Done():
	}
	if others {
		f.patience = max(f.patience-time.Since(start), 0)
	}
}

// alone continues with a separate fetch of the rest, if the origin can confirm
// that it is the same resource.
func (a *Answer) alone(ctx context.Context) error {
	if !a.head.continues() {
		return errBehind
	}
	from := "bytes " + strconv.FormatInt(a.given, 10) + "-"
	header := http.Header{"Range": {strings.Replace(from, " ", "=", 1)}, "If-Range": {a.head.etag}}
	resp, err := a.fetch(ctx, http.MethodGet, header)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusPartialContent || !toTheEnd(resp.Header.Get("Content-Range"), from) {
		_ = resp.Body.Close()
		return errBehind
	}
	a.rest = resp.Body
	return nil
}

// toTheEnd reports whether a Content-Range begins where requested, and ends at
// the end of the resource.
func toTheEnd(contentRange, from string) bool {
	rest, is := strings.CutPrefix(contentRange, from)
	last, size, _ := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(last, 10, 64)
	return is && err == nil && strconv.FormatInt(n+1, 10) == size
}

// takeRest continues reading from a separate fetch.
func (a *Answer) takeRest() ([]byte, error) {
	if a.buffer == nil {
		a.buffer = make([]byte, leastBlock)
	}
	for {
		n, err := a.rest.Read(a.buffer)
		if n > 0 {
			return a.buffer[:n], nil // an error comes again
		}
		if err != nil {
			return nil, err
		}
	}
}
