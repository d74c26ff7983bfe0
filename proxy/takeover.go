package proxy

import (
	"net/http"
	"time"
)

// takeover is how long after it is ready a new era begins at the soonest, while
// viewers watch: nobody has been answered for an instant after that.
const takeover = time.Second

// agreed is how long after an edit the new version may take over: by then every
// replica that is watched has looked twice.
func (s *Server) agreed(k key) time.Duration { return 2*s.revalidateEvery(k) + time.Minute }

// takeoverOf is when a new version wishes to take over: at an instant that all
// replicas find alike from its Last-Modified. Where there is none, or where
// viewers have been answered since the loop end that follows it, it is as soon as
// can be, which is late.
func (s *Server) takeoverOf(st *stream, v *vod, now time.Time) (wish time.Time, late bool) {
	soonest := now.Add(takeover)
	edited, known := v.lastModified()
	if !known {
		return soonest, true
	}
	if edited.After(st.seen.at) {
		edited = st.seen.at
	}
	wish = edited.Add(s.agreed(st.key))
	begins := st.at(wish).live.Timeline.Free(wish)
	if begins.After(soonest) || s.asleep(st, now) && begins.After(st.answered()) {
		return wish, false
	}
	return soonest, true
}

// stood reports whether one look at a new version is enough: it was complete
// before this process began to look, and a second look might come after the
// instant at which other replicas let it take over. A Last-Modified from before the
// last look that found the old version proves nothing: some tools keep that of
// the file they upload.
func (s *Server) stood(st *stream, v *vod, now time.Time) bool {
	edited, known := v.lastModified()
	confirmed := time.Unix(0, st.confirmedAt.Load())
	return known && edited.Add(time.Second).After(confirmed) && now.Sub(edited) >= s.agreed(st.key)/2
}

// lastModified is that of the newest playlist; not known unless all have one.
func (v *vod) lastModified() (newest time.Time, known bool) {
	for _, src := range v.sources {
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

// answered is the newest instant that viewers may have been answered for.
func (st *stream) answered() time.Time { return time.Unix(0, st.usedAt.Load()).Add(time.Second) }
