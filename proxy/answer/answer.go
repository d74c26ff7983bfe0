// Package answer has bodies that are made once and sent to any number of viewers, plain
// and gzipped, with their validators.
package answer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/negotiate"
)

// Answer is a playlist ready to be sent to any number of viewers. It is
// immutable, except for the compressed form, which is made at its first use.
type Answer struct {
	Body    []byte
	from    time.Time // when it changed; zero: not sent
	Until   time.Time // when it changes next; zero: not by itself
	plain   encoding
	packed  encoding
	packing sync.Once
	gzipped []byte

	lastModified []string  // nil: not sent
	values       [5]string // of all headers: they lie with the answer

	shared []byte // the body with places for a query; nil: it has none
	places int    // in it
	tag    string

	mu      sync.Mutex      // guards all below
	counter func(bytes int) // the counter of the cache that keeps it; nil: not kept
	bytes   int             // in all encodings
}

// encoding has the header values of one encoding.
type encoding struct{ tag, length []string }

// New makes an answer. tag is its ETag without quotes. from and until are its last and
// its next change; zero: not sent. The places for a query are empty in it.
func New(body []byte, tag string, from, until time.Time) *Answer {
	var shared []byte
	if playlist.Places(body) > 0 {
		body, shared = playlist.Fill(body, ""), body
	}
	a := newAnswer(body, tag, from, until)
	a.shared, a.places, a.bytes = shared, playlist.Places(shared), a.bytes+cap(shared)
	return a
}

// SizeFor is about what the answer to a viewer with a query takes of memory.
func (a *Answer) SizeFor(query string) (bytes int64) {
	if a.Own(query) {
		return int64(len(a.shared) + a.places*(len(query)+1))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return int64(a.bytes)
}

// Own reports whether viewers with a query each get their own answer.
func (a *Answer) Own(query string) bool { return a.shared != nil && query != "" }

// For returns the answer to a viewer with a query: their own if there are places for it.
func (a *Answer) For(query string) *Answer {
	if !a.Own(query) {
		return a
	}
	sum := sha256.Sum256([]byte(query))
	return newAnswer(playlist.Fill(a.shared, query), a.tag+"-"+hex.EncodeToString(sum[:8]), a.from, a.Until)
}

func newAnswer(body []byte, tag string, from, until time.Time) *Answer {
	tags := `"` + tag + `""` + tag + `-gzip"`
	n := len(tag) + len(`""`)
	a := &Answer{tag: tags[1 : n-1], Body: body, from: from, Until: until, bytes: overhead + cap(body)}
	a.values = [len(a.values)]string{tags[:n], strconv.Itoa(len(body)), tags[n:]}
	a.plain = encoding{a.values[0:1:1], a.values[1:2:2]}
	a.packed = encoding{a.values[2:3:3], a.values[3:4:4]}
	if !from.IsZero() {
		a.values[4] = from.UTC().Format(http.TimeFormat)
		a.lastModified = a.values[4:5:5]
	}
	return a
}

// overhead is about what an answer takes of memory beside its bodies.
const overhead = 752

// Keep has what the answer takes of memory counted: now, and when its packed form is
// made. The counter gets the bytes that are added.
func (a *Answer) Keep(counter func(bytes int)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counter = counter
	counter(a.bytes)
}

// Drop ends that: it subtracts from the counter what was added. Viewers that have
// the answer may still write it.
func (a *Answer) Drop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.counter != nil {
		a.counter(-a.bytes)
		a.counter = nil
	}
}

// grow notes that the packed form has been made.
func (a *Answer) grow(bytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bytes += bytes; a.counter != nil {
		a.counter(bytes)
	}
}

// HoldBack is how far a clock may step back before it is followed.
const HoldBack = 30 * time.Second

// Holds reports whether the answer is valid at an instant, including instants
// a little before it was made: see clock.
func (a *Answer) Holds(now time.Time) bool {
	return now.Before(a.Until) && a.from.Sub(now) <= HoldBack
}

// fastAbove is the length from which a body is compressed fast: a long window
// is compressed at each change, for few viewers.
const fastAbove = 256 << 10

// packers are large; there is one for each that is at work.
var (
	packers     = packersOf(gzip.DefaultCompression)
	fastPackers = packersOf(gzip.BestSpeed)
)

func packersOf(level int) *sync.Pool {
	return &sync.Pool{New: func() any {
		z, _ := gzip.NewWriterLevel(nil, level) // the levels are valid
		return z
	}}
}

// Pack returns the gzipped body.
func (a *Answer) Pack() []byte {
	a.packing.Do(func() {
		pool := packers
		if len(a.Body) > fastAbove {
			pool = fastPackers
		}
		var b bytes.Buffer
		z := pool.Get().(*gzip.Writer)
		z.Reset(&b)
		_, _ = z.Write(a.Body) // a Buffer does not fail
		_ = z.Close()
		pool.Put(z)
		a.gzipped = bytes.Clone(b.Bytes()) // without the buffer's spare capacity
		a.values[3] = strconv.Itoa(b.Len())
		a.grow(cap(a.gzipped))
	})
	return a.gzipped
}

// Header values of every playlist.
var (
	MimePlaylist = []string{"application/vnd.apple.mpegurl"}
	MimeWebVTT   = []string{"text/vtt; charset=utf-8"}
	VaryEncoding = []string{"Accept-Encoding"}
	gzipEncoding = []string{"gzip"}
)

// countedBody is how long a body may be for net/http to write its length by
// itself. Eight headers fit a small map; of a larger one it makes a copy, too.
const countedBody = 2048

// Write sends the answer, or 304 to a viewer that has it. The error is that of
// the connection.
func (a *Answer) Write(w http.ResponseWriter, r *http.Request, mime, age []string) error {
	h, head := w.Header(), r.Method == http.MethodHead
	h["Cache-Control"], h["Vary"] = age, VaryEncoding
	body, f := a.Body, a.plain
	if negotiate.AcceptsGzip(r.Header["Accept-Encoding"]) {
		body, f = a.Pack(), a.packed
		h["Content-Encoding"] = gzipEncoding
	}
	h["Etag"] = f.tag
	if a.lastModified != nil {
		h["Last-Modified"] = a.lastModified
	}
	if negotiate.Names(r.Header["If-None-Match"], f.tag[0]) {
		delete(h, "Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h["Content-Type"] = mime
	if head || len(body) > countedBody {
		h["Content-Length"] = f.length
	}
	if head {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	_, err := w.Write(body)
	return err
}

// ages are the Cache-Control values by whole seconds, up to a minute.
var ages = func() (all [61][]string) {
	for s := range all {
		all[s] = []string{"public, max-age=" + strconv.Itoa(s)}
	}
	return all
}()

// MaxAge is the Cache-Control of what stays for d.
func MaxAge(d time.Duration) []string {
	return ages[max(0, min(int(d/time.Second), len(ages)-1))]
}
