package proxy

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// airedSegment is a segment as the live playlist has it.
type airedSegment struct {
	liveSegment
	state  string
	ranges []string
}

// same says whether a view shows the segment so. Whether the head carries its tag is
// in the discontinuity sequence number. Where an era begins the head does not say that
// a break is over.
func (a airedSegment) same(s liveSegment, state string, head bool) bool {
	return a.uri == s.uri && a.byteRange == s.byteRange && (a.cue == s.cue || head && a.cue+s.cue == cueIn) && a.start.Equal(s.start) && a.info == s.info && a.discontinuity == s.discontinuity && a.state == state
}

const cueIn = "EXT-X-CUE-IN "

// broadcast is all that a stream has shown live, and what was asked of its past: that
// is held against it when it is over. Dates and lengths are whole milliseconds in its
// VODs, or the dates would not be exact.
type broadcast struct {
	t       *testing.T
	r       *rig
	replica *rig // answers alike; nil: there is none
	path    string
	count   int // of renditions; the first is the reference
	begins  time.Time
	eras    []airedEra
	random  *rand.Rand

	live   []map[int64]airedSegment // by rendition and number
	bodies map[string]string        // of live playlists, by instant and rendition
	said   announcements            // of breaks, by all live playlists
	until  time.Time                // all that has ended by then is known
	target time.Duration            // when last polled
	ended  bool
	asked  []question
	last   map[string]question
	deltas int
}

// airedEra is one of the stream's, told by a word in the addresses of its segments. A
// target of 0 is that of the stream.
type airedEra struct {
	word   string
	target time.Duration
	start  time.Time
}

// window is W.
func (e airedEra) window() time.Duration {
	return max(24*time.Second, 6*(e.target+time.Second)+time.Second/2)
}

// question is what was asked, and the answer.
type question struct {
	at         time.Time
	rendition  int
	from, to   time.Time
	dvr, delay time.Duration // as rounded
	path       string
	answer     answered
	shown      shown
}

func newBroadcast(t *testing.T, r *rig, path string, count int, eras ...airedEra) *broadcast {
	b := &broadcast{t: t, r: r, path: path, count: count, begins: epoch, eras: eras, random: rand.New(rand.NewPCG(18, 5)), bodies: map[string]string{}, said: announcements{}, last: map[string]question{}}
	for range count {
		b.live = append(b.live, map[int64]airedSegment{})
	}
	return b
}

// goOn watches the stream for a while and asks for parts of it, by one of the queries
// after the other and at random.
func (b *broadcast) goOn(d time.Duration, queries ...string) {
	b.t.Helper()
	for n, end := 0, time.Now().Add(d); time.Now().Before(end); n++ {
		b.poll()
		if len(queries) > 0 {
			b.ask(queries[n%len(queries)])
		}
		b.askAny()
		part := time.Duration(1+b.random.IntN(998)) * time.Millisecond
		time.Sleep(part)
		b.askAny()
		time.Sleep(time.Second - part)
	}
}

// poll notes what is live.
func (b *broadcast) poll() {
	b.t.Helper()
	if b.ended {
		return
	}
	for n := range b.count {
		a := b.r.get(fmt.Sprintf("%s/%d.m3u8", b.path, n))
		if a.status == http.StatusServiceUnavailable && len(b.live[0]) == 0 {
			continue
		}
		b.bodies[fmt.Sprint(n, time.Now())] = a.body
		s := readShown(b.t, a.body, nil)
		b.target = time.Duration(s.targetDuration) * time.Second
		b.said.hear(b.t, s.announced)
		for i, one := range s.segments {
			first := 0
			if i > 0 {
				first = s.before[i-1]
			}
			aired := airedSegment{one, s.states[i], s.ranges[first:s.before[i]]}
			if was, known := b.live[n][one.number]; known && !was.same(one, s.states[i], i == 0) {
				b.t.Fatalf("at %s number %d of rendition %d was %+v and is %+v", time.Now(), one.number, n, was, one)
			} else if !known {
				b.live[n][one.number] = aired
			}
		}
		b.ended = b.ended || s.ended && n == b.count-1
	}
	b.until = time.Now()
}

// ask asks for the same part of all renditions.
func (b *broadcast) ask(query string) {
	b.t.Helper()
	for n := range b.count {
		b.request(question{rendition: n}, query)
	}
}

// askAny asks for any part.
func (b *broadcast) askAny() {
	b.t.Helper()
	a := question{rendition: b.random.IntN(b.count)}
	span := time.Since(b.begins) + 10*time.Second
	query := ""
	switch b.random.IntN(5) {
	case 0:
		query = fmt.Sprintf("dvr=%d", 60*(1+b.random.IntN(15)))
	case 1:
		query = fmt.Sprintf("delay=%d", 10*(1+b.random.IntN(30)))
	case 2:
		query = fmt.Sprintf("delay=%d&dvr=%d", 10*(1+b.random.IntN(20)), 60*(1+b.random.IntN(10)))
	default:
		from := b.begins.Add(-2 * time.Second).Add(time.Duration(b.random.Int64N(int64(span))).Truncate(time.Millisecond))
		query = fmt.Sprintf("start=%d.%03d", from.Unix(), from.Nanosecond()/1e6)
		if b.random.IntN(2) == 0 {
			to := from.Add(time.Duration(b.random.Int64N(int64(3 * time.Minute))).Truncate(time.Millisecond))
			query += "&end=" + to.UTC().Format("2006-01-02T15:04:05.000Z")
		}
	}
	b.request(a, query)
}

// readQuery understands what a query asks for: those of this test alone.
func readQuery(a *question, query string) {
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "start":
			var s, ms int64
			_, _ = fmt.Sscanf(value, "%d.%03d", &s, &ms)
			a.from = time.Unix(s, ms*1e6)
		case "end":
			a.to, _ = time.Parse(time.RFC3339, value)
		case "dvr":
			a.dvr, _ = time.ParseDuration(value + "s")
		case "delay":
			a.delay, _ = time.ParseDuration(value + "s")
		}
	}
}

// request asks, and holds the answer against the one before at the same address.
func (b *broadcast) request(a question, query string) {
	b.t.Helper()
	readQuery(&a, query)
	a.path = fmt.Sprintf("%s/%d.m3u8?%s", b.path, a.rendition, query)
	a.at, a.answer = time.Now(), b.r.get(a.path)
	if b.replica != nil {
		b.alike(a)
	}
	if a.answer.status != http.StatusOK {
		b.asked = append(b.asked, a)
		return
	}
	a.shown = readShown(b.t, a.answer.body, nil)
	if last, again := b.last[a.path]; again {
		b.follows(a, last)
		b.delta(a, last)
	}
	b.last[a.path] = a
	b.asked = append(b.asked, a)
}

// alike holds that the replica answers in the same way.
func (b *broadcast) alike(a question) {
	b.t.Helper()
	other := b.replica.get(a.path)
	if other.status != a.answer.status || other.body != a.answer.body {
		b.t.Fatalf("%s at %s: a replica answers %d\n%s\nnot %d\n%s", a.path, a.at, other.status, other.body, a.answer.status, a.answer.body)
	}
	for _, name := range []string{"Etag", "Cache-Control", "Last-Modified"} {
		if x, y := other.header.Get(name), a.answer.header.Get(name); x != y {
			b.t.Fatalf("%s at %s: a replica's %s is %s, not %s", a.path, a.at, name, x, y)
		}
	}
}

// follows holds what is true of two answers at one address.
func (b *broadcast) follows(a, last question) {
	b.t.Helper()
	was, is := last.answer, a.answer
	if (was.body == is.body) != (was.header.Get("Etag") == is.header.Get("Etag")) {
		b.t.Fatalf("%s: equal bytes: %v, but ETag %s and %s", a.path, was.body == is.body, was.header.Get("Etag"), is.header.Get("Etag"))
	}
	if was.body != is.body && a.at.Sub(last.at) < was.maxAge(b.t) {
		b.t.Fatalf("%s: at %s said to hold for %s, but at %s it is\n%s\nwas\n%s", a.path, last.at, was.maxAge(b.t), a.at, is.body, was.body)
	}
	before, err := http.ParseTime(was.header.Get("Last-Modified"))
	now, err2 := http.ParseTime(is.header.Get("Last-Modified"))
	if err != nil || err2 != nil || now.Before(before) || now.After(a.at) {
		b.t.Fatalf("%s: Last-Modified %s at %s, after %s", a.path, now, a.at, before)
	}
	if a.shown.sequence < last.shown.sequence || a.shown.newest().number < last.shown.newest().number {
		b.t.Fatalf("%s: numbers fall from\n%s\nto\n%s", a.path, was.body, is.body)
	}
	if last.shown.ended && was.body != is.body {
		b.t.Fatalf("%s changes after its end from\n%s\nto\n%s", a.path, was.body, is.body)
	}
}

// delta holds that a delta update on top of the answer before is the full one (6.3.7).
func (b *broadcast) delta(a, last question) {
	b.t.Helper()
	if wants := !a.from.IsZero() || a.dvr >= 5*time.Minute; wants != (a.shown.canSkip != "") {
		b.t.Fatalf("%s offers %q", a.path, a.shown.canSkip)
	}
	text := b.r.ok(a.path + "&_HLS_skip=YES").body
	skips := strings.Contains(text, "#EXT-X-SKIP:")
	if !skips {
		if text != a.answer.body {
			b.t.Fatalf("%s: neither a delta update nor the playlist:\n%s", a.path, text)
		}
		return
	}
	if a.shown.canSkip == "" || a.shown.ended {
		b.t.Fatalf("%s: a delta update that is not offered:\n%s", a.path, text)
	}
	if a.at.Sub(last.at) > time.Duration(last.shown.targetDuration)*3*time.Second {
		return
	}
	b.deltas++
	d := readShown(b.t, text, &last.shown)
	if d.sequence != a.shown.sequence || d.discontinuity != a.shown.discontinuity || !slices.Equal(d.states, a.shown.states) || len(d.segments) != len(a.shown.segments) {
		b.t.Fatalf("%s: a delta update\n%s\nupon\n%s\ngives other segments than\n%s", a.path, text, last.answer.body, a.answer.body)
	}
	for i, s := range d.segments {
		if w := a.shown.segments[i]; i > 0 && s != w || !(airedSegment{liveSegment: w}).same(s, "", i == 0) {
			b.t.Fatalf("%s: a delta update gives\n%+v\nwant\n%+v", a.path, s, w)
		}
	}
	x, y := slices.Sorted(slices.Values(append(d.ranges, d.announced...))), slices.Sorted(slices.Values(append(a.shown.ranges, a.shown.announced...)))
	if !slices.Equal(x, y) {
		b.t.Fatalf("%s: a delta update has the ranges\n%q\nwant\n%q", a.path, x, y)
	}
}

// over goes on until all that was asked is known, and holds it against what was live.
func (b *broadcast) over() {
	b.t.Helper()
	asks := len(b.asked)
	b.goOn(20 * time.Second)
	if b.eras[0].target == 0 {
		b.eras[0].target = b.target
	}
	for n := range b.eras {
		b.eras[n].start = b.begins
		for number := int64(0); n > 0; number++ {
			if s := b.live[0][number]; s.uri == "" {
				b.t.Fatalf("%s was never on air", b.eras[n].word)
			} else if strings.Contains(s.uri, b.eras[n].word) {
				b.eras[n].start = s.start
				break
			}
		}
	}
	kinds := map[string]int{}
	for _, a := range b.asked[:asks] {
		if a.from.IsZero() {
			kinds[b.rolling(a)]++
		} else {
			kinds[b.interval(a)]++
		}
	}
	b.t.Logf("%d answers: %v, %d delta updates", asks, kinds, b.deltas)
	if kinds["open"] == 0 || kinds["whole"] == 0 || kinds["rolling"] == 0 || b.deltas == 0 {
		b.t.Error("the test asks too little")
	}
}
