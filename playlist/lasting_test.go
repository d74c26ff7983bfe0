package playlist

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// rangesOf is the VOD of one rendition with segments of 10 s and a range at some
// of them.
func rangesOf(segments int, every int, attributes string) []byte {
	var b strings.Builder
	b.WriteString("#EXTM3U\n")
	date := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range segments {
		fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n", date.Format(dateLayout))
		if i%every == 0 {
			fmt.Fprintf(&b, "#EXT-X-DATERANGE:ID=\"r%d\",START-DATE=\"%s\",%s\n", i, date.Format(dateLayout), attributes)
		}
		fmt.Fprintf(&b, "#EXTINF:10,\n%d.ts\n", i)
		date = date.Add(10 * time.Second)
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return []byte(b.String())
}

// TestDateRange_WhatIsKeptIsBounded in time and in bytes of a window, and cut only
// where it must be.
func TestDateRange_WhatIsKeptIsBounded(t *testing.T) {
	note := `X-NOTE="` + strings.Repeat("x", 200) + `"`
	for name, c := range map[string]struct {
		body []byte
		cut  bool
	}{
		"a minute, within one":                {rangesOf(6, 6, "DURATION=30"), false},
		"two days, every minute":              {rangesOf(6, 6, "DURATION=172800"), true},
		"an hour, every minute":               {rangesOf(6, 6, "DURATION=3600"), false},
		"an hour, with much to say":           {rangesOf(6, 1, "DURATION=3600,"+note), true},
		"500 short ones in three hours":       {rangesOf(1000, 2, "DURATION=10,"+note), false},
		"large ones, each within its segment": {rangesOf(60, 1, "DURATION=5,X-NOTE=\""+strings.Repeat("x", 4000)+"\""), false},
	} {
		live := liveOf(t, c.body, time.Minute)
		if got := live.RangesCut(0); got != c.cut {
			t.Errorf("%s: cut %t, want %t", name, got, c.cut)
		}
		most := 0
		for in := 60 * time.Hour; in < 60*time.Hour+live.VOD.Length; in += 10 * time.Second {
			w, err := live.Timeline.Window(0, epoch.Add(in))
			if err != nil {
				t.Fatal(err)
			}
			size := 0
			for line := range strings.Lines(string(live.AppendMedia(nil, 0, w))) {
				if strings.HasPrefix(line, tagDateRange) {
					size += len(line)
				}
			}
			most = max(most, size)
		}
		if most > maxLastingText {
			t.Errorf("%s: a window has %d bytes of ranges, at most %d may be", name, most, maxLastingText)
		}
	}
}

// TestDateRange_IsKeptForADayAtMost after its start.
func TestDateRange_IsKeptForADayAtMost(t *testing.T) {
	live := liveOf(t, rangesOf(9000, 9000, "DURATION=108000"), time.Minute) // 25 h, of which 30 h are said
	if !live.RangesCut(0) {
		t.Error("it is not cut")
	}
	for in, want := range map[time.Duration]bool{10 * time.Second: true, 24 * time.Hour: true, 24*time.Hour + 2*time.Minute: false} {
		w, err := live.Timeline.Window(0, epoch.Add(live.VOD.Length+in))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(live.AppendMedia(nil, 0, w)), tagDateRange); got != want {
			t.Errorf("%s after its start it is shown: %t, want %t", in, got, want)
		}
	}
}

// TestNewLive_AMapAboveItsKeyStaysClear: where the method encrypts what a MAP
// names, it comes under METHOD=NONE first, in every window.
func TestNewLive_AMapAboveItsKeyStaysClear(t *testing.T) {
	body := "#EXTM3U\n#EXT-X-MAP:URI=\"i\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x1\n" + strings.Repeat("#EXTINF:4,\na.mp4\n", 8) + "#EXT-X-ENDLIST\n"
	live := liveOf(t, []byte(body), time.Minute)
	const want = "#EXT-X-KEY:METHOD=NONE\n#EXT-X-MAP:URI=\"../i\"\n#EXT-X-KEY:METHOD=AES-128,"
	for in := time.Hour; in < time.Hour+32*time.Second; in += 4 * time.Second {
		w, err := live.Timeline.Window(0, epoch.Add(in))
		if err != nil {
			t.Fatal(err)
		}
		text := string(live.AppendMedia(nil, 0, w))
		if maps, clear := strings.Count(text, tagMap), strings.Count(text, want); maps == 0 || clear != maps {
			t.Errorf("%d of %d EXT-X-MAP are clear:\n%s", clear, maps, text)
		}
	}
}
