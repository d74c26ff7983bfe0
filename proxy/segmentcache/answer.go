package segmentcache

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Answer is what one viewer gets. It must be closed.
type Answer struct {
	Status int
	Direct *http.Response // bypasses the cache, to be passed on unchanged; nil: use the other fields

	cache  *Cache
	object *object
	head   *head
	age    time.Duration // -1: as the origin sends
	from   int64         // of the body
	left   int64         // of the body; -1: until it ends
	block  int           // that is read next
	offset int           // in it
	given  int64         // bytes of the body

	behind bool          // it was too slow for the others
	fetch  Fetch         // for the rest then
	rest   io.ReadCloser // that; nil: not requested
	buffer []byte        // for it

	done func() // ends a direct one
}

// Header sets the header of the answer.
func (a *Answer) Header(h http.Header) {
	maps.Copy(h, a.head.header)
	if a.age >= 0 {
		h["Age"] = []string{strconv.FormatInt(int64(a.age/time.Second), 10)}
	}
	total := strconv.FormatInt(a.head.length, 10)
	switch a.Status {
	case a.head.status:
		return
	case http.StatusPartialContent:
		last := strconv.FormatInt(a.from+a.left-1, 10)
		h["Content-Length"] = []string{strconv.FormatInt(a.left, 10)}
		h["Content-Range"] = []string{"bytes " + strconv.FormatInt(a.from, 10) + "-" + last + "/" + total}
		return
	case http.StatusRequestedRangeNotSatisfiable:
		h["Content-Range"] = []string{"bytes */" + total}
	default:
		h.Del("Content-Range")
	}
	for _, name := range ofBody {
		h.Del(name)
	}
}

// ofBody are the fields that only an answer with a body has.
var ofBody = []string{"Content-Type", "Content-Length", "Content-Encoding"}

// Next returns more of the body, which stays as it is until it is called again;
// io.EOF is its end. Before it waits it calls idle.
func (a *Answer) Next(ctx context.Context, idle func()) ([]byte, error) {
	for a.rest == nil {
		p, more, err := a.take()
		if errors.Is(err, errBehind) {
			err = a.alone(ctx)
			if err == nil {
				break
			}
		}
		if p != nil || err != nil {
			return p, err
		}
		idle()
		select {
		case <-more:
		case <-ctx.Done():
			return nil, context.Canceled
		}
	}
	return a.takeRest()
}

// take returns the bytes to read, or what to wait for.
func (a *Answer) take() (p []byte, more <-chan struct{}, err error) {
	a.cache.mu.Lock()
	defer a.cache.mu.Unlock()
	o := a.object
	if a.behind {
		return nil, nil, errBehind
	}
	for a.left != 0 && a.block-o.gone < len(o.blocks) {
		block := o.blocks[a.block-o.gone]
		if a.offset == cap(block) {
			a.block, a.offset = a.block+1, 0
			if o.over {
				o.changed() // the fetch may wait for that
			}
			continue
		}
		if a.offset >= len(block) {
			break
		}
		p := block[a.offset:]
		if a.left > 0 {
			p = p[:min(int64(len(p)), a.left)]
			a.left -= int64(len(p))
		}
		a.offset += len(p)
		a.given += int64(len(p))
		return p, nil, nil
	}
	switch {
	case a.left == 0, o.complete && a.left < 0:
		return nil, nil, io.EOF
	case o.err != nil:
		return nil, nil, o.err
	case o.complete:
		return nil, nil, errCut
	}
	return nil, o.waiting(), nil
}

// Close ends the answer, whether or not it was read to its end.
func (a *Answer) Close() {
	if a.Direct != nil {
		_ = a.Direct.Body.Close()
		a.done()
		return
	}
	if a.rest != nil {
		_ = a.rest.Close()
	}
	a.cache.mu.Lock()
	defer a.cache.mu.Unlock()
	delete(a.object.answers, a)
	if a.behind {
		a.object.behind--
	}
	a.cache.leave(a.object)
}

// seek moves to the first byte that is to be read. Blocks are equally long where
// the length was known beforehand; elsewhere all are there.
func (a *Answer) seek() {
	if a.object.uniform() {
		a.block, a.offset = int(a.from/blockSize), int(a.from%blockSize)
		return
	}
	rest := a.from
	for rest > 0 && rest >= int64(len(a.object.blocks[a.block])) {
		rest -= int64(len(a.object.blocks[a.block]))
		a.block++
	}
	a.offset = int(rest)
}
