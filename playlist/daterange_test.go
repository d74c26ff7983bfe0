package playlist

import (
	"fmt"
	"slices"
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
	w, err := live.Timeline.Window(0, epoch.Add(time.Hour))
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
	for at := live.Timeline.Ready(); at.Before(epoch.Add(10 * time.Minute)); at = at.Add(2 * time.Second) {
		w, err := live.Timeline.Window(0, at)
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

// TestDateRange_IsAnnouncedWhenItBeginsWhereverItsTagStands: players must know
// of it by then (4.4.5.1), and not after it is over.
func TestDateRange_IsAnnouncedWhenItBeginsWhereverItsTagStands(t *testing.T) {
	const ad = "#EXT-X-DATERANGE:ID=\"ad\",START-DATE=\"2020-01-01T00:02:00Z\",DURATION=15\n"
	for name, lines := range map[string]string{
		"behind the last segment":      ad,
		"with an update":               ad + "#EXT-X-DATERANGE:ID=\"ad\",X-NOTE=\"over\"\n",
		"of two that are equal":        ad + ad,
		"beside one that it began in":  ad + "#EXT-X-DATERANGE:ID=\"in\",START-DATE=\"2019-12-31T23:00:00Z\",DURATION=3601\n",
		"beside one behind the VOD":    ad + "#EXT-X-DATERANGE:ID=\"far\",START-DATE=\"2020-01-02T00:00:00Z\",DURATION=15\n",
		"beside one with a false date": ad + "#EXT-X-DATERANGE:ID=\"x\",START-DATE=\"yesterday\"\n",
	} {
		body := "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n" + strings.Repeat("#EXTINF:6,\na.ts\n", 60) + lines + "#EXT-X-ENDLIST\n"
		live := liveOf(t, []byte(body), time.Minute)
		for in, want := range map[time.Duration]bool{120 * time.Second: false, 126 * time.Second: true, 132 * time.Second: true, 192 * time.Second: true, 198 * time.Second: false, 360 * time.Second: false} {
			at := epoch.Add(3*live.VOD.Length + in)
			w, err := live.Timeline.Window(0, at)
			if err != nil {
				t.Fatal(err)
			}
			text := string(live.AppendMedia(nil, 0, w))
			start := epoch.Add(3*live.VOD.Length + 2*time.Minute).Format("2006-01-02T15:04:05.000Z")
			if got := strings.Contains(text, "ID=\"ad-"); got != want || got && !strings.Contains(text, start) {
				t.Errorf("%s: %s into the loop: announced %t, want %t:\n%s", name, in, got, want, text)
			}
		}
	}
}

// TestDateRange_BehindASegmentThatIsLeftOutIsKept where its date is in the loop:
// the other renditions have it too.
func TestDateRange_BehindASegmentThatIsLeftOutIsKept(t *testing.T) {
	const dated = "#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z"
	live := withAudio(t, vodOf(dated), strings.Replace(vodOf(dated), tagEndlist, "#EXTINF:2,\ne.ts\n"+
		"#EXT-X-DATERANGE:ID=\"in\",START-DATE=\"2020-01-01T00:00:02Z\"\n#EXT-X-DATERANGE:ID=\"out\",START-DATE=\"2020-01-01T00:00:09Z\"\n"+tagEndlist, 1))
	if cues := live.Cues(1); len(cues) != 1 || cues[0].Segment != 1 {
		t.Errorf("%v, want one range, at segment 1", cues)
	}
}

// TestDateRange_HasOneIDInAllRenditions (6.2.4), whichever segment its tag
// stands at.
func TestDateRange_HasOneIDInAllRenditions(t *testing.T) {
	const head, ad = "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n", "#EXT-X-DATERANGE:ID=\"ad\",START-DATE=\"2020-01-01T00:00:06Z\"\n"
	const segment, end = "#EXTINF:4,\na.ts\n", "#EXTINF:4,\nb.ts\n#EXTINF:4,\nc.ts\n#EXT-X-ENDLIST\n"
	live := withAudio(t, head+segment+ad+segment+"#EXT-X-DISCONTINUITY\n"+end, head+segment+segment+"#EXT-X-DISCONTINUITY\n"+ad+end)
	for loops := range time.Duration(5) {
		at := epoch.Add(loops*live.VOD.Length + 17*time.Second)
		var ids [2][]string
		for n := range ids {
			w, err := live.Timeline.Window(n, at)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range listen(string(live.AppendMedia(nil, n, w)), origin).ranges {
				ids[n] = append(ids[n], r["ID"])
			}
		}
		if newest := fmt.Sprint("ad-", epoch.Add(loops*live.VOD.Length).UnixMilli()); !slices.Equal(ids[0], ids[1]) || !slices.Contains(ids[0], newest) {
			t.Errorf("after %d loops the video has %v, the audio %v; want %s in both", loops, ids[0], ids[1], newest)
		}
	}
}

// TestDateRange_OfTheBeginningOrTheEndIsLeftOut: it would come in every loop.
func TestDateRange_OfTheBeginningOrTheEndIsLeftOut(t *testing.T) {
	for cue, want := range map[string]int{`CUE="PRE,ONCE"`: 0, `CUE="POST"`: 0, `CUE="ONCE"`: 1, `CUE="PREMIERE"`: 1, `X-CUE="PRE"`: 1} {
		live := liveOf(t, []byte(vodOf("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\","+cue)), time.Minute)
		if got := len(live.Cues(0)); got != want {
			t.Errorf("%s: %d ranges, want %d", cue, got, want)
		}
	}
}

// TestDateRange_OfEqualDatesTheTagsOwnCount: a clip that is there twice has its
// dates twice.
func TestDateRange_OfEqualDatesTheTagsOwnCount(t *testing.T) {
	clip := "#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n#EXTINF:4,\na.ts\n#EXT-X-DATERANGE:ID=\"%s\",START-DATE=\"2020-01-01T00:00:04Z\"\n#EXTINF:4,\nb.ts\n"
	body := "#EXTM3U\n" + fmt.Sprintf(clip, "a") + "#EXT-X-DISCONTINUITY\n" + fmt.Sprintf(clip, "b") + "#EXT-X-ENDLIST\n"
	live := liveOf(t, []byte(body), time.Minute)
	if cues := live.Cues(0); len(cues) != 2 || cues[0].Segment != 1 || cues[1].Segment != 3 {
		t.Errorf("%v, want one at segment 1, one at segment 3", cues)
	}
	if r := live.media[0].ranges; r[0].start != 4*time.Second || r[1].start != 12*time.Second {
		t.Errorf("they start at %s and %s, want 4s and 12s", r[0].start, r[1].start)
	}
}

// withAudio is a VOD of a variant stream and audio.
func withAudio(t *testing.T, texts ...string) *Live {
	t.Helper()
	m, err := DecodeMultivariant([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"b.m3u8\"\n"), origin)
	if err != nil {
		t.Fatal(err)
	}
	var media []*Media
	for _, text := range texts {
		one, err := DecodeMedia([]byte(text), origin, nil)
		if err != nil {
			t.Fatal(err)
		}
		media = append(media, one)
	}
	live, err := NewLive(m, media, plain{}, Options{Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	return live
}
