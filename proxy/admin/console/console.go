// Package console is the operator's page: what is on air, whether it is healthy, and
// what happens next, drawn from the API beside it.
//
// The page is built by `make console`, with Node, and embedded. Without Node the
// program builds, too; it then shows how to build the page.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"vod2live/proxy/negotiate"
)

//go:embed all:dist
var built embed.FS

// policy of the page: only its own files run or are shown. Its player fetches
// from the viewer address and, if an origin's segments are direct, from any
// address in the playlists; media reaches the browser as a blob.
const policy = "default-src 'self'; connect-src 'self' http: https:; media-src 'self' blob: data: http: https:; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const unbuilt = `The console is not built into this program. Build it where Node 20 or later is:

    make console build

All that it shows is here too: /api/status /api/streams /api/origins /api/cache /api/config /metrics /healthz /readyz
`

// Handler serves the page and its files, as they were when the program was built.
func Handler() http.Handler {
	files, err := fs.Sub(built, "dist")
	if err != nil { // the name is a constant
		panic(err)
	}
	return newHandler(files)
}

func newHandler(files fs.FS) http.Handler {
	assets := map[string]*asset{}
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error { // an embedded file can be read
		if err == nil && !entry.IsDir() && !strings.HasPrefix(path.Base(name), ".") {
			if body, err := fs.ReadFile(files, name); err == nil {
				assets["/"+name] = newAsset(name, body)
			}
		}
		return nil
	})
	assets["/"] = assets["/index.html"]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch a := assets[r.URL.Path]; {
		case a != nil:
			a.serve(w, r)
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte(unbuilt)) // the client has left
		default:
			http.NotFound(w, r)
		}
	})
}

// asset is a file of the page. It is not changed.
type asset struct {
	body     []byte
	gzipped  func() []byte // made at the first request
	mime     string
	etag     string // without quotes
	lifetime string // Cache-Control
}

func newAsset(name string, body []byte) *asset {
	hash := sha256.Sum256(body)
	a := &asset{body: body, mime: typeOf(name), etag: hex.EncodeToString(hash[:8]), lifetime: "no-cache"}
	if strings.HasPrefix(name, "assets/") { // their names change with their content
		a.lifetime = "public, max-age=31536000, immutable"
	}
	a.gzipped = sync.OnceValue(func() []byte { return compress(body) })
	return a
}

// typeOf does not use the machine's own table of types, which may contain
// anything.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".html":
		return "text/html; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one
	_, _ = w.Write(body)                                  // memory takes all
	_ = w.Close()
	return b.Bytes()
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h.Set("Cache-Control", a.lifetime)
	h.Set("Vary", "Accept-Encoding")
	body, etag := a.body, a.etag
	if negotiate.AcceptsGzip(r.Header["Accept-Encoding"]) {
		body, etag = a.gzipped(), a.etag+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
