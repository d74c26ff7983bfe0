package onair

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/answer"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/timeshift"
	"vod2live/proxy/vod"
)

// Stream is one loaded VOD with its newest answers.
type Stream struct {
	// What each request reads comes first: together it is in few lines of memory.
	scheduled  bool // a playout keeps it, else the follower
	newest     atomic.Pointer[era]
	renditions []rendition
	check      atomic.Pointer[due] // next revalidation; nil: now
	usedAt     moment              // last viewer request; 0: none
	cut        lasting             // the last request to the origin failed
	key        Key

	ahead   atomic.Pointer[prospect] // of a channel: what it will play; nil: no more is known than the era
	mu      sync.Mutex               // guards changes of newest, and options
	options playlist.Options         // in force
	writing *semaphore.Weighted      // of views: one at a time
	sources vod.Sources              // what the newest was made of; the look guards them
	front   atomic.Pointer[front]
	kin     *kin
	seen    seen // the look guards it

	look      look
	renewed   renewed
	gone      lasting // the origin no longer has the VOD
	refused   lasting // the origin has a version that can't take over
	unsettled lasting // each look at the origin finds another version
	lost      lost

	confirmedAt atomic.Int64 // Unix nanoseconds: when the origin last had it so
	good        lastGood
	viewing     viewing
	answers     tally
}

// rendition holds the live media playlist of the newest change.
type rendition struct {
	variant bool // a variant stream: every viewer polls one
	current atomic.Pointer[answer.Answer]
	asked   moment     // when a viewer did
	mu      sync.Mutex // guards rendering: once for all viewers that wait for a change
}

// Single reports whether the VOD is one media playlist, at the stream's own
// address.
func (st *Stream) Single() bool { return st.newest.Load().multivariant == nil }

// Count is how many renditions there are, those that are left out among them.
func (st *Stream) Count() int { return len(st.renditions) }

// Multivariant is the live multivariant playlist at an instant; nil: there is none. The
// error is origin.ErrNotFound a while after the stream has ended.
func (st *Stream) Multivariant(now time.Time) (*answer.Answer, error) {
	e := st.at(now)
	if st.scheduled {
		if w, err := e.anyWindow(timeshift.View{}, now); err == nil && e.over(w, now) {
			return nil, origin.ErrNotFound
		}
	}
	return e.multivariant, nil
}

// TargetDuration is that at an instant.
func (st *Stream) TargetDuration(now time.Time) time.Duration {
	return st.at(now).target
}

// neededFor is how long after a viewer request another one is expected.
const neededFor = time.Minute

// use notes a viewer request.
func (st *Stream) use(now time.Time) { st.usedAt.set(now) }

// leastAfterEnd is how long a channel that has ended is still answered for.
const leastAfterEnd = 10 * time.Minute

// Media returns the live playlist of rendition n at an instant. Who comes with
// an instant just before the newest change gets the newest all the same:
// numbers don't fall.
func (st *Stream) Media(n int, now time.Time) (*answer.Answer, error) {
	r := &st.renditions[n]
	r.asked.set(now)
	if a := r.current.Load(); a != nil && a.Holds(now) {
		return a, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.current.Load(); a != nil && a.Holds(now) {
		return a, nil
	}
	e := st.at(now)
	live := e.live
	w, err := live.Timeline.Window(n, now)
	if errors.Is(err, loop.ErrLeftOut) {
		return nil, origin.ErrNotFound
	}
	if err != nil {
		return nil, &failure.NotYet{Wait: live.Timeline.Ready().Sub(now)}
	}
	if e.over(w, now) {
		return nil, origin.ErrNotFound
	}
	if w.Ended {
		w.Next = e.lasts(w)
	}
	size := 4096
	if last := r.current.Load(); last != nil {
		size = len(last.Body) + len(last.Body)/8 // windows are about equally long
	}
	body := live.AppendMedia(make([]byte, 0, size), n, w)
	if cap(body)-len(body) > len(body)/8 {
		body = bytes.Clone(body)
	}
	a := answer.New(body, tagOf(live, n, w), w.Changed, w.Next)
	st.keep(r, a)
	return a, nil
}

// tagOf is an ETag without its quotes: of the versions that a window shows, its
// numbers and the start of its first item. The text depends on nothing else, and
// is the same until the window moves; the tag is equal in every process with the
// same answer.
func tagOf(live *playlist.Live, n int, w loop.Window) string {
	sum := live.Fingerprint(n, w)
	b := hex.AppendEncode(make([]byte, 0, 64), sum[:])
	for _, number := range []int64{w.First, w.End, live.Timeline.Run(n, w.First).Zero.UnixNano()} {
		b = strconv.AppendInt(append(b, '-'), number, 16)
	}
	return string(b)
}
