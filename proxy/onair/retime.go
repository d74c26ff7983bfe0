package onair

import (
	"time"

	"vod2live/playlist"
)

// retime gives a stream other options, as if it were loaded again with them: its
// texts stay, and its numbers are those of a new process. It reports whether that can
// be done without the origin.
func (st *Stream) retime(o playlist.Options, now time.Time) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	before := st.newest.Load()
	e := before.retimed(o, now)
	if e == nil {
		return false
	}
	if st.options = o; e != before {
		st.show(e)
	}
	return true
}

// play makes an era the newest of a stream, under the options in force: the Station
// that has made it may have been replaced meanwhile.
func (st *Stream) play(e *era, now time.Time) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if again := e.retimed(st.options, now); again != nil {
		e = again
	}
	st.show(e)
}

// show has viewers answered from an era. Answers do not know when it begins.
func (st *Stream) show(e *era) {
	st.newest.Store(e)
	for n := range st.renditions {
		r := &st.renditions[n]
		r.mu.Lock()
		r.set(nil, nil)
		r.mu.Unlock()
	}
}

// retimed is the era under other options; nil if that can't be made without the
// origin.
func (e *era) retimed(o playlist.Options, now time.Time) *era {
	live := e.live.Retime(o)
	if live == nil {
		return nil
	}
	if live.Timeline == e.live.Timeline {
		return e
	}
	again := *e
	again.live, again.earlier = live, nil
	again.list(now)
	again.size = again.weigh()
	return &again
}
