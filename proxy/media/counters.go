package media

// Counters are the continuity counters of one PID at the beginning and at the end of what was read.
//
// Within a PID each packet with payload counts one up, modulo 16 (ISO/IEC 13818-1 2.4.3.3). At a loop point they jump.
// Of players, ffmpeg marks the last picture as corrupt, GStreamer drops it and the one after, VLC drops a packet whose
// counter is equal to the previous one as a duplicate; hls.js, Shaka and video.js do not look.
//
// To go on, loop k needs no more than what one loop adds: it is the same in each. So a VOD's first and last segment
// are enough to continue the counters over any number of loops, and nothing in between needs to be read.
type Counters struct {
	Before uint8 // that of the packet that would come before the first
	Last   uint8
}

// Counter is what a loop adds to the continuity counters of a PID.
type Counter struct {
	PID  int
	Gain uint8
}

// pidCounters are the counters of each PID, in order of appearance.
type pidCounters []struct {
	pid int
	Counters
}

// maxPIDs is the largest number of PIDs whose counters are followed.
const maxPIDs = 64

// add counts a packet.
func (c *pidCounters) add(p *packet) {
	pid, counter := p.pid(), p.counter()
	if pid == nullPID {
		return
	}
	for i := range *c {
		if (*c)[i].pid == pid {
			(*c)[i].Last = counter
			return
		}
	}
	if len(*c) == maxPIDs {
		return
	}
	before := counter
	if p.hasPayload() {
		before = (counter - 1) & 0x0f
	}
	*c = append(*c, struct {
		pid int
		Counters
	}{pid, Counters{before, counter}})
}

// Gains are what one loop adds to the continuity counters, by its first and last segment. A PID that is not in both is
// left alone.
func Gains(first, last *Segment) (gains []Counter) {
	for _, f := range first.counters {
		for _, l := range last.counters {
			if gain := (l.Last - f.Before) & 0x0f; f.pid == l.pid && gain != 0 {
				gains = append(gains, Counter{f.pid, gain})
			}
		}
	}
	return gains
}
