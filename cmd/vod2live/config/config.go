// Package config reads the configuration file. All mistakes of a file are told
// at once, each with its line and column. Values may hold ${NAME} of the
// environment; no message shows what that stands for.
package config

import (
	"errors"
	"time"
)

// File is a configuration file without mistakes. What it does not set is zero.
type File struct {
	Listen, Admin   string
	TLSCert, TLSKey string // paths
	SegmentCache    int64  // bytes
	CORS            CORS
	Live            Live
	Origins         []Origin // in the order of the file
	Channels        []Channel
}

// What settings may be, by whatever means they are given.
const (
	MaxWindow         = 24 * time.Hour
	LeastSegmentCache = 16 << 20 // unless there is none
)

// CheckEpoch says why streams can't have begun at an instant.
func CheckEpoch(t time.Time) error {
	switch {
	case t.Year() < 1970:
		return errors.New("is too early: the earliest is 1970-01-01T00:00:00Z")
	case t.After(time.Now()):
		return errors.New("lies in the future; a stream can't have begun then")
	}
	return nil
}

// Live is how streams are made.
type Live struct {
	Window time.Duration
	Epoch  time.Time
}

// Origin is where VODs are.
type Origin struct {
	Name       string
	URLs       []string // the next is tried when one fails
	Region     string   // of S3: requests are signed; empty: they are not
	Headers    map[string]string
	Query      Query
	Timeout    time.Duration
	Revalidate time.Duration
	GoneAfter  time.Duration
	Direct     bool   // players get segments from the origin itself
	PublicURL  string // where the origin is for them
}

// Query says what of a viewer's query an origin gets with a playlist's address.
type Query struct {
	Ignore bool
	Names  []string // only these; nil: all
}

// Channel is a stream with a name of its own.
type Channel struct {
	Name string
	Loop []Item
	Live Live // zero where the file's applies
}

// Item is a VOD of a channel.
type Item struct {
	Origin, Path string
}

// Parse reads a file. env looks up the environment. The error joins a Mistake
// for each that was made.
func Parse(text []byte, env func(string) (string, bool)) (*File, error) {
	r := &reader{env: env, file: &File{}, names: map[string]bool{}}
	r.document(text)
	if err := r.mistakes(); err != nil {
		return nil, err
	}
	return r.file, nil
}
