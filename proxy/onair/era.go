package onair

import (
	"time"

	"vod2live/playlist"
	"vod2live/proxy/answer"
	"vod2live/proxy/problem"
	"vod2live/proxy/subtitles"
)

// era is a version of a stream's VOD. It is immutable.
type era struct {
	live         *playlist.Live
	multivariant *answer.Answer         // nil: the VOD is one media playlist
	cues         []*subtitles.Track     // of renditions whose WebVTT is cut anew, by rendition; nil: it is not
	origins      []string               // that its addresses lie in
	segments     []uint64               // of a channel: what its addresses name, by hash
	listed       []uint64               // addresses for listed: its own, and those that are outdated
	own          []uint64               // of listed, those in its own text
	outdated     []outdated             // of listed, those before the VOD was signed anew
	problems     []problem.Problem      // of the VOD
	described    []playlist.Description // its renditions
	earlier      *era                   // on air until the era begins, and shown for a while; nil: none
	addresses    int                    // about what its own and those at the origin take of memory
	size         int                    // about what all of it takes, with those before it
}

// at is the era on air at an instant.
func (st *Stream) at(now time.Time) *era {
	e := st.newest.Load()
	for e.earlier != nil && now.Before(e.live.Begins()) {
		e = e.earlier
	}
	return e
}

// sliced is the era with the slices that are named after a sum; nil if nothing of
// it is shown.
func (st *Stream) sliced(rendition int, sum string) *era {
	e := st.newest.Load()
	for e != nil && (rendition >= len(e.cues) || e.cues[rendition] == nil || e.live.Slices(rendition) != sum) {
		e = e.earlier
	}
	return e
}

// bytes is about what a stream takes of memory.
func (st *Stream) bytes() int { return st.newest.Load().size }

// weigh is about what an era takes of memory, with those before it: all but the
// live playlists that are kept, which are counted as they are. The multivariant
// playlist counts half as much again for its packed form.
func (e *era) weigh() int {
	size := e.live.Bytes() + len(e.live.Multivariant)/2 + 768*(1+len(e.live.VOD.Tracks)) + e.addresses + 8*len(e.segments) + listedBytes*len(e.listed) + 1024*len(e.problems)
	for _, track := range e.cues {
		if track != nil {
			size += track.Size()
		}
	}
	return size
}

// since is the era without those that nothing shows any more at an instant.
func (e *era) since(now time.Time) *era {
	rest := *e
	rest.live, rest.earlier = e.live.Since(now), nil
	rest.list(now)
	if e.earlier != nil && rest.live.Versions() > 1 {
		rest.earlier = e.earlier.since(now)
	}
	rest.size = rest.weigh()
	return &rest
}
