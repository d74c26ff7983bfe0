// Package builtin holds the VOD that vod2live serves without an origin: ten seconds in two bit
// rates, a counter and a moving picture in which the loop point can be seen and heard.
//
// It is an ordinary VOD, a tree of files that any web server could serve; the proxy in front of
// it makes it a live stream. The files are committed, so that building needs no ffmpeg. make.sh
// beside them makes them again.
package builtin

import (
	"embed"
	"io/fs"
)

//go:generate ./make.sh

//go:embed vod
var vod embed.FS

// Playlist is the path within [Files] of the VOD's multivariant playlist.
const Playlist = "demo.m3u8"

// Files returns the VOD's files: its playlists and its media segments. It is safe for concurrent use.
func Files() fs.FS {
	files, err := fs.Sub(vod, "vod")
	if err != nil {
		panic(err) // only an invalid path is an error
	}
	return files
}
