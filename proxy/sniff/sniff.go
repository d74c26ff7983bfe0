// Package sniff rejects playlists among the resources that are passed
// through.
package sniff

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"vod2live/playlist/mask"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/route"
)

// playlistName is that error, with what to do.
func playlistName(o *origin.Origin, path string) error {
	_, name := route.CutLast(path)
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	return fmt.Errorf("%w: it ends in neither .m3u8 nor .m3u; playlists: [ %q ] under the origin %q of the configuration file makes it a stream",
		failure.ErrPlaylistName, mask.Line(name), o.Name)
}

// Refuse rejects an answer that is a playlist, and closes it. It reads only
// the part of the body that is available, so that nobody waits for it.
func Refuse(o *origin.Origin, path string, resp *origin.Response) error {
	if !origin.HasBody(resp.StatusCode) || !saysPlaylist(path, resp.Header) && !beginsLikePlaylist(resp.Response) {
		return nil
	}
	_ = resp.Body.Close()
	return playlistName(o, path)
}

// playlistTypes are the media types of playlists in use (RFC 8216 4).
var playlistTypes = []string{"application/vnd.apple.mpegurl", "application/x-mpegurl", "application/mpegurl", "audio/mpegurl", "audio/x-mpegurl"}

// mediaNames are the endings of media files, whatever their Content-Type is:
// some people upload whole folders under one type.
var mediaNames = []string{".ts", ".m2ts", ".m4s", ".mp4", ".m4v", ".m4a", ".cmfv", ".cmfa", ".cmft", ".aac", ".mp3", ".ac3", ".ec3", ".vtt", ".webvtt", ".key"}

// saysPlaylist judges by the Content-Type.
func saysPlaylist(name string, h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	kind, ending := strings.TrimSpace(kind), path.Ext(name)
	return slices.ContainsFunc(playlistTypes, func(t string) bool { return strings.EqualFold(t, kind) }) &&
		!slices.ContainsFunc(mediaNames, func(e string) bool { return strings.EqualFold(e, ending) })
}

// beginsLikePlaylist looks at the first bytes of the body, which stay to be read.
func beginsLikePlaylist(resp *http.Response) bool {
	part := resp.Header.Get("Content-Range")
	if resp.StatusCode == http.StatusPartialContent && !strings.HasPrefix(part, "bytes 0-") {
		return false
	}
	body := &begun{ReadCloser: resp.Body, first: firstReads.Get().(*firstRead)}
	body.end, body.err = resp.Body.Read(body.first[:])
	resp.Body = body
	return bytes.HasPrefix(bytes.TrimPrefix(body.first[:body.end], []byte("\ufeff")), []byte("#EXTM3U"))
}

// firstRead is the memory of a first read.
type firstRead [8 << 10]byte

var firstReads = sync.Pool{New: func() any { return new(firstRead) }}

// begun is a body whose first read is done.
type begun struct {
	io.ReadCloser
	first   *firstRead // that read it; nil: it has been passed on
	at, end int        // of what has not been passed on
	err     error      // of the first read
}

// Read passes the first read on, then reads more.
func (b *begun) Read(p []byte) (n int, err error) {
	if b.at < b.end {
		n = copy(p, b.first[b.at:b.end])
		b.at += n
		return n, nil
	}
	if b.first != nil {
		firstReads.Put(b.first)
		b.first = nil
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.ReadCloser.Read(p)
}
