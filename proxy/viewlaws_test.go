package proxy

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
)

// boundary is the reference's newest one at an instant.
func (b *broadcast) boundary(at time.Time) time.Time {
	newest := b.begins
	for _, s := range b.live[0] {
		for _, edge := range []time.Time{s.start, s.end()} {
			if !edge.After(at) && edge.After(newest) {
				newest = edge
			}
		}
	}
	return newest
}

// boundaryFrom is the reference's first one from an instant on; of a stream that ends
// before, its end. It is in the far future if it is not known.
func (b *broadcast) boundaryFrom(at time.Time) time.Time {
	first := b.begins.Add(1000 * time.Hour)
	if b.ended {
		first = b.boundary(first)
	}
	if at.IsZero() || at.After(b.until.Add(-15*time.Second)) && !b.ended {
		return first
	}
	for _, s := range b.live[0] {
		for _, edge := range []time.Time{s.start, s.end()} {
			if !edge.Before(at) && edge.Before(first) {
				first = edge
			}
		}
	}
	return first
}

const half = time.Second / 2

// numbers are those of a rendition's segments that have ended after an instant and by
// another, and begin before a third.
func (b *broadcast) numbers(n int, after, by, before time.Time) (all []int64) {
	for number, s := range b.live[n] {
		if s.end().After(after) && !s.end().After(by) && s.start.Before(before) {
			all = append(all, number)
		}
	}
	slices.Sort(all)
	return all
}

// era is the one on air at an instant.
func (b *broadcast) era(at time.Time) int {
	n := len(b.eras) - 1
	for n > 0 && b.eras[n].start.After(at) {
		n--
	}
	return n
}

// interval holds section 5 of the design against an answer.
func (b *broadcast) interval(a question) (kind string) {
	from, to := b.boundary(a.from.Add(999999)), b.boundaryFrom(a.to)
	var complete time.Time
	empty, over := false, false
	for n := range b.count {
		far := b.begins.Add(2000 * time.Hour)
		whole := b.numbers(n, from.Add(half), far, to.Add(-half))
		empty = empty || len(b.numbers(n, from.Add(half), a.at, to.Add(-half))) == 0
		over = over || b.ended && len(whole) == 0
		if len(whole) > 0 {
			if end := b.live[n][whole[len(whole)-1]].end(); end.After(complete) {
				complete = end
			}
		}
	}
	if to.After(b.until) {
		complete = to
	}
	target := b.eras[b.era(a.at)].target
	switch {
	case a.from.After(a.at), a.from.Before(b.begins):
		return b.rejected(a, "future or past", 404, 400)
	case !a.to.IsZero() && a.to.Sub(a.from) < max(2*time.Second, target):
		return b.rejected(a, "too short", 400)
	case over:
		return b.rejected(a, "after the end", 404)
	case empty:
		return b.rejected(a, "too early", 503)
	case a.answer.status != http.StatusOK:
		b.t.Fatalf("%s at %s: %d %s", a.path, a.at, a.answer.status, a.answer.body)
	}
	b.shows(a, b.numbers(a.rendition, from.Add(half), a.at, to.Add(-half)))
	if ended := !a.at.Before(complete); a.shown.ended != ended || ended != (a.answer.maxAge(b.t) == 24*time.Hour) {
		b.t.Fatalf("%s at %s: ended: %v, for %s; all is published at %s", a.path, a.at, a.shown.ended, a.answer.maxAge(b.t), complete)
	}
	last := a.at
	if !last.Before(to) {
		last = to.Add(-1)
	}
	if want := b.eras[b.era(last)].target; !a.shown.event || !a.shown.precise || a.shown.targetDuration != int(want/time.Second) {
		b.t.Fatalf("%s at %s: EVENT: %v, START: %v, a target duration of %d, want %s", a.path, a.at, a.shown.event, a.shown.precise, a.shown.targetDuration, want)
	}
	if a.to.IsZero() {
		return "open"
	}
	if a.shown.ended {
		return "whole"
	}
	return "growing"
}

func (b *broadcast) rejected(a question, kind string, codes ...int) string {
	b.t.Helper()
	if !slices.Contains(codes, a.answer.status) {
		b.t.Fatalf("%s at %s: %d %s, want %d: %s", a.path, a.at, a.answer.status, a.answer.body, codes, kind)
	}
	if a.answer.status == 503 && a.answer.header.Get("Retry-After") == "" {
		b.t.Fatalf("%s at %s: 503 without Retry-After", a.path, a.at)
	}
	return kind
}

// shows holds that an answer has these segments, as they were live.
func (b *broadcast) shows(a question, want []int64) {
	b.t.Helper()
	got := a.shown.segments
	if len(got) != len(want) || len(got) == 0 || got[0].number != want[0] || a.shown.newest().number != want[len(want)-1] {
		b.t.Fatalf("%s at %s has %d segments, from %+v to %+v, want %d to %d", a.path, a.at, len(got), a.shown.first(), a.shown.newest(), want[0], want[len(want)-1])
	}
	for i, s := range got {
		was := b.live[a.rendition][s.number]
		if !was.same(s, a.shown.states[i], i == 0) || i > 0 && was.discontinuity > got[i-1].discontinuity != s.tagged {
			b.t.Fatalf("%s at %s: number %d is %+v, %s and was %+v", a.path, a.at, s.number, s, a.shown.states[i], was)
		}
		if i == len(got)-1 {
			b.said.check(b.t, a)
		}
		for _, one := range was.ranges {
			if !slices.Contains(a.shown.ranges, one) {
				b.t.Fatalf("%s at %s lacks %s", a.path, a.at, one)
			}
		}
	}
}

// rolling holds the same against a window.
func (b *broadcast) rolling(a question) string {
	at := a.at.Add(-a.delay)
	switch {
	case at.Before(b.begins):
		return b.rejected(a, "before the stream", 404)
	case at.Before(b.begins.Add(4*b.eras[0].target + time.Second)):
		return b.rejected(a, "before the first window", 503)
	case a.answer.status != http.StatusOK:
		b.t.Fatalf("%s at %s: %d %s", a.path, a.at, a.answer.status, a.answer.body)
	}
	on := b.era(at)
	from := b.boundary(at).Add(-max(b.eras[on].window(), a.dvr))
	for n := 1; n <= on; n++ {
		if floor := b.eras[n].start.Add(-max(b.eras[n-1].window(), a.dvr)); b.eras[n].target > b.eras[n-1].target && floor.After(from) {
			from = floor
		}
	}
	head := b.begins.Add(-time.Hour)
	if !from.Before(b.begins) {
		head = b.boundary(from)
	}
	b.shows(a, b.numbers(a.rendition, head.Add(half), at, b.begins.Add(2000*time.Hour)))
	if a.shown.event || a.shown.precise || a.shown.targetDuration != int(b.eras[on].target/time.Second) {
		b.t.Fatalf("%s at %s: EVENT, START, or a target duration of %d", a.path, a.at, a.shown.targetDuration)
	}
	if live, known := b.bodies[fmt.Sprint(a.rendition, at)]; a.dvr == 0 && known && live != a.answer.body {
		b.t.Fatalf("%s at %s:\n%s\nlive it was\n%s", a.path, a.at, a.answer.body, live)
	}
	return "rolling"
}

// startingAt is a query for an interval.
func startingAt(at time.Time, to time.Duration) string {
	query := fmt.Sprintf("start=%d.%03d", at.Unix(), at.Nanosecond()/1e6)
	if to > 0 {
		query += "&end=" + at.Add(to).UTC().Format(time.RFC3339)
	}
	return query
}

func beginsNow(c *Config) { c.Options.Epoch = epoch }

// TestViews_AreWhatWasLive at the same numbers, of a VOD with all there is.
func TestViews_AreWhatWasLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(rich()), beginsNow, goesBack(time.Hour))
		b := newBroadcast(t, r, "/live/master.m3u8", 4, airedEra{})
		b.goOn(30*time.Second, "dvr=60")
		b.goOn(6*time.Minute, startingAt(epoch.Add(17300*time.Millisecond), 0), startingAt(epoch.Add(40*time.Second), 150*time.Second), "dvr=300", "dvr=420&delay=40")
		b.over()
	})
}

// TestViews_OverEditsAreWhatWasLive: an edit that is shorter, and one with a longer
// target duration.
func TestViews_OverEditsAreWhatWasLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &dated{vods: newVODs(seed()), at: map[string]time.Time{}}
		r := newRig(t, files, beginsNow, goesBack(time.Hour))
		b := newBroadcast(t, r, "/live/master.m3u8", 2, airedEra{"master", 4 * time.Second, epoch}, airedEra{"edited", 4 * time.Second, epoch}, airedEra{"again", 9 * time.Second, epoch})
		b.goOn(time.Minute, "dvr=300")
		files.edit(bitrates("edited", 4, 3, 4))
		queries := []string{startingAt(epoch.Add(50*time.Second), 0), startingAt(epoch.Add(time.Minute), 9*time.Minute), "dvr=300", "dvr=360&delay=70"}
		b.goOn(5*time.Minute, queries...)
		files.edit(bitrates("again", 7, 9, 8))
		b.goOn(10*time.Minute, queries...)
		b.over()
	})
}

// TestViews_OfAChannelAreWhatWasLive over its eras to its end and beyond, in a replica
// that starts later alike.
func TestViews_OfAChannelAreWhatWasLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clip := item("c")
		clip.In, clip.Out = 4*time.Second, 13*time.Second
		files := newVODs(vodOf("a", 4, 4, 3), vodOf("b", 3, 3, 3), vodOf("c", 4, 3, 4, 2, 4))
		eras := playing(
			onair.Era{At: epoch, Loop: itemsOf("a b")},
			onair.Era{At: epoch.Add(100 * time.Second), Play: []onair.Item{clip, item("a")}, Loop: itemsOf("b")},
			onair.Era{At: epoch.Add(4 * time.Minute), Wait: 30 * time.Second, Play: itemsOf("a c c a c c a c")},
		)
		r := newRig(t, files, eras, goesBack(time.Hour))
		<-r.station.Tried()
		b := newBroadcast(t, r, "/news/master.m3u8", 2, airedEra{})
		queries := []string{startingAt(epoch.Add(30*time.Second), 0), startingAt(epoch.Add(35*time.Second), 100*time.Second), startingAt(epoch.Add(35*time.Second), 10*time.Minute)}
		b.goOn(time.Minute, "dvr=300")
		b.goOn(150*time.Second, append(queries, "dvr=300")...)
		b.replica = newRig(t, files, eras, goesBack(time.Hour))
		<-b.replica.station.Tried()
		b.goOn(5*time.Minute, append(queries, "dvr=300")...)
		if !b.ended {
			t.Fatal("the channel has not ended")
		}
		b.over()
	})
}

// TestViews_OfUnevenRenditionsAreWhatWasLive: what begins and ends within half a second
// of the reference.
func TestViews_OfUnevenRenditionsAreWhatWasLive(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, newVODs(uneven(rand.New(rand.NewPCG(seed, 0)))), beginsNow, goesBack(time.Hour))
				b := newBroadcast(t, r, "/live/master.m3u8", 3, airedEra{})
				b.goOn(2*time.Minute, "dvr=300", startingAt(epoch.Add(47300*time.Millisecond), 0), startingAt(epoch.Add(10*time.Second), 70*time.Second))
				b.over()
			})
		})
	}
}
