package onair

import (
	"crypto/sha256"
	"time"

	"go.uber.org/zap"

	"vod2live/proxy/vod"
)

// seen is a version that the origin had at the last fetch, but not the loaded
// one. The zero value is none.
type seen struct {
	sum [sha256.Size]byte
	at  time.Time // when it was found first

	others int // versions that were found before it, each only once
}

// maxOthers is how many versions an upload may pass through: more are a VOD that
// is another at each look.
const maxOthers = 3

// noteSeen notes a version that was not there at the look before.
func (st *Stream) noteSeen(sum [sha256.Size]byte, now time.Time) {
	others := 0
	if st.seen != (seen{}) {
		others = st.seen.others + 1
	}
	st.seen = seen{sum, now, others}
	st.refused.end()
}

// forgetSeen notes that the loaded version is that of the origin.
func (st *Stream) forgetSeen() {
	st.seen = seen{}
	st.refused.end()
	st.unsettled.end()
}

// settle makes a VOD the one that is loaded.
func (st *Stream) settle(v *vod.VOD, now time.Time) {
	st.sources = v.Sources
	st.front.Store(frontOf(v.Sources))
	st.forgetSeen()
	st.confirmedAt.Store(now.UnixNano())
}

// noteUnsettled warns once of a VOD that is another at each look.
func (f *follower) noteUnsettled(st *Stream, log *zap.Logger) {
	if st.seen.others >= maxOthers && st.unsettled.begin(f.config.Now(), "") {
		log.Warn("every request to the origin returns another version of the VOD; the loaded version stays on air", zap.String("code", CodeVODUnsettled))
	}
}
