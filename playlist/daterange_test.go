package playlist

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Dates and EXTINF of a VOD seldom agree to the last digit.
func TestDateRange_BeginsWithTheSegmentOfItsDateHoweverDatesDrift(t *testing.T) {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-TARGETDURATION:6\n")
	for i := range 100 {
		date := epoch.Add(time.Duration(i) * 6400 * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
		fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n", date)
		if i%10 == 0 {
			fmt.Fprintf(&b, "#EXT-X-DATERANGE:ID=\"%d\",START-DATE=\"%s\"\n", i, date)
		}
		fmt.Fprintf(&b, "#EXTINF:6,%d\n%d.ts\n", i, i)
	}
	live := liveOf(t, []byte(b.String()+"#EXT-X-ENDLIST\n"), 20*time.Minute)
	w, err := live.Stream.Window(0, epoch.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	seen, pending := 0, ""
	for line := range strings.Lines(string(live.AppendMedia(nil, 0, w))) {
		line = strings.TrimSpace(line)
		if start, is := attributeOf(line, "START-DATE"); is {
			pending = start
		}
		if date, is := strings.CutPrefix(line, tagProgramDateTime+":"); is && pending != "" {
			if date != pending {
				t.Errorf("a range begins at %s, its segment at %s", pending, date)
			}
			seen++
			pending = ""
		}
	}
	if seen < 15 {
		t.Errorf("%d ranges in two loops, want some 20", seen)
	}
}

func TestDateRange_IDsAreUniquePerOccurrence(t *testing.T) {
	live := liveOf(t, []byte(vodOf("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",DURATION=40\n"+
		"#EXT-X-DATERANGE:ID=\"a-1\",START-DATE=\"2020-01-01T00:00:00Z\",DURATION=1")), 0)
	starts := map[string]string{}
	for at := live.Stream.Ready(); at.Before(epoch.Add(10 * time.Minute)); at = at.Add(2 * time.Second) {
		w, err := live.Stream.Window(0, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range listen(string(live.AppendMedia(nil, 0, w)), origin).ranges {
			if old, has := starts[r["ID"]]; has && old != r["START-DATE"] {
				t.Fatalf("%s begins at %s and at %s", r["ID"], old, r["START-DATE"])
			}
			starts[r["ID"]] = r["START-DATE"]
		}
	}
	if len(starts) < 140 {
		t.Errorf("%d IDs in 75 loops, want two for each", len(starts))
	}
}
