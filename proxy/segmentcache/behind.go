package segmentcache

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// How long others wait for who reads slowly what is too large to be kept. Who
// holds them up then is left behind.
const (
	lag   = time.Second      // all in all, where he can go on by himself
	stall = 10 * time.Second // at a stretch, where he is cut off
)

// patience is that of others with who reads an answer slowly.
func (h *head) patience() time.Duration {
	if h.continues() {
		return lag
	}
	return stall
}

// continues says whether the rest of an answer can be had by itself.
func (h *head) continues() bool {
	return h.status == http.StatusOK && h.etag != "" && !strings.HasPrefix(h.etag, "W/")
}

var errBehind = errors.New("what was to be read next is gone")

// heldUp are those who have not read the first block, while others have read all
// there is; none if nobody waits for them. The lock is held.
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

// leaveBehind lets the fetch go on without those who hold up the others, if there
// is room for the block that they may still be reading. The lock is held.
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

// alone goes on with what is left by a fetch of its own, if the origin can tell
// that it is of the same.
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

// toTheEnd says whether a Content-Range begins with what was asked for, and ends
// where the resource does.
func toTheEnd(contentRange, from string) bool {
	rest, is := strings.CutPrefix(contentRange, from)
	last, size, _ := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(last, 10, 64)
	return is && err == nil && strconv.FormatInt(n+1, 10) == size
}

// takeRest reads on from a fetch of its own.
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
