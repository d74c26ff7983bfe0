// Package config reads the settings: flags, environment variables and the
// configuration file, all by one table. Every error is reported at once, those of
// the file with line and column. Values of the file may hold ${NAME} of the
// environment; no message shows its value.
package config

import (
	"time"

	"vod2live/proxy/schedule"
)

// File has the settings that only a configuration file has, checked.
type File struct {
	CORS     CORS
	Origins  []Origin // in the order of the file
	Channels []Channel
	Breaks   *schedule.Breaks // of VODs, and of channels without their own; nil: none
	Guide    *Guide           // nil: none
}

// Guide of what plays on channels.
type Guide struct {
	Days int // ahead
}

// The timestamps of media at a loop point.
const (
	Restart    = "restart"
	Continuous = "continuous"
)

// Live is how streams are made.
type Live struct {
	Window time.Duration
	Epoch  time.Time
	DVR    *time.Duration // nil: as everywhere

	Timestamps string // Restart or Continuous; empty: as everywhere
}

// Origin is where VODs are.
type Origin struct {
	Name       string
	URLs       []string          // the next is tried when one fails
	Region     string            // of S3: requests are signed; empty: they are not
	Headers    map[string]string // Host and Cookie may be among them
	Params     map[string]string // of the query of every request
	Query      Query
	Playlists  []string // patterns of last path elements
	Timeout    time.Duration
	Revalidate time.Duration
	GoneAfter  time.Duration
	Direct     bool   // players get segments from the origin itself
	Listed     bool   // of a segment's query only what a VOD lists goes to the origin
	Strict     bool   // reject a VOD rather than leave an optional rendition out
	Measure    string // which VODs are measured: auto, on, off; empty: auto
	PublicURL  string // where the origin is for them
}

// Query selects the part of a viewer's query that an origin gets with a
// playlist's address.
type Query struct {
	Ignore bool
	Names  []string // only these; nil: all
}

// Channel is a stream with its own name.
type Channel struct {
	Name string
	schedule.Channel
	Object     *Object        // what it plays; nil: its eras
	Origins    []string       // origins of the VODs that the object may name, besides its own
	Slate      *schedule.Item // stands in for items, if the object is locked
	Live       Live           // zero where the file's applies
	Programmes string         // DateRanges: playlists announce the items; empty: they don't
	Unlisted   bool           // the guide does not have it
}

// Object is where the schedule of a channel is.
type Object struct {
	schedule.Item        // at an origin
	File          string // a local file instead; empty: none
}

// Parse reads a file with a name, and sets the settings that it contains. The
// error joins one Mistake for each error in the file.
func Parse(name string, text []byte, settings Settings, env Environment) (*File, error) {
	r := newReader(name, settings, env)
	r.document(text)
	if err := r.mistakes(); err != nil {
		return nil, err
	}
	return r.file, nil
}

func newReader(name string, settings Settings, env Environment) *reader {
	return &reader{path: name, settings: settings, env: env, file: &File{}, names: map[string]bool{}}
}
