package playlist

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
)

// updated is a playlist after a delta update, as 6.3.7 has a player apply it: the
// skipped segments are those of the previous playlist with the same numbers.
func updated(t failer, previous page, delta string) page {
	t.Helper()
	skipped := number(t, delta, tagSkip+":SKIPPED-SEGMENTS=")
	first := number(t, delta, tagMediaSequence+":")
	var kept []heard
	for _, s := range previous.segments {
		if first <= s.number && s.number < first+skipped {
			kept = append(kept, s)
		}
	}
	if int64(len(kept)) != skipped {
		t.Fatalf("the player has %d of %d skipped segments", len(kept), skipped)
	}
	delta = regexp.MustCompile(tagSkip+`:.*\n`).ReplaceAllString(delta, "")
	delta = strings.Replace(delta, fmt.Sprint(tagMediaSequence, ":", first), fmt.Sprint(tagMediaSequence, ":", first+skipped), 1)
	delta = regexp.MustCompile(tagDiscontinuitySequence+`:.*\n`).ReplaceAllString(delta, fmt.Sprintf("%s:%d\n", tagDiscontinuitySequence, kept[skipped-1].sequence))
	rest := listen(delta, origin)
	rest.segments = append(kept, rest.segments...)
	return rest
}

// number is the one behind a text in a playlist.
func number(t failer, text, before string) int64 {
	t.Helper()
	_, after, has := strings.Cut(text, before)
	line, _, _ := strings.Cut(after, "\n")
	n, err := strconv.ParseInt(line, 10, 64)
	if !has || err != nil {
		t.Fatalf("no number behind %q in\n%s", before, text)
	}
	return n
}

// sameSegments are those of two playlists, as a player understands them.
func sameSegments(got, want page) (bad []string) {
	if len(got.segments) != len(want.segments) {
		return []string{fmt.Sprintf("%d segments, want %d", len(got.segments), len(want.segments))}
	}
	for i, g := range got.segments {
		w := want.segments[i]
		if g.bitrate == "" { // a hint that lasts as long as its tag is shown
			w.bitrate = ""
		}
		gotText, wantText := withoutHeader(g), withoutHeader(w)
		g.own, w.own = nil, nil
		if !reflect.DeepEqual(g, w) || gotText != wantText {
			bad = append(bad, fmt.Sprintf("%+v %q, want %+v %q", g, gotText, w, wantText))
		}
	}
	if len(got.ranges) != len(want.ranges) {
		return append(bad, fmt.Sprintf("%d ranges, want %d", len(got.ranges), len(want.ranges)))
	}
	for i := range got.ranges {
		if !reflect.DeepEqual(got.ranges[i], want.ranges[i]) {
			bad = append(bad, fmt.Sprintf("range %v, want %v", got.ranges[i], want.ranges[i]))
		}
	}
	return bad
}

// checkDeltas polls a view of a rendition at some instants, after the first by delta
// updates, and holds what the player has then against the full playlist. It returns
// the number of delta updates.
func checkDeltas(t *rapid.T, live *Live, n int, v loop.View, begins time.Time) (deltas int) {
	var has page
	view := View{Deltas: true, Event: !v.From.IsZero()}
	at := begins.Add(time.Duration(rapid.IntRange(0, 800).Draw(t, "first")) * time.Second)
	for range 20 {
		at = at.Add(time.Duration(rapid.IntRange(1, 6).Draw(t, "poll")) * time.Second) // at most half of CAN-SKIP-UNTIL later
		w, err := live.Timeline.View(n, v, at)
		if err != nil {
			continue
		}
		full := string(live.AppendView(nil, n, w, view))
		skip := view
		skip.Skip = true
		text := string(live.AppendView(nil, n, w, skip))
		want := listen(full, origin)
		switch {
		case !strings.Contains(text, tagSkip):
			if text != full {
				t.Fatalf("with nothing to skip:\n%s\nwant\n%s", text, full)
			}
		case len(has.segments) > 0:
			if bad := sameSegments(kept(updated(t, has, text)), kept(want)); len(bad) > 0 {
				t.Fatalf("rendition %d at %s:\n%s\ndelta\n%s\nfull\n%s", n, at, strings.Join(bad, "\n"), text, full)
			}
			deltas++
		}
		has = want
	}
	return deltas
}

// TestAppendView_ADeltaUpdateOfThePreviousPlaylistIsTheFullOne across loops, edits,
// keys, init sections and ranges.
func TestAppendView_ADeltaUpdateOfThePreviousPlaylistIsTheFullOne(t *testing.T) {
	deltas, edits := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		old, err := draw(t, 1)
		if err != nil {
			return
		}
		live, err := NewLive(old.multivariant, old.media, plain{}, old.options)
		if err != nil {
			return
		}
		begins := live.Timeline.Ready().Add(time.Hour)
		if edit, err := draw(t, 1); err == nil {
			edit.options = old.options
			if next, err := live.Follow(edit.multivariant, edit.media, plain{}, edit.options, begins.Add(5*time.Minute)); err == nil {
				live = next
				edits++
			}
		}
		v := rapid.SampledFrom([]loop.View{{Span: 5 * time.Minute}, {From: begins.Add(-10 * time.Minute)}, {From: begins.Add(-time.Minute), To: begins.Add(10 * time.Minute)}, {Span: 7 * time.Minute, Delay: time.Minute}}).Draw(t, "view")
		deltas += checkDeltas(t, live, 0, v, begins)
	})
	t.Logf("%d deltas, %d edits", deltas, edits)
	if deltas == 0 || edits == 0 {
		t.Error("nothing was checked")
	}
}

// TestAppendView_Header: the tags of a view, in the order that players read them.
func TestAppendView_Header(t *testing.T) {
	live := liveOf(t, []byte("#EXTM3U\n"+strings.Repeat("#EXTINF:4,\na.ts\n", 8)+"#EXT-X-ENDLIST\n"), 0)
	from := epoch.Add(time.Hour)
	head := func(v loop.View, at time.Time, view View) string {
		w, err := live.Timeline.View(0, v, at)
		if err != nil {
			t.Fatal(err)
		}
		text := string(live.AppendView(nil, 0, w, view))
		if w.Ended != strings.HasSuffix(text, tagEndlist+"\n") {
			t.Errorf("ended: %t:\n%s", w.Ended, text)
		}
		before, _, _ := strings.Cut(text, tagProgramDateTime)
		return before
	}
	growing := View{Event: true, Start: true, Deltas: true}
	const header = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:4\n#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=24\n"
	const numbers = "#EXT-X-MEDIA-SEQUENCE:900\n#EXT-X-DISCONTINUITY-SEQUENCE:112\n"
	for _, test := range []struct {
		name string
		got  string
		want string
	}{
		{"a growing interval", head(loop.View{From: from}, from.Add(time.Minute), growing), header + "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0.001,PRECISE=YES\n" + numbers},
		{"an interval that has ended", head(loop.View{From: from, To: from.Add(time.Minute)}, from.Add(2*time.Minute), View{Event: true, Deltas: true, Skip: true}), header + "#EXT-X-PLAYLIST-TYPE:EVENT\n" + numbers},
		{"a delta update", head(loop.View{From: from}, from.Add(time.Minute), View{Event: true, Deltas: true, Skip: true}), header + "#EXT-X-PLAYLIST-TYPE:EVENT\n" + numbers + "#EXT-X-SKIP:SKIPPED-SEGMENTS=9\n"},
		{"nothing to skip", head(loop.View{From: from}, from.Add(20*time.Second), View{Event: true, Deltas: true, Skip: true}), header + "#EXT-X-PLAYLIST-TYPE:EVENT\n" + numbers},
		{"a delta update that is not offered", head(loop.View{From: from}, from.Add(time.Minute), View{Skip: true}), "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n" + numbers},
	} {
		if test.got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, test.got, test.want)
		}
	}
}
