package proxy

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// poll is one answer of one rendition.
type poll struct {
	at        time.Time
	rendition int
	answered
	held string // the body at the last instant of max-age
}

// watch plays a VOD in virtual time and polls all its renditions, first before
// and then after each pause.
func watch(t *testing.T, files map[string]string, pauses []time.Duration) (polls []poll) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(files), func(c *Config) { c.Options.Epoch = epoch })
		base, _ := url.Parse("/live/v/master.m3u8")
		time.Sleep(5 * time.Minute) // a full window and more
		renditions := addressesIn(r.ok(base.Path).body)
		for _, pause := range pauses {
			polls = append(polls, r.pollAll(base, renditions)...)
			time.Sleep(pause)
		}
	})
	return polls
}

func (r *rig) pollAll(base *url.URL, renditions []string) (polls []poll) {
	for n, address := range renditions {
		path := base.ResolveReference(&url.URL{Path: address}).Path
		polls = append(polls, poll{at: time.Now(), rendition: n, answered: r.ok(path)})
	}
	one := int(time.Now().Unix()) % len(polls) // is seen once more, just before it may change
	if age := polls[one].maxAge(r.t); age > 0 {
		time.Sleep(age - 1)
		polls[one].held = r.ok(base.ResolveReference(&url.URL{Path: renditions[one]}).Path).body
	}
	return polls
}

func drawPauses(t *rapid.T) (pauses []time.Duration) {
	jumps := rapid.SampledFrom([]time.Duration{0, 24 * time.Hour, 200 * 24 * time.Hour, 20 * 365 * 24 * time.Hour})
	for range rapid.IntRange(5, 30).Draw(t, "polls") {
		pauses = append(pauses, time.Duration(rapid.Int64Range(0, int64(5*time.Second)).Draw(t, "pause")))
	}
	pauses[len(pauses)/2] += jumps.Draw(t, "jump")
	return pauses
}

// TestServer_PropertiesOfEveryLivePlaylist is RFC 8216bis 6.2.1, 6.2.2 and
// 6.2.4 for random VODs, over HTTP, in virtual time.
func TestServer_PropertiesOfEveryLivePlaylist(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		files := randomVOD().Draw(rt, "VOD")
		polls := watch(t, files, drawPauses(rt))
		if len(polls) == 0 {
			rt.Fatalf("nothing was answered")
		}
		checkPolls(rt, polls)
	})
}

func checkPolls(rt *rapid.T, polls []poll) {
	seen := map[int]*history{}
	reference := livePlaylist{}
	for _, p := range polls {
		if seen[p.rendition] == nil {
			seen[p.rendition] = &history{segments: map[int64]liveSegment{}}
		}
		playlist := readPlaylist(rt, p.body)
		if p.rendition == 0 {
			reference = playlist
		}
		seen[p.rendition].check(rt, p, playlist)
		checkLength(rt, p, playlist)
		checkStep(rt, p, playlist, reference)
		if p.held != "" && p.held != p.body {
			rt.Fatalf("%s was said to hold for %s", p.body, p.header["Cache-Control"])
		}
	}
}

// history is what one rendition has shown so far.
type history struct {
	segments map[int64]liveSegment
	last     livePlaylist
	poll     poll
}

func (h *history) check(rt *rapid.T, p poll, playlist livePlaylist) {
	for _, s := range playlist.segments {
		if before, known := h.segments[s.number]; known && before != s {
			rt.Fatalf("segment %d was %+v and is %+v", s.number, before, s)
		}
		h.segments[s.number] = s
	}
	if h.last.segments != nil {
		h.compare(rt, p, playlist)
	}
	h.last, h.poll = playlist, p
}

func (h *history) compare(rt *rapid.T, p poll, playlist livePlaylist) {
	if playlist.sequence < h.last.sequence || playlist.discontinuity < h.last.discontinuity ||
		playlist.newest().number < h.last.newest().number || playlist.targetDuration != h.last.targetDuration {
		rt.Fatalf("fell from\n%s\nto\n%s", h.poll.body, p.body)
	}
	if playlist.sequence <= h.last.newest().number {
		left := h.last.discontinuity
		for _, s := range h.last.segments {
			if s.number < playlist.sequence && s.tagged {
				left++
			}
		}
		if playlist.discontinuity != left {
			rt.Fatalf("EXT-X-DISCONTINUITY-SEQUENCE:%d, want %d, after\n%s\ncame\n%s", playlist.discontinuity, left, h.poll.body, p.body)
		}
	}
	if same := p.body == h.poll.body; same != (p.header.Get("Etag") == h.poll.header.Get("Etag")) {
		rt.Fatalf("equal bytes: %v, but ETag %s and %s", same, h.poll.header.Get("Etag"), p.header.Get("Etag"))
	}
	was, now := modified(rt, h.poll), modified(rt, p)
	if now.Before(was) || now.After(p.at) || p.body != h.poll.body && now.Equal(was) && p.at.Sub(h.poll.at) > 10*time.Second {
		rt.Fatalf("Last-Modified %s at %s, after %s", now, p.at, was)
	}
}

func modified(rt *rapid.T, p poll) time.Time {
	t, err := http.ParseTime(p.header.Get("Last-Modified"))
	if err != nil {
		rt.Fatalf("Last-Modified: %v", err)
	}
	return t
}

// checkLength holds 6.2.2 and Apple 8.11, the frozen target duration, and dates
// in one line.
func checkLength(rt *rapid.T, p poll, playlist livePlaylist) {
	target := time.Duration(playlist.targetDuration) * time.Second
	var sum time.Duration
	for i, s := range playlist.segments {
		sum += s.duration
		if s.duration.Round(time.Second) > target {
			rt.Fatalf("EXTINF %s above the target duration %s", s.info, target)
		}
		// Neighbors meet, but where a rendition of another length starts again.
		if i > 0 && !s.tagged && s.start.Sub(playlist.segments[i-1].end()).Abs() > time.Millisecond {
			rt.Fatalf("segment %d starts at %s, the one before ends at %s", s.number, s.start, playlist.segments[i-1].end())
		}
		if i > 0 && s.start.Sub(playlist.segments[i-1].end()).Abs() > 500*time.Millisecond+time.Millisecond {
			rt.Fatalf("segment %d starts at %s, the one before ends at %s", s.number, s.start, playlist.segments[i-1].end())
		}
	}
	if len(playlist.segments) < 6 || sum < 3*target {
		rt.Fatalf("%d segments, %s in all, at a target duration of %s", len(playlist.segments), sum, target)
	}
	if p.maxAge(rt) > target/2 {
		rt.Fatalf("Cache-Control %s at a target duration of %s", p.header.Get("Cache-Control"), target)
	}
}

// checkStep holds that the edge follows the clock and all renditions the
// reference (6.2.4).
func checkStep(rt *rapid.T, p poll, playlist, reference livePlaylist) {
	slack := 500*time.Millisecond + time.Millisecond // dates are floored
	for _, s := range append(playlist.segments, reference.segments...) {
		slack = max(slack, s.duration+500*time.Millisecond+time.Millisecond)
	}
	if late := p.at.Sub(playlist.newest().end()); late < -time.Millisecond || late > slack {
		rt.Fatalf("rendition %d ends %s before %s", p.rendition, late, p.at)
	}
	if d := playlist.first().start.Sub(reference.first().start).Abs(); d > slack {
		rt.Fatalf("rendition %d begins %s from the reference", p.rendition, d)
	}
}
