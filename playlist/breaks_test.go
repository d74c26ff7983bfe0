package playlist

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
)

var (
	feature = ladder{name: "film", rates: 2, separate: true, segments: durationsOf(24, 5005, 3003), audio: durationsOf(30, 4010, 2850), spoken: []string{"en"}, subtitles: []string{"en"}}
	news    = ladder{name: "news", rates: 2, separate: true, segments: durationsOf(6, 6000), audio: durationsOf(9, 4000), spoken: []string{"en"}, subtitles: []string{"en"}}
	slate   = ladder{name: "slate", rates: 2, separate: true, segments: durationsOf(3, 4000), spoken: []string{"en"}}
)

// interrupted is a channel of a film with two breaks inside it and one at its end, and
// of news without any.
func interrupted(t failer, marks Marks) (live *Live, film ladder) {
	t.Helper()
	vod, _ := feature.source(t)
	model := modelOf(t, vod)
	var programs []*Program
	pieces := func(l ladder, clip Clip) (all []*loop.Item, whole *Program) {
		vod, _ := l.source(t)
		clip.Target = 6 * time.Second
		whole, err := model.Lay(vod, clip)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range whole.Pieces() {
			if p, err = p.Render(plain{}, nil); err != nil {
				t.Fatal(err)
			}
			it, _ := p.Item(len(programs), 0)
			programs, all = append(programs, p), append(all, it)
		}
		return all, whole
	}
	film = feature
	parts, whole := pieces(film, Clip{Breaks: loop.Rule{Every: 40 * time.Second, Between: true}, Part: true})
	if placed := whole.Placed(time.Minute); len(placed) != 3 || placed[2].At != time.Minute {
		t.Fatalf("breaks at %v, want two and one at the end", placed)
	}
	short, _ := pieces(news, Clip{})
	fill, _ := pieces(slate, Clip{})
	var items []*loop.Item
	for n, part := range parts {
		if n > 0 {
			filled := fill[0].Fill(20*time.Second, 0)
			filled[0].Joined = true
			items = append(items, filled...)
		}
		items = append(items, part.With(nil, n > 0))
	}
	items = append(append(items, fill[0].Fill(20*time.Second, 0)...), short...)
	line, err := loop.NewTimeline(epoch, 0, loop.Plan{At: epoch, Loop: items})
	if err != nil {
		t.Fatal(err)
	}
	titles := make([]string, len(programs))
	titles[0], titles[len(parts)] = `The "film"`, "News"
	return NewChannel(model, programs, line).Announce([]Marks{marks}, titles), film
}

var allMarks = Marks{DateRange: true, Cue: true, Interstitial: true, Assets: "https://ads.test/list?break={id}&channel={channel}"}

// TestBreaks_AreTheSameInAllRenditionsAndReplicas for a week: the ranges at each instant,
// whatever a process has answered before; what a range says of itself never changes; and
// each break that was announced is followed by its end.
func TestBreaks_AreTheSameInAllRenditionsAndReplicas(t *testing.T) {
	var replicas []*Live
	for range 3 {
		live, _ := interrupted(t, allMarks.Of("kids"))
		replicas = append(replicas, live)
	}
	said, begun, ended := map[string]string{}, map[string]bool{}, map[string]bool{}
	looks := 0
	for at := epoch.Add(time.Minute); at.Before(epoch.Add(7 * 24 * time.Hour)); at = at.Add(41 * time.Second) { // less than a window
		var want []string
		for n := range replicas[0].Renditions() {
			w := windowAt(t, replicas[0], n, at)
			text := string(replicas[0].AppendMedia(nil, n, w))
			looks++
			for _, other := range replicas[1+2*min(looks%7, 1):] {
				if again := string(other.AppendMedia(nil, n, windowAt(t, other, n, at))); again != text || other.Fingerprint(n, w) != replicas[0].Fingerprint(n, w) {
					t.Fatalf("rendition %d at %s: two replicas say\n%s\nand\n%s", n, at, text, again)
				}
			}
			ranges := rangeLines(text)
			if n == 0 {
				want = ranges
			}
			if !slices.Equal(want, ranges) {
				t.Fatalf("rendition %d at %s has\n%q\nthe first\n%q", n, at, ranges, want)
			}
			for _, line := range ranges {
				noteRange(t, line, said)
				id := readAttributes(line)["ID"]
				begun[id], ended[id] = true, ended[id] || strings.Contains(line, "SCTE35-IN")
			}
		}
	}
	breaks := 0
	for id := range begun {
		if strings.HasPrefix(id, "b") {
			if breaks++; !ended[id] && idDate(t, id).Before(epoch.Add(7*24*time.Hour-2*time.Minute)) {
				t.Errorf("%s never ended", id)
			}
		}
	}
	if breaks < 7*24*3600/240*3 {
		t.Errorf("only %d breaks in a week", breaks)
	}
}

func rangeLines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if value, is := strings.CutPrefix(line, tagDateRange+":"); is {
			all = append(all, strings.TrimSpace(value))
		}
	}
	return all
}

// noteRange holds the attributes of a range against those that it had before.
func noteRange(t failer, line string, said map[string]string) {
	t.Helper()
	attributes := readAttributes(line)
	for name, value := range attributes {
		key := attributes["ID"] + " " + name
		if before, known := said[key]; known && before != value {
			t.Fatalf("%s was %q, and is %q", key, before, value)
		}
		said[key] = value
	}
}

func idDate(t failer, id string) time.Time {
	var ms int64
	if _, err := fmt.Sscan(id[1:], &ms); err != nil {
		t.Fatalf("the ID %q: %v", id, err)
	}
	return time.UnixMilli(ms)
}

// TestBreaks_AreAnnouncedAheadAndEndAfterwards: the whole life of one break.
func TestBreaks_AreAnnouncedAheadAndEndAfterwards(t *testing.T) {
	live, _ := interrupted(t, allMarks.Of("kids & co"))
	start := time.Time{}
	for b := range live.Timeline.Breaks(epoch.Add(time.Hour), epoch.Add(2*time.Hour)) {
		start = b.Start
		break
	}
	id := fmt.Sprintf("b%d", start.UnixMilli())
	const out = `ID="%s",START-DATE="%s",CLASS="com.apple.hls.interstitial",PLANNED-DURATION=20.000,SCTE35-OUT=0x%s,X-ASSET-LIST="https://ads.test/list?break=%[1]s&channel=kids+%%26+co",X-RESTRICT="SKIP",X-PLAYOUT-LIMIT=20.000`
	section := fmt.Sprintf("FC302000000000000000FFF00F05%08X7FFFFE001B774000000000", start.Unix())
	var announced, ended, gone time.Time
	for at := start.Add(-time.Minute); at.Before(start.Add(3 * time.Minute)); at = at.Add(250 * time.Millisecond) {
		var has []string
		for _, line := range rangeLines(string(live.AppendMedia(nil, 0, windowAt(t, live, 0, at)))) {
			if strings.Contains(line, id) {
				has = append(has, line)
			}
		}
		if len(has) > 0 && announced.IsZero() {
			announced = at
			want := fmt.Sprintf(out, id, start.UTC().Format(dateLayout), section)
			if got := regexp.MustCompile("("+section+")[0-9A-F]{12}").ReplaceAllString(has[0], "$1"); got != want {
				t.Errorf("announced by\n%s\nwant\n%s", has[0], want)
			}
		}
		if len(has) > 1 && ended.IsZero() {
			ended = at
			if !strings.HasPrefix(has[1], `ID="`+id+`",START-DATE="`+start.UTC().Format(dateLayout)+`",DURATION=20.000,SCTE35-IN=0xFC301B`) {
				t.Errorf("ended by %s", has[1])
			}
		}
		if len(has) == 0 && !ended.IsZero() && gone.IsZero() {
			gone = at
		}
	}
	half := live.VOD.Window / 2
	if ahead := start.Sub(announced); ahead > half || ahead < half-6*time.Second {
		t.Errorf("announced %s ahead, want up to %s", ahead, half)
	}
	if late := ended.Sub(start.Add(20 * time.Second)); late < 0 || late > 250*time.Millisecond {
		t.Errorf("ended %s after its end", late)
	}
	if kept := gone.Sub(start.Add(20 * time.Second)); kept < live.VOD.Window || kept > live.VOD.Window+18*time.Second {
		t.Errorf("gone %s after its end, the window is %s", kept, live.VOD.Window)
	}
}

// TestBreaks_CueTagsFollowTheBreak, and the film goes on where it was: in every
// rendition CUE-OUT, CUE-OUT-CONT and CUE-IN are those of the break's segments, and all
// segments of the film are played once, in each turn of the loop.
func TestBreaks_CueTagsFollowTheBreak(t *testing.T) {
	live, film := interrupted(t, Marks{Cue: true})
	for n := range live.Renditions() {
		cues, played := map[int64]string{}, map[int64]string{}
		for at := epoch.Add(time.Minute); at.Before(epoch.Add(20 * time.Minute)); {
			w := windowAt(t, live, n, at)
			p := listen(string(live.AppendMedia(nil, n, w)), origin)
			for _, s := range p.segments {
				cue := cueOf(s)
				if before, known := cues[s.number]; known && before != cue {
					t.Fatalf("rendition %d: the cue of segment %d was %q, and is %q", n, s.number, before, cue)
				} else if !known {
					cues[s.number], played[s.number] = cue, s.media
				}
			}
			at = w.Next
		}
		checkCues(t, n, cues)
		checkPlayed(t, n, film, played)
	}
}

func cueOf(s heard) string {
	var cues []string
	for _, line := range s.own {
		if strings.Contains(line, "CUE") {
			cues = append(cues, line)
		}
	}
	return strings.Join(cues, " ")
}

// checkCues demands of the cues of consecutive segments that breaks begin, go on and end.
func checkCues(t *testing.T, n int, cues map[int64]string) {
	t.Helper()
	in, outs := false, 0
	var elapsed float64
	for _, number := range slices.Sorted(maps.Keys(cues)) {
		cue := cues[number]
		var e, l float64
		switch {
		case cue == "#EXT-X-CUE-OUT:20.000" && !in:
			in, elapsed = true, 0
			outs++
		case strings.HasPrefix(cue, "#EXT-X-CUE-OUT-CONT:") && in:
			if _, err := fmt.Sscanf(cue, "#EXT-X-CUE-OUT-CONT:%f/%f", &e, &l); err != nil || e <= elapsed || e >= 20 || l != 20 {
				t.Fatalf("rendition %d, segment %d: %q after %g s", n, number, cue, elapsed)
			}
			elapsed = e
		case cue == "#EXT-X-CUE-IN" && in:
			in = false
		case cue == "" && !in:
		default:
			t.Fatalf("rendition %d, segment %d: %q, in a break: %v", n, number, cue, in)
		}
	}
	if outs < 10 {
		t.Errorf("rendition %d: only %d breaks", n, outs)
	}
}

var filmSegment = regexp.MustCompile(`/film/\S+-(\d+)\.(m4s|vtt)`)

// checkPlayed demands that the segments of the film are played one after the other, the
// first behind the last.
func checkPlayed(t *testing.T, n int, film ladder, numbers map[int64]string) {
	t.Helper()
	count, last, turns := len(film.segments), -1, 0
	for _, number := range slices.Sorted(maps.Keys(numbers)) {
		found := filmSegment.FindStringSubmatch(numbers[number])
		if found == nil {
			continue
		}
		if strings.Contains(found[0], "/a-") {
			count = len(film.audio)
		}
		i, _ := strconv.Atoi(found[1])
		if last >= 0 && i != (last+1)%count {
			t.Errorf("rendition %d: segment %d follows %d of %d", n, i, last, count)
		}
		if last = i; i == 0 {
			turns++
		}
	}
	if turns < 4 {
		t.Errorf("rendition %d: the film begins %d times", n, turns)
	}
}

// TestBreaks_DeltaUpdatesAndViewsHaveThem: updates that skip up to a break, or to its
// end, give what the full playlist has; so do windows and intervals that begin in one.
func TestBreaks_DeltaUpdatesAndViewsHaveThem(t *testing.T) {
	live, _ := interrupted(t, allMarks)
	deltas := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, live.Renditions()-1).Draw(t, "rendition")
		view := loop.View{Span: 5 * time.Minute}
		begins := epoch.Add(10 * time.Minute)
		if rapid.Bool().Draw(t, "interval") {
			begins = begins.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "from")) * time.Second)
			view = loop.View{From: begins}
		}
		deltas += checkDeltas(t, live, n, view, begins)
	})
	if deltas < 100 {
		t.Errorf("only %d delta updates", deltas)
	}
}

// TestBreaks_AnIntervalHasThoseThatBeginInIt, and no other.
func TestBreaks_AnIntervalHasThoseThatBeginInIt(t *testing.T) {
	live, _ := interrupted(t, allMarks)
	for later := range time.Duration(20) {
		checkIntervalHasBreaks(t, live, epoch.Add(10*time.Minute), epoch.Add(20*time.Minute+later*7*time.Second))
	}
}

func checkIntervalHasBreaks(t *testing.T, live *Live, from, to time.Time) {
	t.Helper()
	w, err := live.Timeline.View(0, loop.View{From: from, To: to}, to.Add(time.Hour))
	if err != nil || !w.Ended {
		t.Fatal(w, err)
	}
	want := map[string]bool{}
	for b := range live.Timeline.Breaks(w.Since, w.Ahead) {
		want[fmt.Sprintf("b%d", b.Start.UnixMilli())] = true
		if b.Start.After(to.Add(6 * time.Second)) {
			t.Errorf("a break at %s, the interval ends at %s", b.Start, to)
		}
	}
	got := map[string]bool{}
	for _, line := range rangeLines(string(live.AppendView(nil, 0, w, View{Event: true}))) {
		if id := readAttributes(line)["ID"]; strings.HasPrefix(id, "b") {
			got[id] = true
		}
	}
	if len(got) < 6 || !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestProgrammes_HaveOneRangeEach: an item that breaks interrupt is one.
func TestProgrammes_HaveOneRangeEach(t *testing.T) {
	live, _ := interrupted(t, Marks{})
	seen := map[string]string{}
	for at := epoch.Add(time.Minute); at.Before(epoch.Add(time.Hour)); at = at.Add(7 * time.Second) {
		open := 0
		for _, line := range rangeLines(string(live.AppendMedia(nil, 1, windowAt(t, live, 1, at)))) {
			a := readAttributes(line)
			if a["CLASS"] != programmeClass || a["END-ON-NEXT"] != "YES" || a["DURATION"] != "" {
				t.Fatalf("%s", line)
			}
			open++
			seen[a["ID"]] = a["X-TITLE"]
		}
		if open == 0 {
			t.Fatalf("no programme at %s", at)
		}
	}
	var titles []string
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		titles = append(titles, seen[id])
	}
	for n, title := range titles {
		if want := []string{"The 'film'", "News"}[n%2]; title != want {
			t.Fatalf("%q, want the film and the news in turn", titles)
		}
	}
	if len(titles) < 20 {
		t.Errorf("only %d programmes", len(titles))
	}
}

// TestBreaks_OfOneVODAreMarksOnly: an interstitial without a slate at each instant, in
// each loop, the VOD's own markers gone, unless they are to stay.
func TestBreaks_OfOneVODAreMarksOnly(t *testing.T) {
	const own = "#EXT-X-CUE-OUT:10\n#EXT-X-DATERANGE:ID=\"own\",START-DATE=\"2020-01-01T00:00:00Z\",SCTE35-OUT=0xFC\n"
	body := "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n" + own + strings.Repeat("#EXTINF:6,\na.ts\n", 20) + "#EXT-X-ENDLIST\n"
	for _, keep := range []bool{false, true} {
		m, err := DecodeMedia([]byte(body), origin, nil)
		if err != nil {
			t.Fatal(err)
		}
		options := Options{Epoch: epoch, Name: "live/a b.m3u8", Breaks: &Breaks{Rule: loop.Rule{Every: time.Minute, Between: true}, Marks: allMarks, Keep: keep}}
		live, err := NewLive(nil, []*Media{m}, plain{}, options)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for at := epoch.Add(10 * time.Minute); at.Before(epoch.Add(20 * time.Minute)); at = at.Add(6 * time.Second) {
			text := string(live.AppendMedia(nil, 0, windowAt(t, live, 0, at)))
			if has := strings.Contains(text, "CUE-OUT:10\n") || strings.Contains(text, `"own-`); has && !keep {
				t.Fatalf("its own markers are there in\n%s", text)
			}
			for _, line := range rangeLines(text) {
				a := readAttributes(line)
				if strings.HasPrefix(a["ID"], "own") {
					continue
				}
				if seen[a["START-DATE"]] = true; a["X-PLAYOUT-LIMIT"]+a["X-RESUME-OFFSET"]+a["PLANNED-DURATION"]+a["SCTE35-OUT"] != "" || a["X-ASSET-LIST"] != "https://ads.test/list?break="+a["ID"]+"&channel=live%2Fa+b.m3u8" {
					t.Fatalf("%s", line)
				}
			}
		}
		if want := 10 + 1; len(seen) < want || len(seen) > want+2 {
			t.Errorf("%d breaks in ten minutes, want one for each", len(seen))
		}
		options.Breaks = nil
		if live.Retime(options) != nil {
			t.Error("breaks go without the VOD's playlists")
		}
	}
}

// TestFingerprint_HasWhatIsAnnounced: where something else is announced, it is another.
func TestFingerprint_HasWhatIsAnnounced(t *testing.T) {
	live, _ := interrupted(t, allMarks)
	other, _ := interrupted(t, Marks{DateRange: true})
	none := live.Announce(nil, nil)
	at := slices.Collect(live.Timeline.Breaks(epoch.Add(time.Hour), epoch.Add(2*time.Hour)))[0].Start
	w := windowAt(t, live, 0, at)
	if live.Fingerprint(0, w) == other.Fingerprint(0, w) {
		t.Error("with other marks the fingerprint is the same")
	}
	if none.Fingerprint(0, w) == live.Fingerprint(0, w) {
		t.Error("without marks the fingerprint is the same")
	}
	renamed := slices.Clone(live.says.titles)
	renamed[0] = "Another film"
	if live.Announce(live.says.marks, renamed).Fingerprint(0, w) == live.Fingerprint(0, w) {
		t.Error("with another title the fingerprint is the same")
	}
}
