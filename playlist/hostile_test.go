package playlist

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"vod2live/loop"
)

// What takes an honest playlist of this size some 20 ms must not take a
// malicious one seconds.
const (
	hostileSize  = 512 << 10
	hostileLimit = 5 * time.Second
)

func repeated(text string) string { return strings.Repeat(text, hostileSize/len(text)) }

func numbered(format string) string {
	var b strings.Builder
	for i := 0; b.Len() < hostileSize; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestDecodeMedia_TakesTimeInProportion(t *testing.T) {
	half := hostileSize / 2
	for name, lines := range map[string]string{
		"header tags and comments":   strings.Repeat("#EXT-X-VENDOR\n", half/14) + strings.Repeat("#EXT-X-VERSION:3\n", half/17),
		"header tags and cues":       strings.Repeat("#EXT-X-CUE-OUT\n", half/15) + strings.Repeat("#EXT-X-INDEPENDENT-SEGMENTS\n", half/28),
		"init sections and comments": strings.Repeat("#X\n", half/3) + "#EXT-X-I-FRAMES-ONLY\n" + strings.Repeat("#EXT-X-MAP:URI=\"a\"\n", half/19),
		"keys of one format":         repeated("#EXT-X-KEY:METHOD=AES-128,KEYFORMAT=\"x\"\n"),
		"keys of many formats":       numbered("#EXT-X-KEY:METHOD=AES-128,KEYFORMAT=\"%d\"\n"),
		"one long line of spaces":    "#EXT-X-KEY:A=" + repeated(" ") + "x",
		"one long line of commas":    "#EXT-X-KEY:" + repeated(","),
		"one long line of quotes":    "#EXT-X-KEY:" + repeated(`A="`),
		"one long cue":               "#EXT-SCTE35:" + repeated(`A="B",`),
		"one long title":             "#EXTINF:2," + repeated("x") + "\na.ts",
		"one long address":           "#EXTINF:2,\n" + repeated("%2e/"),
		"date ranges of one ID":      "#EXTINF:2,\na.ts\n" + strings.Repeat("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\"\n", maxRanges),
		"one segment after another":  repeated("#EXTINF:2,\na.ts\n"),
		"range after range":          "#EXTINF:2,\n#EXT-X-BYTERANGE:1@0\na.ts\n" + repeated("#EXTINF:2,\n#EXT-X-BYTERANGE:1\na.ts\n"),
		"discontinuities":            "#EXT-X-KEY:METHOD=AES-128,IV=0x1,URI=\"" + strings.Repeat("x", 1000) + "\"\n" + repeated("#EXT-X-DISCONTINUITY\n#EXTINF:2,\na.ts\n"),
	} {
		start := time.Now()
		m, err := DecodeMedia([]byte(vodOf(lines)), origin, nil)
		if err == nil {
			_, err = NewLive(nil, []*Media{m}, plain{}, Options{Epoch: epoch})
		}
		if took := time.Since(start); took > hostileLimit {
			t.Errorf("%s: %v after %s, want at most %s", name, err, took, hostileLimit)
		}
		if err != nil {
			codeOf(t, err)
		}
	}
}

func TestDecodeMedia_VariablesDontGrowItWithoutBound(t *testing.T) {
	define := "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"" + strings.Repeat("x", 60_000) + "\"\n"
	for name, text := range map[string]string{
		"one line":   define + "#EXTINF:2,\n" + strings.Repeat("{$a}", 1000),
		"many lines": define + strings.Repeat("#EXTINF:2,\n{$a}\n", 50_000),
	} {
		_, err := DecodeMedia([]byte(vodOf(text)), origin, nil)
		if got := codeIn(err); got != CodeTooLarge {
			t.Errorf("%s: %v, want %s", name, err, CodeTooLarge)
		}
	}
}

func TestNewLive_KeysSaidAgainDontGrowItWithoutBound(t *testing.T) {
	key := "#EXT-X-KEY:METHOD=AES-128,URI=\"data:," + strings.Repeat("x", 100_000) + "\"\n"
	m, err := DecodeMedia([]byte(vodOf(key+strings.Repeat("#EXTINF:2,\na.ts\n", 2000))), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = NewLive(nil, []*Media{m}, plain{}, Options{Epoch: epoch}); codeIn(err) != CodeTooLarge {
		t.Errorf("%v, want %s", err, CodeTooLarge)
	}
}

// A substring keeps all of its string: a live stream must not hold the text of the VOD.
func TestNewLive_DoesNotKeepTheVODsText(t *testing.T) {
	const size = 1 << 20
	before := heap()
	live := liveOf(t, []byte("#EXTM3U\n#EXTINF:2,"+strings.Repeat("x", size)+"\n"+strings.Repeat("y", 10)+"\n"+
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-DATERANGE:ID=\"a\",CLASS=\"b\",START-DATE=\"2020-01-01T00:00:00Z\"\n#EXTINF:4,\nz\n#EXT-X-ENDLIST"), 0)
	kept := int64(heap() - before)
	if most := int64(size + size/2); kept > most {
		t.Errorf("%d bytes are kept, want at most %d: the title, once", kept, most)
	}
	if said := int64(live.Bytes()); said < kept*9/10 {
		t.Errorf("Bytes = %d, of %d that are kept", said, kept)
	}
	runtime.KeepAlive(live)
}

// Each change writes a live playlist anew: what makes it long is refused.
func TestNewLive_RefusesALivePlaylistThatWouldBeTooLong(t *testing.T) {
	line := "#EXT-X-VENDOR:" + strings.Repeat("x", 10_000) + "\n"
	segments := func(n int, before string) string { return strings.Repeat(before+"#EXTINF:2,\na.ts\n", n) }
	keys := ""
	for i := range maxKeys {
		keys += fmt.Sprintf("#EXT-X-KEY:METHOD=SAMPLE-AES,KEYFORMAT=\"%d\",URI=\"data:,%s\"\n", i, strings.Repeat("x", 10_000))
	}
	for name, c := range map[string]struct {
		text string
		code loop.Code
	}{
		"header":                    {strings.Repeat(line, 900) + "#EXT-X-VERSION:3\n" + segments(30, ""), CodeTooLarge},
		"a shorter header":          {strings.Repeat(line, 700) + "#EXT-X-VERSION:3\n" + segments(30, ""), ""},
		"lines of one segment":      {strings.Repeat(line, 900) + segments(300, ""), CodeTooLarge},
		"lines of each segment":     {segments(300, strings.Repeat(line, 30)), CodeTooLarge},
		"a few of each segment":     {segments(300, strings.Repeat(line, 2)), ""},
		"a short loop, many times":  {strings.Repeat(line, 150) + segments(1, ""), CodeTooLarge},
		"keys at discontinuities":   {keys + segments(30, "#EXT-X-DISCONTINUITY\n"), CodeTooLarge},
		"the same keys, said once":  {keys + segments(300, ""), ""},
		"lines behind the last one": {segments(30, "") + strings.Repeat(line, 900), CodeTooLarge},
		"date ranges":               {segments(1, "") + strings.Repeat("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",X-A=\""+strings.Repeat("x", 1000)+"\"\n", 5000), CodeTooLarge},
	} {
		m, err := DecodeMedia([]byte(vodOf(c.text)), origin, nil)
		if err == nil {
			_, err = NewLive(nil, []*Media{m}, plain{}, Options{Epoch: epoch, Window: time.Minute})
		}
		if got := codeIn(err); got != c.code {
			t.Errorf("%s: %.200v, want %q", name, err, c.code)
		}
	}
}

// TestNewLive_SizesAreThoseThatAreWritten: no sample is longer at any change of
// two loops than is reckoned, nor much shorter.
func TestNewLive_SizesAreThoseThatAreWritten(t *testing.T) {
	for _, s := range samples(t) {
		live, err := NewLive(s.multivariant, s.media, mirror{}, Options{Epoch: epoch, Window: time.Minute})
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		vod := live.VOD
		for n, m := range s.media {
			longest, at := 0, epoch.Add((vod.Window/vod.Length+2)*vod.Length)
			for end := at.Add(2 * vod.Length); at.Before(end); {
				w, err := live.Timeline.Window(n, at)
				if err != nil {
					t.Fatal(err)
				}
				longest, at = max(longest, len(live.AppendMedia(nil, n, w))), w.Next
			}
			if reckoned := m.longest(vod, &vod.Tracks[n]); longest > 2*reckoned+1000 || reckoned > 3*longest+1000 {
				t.Errorf("%s, rendition %d: %d bytes are reckoned, %d are written", s.name, n, reckoned, longest)
			}
		}
	}
}

// TestNewLive_PaddingDoesNotGrowItWithoutBound: one long rendition and many
// that gaps must fill.
func TestNewLive_PaddingDoesNotGrowItWithoutBound(t *testing.T) {
	long, err := DecodeMedia([]byte(vodOf(strings.Repeat("#EXTINF:2,\na\n", 100_000))), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	one, err := DecodeMedia([]byte(vodOf("#EXTINF:2,\na\n")), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, media := "#EXTM3U\n", []*Media{long}
	for n := range MaxRenditions {
		text += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=1\n%d.m3u8\n", n)
		media = append(media, one)
	}
	multivariant, err := DecodeMultivariant([]byte(text), origin)
	if err != nil {
		t.Fatal(err)
	}
	allocated := allocatedBy(func() {
		if _, err = NewLive(multivariant, media[:MaxRenditions], plain{}, Options{Epoch: epoch}); codeIn(err) != loop.CodeTooManySegments {
			t.Errorf("%v, want %s", err, loop.CodeTooManySegments)
		}
	})
	if most := uint64(100 << 20); allocated > most {
		t.Errorf("%d bytes were allocated, want at most %d", allocated, most)
	}
}

func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Definitions of definitions, each of ten of the one before.
func TestDecode_DefinitionsOfDefinitionsDontGrowWithoutBound(t *testing.T) {
	laughs := "#EXT-X-DEFINE:NAME=\"a0\",VALUE=\"lol\"\n"
	for i := range 100 {
		laughs += fmt.Sprintf("#EXT-X-DEFINE:NAME=\"a%d\",VALUE=\"%s\"\n", i+1, strings.Repeat(fmt.Sprintf("{$a%d}", i), 10))
	}
	for name, c := range map[string]struct {
		text string
		code loop.Code
	}{
		"tenfold":          {laughs + "#EXTINF:2,\n{$a100}\n", CodeTooLarge},
		"of itself":        {"#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{$a}\"\n#EXTINF:2,\n{$a}\n", CodeUndefinedVariable},
		"of one another":   {"#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{$b}\"\n#EXT-X-DEFINE:NAME=\"b\",VALUE=\"{$a}\"\n#EXTINF:2,\n{$a}\n", CodeUndefinedVariable},
		"made by another":  {"#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{\"\n#EXT-X-DEFINE:NAME=\"b\",VALUE=\"$a}\"\n#EXTINF:2,\n{$a}{$b}\n", ""},
		"imports of none":  {"#EXT-X-DEFINE:IMPORT=\"a\"\n#EXTINF:2,\n{$a}\n", CodeUndefinedVariable},
		"a name of quotes": {"#EXT-X-DEFINE:NAME=\"\",VALUE=\"x\"\n#EXTINF:2,\n{$}\n", CodeUndefinedVariable},
	} {
		var err error
		allocated := allocatedBy(func() { _, err = DecodeMedia([]byte(vodOf(c.text)), origin, nil) })
		if got := codeIn(err); got != c.code {
			t.Errorf("%s: %.200v, want %q", name, err, c.code)
		}
		if most := uint64(10 << 20); allocated > most {
			t.Errorf("%s: %d bytes were allocated, want at most %d", name, allocated, most)
		}
	}
}

func TestDecodeMultivariant_BoundsWhatVariablesMakeOfIt(t *testing.T) {
	text := "#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"" + strings.Repeat("x", 60_000) + "\"\n" +
		strings.Repeat("#EXT-X-SESSION-DATA:DATA-ID=\"{$a}\"\n", maxMultivariant/60_000+1) + "#EXT-X-STREAM-INF:BANDWIDTH=1\n0.m3u8\n"
	if _, err := DecodeMultivariant([]byte(text), origin); codeIn(err) != CodeTooLarge {
		t.Errorf("%.200v, want %s", err, CodeTooLarge)
	}
}

func TestDecodeMultivariant_BoundsItsLength(t *testing.T) {
	_, err := DecodeMultivariant([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n0.m3u8\n#EXT-X-SESSION-DATA:"+strings.Repeat(`URI="a",`, maxMultivariant/8)), origin)
	if codeIn(err) != CodeTooLarge {
		t.Errorf("%.200v, want %s", err, CodeTooLarge)
	}
}
