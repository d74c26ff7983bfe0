package playlist

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
)

// plain leaves resources where they are and numbers renditions.
type plain struct{}

func (plain) Rendition(n int) string { return fmt.Sprintf("live.m3u8/%d.m3u8", n) }

func (plain) Resource(_ int, address *url.URL) string { return address.String() }

func (plain) NotesEach() bool                  { return false }
func (plain) Absolute(address *url.URL) string { return address.String() }

var origin = &url.URL{Scheme: "http", Host: "origin.test", Path: "/vod/index.m3u8"}

func unchanged(media string) string { return media }

// What may stand above a segment of a random VOD. Init sections come with keys
// that have an IV: others are refused.
var (
	randomKeys = []string{
		"#EXT-X-KEY:METHOD=NONE",
		`#EXT-X-KEY:METHOD=AES-128,URI="k1",IV=0x01`,
		`#EXT-X-KEY:METHOD=AES-128,URI="k2",IV=0x02`,
		`#EXT-X-KEY:URI="k3",METHOD=AES-128`,
		`#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k4"`,
		`#EXT-X-KEY:METHOD=AES-256-GCM,URI="k5"`,
		`#EXT-X-KEY:METHOD=AES-256,URI="k10",IV=0x10`,
		`#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="k6",KEYFORMAT="b"`,
		`#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://k7",KEYFORMAT="c",KEYFORMATVERSIONS="1/2"`,
		`#EXT-X-KEY:METHOD=AES-128,URI="k8",KEYFORMAT="d",IV=0x08`,
		`#EXT-X-KEY:METHOD=AES-128,URI="k9",KEYFORMAT="c"`,
	}
	randomMaps = []string{`#EXT-X-MAP:URI="i1"`, `#EXT-X-MAP:URI="i2",BYTERANGE="100@20"`, `#EXT-X-MAP:BYTERANGE="100",URI="i2"`}
	randomRest = []string{
		"#EXT-X-DISCONTINUITY", "#EXT-X-GAP", "#EXT-X-BITRATE:100", "#EXT-X-BITRATE:200", "#EXT-X-CUE-OUT:4", "# comment", "#EXT-X-VENDOR:a=b",
		"#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z", "#EXT-X-PROGRAM-DATE-TIME:2021-06-01T00:00:00.5+02:00",
	}
)

// randomRange is an EXT-X-DATERANGE, now and then a second tag of its ID.
func randomRange(t *rapid.T, i int) []string {
	start := time.Date(2020, 1, 1, 0, 0, rapid.IntRange(-5, 9).Draw(t, "start"), 0, time.UTC)
	line := fmt.Sprintf(`#EXT-X-DATERANGE:ID="r%d",CLASS="c%d",START-DATE="%s"`, i, i%2, start.Format(time.RFC3339Nano))
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		line += fmt.Sprintf(`,END-DATE="%s"`, start.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "length"))*time.Second).Format(time.RFC3339Nano))
	case 1:
		line += ",END-ON-NEXT=YES"
	case 2:
		return []string{line + ",PLANNED-DURATION=3.5", fmt.Sprintf(`#EXT-X-DATERANGE:ID="r%d",DURATION=3.6`, i)}
	}
	return []string{line}
}

// randomMedia draws the text of a media playlist of n segments.
func randomMedia(t *rapid.T, n int, durations []string) string {
	var b strings.Builder
	b.WriteString(rapid.SampledFrom([]string{"#EXTM3U\n", "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"}).Draw(t, "header"))
	fmt.Fprintf(&b, "#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:%d\n", rapid.IntRange(0, 1000).Draw(t, "sequence"))
	maps := rapid.Bool().Draw(t, "fMP4")
	ranges := rapid.Bool().Draw(t, "ranges")
	for i := range n {
		for _, line := range drawLines(t, i, maps) {
			b.WriteString(line + "\n")
		}
		fmt.Fprintf(&b, "#EXTINF:%s,title %d\n", durations[i], i)
		switch {
		case ranges && i > 0 && rapid.Bool().Draw(t, "implied"):
			b.WriteString("#EXT-X-BYTERANGE:50\nall.ts\n")
		case ranges:
			fmt.Fprintf(&b, "#EXT-X-BYTERANGE:70@%d\nall.ts\n", 100*i)
		default:
			fmt.Fprintf(&b, "s%d.ts\n", i)
		}
	}
	return b.String() + "#EXT-X-ENDLIST\n"
}

func drawLines(t *rapid.T, i int, maps bool) (lines []string) {
	lines = rapid.SliceOfN(rapid.SampledFrom(randomRest), 0, 2).Draw(t, "rest")
	if rapid.IntRange(0, 3).Draw(t, "keyed") == 0 {
		lines = append(lines, rapid.SliceOfN(rapid.SampledFrom(randomKeys), 1, 3).Draw(t, "keys")...)
	}
	if maps && (i == 0 || rapid.IntRange(0, 4).Draw(t, "mapped") == 0) {
		lines = append(lines, rapid.SampledFrom(randomMaps).Draw(t, "map"))
		lines = append(lines, rapid.SliceOfN(rapid.SampledFrom(randomKeys), 0, 2).Draw(t, "more keys")...)
	}
	if rapid.IntRange(0, 3).Draw(t, "ranged") == 0 {
		lines = append(lines, randomRange(t, i)...)
	}
	return lines
}

// randomVOD is a VOD of random text, with a window asked for.
type randomVOD struct {
	multivariant *Multivariant
	media        []*Media
	text         []string // of each rendition
	options      Options
}

// draw draws a VOD of so many renditions. The error is a refusal.
func draw(t *rapid.T, renditions int) (v randomVOD, err error) {
	n := rapid.IntRange(1, 20).Draw(t, "segments")
	durations := rapid.SliceOfN(rapid.SampledFrom([]string{"2", "4.0", "3.1234567", "4.4", "1.5"}), n, n).Draw(t, "durations")
	v.multivariant = multivariantOf(t, renditions)
	v.options = Options{Window: time.Duration(rapid.IntRange(0, 100).Draw(t, "window")) * time.Second, Epoch: epoch}
	for range renditions {
		v.text = append(v.text, randomMedia(t, n, durations))
		m, err := DecodeMedia([]byte(v.text[len(v.text)-1]), origin, nil)
		if err != nil {
			return v, err
		}
		v.media = append(v.media, m)
	}
	return v, nil
}

func TestNewLive_RandomVODsKeepTheLaws(t *testing.T) {
	refused := map[loop.Code]int{}
	rapid.Check(t, func(t *rapid.T) {
		v, err := draw(t, rapid.IntRange(1, 2).Draw(t, "renditions"))
		if err != nil {
			refused[codeOf(t, err)]++
			return
		}
		live, err := NewLive(v.multivariant, v.media, plain{}, v.options)
		if err != nil {
			refused[codeOf(t, err)]++
			return
		}
		for i := range v.media {
			checkLive(t, live, i, origin, listen(v.text[i], origin), unchanged)
		}
	})
	t.Logf("refused: %v", refused)
}

func multivariantOf(t *rapid.T, n int) *Multivariant {
	text := "#EXTM3U\n"
	for i := range n {
		text += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=1\n%d.m3u8\n", i)
	}
	m, err := DecodeMultivariant([]byte(text), origin)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func codeOf(t failer, err error) loop.Code {
	t.Helper()
	var refusal *loop.Refusal
	if !errors.As(err, &refusal) || refusal.Code == "" || refusal.Detail == "" {
		t.Fatalf("%v is no refusal with a code", err)
	}
	return refusal.Code
}
