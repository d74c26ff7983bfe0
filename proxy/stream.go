package proxy

import (
	"encoding/hex"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/origin"
)

// stream is one loaded VOD with what was last answered of it.
type stream struct {
	key          key
	live         *playlist.Live
	multivariant *answer // nil: the VOD is one media playlist
	renditions   []rendition
	cues         [][]cueFile // of renditions whose WebVTT is cut anew, by rendition
	sources      []source    // what it was made of
	origins      []string    // that its addresses lie in
	segments     []uint64    // of a channel: what its addresses name, by hash
	problems     []Problem   // of the VOD
	bytes        int

	checkAt  atomic.Int64 // Unix nanoseconds: when to ask the origin again
	checking atomic.Bool
	goneAt   atomic.Int64 // Unix nanoseconds: since when the origin says it is gone; 0: it does not
	usedAt   atomic.Int64 // Unix nanoseconds: when it was asked for, to a second
	cut      atomic.Bool  // the origin failed when it was asked last
	newer    atomic.Bool  // the origin has another content, and that has been logged

	confirmedAt atomic.Int64 // Unix nanoseconds: when the origin last had it so
	viewing     viewing
}

// rendition holds the live media playlist of the newest change.
type rendition struct {
	variant bool // a variant stream: every viewer polls one
	current atomic.Pointer[answer]
	mu      sync.Mutex // guards rendering: one for all who wait for a change
}

// source is a playlist of the VOD at the origin.
type source struct {
	validators origin.Validators // what it is asked again with; checking guards them
	sum        [32]byte          // of its body
	address    string            // it was asked at
}

// neededFor is how long after a viewer has asked another request is expected.
const neededFor = time.Minute

// use notes that a viewer asks.
func (st *stream) use(now time.Time) {
	nanos := now.UnixNano()
	if ago := nanos - st.usedAt.Load(); ago > int64(time.Second) || ago < 0 { // the clock may step back
		st.usedAt.Store(nanos)
	}
}

// needed says whether viewers ask for what could not be loaded again.
func (s *Server) needed(st *stream) bool {
	failing := st.cut.Load() || s.mounts[st.key.mount].origin.Failing()
	return failing && s.config.Now().UnixNano()-st.usedAt.Load() < int64(neededFor)
}

// media returns the live playlist of rendition n at an instant. Who comes with
// an instant just before the newest change gets the newest all the same:
// numbers don't fall.
func (st *stream) media(n int, now time.Time) (*answer, error) {
	r := &st.renditions[n]
	if a := r.current.Load(); a != nil && a.holds(now) {
		return a, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.current.Load(); a != nil && a.holds(now) {
		return a, nil
	}
	w, err := st.live.Stream.Window(n, now)
	if err != nil {
		return nil, &notYet{wait: st.live.Stream.Ready().Sub(now)}
	}
	size := 4096
	if last := r.current.Load(); last != nil {
		size = len(last.body) + len(last.body)/8 // windows are about equally long
	}
	body := st.live.AppendMedia(make([]byte, 0, size), n, w)
	a := newAnswer(body, st.tag(w.First, w.End), w.Changed, w.Next)
	r.current.Store(a)
	return a, nil
}

// tag is an ETag without its quotes: of the segments [first, end), which are all
// that a text depends on; equal in every process that answers alike.
func (st *stream) tag(first, end int64) string {
	b := hex.AppendEncode(make([]byte, 0, 48), st.live.Fingerprint[:])
	b = strconv.AppendInt(append(b, '-'), first, 16)
	b = strconv.AppendInt(append(b, '-'), end, 16)
	return string(b)
}
