package origin

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// object is a requested object of a place: an escaped path and a query.
type object struct{ path, query string }

var seed = maphash.MakeSeed()

// hash and folder represent values that strangers may choose freely.
func (o object) hash() uint64 { return maphash.Comparable(seed, o) }

func (o object) folder() uint64 {
	return maphash.String(seed, o.path[:strings.LastIndexByte(o.path, '/')+1])
}

// hashes are a bounded set. The zero value is empty.
type hashes map[uint64]struct{}

func (s hashes) has(hash uint64) bool {
	_, has := s[hash]
	return has
}

// add reports whether a hash is new.
func (s *hashes) add(hash uint64) bool {
	if s.has(hash) {
		return false
	}
	if *s == nil {
		*s = hashes{}
	}
	if len(*s) < maxSuspects {
		(*s)[hash] = struct{}{}
	}
	return true
}

const (
	maxWitnesses    = 3       // of a folder
	maxFolders      = 256     // that have some
	maxWitnessBytes = 1 << 10 // of an address; longer ones are none
)

// witnesses are the objects that were good last, of each folder. The zero value
// is empty.
type witnesses struct {
	folders *simplelru.LRU[uint64, []object] // the first is requested next
	last    uint64                           // the folder of the newest
}

// of is the witness for an object; nil: there is none.
func (w *witnesses) of(o object) *object {
	if w.folders == nil {
		return nil
	}
	known, has := w.folders.Get(o.folder())
	if !has {
		if known, has = w.folders.Get(w.last); !has {
			return nil
		}
	}
	return &known[0]
}

func (w *witnesses) add(o object) {
	if len(o.path)+len(o.query) > maxWitnessBytes {
		return
	}
	if w.folders == nil {
		w.folders, _ = simplelru.NewLRU[uint64, []object](maxFolders, nil)
	}
	w.last = o.folder()
	known, _ := w.folders.Get(w.last)
	i := slices.Index(known, o)
	if i == 0 {
		return
	}
	if i < 0 {
		o = object{strings.Clone(o.path), strings.Clone(o.query)} // without the request that it came with
		i = min(len(known), maxWitnesses-1)
	} else {
		o = known[i]
	}
	w.folders.Add(w.last, slices.Concat([]object{o}, known[:i], known[min(i+1, len(known)):]))
}

// fails puts a witness behind the others of its folder: it alone may be bad.
func (w *witnesses) fails(o object) {
	known, _ := w.folders.Get(o.folder())
	if i := slices.Index(known, o); i >= 0 {
		w.folders.Add(o.folder(), slices.Concat(known[:i], known[i+1:], []object{o}))
	}
}

// mayAsk reports whether a request may be sent to a place, or how long not. In
// doubt, it requests a witness first.
func (c *Client) mayAsk(ctx context.Context, p *place, w want, patience time.Duration) (wait time.Duration, may bool) {
	began := time.Now()
	witness, wait := p.health.ask(w.object, began)
	if witness == nil {
		return wait, wait <= 0
	}
	err := c.askWitness(ctx, p, *witness, patience/2) // the rest is for the request itself
	return p.health.testified(*witness, err, began, time.Now())
}

// askWitness requests one byte of a witness.
func (c *Client) askWitness(ctx context.Context, p *place, witness object, patience time.Duration) error {
	req, err := p.request(ctx, http.MethodGet, witness, http.Header{"Range": {"bytes=0-0"}, "Accept-Encoding": {"identity"}})
	if err != nil {
		return err
	}
	resp, next, err := c.ask(p, witness, req, patience)
	if err == nil && next == nil {
		err = readAll(resp, readOne)
	}
	return err
}

// readOne reads a byte, if there is one.
func readOne(resp *http.Response) error {
	if _, err := io.CopyN(io.Discard, resp.Body, 1); err != nil && !errors.Is(err, io.EOF) {
		return broken(err)
	}
	return nil
}
