package proxy

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"vod2live/proxy/origin"
)

// maxRequestID is the most bytes of an incoming request id; longer ones, and
// those with other characters than an id has, are replaced.
const maxRequestID = 64

// takeID takes over the id that a proxy in front has given the request.
func (w *recorder) takeID(r *http.Request) {
	if values := r.Header[origin.RequestIDHeader]; len(values) == 1 && isRequestID(values[0]) {
		w.id = values[0]
		w.Header()[origin.RequestIDHeader] = values
	}
}

func isRequestID(id string) bool {
	odd := func(c rune) bool {
		return (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:+/=", c)
	}
	return id != "" && len(id) <= maxRequestID && !strings.ContainsFunc(id, odd)
}

// idDigits is the length of an id, and idBatch how many are made at once: one
// takes next to no allocation then.
const (
	idDigits = 16
	idBatch  = 16
)

// newRequestIDs makes ids that no other requests are likely to have.
func newRequestIDs() []string {
	random := make([]byte, 0, idBatch*idDigits/2)
	for range idBatch {
		random = binary.BigEndian.AppendUint64(random, rand.Uint64())
	}
	text := hex.EncodeToString(random)
	ids := make([]string, idBatch)
	for i := range ids {
		ids[i] = text[i*idDigits : (i+1)*idDigits]
	}
	return ids
}

// requestIDs are ids for later requests. The zero value is ready to use.
type requestIDs struct {
	mu   sync.Mutex // guards next
	next []string
}

// take returns an id as a header value.
func (r *requestIDs) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.next) == 0 {
		r.next = newRequestIDs()
	}
	value := r.next[:1:1]
	r.next = r.next[1:]
	return value
}

// newID gives the request an id of ours, as a header value.
func (w *recorder) newID() []string {
	value := w.ids.take()
	w.id = value[0]
	return value
}

// identify gives the request an id, if it has none, and the answer its header.
// A playlist from memory gets none unless the request has one: with more than
// eight headers, net/http takes a tenth longer for the whole answer.
func (w *recorder) identify() string {
	if w.id == "" {
		w.Header()[origin.RequestIDHeader] = w.newID()
	}
	return w.id
}
