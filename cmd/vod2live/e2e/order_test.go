package e2e

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// checkVersions holds the versions of one live media playlist against the rules that no player checks for us:
// RFC 8216bis 6.2.1 (what may change between two reloads) and 6.2.2 (how segments leave).
func checkVersions(versions []string) error {
	if len(versions) < 2 {
		return fmt.Errorf("%d versions, want at least 2", len(versions))
	}
	var before mediaPlaylist
	for i, text := range versions {
		now := parseMedia(text)
		if err := checkVersion(now); err != nil {
			return fmt.Errorf("%w in\n%s", err, text)
		}
		if i > 0 {
			if err := checkChange(before, now); err != nil {
				return fmt.Errorf("%w, from\n%s\nto\n%s", err, versions[i-1], text)
			}
		}
		before = now
	}
	return nil
}

// checkVersion checks one version by itself.
func checkVersion(p mediaPlaylist) error {
	switch {
	case p.ended:
		return errors.New("the playlist says that it has an end")
	case p.discontinuities < 0:
		return errors.New("EXT-X-DISCONTINUITY-SEQUENCE is missing")
	case p.target < time.Second:
		return errors.New("EXT-X-TARGETDURATION is missing")
	case p.length() < 3*p.target:
		return fmt.Errorf("the window has %v, less than three target durations", p.length())
	case len(p.segments) < 6:
		return fmt.Errorf("the window has %d segments, want at least 6", len(p.segments))
	}
	return checkDates(p.segments)
}

// checkDates wants a date on every segment, each where the segment before ends.
func checkDates(segments []segment) error {
	const rounding = 2 * time.Millisecond // dates are floored to milliseconds
	for i, s := range segments {
		if s.begin().IsZero() {
			return fmt.Errorf("segment %d has no date", s.number)
		}
		if i == 0 {
			continue
		}
		want := segments[i-1].begin().Add(segments[i-1].length())
		off := s.begin().Sub(want)
		// At a loop point a rendition that is shorter than the loop may leave a gap, at most half a second.
		if off < -rounding || off > rounding && (!s.tagged || off > 500*time.Millisecond) {
			return fmt.Errorf("segment %d begins at %s, %v after the end of the one before", s.number, s.date, off)
		}
	}
	return nil
}

// checkChange checks two versions of which the second was fetched later.
func checkChange(before, now mediaPlaylist) error {
	gone := now.sequence - before.sequence
	switch {
	case gone < 0:
		return fmt.Errorf("the media sequence number falls from %d to %d", before.sequence, now.sequence)
	case gone > int64(len(before.segments)):
		return fmt.Errorf("%d segments left at once", gone)
	case now.target != before.target || now.version != before.version:
		return errors.New("EXT-X-TARGETDURATION or EXT-X-VERSION changed")
	}
	var tags int64
	for _, s := range before.segments[:gone] {
		if s.tagged {
			tags++
		}
	}
	if rise := now.discontinuities - before.discontinuities; rise != tags {
		return fmt.Errorf("the discontinuity sequence number rises by %d while %d tags leave", rise, tags)
	}
	kept := before.segments[gone:]
	if len(now.segments) < len(kept) {
		return errors.New("segments left from the end")
	}
	for i, was := range kept {
		if is := now.segments[i]; is != was {
			return fmt.Errorf("segment %d was %+v and is %+v", was.number, was, is)
		}
	}
	return nil
}

// The checker itself: each fault in a hand-made second version is noticed.
func TestCheckVersions_NoticesFaults(t *testing.T) {
	t.Parallel()
	first := handMade(10, 4)
	if err := checkVersions([]string{first, handMade(12, 4), handMade(13, 5)}); err != nil {
		t.Fatalf("a right change: %v", err)
	}
	faults := map[string]string{
		"sequence falls":           handMade(9, 4),
		"discontinuity not risen":  handMade(13, 4),
		"discontinuity rises":      handMade(11, 5),
		"other address":            strings.Replace(handMade(11, 4), "12.ts", "x.ts", 1),
		"other duration":           strings.Replace(handMade(11, 4), "2.000,\n13", "2.001,\n13", 1),
		"other date":               strings.ReplaceAll(handMade(11, 4), ".000Z", ".001Z"),
		"other target duration":    strings.Replace(handMade(11, 4), "DURATION:2", "DURATION:3", 1),
		"tag gone":                 strings.Replace(handMade(11, 4), "#EXT-X-DISCONTINUITY\n", "", 1),
		"no discontinuity number":  strings.Replace(handMade(11, 4), "#EXT-X-DISCONTINUITY-SEQUENCE:4\n", "", 1),
		"target duration too long": strings.ReplaceAll(handMade(11, 4), "DURATION:2", "DURATION:9"),
		"an end":                   handMade(11, 4) + "#EXT-X-ENDLIST\n",
	}
	for name, second := range faults {
		if checkVersions([]string{first, second}) == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}

const handMadeHeader = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n" +
	"#EXT-X-MEDIA-SEQUENCE:%d\n#EXT-X-DISCONTINUITY-SEQUENCE:%d\n"

// handMade is a live playlist of eight segments of 2 s, in which segment 12 and every fourth after it is tagged.
func handMade(sequence, discontinuities int) string {
	var b strings.Builder
	fmt.Fprintf(&b, handMadeHeader, sequence, discontinuities)
	for n := sequence; n < sequence+8; n++ {
		if n%4 == 0 {
			b.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		date := time.Date(2026, 1, 1, 0, 0, 2*n, 0, time.UTC).Format("2006-01-02T15:04:05.000Z")
		fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:2.000,\n%d.ts\n", date, n)
	}
	return b.String()
}
