package vod

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/origin"
)

// Sources are the playlists of a VOD at its origin: its own, then that of each
// rendition.
type Sources []source

// source is a playlist of the VOD at the origin.
type source struct {
	validators origin.Validators // validators of the next request
	sum        [32]byte          // of its body
	text       [32]byte          // of its text with variables replaced, and of its final address without the query
	unsigned   [32]byte          // of its text without the values of queries
	queries    bool              // some of its URIs may have queries
	Address    string            // the requested address
	quoted     string            // the same with variables, as written in the multivariant playlist; empty: no variables
	optional   bool              // the VOD can do without it
	leftOut    loop.Code         // why it is not served; empty: it is
}

func newSource(p *origin.Playlist, address *url.URL) source {
	src := source{validators: p.Validators, sum: sha256.Sum256(p.Body), Address: address.String()}
	src.unsigned = src.sum
	if src.queries = bytes.IndexByte(p.Body, '?') >= 0; src.queries {
		src.unsigned = unsigned(p.Body, src.sum)
	}
	src.text = textOf(p, src.sum, nil)
	return src
}

// textOf is the sum of a playlist's text, where that has another sum than its body,
// with the variables that others may import.
func textOf(p *origin.Playlist, sum [32]byte, variables playlist.Variables) [32]byte {
	from := *p.Address
	from.RawQuery, from.ForceQuery = "", false
	return sha256.Sum256(fmt.Appendf(nil, "%x %q %q", sum, from.String(), map[string]string(variables)))
}

// replaced takes into account what variables have made of the text.
func (src *source) replaced(p *origin.Playlist, lines []string, variables playlist.Variables) {
	if lines == nil {
		return
	}
	text := []byte(strings.Join(lines, "\n"))
	sum := sha256.Sum256(text)
	src.text, src.unsigned = textOf(p, sum, variables), unsigned(text, sum)
	src.queries = src.queries || bytes.IndexByte(text, '?') >= 0
}

// Text is equal for VODs that have the same text once variables are replaced, from the
// same addresses except for the query, as far as the first playlist shows.
func (all Sources) Text() [32]byte { return all[0].text }

// As are the sources as a query has them that the origin has let in, too.
func (all Sources) As(address string, v origin.Validators) Sources {
	as := slices.Clone(all)
	as[0].Address, as[0].validators = address, v
	return as
}

// Validators are those of the playlist that names the others.
func (all Sources) Validators() origin.Validators { return all[0].validators }

// Quoted is an address as written in a playlist, if it has variables.
func Quoted(text string) string {
	if strings.Contains(text, "{$") {
		return text
	}
	return ""
}

// Sum identifies the content of a VOD; of a VOD that can't be loaded, the
// reason.
func (all Sources) Sum(err error) [sha256.Size]byte {
	if err != nil {
		return sha256.Sum256([]byte(err.Error())) // which playlists were fetched before is chance
	}
	h := sha256.New()
	for _, src := range all {
		if src.leftOut == "" { // the rest of the error is never seen
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

// Size is their approximate memory.
func (all Sources) Size() (size int) {
	for _, src := range all {
		size += len(src.Address) + len(src.validators.ETag) + len(src.validators.LastModified)
	}
	return size
}
