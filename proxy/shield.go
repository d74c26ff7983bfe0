package proxy

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"vod2live/proxy/origin"
)

// Header values of resources: files in a bucket are not pages of this host.
var (
	noSniff = []string{"nosniff"}
	sandbox = []string{"sandbox"}
)

// forViewers is the part of an answer's header that viewers see.
func forViewers(path string, resp *http.Response) http.Header {
	h := make(http.Header, len(toViewer)+2)
	copyHeader(h, resp.Header, toViewer)
	if resp.StatusCode == http.StatusOK {
		delete(h, "Content-Range") // it would announce more parts
	}
	if h["Content-Encoding"] != nil {
		delete(h, "Content-Encoding")
		if known := origin.Codings(resp.Header); known != "" {
			h["Content-Encoding"] = []string{known}
		}
	}
	h["Content-Security-Policy"] = sandbox
	played := origin.HasBody(resp.StatusCode) && calledText(path, h.Get("Content-Type"))
	if !played && resp.StatusCode != http.StatusNotModified { // which leaves what the viewer has
		h["X-Content-Type-Options"] = noSniff
	}
	return h
}

// calledText reports whether the origin calls media text, HTML, JSON or XML.
// With nosniff browsers keep such an answer from a video element on a page of
// another host (https://fetch.spec.whatwg.org/#orb-algorithm): Chromium's own
// HLS player fails. Without it they look at the bytes and play; sandbox protects
// all the same. Plain text is never taken for a page.
func calledText(address, contentType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch kind = strings.TrimSpace(kind); {
	case kind == "text/plain":
		return true
	case kind == "text/html", strings.HasSuffix(kind, "/json"), strings.HasSuffix(kind, "+json"), strings.HasSuffix(kind, "/xml"), strings.HasSuffix(kind, "+xml"):
		return slices.Contains(mediaExtensions, strings.ToLower(path.Ext(address)))
	}
	return false
}

// mediaExtensions are those of the segments that HLS has.
var mediaExtensions = []string{
	".ts", ".mts", ".m2ts", ".mp4", ".m4s", ".m4v", ".m4a", ".m4f", ".cmfv", ".cmfa", ".cmft", ".aac", ".mp3", ".ac3", ".ec3", ".vtt", ".webvtt",
}
