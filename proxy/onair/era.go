package onair

import (
	"slices"
	"time"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/answer"
	"vod2live/proxy/measure"
	"vod2live/proxy/problem"
	"vod2live/proxy/subtitles"
)

// era is a version of a stream's VOD. It is immutable.
type era struct {
	target       time.Duration // the target duration
	earlier      *era          // on air until the era begins, and shown for a while; nil: none
	live         *playlist.Live
	multivariant *answer.Answer         // nil: the VOD is one media playlist
	cues         []*subtitles.Track     // of renditions whose WebVTT is cut into new segments, by rendition; nil: not cut
	cast         []*play                // of a channel that plays lists
	placed       []placed               // of such a channel: its eras
	standIns     metrics.StandIns       // … how many items something else is played for
	filler       []Clip                 // … the filler in its schedule object
	origins      []string               // that its addresses lie in
	segments     []uint64               // of a channel: what its addresses name, by hash
	listed       []uint64               // addresses for listed: its own, and those that are outdated
	own          []uint64               // of listed, those in its own text
	outdated     []outdated             // of listed, those before the VOD was signed again
	problems     []problem.Problem      // of the VOD
	described    []playlist.Description // its renditions
	moving       *moving                // how the timestamps of its loops continue; nil: they don't
	tagged       *measure.Tagged        // why they don't; nil: they do, or need not
	addresses    int                    // approximate memory of its own addresses and those at the origin
	size         int                    // approximate memory, including the previous eras
}

// at is the era on air at an instant.
func (st *Stream) at(now time.Time) *era {
	e := st.newest.Load()
	for e.earlier != nil && now.Before(e.live.Begins()) {
		e = e.earlier
	}
	return e
}

// sliced is the track with the slices of this sum; nil: nothing of it is shown.
func (st *Stream) sliced(rendition int, sum string) *subtitles.Track {
	for e := st.newest.Load(); e != nil; e = e.earlier {
		if rendition < len(e.cues) && e.cues[rendition] != nil && e.live.Slices(rendition) == sum {
			return e.cues[rendition]
		}
		for _, one := range e.cast {
			if rendition < len(one.cues) && one.cues[rendition] != nil && one.program.Slices(rendition) == sum {
				return one.cues[rendition]
			}
		}
	}
	return nil
}

// bytes is about what a stream takes of memory.
func (st *Stream) bytes() int { return st.newest.Load().size }

// streamBytes is the approximate memory of a stream besides its eras: its place in the
// store, and the shared part of its forms.
const streamBytes = 1024

// weigh is about what an era takes of memory, with those before it: all but the
// live playlists that are kept, which are counted as they are. The multivariant
// playlist counts half as much again for its packed form.
func (e *era) weigh() int {
	if len(e.cast) > 0 {
		return e.weighCast()
	}
	size := streamBytes + e.live.Bytes() + len(e.live.Multivariant)/2 + 768*(1+len(e.live.VOD.Tracks)) + e.addresses + 8*len(e.segments) + listedBytes*len(e.listed) + 1024*len(e.problems)
	for _, track := range e.cues {
		if track != nil {
			size += track.Size()
		}
	}
	return size
}

// since is the era without those that nothing shows any more from an instant on, and
// without addresses that are outdated now.
func (e *era) since(from, now time.Time) *era {
	rest := *e
	rest.live, rest.earlier = e.live.Since(from), nil
	rest.list(now)
	if e.earlier != nil && rest.live.Versions() > 1 {
		rest.earlier = e.earlier.since(from, now)
	}
	rest.size = rest.weigh()
	return &rest
}

// within is the era without previous eras that are never shown from an instant on, or
// later: as many of them are kept as fit into this many bytes, and all that are live
// now.
func (e *era) within(most int64, from, now time.Time) *era {
	rest := e.since(from, now)
	for int64(rest.size) > most && now.Sub(from) > time.Second {
		from = from.Add(now.Sub(from) / 8)
		rest = e.since(from, now)
	}
	return rest
}

// weighCast is the approximate memory of a channel that plays lists, without the text
// of its items, which the library counts.
func (e *era) weighCast() int {
	return 256*len(e.cast) + listedBytes*len(e.listed) + 1024*len(e.problems) + len(e.live.Multivariant)*3/2
}

// names reports whether any of its addresses names a resource, by its hash.
func (e *era) names(hash uint64) bool {
	if _, has := slices.BinarySearch(e.segments, hash); has {
		return true
	}
	return slices.ContainsFunc(e.cast, func(one *play) bool {
		_, has := slices.BinarySearch(one.segments, hash)
		return has
	})
}
