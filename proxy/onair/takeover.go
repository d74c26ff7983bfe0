package onair

import (
	"time"

	"vod2live/proxy/answer"
	"vod2live/proxy/vod"
)

// takeover is the minimum delay of a new era after it is ready, while viewers
// watch: no viewer has got an answer for a later instant.
const takeover = time.Second

// agreed is how long after an edit the new version may take over: by then every
// replica that is watched has looked twice.
func (e *env) agreed(k Key) time.Duration { return 2*e.mounts[k.Mount].revalidate + time.Minute }

// takeoverOf is the requested start of a new version: an instant that all
// replicas derive from its Last-Modified. Without Last-Modified, or if viewers
// have got answers for an instant after the following loop end, it is as soon as
// possible, which is late.
func (f *follower) takeoverOf(st *Stream, v *vod.VOD, now time.Time) (wish time.Time, late bool) {
	soonest := now.Add(takeover)
	edited, known := v.Sources.LastModified()
	if !known {
		return soonest, true
	}
	if edited.After(st.seen.at) {
		edited = st.seen.at
	}
	wish = edited.Add(f.agreed(st.key))
	begins := st.at(wish).live.Timeline.Free(wish)
	if begins.After(soonest) || f.asleep(st, now) && begins.After(st.answered()) {
		return wish, false
	}
	return soonest, true
}

// astray reports whether a version waits longer than any edit has to: the clock was
// ahead when it was seen. Until the clock gets there again, viewers would get the
// previous version, or nothing.
func (e *env) astray(st *Stream, now time.Time) bool {
	newest := st.newest.Load()
	if newest.live.Era == 0 {
		return false
	}
	most := answer.HoldBack
	if newest.earlier != nil {
		most += e.agreed(st.key) + 2*newest.earlier.live.VOD.Length
	}
	return newest.live.Begins().Sub(now) > most
}

// stood reports whether one look at a new version is enough: it was complete
// before this process began to look, and a second look might come after the
// instant at which other replicas let it take over. A Last-Modified from before the
// last look that found the old version proves nothing: some tools keep that of
// the file they upload.
func (f *follower) stood(st *Stream, v *vod.VOD, now time.Time) bool {
	edited, known := v.Sources.LastModified()
	confirmed := time.Unix(0, st.confirmedAt.Load())
	return known && edited.Add(time.Second).After(confirmed) && now.Sub(edited) >= f.agreed(st.key)/2
}

// answered is the newest instant that viewers may have been answered for.
func (st *Stream) answered() time.Time { return time.Unix(0, st.usedAt.nanos.Load()).Add(time.Second) }
