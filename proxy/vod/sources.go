package vod

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vod2live/loop"
	"vod2live/proxy/origin"
)

// Sources are the playlists of a VOD at its origin: its own, then that of each
// rendition.
type Sources []source

// source is a playlist of the VOD at the origin.
type source struct {
	validators origin.Validators // what it is asked again with
	sum        [32]byte          // of its body
	unsigned   [32]byte          // of its body without the values of queries
	queries    bool              // some of its URIs may have queries
	Address    string            // it was asked at
	quoted     string            // the same with variables, as it stands in the multivariant playlist; empty: it has none
	optional   bool              // the VOD can do without it
	leftOut    loop.Code         // why it is not served; empty: it is
}

func newSource(p *origin.Playlist, address *url.URL) source {
	src := source{validators: p.Validators, sum: sha256.Sum256(p.Body), Address: address.String()}
	src.unsigned = src.sum
	if src.queries = bytes.IndexByte(p.Body, '?') >= 0; src.queries {
		src.unsigned = unsigned(p.Body, src.sum)
	}
	return src
}

// Quoted is an address as it stands in a playlist, if it has variables.
func Quoted(text string) string {
	if strings.Contains(text, "{$") {
		return text
	}
	return ""
}

// Sum tells one content of a VOD from another; of one that can't be loaded by
// why not.
func (all Sources) Sum(err error) [sha256.Size]byte {
	if err != nil {
		return sha256.Sum256([]byte(err.Error())) // which playlists were fetched before is chance
	}
	h := sha256.New()
	for _, src := range all {
		if src.leftOut == "" { // what else it says is never seen
			h.Write(src.unsigned[:])
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// LastModified is that of the newest playlist; not known unless all have one.
func (all Sources) LastModified() (newest time.Time, known bool) {
	for _, src := range all {
		if src.leftOut != "" {
			continue
		}
		modified, err := http.ParseTime(src.validators.LastModified)
		if err != nil {
			return time.Time{}, false
		}
		if modified.After(newest) {
			newest = modified
		}
	}
	return newest, true
}

// Size is about what they take of memory.
func (all Sources) Size() (size int) {
	for _, src := range all {
		size += len(src.Address) + len(src.validators.ETag) + len(src.validators.LastModified)
	}
	return size
}
