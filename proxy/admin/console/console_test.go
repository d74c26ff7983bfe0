package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest(http.MethodGet, path, nil), httptest.NewRecorder()
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	h.ServeHTTP(w, r)
	return w
}

func page() fstest.MapFS {
	return fstest.MapFS{
		".keep":               {},
		"index.html":          {Data: []byte("<!doctype html><title>vod2live</title>")},
		"icon.svg":            {Data: []byte("<svg/>")},
		"assets/main-1a2.js":  {Data: []byte(strings.Repeat("let a = 1;\n", 100))},
		"assets/main-1a2.css": {Data: []byte("p{}")},
	}
}

func TestHandler_EveryFileHasItsTypeAndLifetime(t *testing.T) {
	h := newHandler(page())
	for _, c := range []struct{ path, mime, lifetime string }{
		{"/", "text/html; charset=utf-8", "no-cache"},
		{"/index.html", "text/html; charset=utf-8", "no-cache"},
		{"/icon.svg", "image/svg+xml", "no-cache"},
		{"/assets/main-1a2.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/main-1a2.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"},
	} {
		w := get(h, c.path)
		if w.Code != 200 || w.Header().Get("Content-Type") != c.mime || w.Header().Get("Cache-Control") != c.lifetime {
			t.Errorf("GET %s: %d %v, want 200, %s, %s", c.path, w.Code, w.Header(), c.mime, c.lifetime)
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self';") || !strings.Contains(policy, "media-src 'self' blob: data: http: https:;") {
			t.Errorf("GET %s: Content-Security-Policy %q", c.path, policy)
		}
		if again := get(h, c.path, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("GET %s again: %d with %d bytes, want 304", c.path, again.Code, again.Body.Len())
		}
	}
}

func TestHandler_GzipIsAnotherRepresentationOfTheSame(t *testing.T) {
	h := newHandler(page())
	plain, packed := get(h, "/assets/main-1a2.js"), get(h, "/assets/main-1a2.js", "Accept-Encoding", "br, gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Fatalf("with gzip: %v; without: %v", packed.Header(), plain.Header())
	}
	if packed.Body.Len() >= plain.Body.Len() {
		t.Errorf("gzip has %d bytes of %d", packed.Body.Len(), plain.Body.Len())
	}
	if !bytes.Equal(unpacked(t, packed.Body), plain.Body.Bytes()) {
		t.Error("gzip has other bytes in it")
	}
	for _, header := range []string{"", "br", "gzip;q=0", "identity"} {
		if w := get(h, "/", "Accept-Encoding", header); w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: %v", header, w.Header())
		}
	}
}

func unpacked(t *testing.T, packed io.Reader) []byte {
	t.Helper()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestHandler_NothingElseIsServed(t *testing.T) {
	h := newHandler(page())
	for _, path := range []string{"/.keep", "/assets/", "/assets", "/live/master.m3u8", "/assets/../icon.svg", "/nothing"} {
		if w := get(h, path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", path, w.Code)
		}
	}
}

func TestHandler_WithoutThePageSaysHowToBuildIt(t *testing.T) {
	h := newHandler(fstest.MapFS{".keep": {}})
	w := get(h, "/")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "make console build") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("GET /: %d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if w := get(h, "/index.html"); w.Code != http.StatusNotFound {
		t.Errorf("GET /index.html: %d, want 404", w.Code)
	}
}

// firstPaint is what the scripts may weigh, gzipped, that the page asks for by itself before it shows anything.
const firstPaint = 50_000

func TestPage_FirstPaintNeedsLittleScript(t *testing.T) {
	h := Handler()
	w := get(h, "/")
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Skip("the page is not built: make console")
	}
	scripts, weight := 0, 0
	for piece := range strings.SplitSeq(w.Body.String(), `"`) {
		if !strings.HasPrefix(piece, "/assets/") {
			continue
		}
		file := get(h, piece, "Accept-Encoding", "gzip")
		if file.Code != 200 {
			t.Errorf("the page names %s: %d", piece, file.Code)
		}
		if strings.HasSuffix(piece, ".js") {
			scripts, weight = scripts+1, weight+file.Body.Len()
		}
	}
	t.Logf("%d scripts, %d bytes gzipped", scripts, weight)
	if scripts == 0 || weight > firstPaint {
		t.Errorf("the first paint needs %d scripts of %d bytes, want at least one and at most %d bytes", scripts, weight, firstPaint)
	}
}
