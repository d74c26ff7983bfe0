package onair

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/measure"
	"vod2live/proxy/subtitles"
)

// textKey is what the text of an item depends on: the VOD's, the channel's renditions,
// and how it is laid out.
type textKey struct {
	title
	sum    [sha256.Size]byte // of the VOD's playlists
	model  [8]byte
	in     time.Duration
	target time.Duration
	window time.Duration
	breaks breaksRef
	out    time.Duration // where there are breaks
	bare   bool
}

// rendered is a VOD, or a part of it, laid out and rendered for channels. It is
// immutable.
type rendered struct {
	key      textKey
	known    *record // of the VOD; nil: of another part, or of a stand-in
	program  *playlist.Program
	moving   *moving            // how its timestamps continue over loops of it alone; nil: they don't
	tagged   *measure.Tagged    // why not; nil: they do, or it is not measured
	cues     []*subtitles.Track // by rendition; nil: not cut into new segments
	origins  []string
	segments []uint64 // what its addresses name, by hash
	listed   []uint64
	rest     []*rendered // the other parts of an item with breaks, for which only the first is shared
}

// rendered is what a channel has made already; nil: none has.
func (l *library) rendered(k textKey) *rendered { return l.texts.get(k) }

// share lets other channels have what one has made.
func (l *library) share(made *rendered) { l.texts.keep(made, &l.store.usage.streams) }

// size is its approximate memory.
func (r *rendered) size() int {
	size := r.program.Bytes() + 8*len(r.segments) + listedBytes*len(r.listed) + 512
	for _, track := range r.cues {
		if track != nil {
			size += track.Size()
		}
	}
	for _, part := range r.rest {
		size += part.size()
	}
	return size
}

// sum identifies the playlists of all parts, in the form of schedules.
func (r *rendered) sum() string {
	if len(r.rest) == 0 {
		return r.program.Sum
	}
	h := sha256.New()
	for _, part := range append([]*rendered{r}, r.rest...) {
		h.Write([]byte(part.program.Sum))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// text identifies the text of all parts.
func (r *rendered) text() [8]byte {
	if len(r.rest) == 0 {
		return r.program.Text
	}
	h := sha256.New()
	for _, part := range append([]*rendered{r}, r.rest...) {
		h.Write(part.program.Text[:])
	}
	return [8]byte(h.Sum(nil))
}
