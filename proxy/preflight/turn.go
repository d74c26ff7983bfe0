package preflight

import (
	"slices"
	"time"
)

// turn is how many plays there are before the same come again, to the last.
func turn(all []ChannelPlay) int {
	for n := 1; n < len(all); n++ {
		if slices.EqualFunc(all[n:], all[:len(all)-n], ChannelPlay.like) {
			return n
		}
	}
	return len(all)
}

func (p ChannelPlay) length() time.Duration { return time.Time(p.End).Sub(time.Time(p.Start)) }

func (p ChannelPlay) like(other ChannelPlay) bool {
	return p.VOD == other.VOD && (p.Break == "") == (other.Break == "") && p.Title == other.Title && p.length() == other.length()
}
