package proxy

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// drawnSegment is one segment of a random VOD.
type drawnSegment struct {
	duration      time.Duration
	discontinuity bool
}

// randomVOD draws the files of a VOD that can be looped: up to four renditions
// cut at about the same instants, some segments in two, that end early or late;
// discontinuities that some of them lack; byte ranges.
func randomVOD() *rapid.Generator[map[string]string] {
	return rapid.Custom(func(t *rapid.T) map[string]string {
		var reference []drawnSegment
		for range rapid.IntRange(1, 8).Draw(t, "segments") {
			reference = append(reference, drawnSegment{drawDuration(t, time.Second, 9*time.Second), rapid.IntRange(0, 4).Draw(t, "tag") == 0})
		}
		files := map[string]string{"v/0.m3u8": mediaText(t, reference)}
		master := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=16x16,AUDIO=\"a\"\n0.m3u8\n"
		for n := range rapid.IntRange(0, 3).Draw(t, "others") {
			name := fmt.Sprintf("%d.m3u8", n+1)
			files["v/"+name] = mediaText(t, follow(t, reference))
			master += fmt.Sprintf("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"%d\",URI=\"%s\"\n", n, name)
		}
		files["v/master.m3u8"] = master
		return files
	})
}

// drawDuration has between none and nine decimals.
func drawDuration(t *rapid.T, from, to time.Duration) time.Duration {
	unit := rapid.SampledFrom([]time.Duration{1, time.Microsecond, time.Millisecond, 100 * time.Millisecond, time.Second}).Draw(t, "unit")
	d := time.Duration(rapid.Int64Range(int64(from), int64(to)).Draw(t, "duration"))
	return max(d/unit*unit, from)
}

// follow cuts within an eighth of a second of the reference's boundaries.
func follow(t *rapid.T, reference []drawnSegment) (all []drawnSegment) {
	shift := time.Duration(0)
	for _, s := range reference {
		next := time.Duration(rapid.Int64Range(-int64(time.Second)/8, int64(time.Second)/8).Draw(t, "shift"))
		d := s.duration + next - shift
		shift = next
		own := s.discontinuity && rapid.Bool().Draw(t, "own tag")
		if rapid.IntRange(0, 3).Draw(t, "split") == 0 {
			all = append(all, drawnSegment{d / 3, own}, drawnSegment{d - d/3, false})
		} else {
			all = append(all, drawnSegment{d, own})
		}
	}
	switch rapid.IntRange(0, 3).Draw(t, "tail") {
	case 0:
		all = append(all, drawnSegment{3 * time.Second, false})
	case 1:
		all = all[:max(1, len(all)/2)]
	}
	return all
}

func mediaText(t *rapid.T, segments []drawnSegment) string {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-TARGETDURATION:10\n")
	ranged := rapid.Bool().Draw(t, "one file")
	for i, s := range segments {
		if s.discontinuity {
			b.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		fmt.Fprintf(&b, "#EXTINF:%s,\n", strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.9f", s.duration.Seconds()), "0"), "."))
		if ranged {
			fmt.Fprintf(&b, "#EXT-X-BYTERANGE:1000@%d\nall.ts\n", 1000*i)
		} else {
			fmt.Fprintf(&b, "s%d.ts\n", i)
		}
	}
	return b.String() + "#EXT-X-ENDLIST\n"
}
