package playlist

import (
	"path"
	"slices"
	"strings"
)

// form is how the media of a rendition are packaged, as far as its playlist
// shows.
type form struct {
	container  string
	encryption string // METHOD and KEYFORMAT of all its keys; empty: none
	frames     bool   // EXT-X-I-FRAMES-ONLY
}

// The containers. Text in fMP4 is fMP4, WebVTT is a container of its own.
const (
	fragmentedMP4   = "fMP4"
	packedAudio     = "packed audio"
	transportStream = "MPEG-TS"
	webVTT          = "WebVTT"
)

// packedAudioNames are the extensions of packed audio (3.1.3).
var packedAudioNames = []string{".aac", ".ac3", ".ec3", ".eac3", ".mp3"}

// formOf is the form of a media playlist, which may be one of subtitles.
func formOf(m *Media, subtitles bool) form {
	f := form{container: transportStream, frames: slices.Contains(m.header, tagIFramesOnly)}
	switch {
	case slices.ContainsFunc(m.Segments, func(s Segment) bool { return s.Map != nil }):
		f.container = fragmentedMP4
	case subtitles:
		f.container = webVTT
	case len(m.Segments) > 0 && slices.Contains(packedAudioNames, extension(m.Segments[0].URI)):
		f.container = packedAudio
	}
	f.encryption = encryptionOf(m.Segments)
	return f
}

// extension of an address's path, in lower case.
func extension(uri string) string {
	if i := strings.IndexAny(uri, "?#"); i >= 0 {
		uri = uri[:i]
	}
	return strings.ToLower(path.Ext(uri))
}

// encryptionOf are the methods of some segments, each once.
func encryptionOf(segments []Segment) string {
	var all []string
	for i := range segments {
		if i > 0 && sameKeys(segments[i-1].Keys, segments[i].Keys) {
			continue
		}
		for _, k := range segments[i].Keys {
			if name := k.method + " " + k.format; !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
