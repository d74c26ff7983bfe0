package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rangeOf is what a VOD says of an EXT-X-DATERANGE.
type rangeOf struct {
	start, duration time.Duration
	class           string
}

// dateRanges are those of the kind dates, by ID.
var dateRanges = map[string]rangeOf{
	"one": {0, 6 * time.Second, "chapter"}, // its end is the start of two
	"ad":  {2 * time.Second, 2 * time.Second, "break"},
	"two": {6 * time.Second, 2 * time.Second, "chapter"},
}

// dated has dates, a chapter that ends with the next, and an ad break with its SCTE-35 and CUE tags.
func dated(dir string) error {
	const (
		first = "#EXT-X-PROGRAM-DATE-TIME:2024-03-01T10:00:00.000Z\n" +
			"#EXT-X-DATERANGE:ID=\"one\",CLASS=\"chapter\",START-DATE=\"2024-03-01T10:00:00.000Z\",END-ON-NEXT=YES\n"
		second = "#EXT-X-DATERANGE:ID=\"ad\",CLASS=\"break\",START-DATE=\"2024-03-01T10:00:02.000Z\",DURATION=2.0," +
			"SCTE35-OUT=0xFC302000000000000000FFF00F05000000010FFE000DBBA0000000010000\n#EXT-X-CUE-OUT:2.0\n"
		third  = "#EXT-X-CUE-IN\n"
		fourth = "#EXT-X-DATERANGE:ID=\"two\",CLASS=\"chapter\",START-DATE=\"2024-03-01T10:00:06.000Z\"," +
			"END-DATE=\"2024-03-01T10:00:08.000Z\"\n"
	)
	for _, rendition := range []string{"270p", "180p"} {
		var pairs []string
		for i, tags := range []string{first, second, third, fourth} {
			segment := fmt.Sprintf("#EXTINF:2.000000,\nseg%03d.ts", i)
			pairs = append(pairs, segment, tags+segment)
		}
		if err := edit(filepath.Join(dir, rendition, "index.m3u8"), pairs...); err != nil {
			return err
		}
	}
	return nil
}

// checkRanges wants every date range that hls.js knew to be one of the VOD's, with an ID of its own in each loop and
// the dates of that loop, said the same each time.
func checkRanges(t tester, seen figures) {
	t.Helper()
	loops := map[string]map[int64]string{} // the live ID by the VOD's ID and the loop
	for id, said := range seen.Ranges {
		name, _, ok := strings.Cut(id, "-")
		want, known := dateRanges[name]
		if !ok || !known {
			t.Errorf("there is a range %s, want the VOD's IDs and something after a hyphen", id)
			continue
		}
		if loops[name] == nil {
			loops[name] = map[int64]string{}
		}
		loop := loopNumber(said[0].Start, loopLength)
		if other, twice := loops[name][loop]; twice {
			t.Errorf("the ranges %s and %s lie in the same loop", id, other)
		}
		loops[name][loop] = id
		for _, is := range said {
			at := time.UnixMilli(int64(is.Start)).Sub(epoch) % loopLength
			// The chapter that ends with the next has no end while hls.js doesn't know the next.
			open := is.Duration == 0 && name == "one"
			length := time.Duration(is.Duration * float64(time.Second))
			if is.Start != said[0].Start || at != want.start || is.Class != want.class || !open && length.Round(time.Millisecond) != want.duration {
				t.Errorf("%s is %+v, %v into the loop, want %+v", id, is, at, want)
			}
		}
	}
	for name := range dateRanges {
		if len(loops[name]) < 3 {
			t.Errorf("%s is in %d loops, %v, want at least 3", name, len(loops[name]), loops[name])
		}
	}
}

// CUE tags come again with their segments in every loop.
func TestPlaylist_CueTagsStandAtTheirSegmentInEveryLoop(t *testing.T) {
	t.Parallel()
	want := map[string]string{"seg001.ts": "#EXT-X-CUE-OUT2.0", "seg002.ts": "#EXT-X-CUE-IN"}
	for _, r := range recordingOf(t, kindNamed(t, "dates")).renditions {
		for _, s := range r.segments() {
			if s.cues != want[filepath.Base(s.uri)] {
				t.Errorf("%s segment %d, %s, has %q, want %q", r.address, s.number, s.uri, s.cues, want[filepath.Base(s.uri)])
			}
		}
	}
}
